"""Answers of another tool as a run of aisbench, with the tool's own verdicts beside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from aisbench import RunResult, score
from aisbench.api import DataError, Sample, open_dataset
from aisbench_plugin_compare.foreign.answers import ForeignAnswer, ForeignTask, outcome_of
from aisbench_plugin_compare.foreign.files import read_lines, read_object, shown
from aisbench_plugin_compare.foreign.matching import QuestionIndex, plain
from aisbench_plugin_compare.foreign.questions import question_in
from aisbench_plugin_compare.foreign.sniffing import (
    IMPORTED_FIGURES,
    IMPORTED_VERDICTS,
    SniffedFile,
)
from aisbench_plugin_compare.sides.side import ToldFigure

FOLDER = "imported"
"""Of a run: what the other tool said."""
FIGURES = "figures.json"
VERDICTS = "verdicts.jsonl"
SCHEMA = "aisbench-imported/1"


@frozen(kw_only=True)
class ImportWish:
    """What of a run of another tool is imported, and as what."""

    tool: str
    source: Path
    tasks: Sequence[ForeignTask]
    """Of one data set; one a model."""
    dataset: str
    settings: Mapping[str, Any]
    """Keys of the data set in the suite."""
    overrides: Mapping[str, Any]
    output: Path | None = None


@frozen
class Placed:
    """An answer, and the id of the sample that it is one to."""

    sample: str
    answer: ForeignAnswer


def import_run(wish: ImportWish, on_message: Any = None) -> RunResult:
    """Score the answers in a run of its own, and write the tool's verdicts into it.

    Raises AisbenchError, also where answers are not to rows of the data set.
    """
    samples = _samples(wish)
    placed = {task.model: _placed(task, samples, wish) for task in wish.tasks}
    lines = [line for model, found in placed.items() for line in _rows(model, found)]
    if not lines:
        raise DataError(f"{wish.source}: no request of it was answered")
    result = score(
        wish.dataset,
        _answer_file(wish, lines),
        settings=wish.settings,
        overrides={"suite.name": f"import-{_key(wish.dataset)}", **wish.overrides},
        output=wish.output,
        on_message=on_message,
    )
    _keep(result, wish, placed)
    return result


def _key(dataset: str) -> str:
    return Path(dataset).stem if dataset.endswith(".toml") else dataset.rpartition("/")[2]


def _answer_file(wish: ImportWish, lines: Sequence[str]) -> Path:
    """The answers as a file that stays, named by its content: the run's suite names it."""
    data = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")
    folder = (wish.output or Path("outputs")) / ".aisbench" / "answers"
    file = folder / f"{hashlib.sha256(data).hexdigest()[:16]}.jsonl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    except OSError as error:
        raise DataError(f"{file}: cannot be written: {error.strerror}") from None
    return file


# -- which answer is to which sample


def _samples(wish: ImportWish) -> list[Sample]:
    own = {key: value for key, value in wish.settings.items() if key == "path"}
    return list(open_dataset(wish.dataset, own).samples())


def _placed(task: ForeignTask, samples: Sequence[Sample], wish: ImportWish) -> list[Placed]:
    """By the question, found in what the tool logs, else by the number of the row where no sample
    has a question. Raises DataError for answers that belong to none."""
    questions = {one.id: plain(question_in(one.fields)) for one in samples}
    by_text = {text: name for name, text in questions.items() if text}
    index = QuestionIndex({name: text for name, text in questions.items() if text})
    found, lost = [], []
    for answer in task.answers:
        name = by_text.get(plain(answer.question)) if answer.question else None
        if name is None and (answer.prompt or answer.question):
            name = index.last_in(answer.prompt or answer.question)
        if name is None:
            name = _by_row(answer, samples, questions)
        if name is None:
            lost.append(answer)
        else:
            found.append(Placed(name, answer))
    if lost:
        first = lost[0]
        raise DataError(
            f"{wish.source}: {len(lost)} of {len(task.answers)} answers of {task.model} on "
            f"{task.dataset} are to no row of {wish.dataset}: the first is {first.id}, "
            f"{shown(first.prompt or first.question)}",
            hint="is it the same data set, with the same rows? --path names its files",
        )
    return _unique(found, task, wish)


def _by_row(
    answer: ForeignAnswer, samples: Sequence[Sample], questions: Mapping[str, str]
) -> str | None:
    """The sample with the number of the row: of an answer that logs no prompt (a failed one), or
    where samples have no question to be found by."""
    if answer.row is None or answer.row >= len(samples):
        return None
    name = samples[answer.row].id
    known = bool(answer.prompt or answer.question) and bool(questions[name])
    return None if known else name


def _unique(found: Sequence[Placed], task: ForeignTask, wish: ImportWish) -> list[Placed]:
    seen: dict[tuple[str, int], ForeignAnswer] = {}
    for one in found:
        key = (one.sample, one.answer.repeat)
        if key in seen:
            raise DataError(
                f"{wish.source}: {task.model} on {task.dataset}: the answers {seen[key].id} and "
                f"{one.answer.id} are both to {one.sample}, repeat {one.answer.repeat}"
            )
        seen[key] = one.answer
    return list(found)


def _rows(model: str, placed: Sequence[Placed]) -> Iterator[str]:
    """What `aisbench score` reads; failed requests are left out, and count as failed there."""
    for one in placed:
        answer = one.answer
        if outcome_of(answer) == "failed":
            continue
        row: dict[str, Any] = {"id": one.sample, "model": model, "repeat": answer.repeat}
        if answer.logprobs is not None:
            row["logprobs"] = list(answer.logprobs)
        else:
            row["text"] = answer.text
        if answer.finish_reason == "length":
            row["finish_reason"] = "length"
        yield json.dumps(row, ensure_ascii=False)


# -- what the tool said


def _keep(result: RunResult, wish: ImportWish, placed: Mapping[str, Sequence[Placed]]) -> None:
    folder = result.path / FOLDER
    folder.mkdir(exist_ok=True)
    tasks = [
        {
            "model": task.model,
            "dataset": task.dataset,
            "measure": task.measure,
            "answers": len(task.answers),
            "figures": [asdict(figure) for figure in task.figures],
            "facts": {topic: dict(values) for topic, values in task.facts.items()},
            "notes": list(task.notes),
        }
        for task in wish.tasks
    ]
    about = {
        "schema": SCHEMA,
        "tool": wish.tool,
        "source": str(wish.source.absolute()),
        "dataset": wish.dataset,
        "tasks": tasks,
    }
    lines = [
        json.dumps(
            {"model": model, "sample": one.sample, **asdict(one.answer)},
            ensure_ascii=False,
            default=str,
        )
        for model, found in placed.items()
        for one in found
    ]
    (folder / VERDICTS).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    text = json.dumps(about, ensure_ascii=False, indent=2)
    (folder / FIGURES).write_text(f"{text}\n", encoding="utf-8")


def read(files: Sequence[SniffedFile]) -> list[ForeignTask]:
    """What was kept, as the tasks that it was. Raises DataError."""
    about = [read_object(one.path) for one in files if one.kind == IMPORTED_FIGURES]
    verdicts = [
        row for one in files if one.kind == IMPORTED_VERDICTS for row in read_lines(one.path)
    ]
    if len(about) != 1:
        raise DataError(f"{files[0].path.parent}: has no {FIGURES}")
    tasks = []
    for task in about[0].objects("tasks"):
        model = task.string("model")
        rows = [row for row in verdicts if row.get("model") == model]
        if len(rows) != task.whole("answers"):
            raise task.error(
                f"{task.whole('answers')} answers were kept, and there are {len(rows)}"
            )
        tasks.append(
            ForeignTask(
                model=model,
                dataset=task.string("dataset"),
                measure=task.string("measure"),
                answers=[_answer(row.cells) for row in rows],
                figures=[ToldFigure(**one.cells) for one in task.objects("figures")],
                facts=task.inside("facts").cells,  # type: ignore[arg-type]
                notes=[str(one) for one in task.items("notes")],
            )
        )
    return tasks


def _answer(cells: Mapping[str, Any]) -> ForeignAnswer:
    own = {key: value for key, value in cells.items() if key not in ("model", "sample")}
    return ForeignAnswer(**{**own, "id": cells["sample"]})


def source_of(folder: Path) -> tuple[str, str]:
    """The tool and the folder that an imported run is from. Raises DataError."""
    about = read_object(folder / FIGURES)
    return about.string("tool"), about.string("source")
