"""OpenCompass' and AISBench's predictions and results: the same layout, other files.

OpenCompass: ``predictions/MODEL/SET.json``, an object of numbered answers (or several files,
``SET_0.json``, ...). AISBench: ``predictions/MODEL/SET.jsonl`` and ``SET_failed.jsonl``. Both:
``results/MODEL/SET.json``, figures, with ``details`` where they were asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from aisbench.api import DataError
from aisbench_plugin_compare.foreign.answers import ForeignAnswer, ForeignTask, texted
from aisbench_plugin_compare.foreign.files import JsonRecord, read_lines, read_object, shown
from aisbench_plugin_compare.foreign.questions import rendered
from aisbench_plugin_compare.foreign.sniffing import (
    AISBENCH_FAILED,
    AISBENCH_PREDICTIONS,
    OPENCOMPASS_PREDICTIONS,
    SniffedFile,
)
from aisbench_plugin_compare.foreign.spoken import texts
from aisbench_plugin_compare.sides.side import ToldFigure

_PIECE = re.compile(r"^(?P<name>.+)_(?P<number>\d+)$")
_FAILED = "_failed"
MISSING = 100_000
"""Rows without an answer, between others, above which an id is no row's number."""
_SHARE = re.compile(r"^(accuracy\b.*|acc|score|avg@\d+|(?P<reduced>(pass|cons|maj)@\d+))$")
"""Figures in per cent that are made of the verdicts."""
_NOT_FIGURES = ("details", "type")


def read(files: Sequence[SniffedFile]) -> list[ForeignTask]:
    """The tasks of one run. Raises DataError."""
    failed = {one.path for one in files if one.kind == AISBENCH_FAILED}
    tasks = []
    for one in files:
        if one.kind == AISBENCH_PREDICTIONS:
            beside = one.path.with_name(f"{one.path.stem}{_FAILED}.jsonl")
            rows = list(_aisbench(one.path, beside if beside in failed else None))
            failed.discard(beside)
            tasks.append(_task(one.path, one.path.stem, rows))
    for path in sorted(failed):  # sets of which nothing was answered
        rows = list(_aisbench(None, path))
        tasks.append(_task(path, path.stem.removesuffix(_FAILED), rows))
    held = {one.path for one in files if one.kind == OPENCOMPASS_PREDICTIONS}
    for (folder, name), pieces in _pieces(held).items():
        rows = [row for piece in pieces for row in _opencompass(piece)]
        rows = [evolve(row, id=str(place), row=place) for place, row in enumerate(rows)]
        tasks.append(_task(folder / f"{name}.json", name, rows))
    return tasks


def _pieces(held: set[Path]) -> dict[tuple[Path, str], list[Path]]:
    """The files of each set: one, or SET_0.json, SET_1.json, ... in their order.

    Raises DataError where one of several is missing.
    """
    found: dict[tuple[Path, str], list[Path]] = {}
    numbered: dict[tuple[Path, str], dict[int, Path]] = {}
    for path in sorted(held):
        match = _PIECE.match(path.stem)
        first = path.with_name(f"{match['name']}_0.json") if match else path
        if match and first in held:
            key = (path.parent, match["name"])
            numbered.setdefault(key, {})[int(match["number"])] = path
        else:
            found[path.parent, path.stem] = [path]
    for key, pieces in numbered.items():
        for number in range(max(pieces) + 1):
            if number not in pieces:
                folder, name = key
                raise DataError(f"{folder / f'{name}_{number}.json'}: this piece is missing")
        found[key] = [pieces[number] for number in sorted(pieces)]
    return found


def _aisbench(answered: Path | None, failed: Path | None) -> Iterator[ForeignAnswer]:
    """Rows by their number in the data set; repeats of one in the order of the file."""
    counts: dict[int, int] = {}
    rows = [] if answered is None else [_numbered(row) for row in read_lines(answered)]
    for number, row in sorted(rows, key=lambda one: one[0]):
        repeat = counts.get(number, 0)
        counts[number] = repeat + 1
        yield _answer(row, str(number), number, repeat)
    given_up = [] if failed is None else [_numbered(row) for row in read_lines(failed)]
    for number, row in given_up:
        repeat = counts.get(number, 0)
        counts[number] = repeat + 1
        yield ForeignAnswer(
            id=str(number),
            row=number,
            repeat=repeat,
            prompt=rendered(row.get("input")),
            outcome="failed",
            reason=str(row.get("error_info") or ""),
        )
    last = max(counts, default=-1)
    if last >= len(counts) + MISSING:
        place = answered or failed
        raise DataError(f"{place}: has an id of {last}, and {len(counts)} answers")
    for number in range(last + 1):
        if number not in counts:
            yield ForeignAnswer(
                id=str(number),
                row=number,
                outcome="failed",
                reason="neither among the answers nor among the failures",
            )


def _numbered(row: JsonRecord) -> tuple[int, JsonRecord]:
    number = row.whole("id")
    if number < 0:
        raise row.error(f"id must be from 0, and is {number}")
    return number, row


def _answer(row: JsonRecord, name: str, number: int, repeat: int) -> ForeignAnswer:
    said = row.need("prediction")
    return ForeignAnswer(
        id=name,
        row=number,
        repeat=repeat,
        prompt=rendered(row.get("origin_prompt")),
        text=said if isinstance(said, str) else texted(said) or "",
        target=texted(row.get("gold")),
        outcome=None if row.get("success") in (True, None) else "failed",
    )


def _opencompass(path: Path) -> Iterator[ForeignAnswer]:
    whole = read_object(path)
    for number in range(len(whole.cells)):
        row = whole.inside(str(number))
        labels = {
            key.removeprefix("label: "): value
            for key, value in row.cells.items()
            if key.startswith("label: ") and isinstance(value, Mapping)
        }
        answer = _answer(row, str(number), number, 0)
        if labels:  # perplexities of each choice
            first = next(iter(labels.values()))
            answer = evolve(
                answer,
                prompt=rendered(first.get("prompt") or first.get("testing input")),
                extracted=answer.text,
            )
        yield answer


# -- figures, and verdicts where they were kept


def _task(place: Path, name: str, rows: Sequence[ForeignAnswer]) -> ForeignTask:
    model = place.parent.name
    results = _results(place, model, name)
    notes = []
    figures: list[ToldFigure] = []
    if results is None:
        notes.append(
            texts().text("its results are not here: nothing says which answers were right")
        )
    else:
        judged = _judged(results, rows)
        notes += _doubts(results)
        if judged is None:
            notes.append(
                texts().text(
                    "which answers were right was not kept: --dump-eval-details keeps it; "
                    "aisbench import scores them again"
                )
            )
        else:
            rows = judged
        figures = _figures(results, judged is not None, len(rows))
    return ForeignTask(
        model=model, dataset=name, answers=rows, figures=figures, notes=notes,
        facts={"model": {"name": model}, "data": {"dataset": name}},
    )  # fmt: skip


def _results(predictions: Path, model: str, name: str) -> JsonRecord | None:
    above = predictions.absolute().parents
    if len(above) < 3:
        return None
    path = above[2] / "results" / model / f"{name}.json"
    return read_object(path) if path.exists() else None


def _doubts(results: JsonRecord) -> list[str]:
    details = results.get("details")
    if not isinstance(details, list):
        return []
    groups = [list(_repeats(results, number, one)) for number, one in enumerate(details)]
    if not _is_mixed(groups):
        return []
    return [
        texts().text(
            "answers to different questions were counted as repeats of one: pass@k and cons@k of "
            "its results are of no question (AISBench 3.1, icl_base_evaluator.py)"
        )
    ]


def _figures(results: JsonRecord, judged: bool, count: int) -> list[ToldFigure]:
    """Numbers at the top; those that are told in per cent stay so."""
    found = []
    for name, value in results.cells.items():
        if name in _NOT_FIGURES or isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        share = _SHARE.match(name) if judged else None
        found.append(
            ToldFigure(
                name=name,
                value=float(value) / 100 if share else float(value),
                n=count,
                measure="accuracy" if share else "",
                reduction=name if share and share["reduced"] else "",
                better="up",
            )
        )
    return found


def _judged(results: JsonRecord, rows: Sequence[ForeignAnswer]) -> list[ForeignAnswer] | None:
    """The rows with what the tool made of each; None where it was not kept.

    Raises DataError where there are verdicts on more or fewer answers than there are.
    """
    details = results.get("details")
    if isinstance(details, Mapping):
        numbered = {key: one for key, one in details.items() if str(key).isdecimal()}
        verdicts = [numbered[key] for key in sorted(numbered, key=int)]
    elif isinstance(details, list):
        verdicts = details
    else:
        return None
    groups = [list(_repeats(results, number, one)) for number, one in enumerate(verdicts)]
    told = _by_question(groups)
    if not told or any(one.correct is None for one in told):
        return None
    ordered = sorted(rows, key=lambda row: (row.row or 0, row.repeat))
    if len(told) != len(ordered):
        raise DataError(
            f"{results.place}: has verdicts on {len(told)} answers, and the predictions hold "
            f"{len(ordered)}",
            hint="one of both files was cut, or they are of different runs",
        )
    return [_with(row, one) for row, one in zip(ordered, told, strict=True)]


def _by_question(groups: Sequence[Sequence[_Verdict]]) -> list[_Verdict]:
    """All verdicts, those of a question together. AISBench 3.1 scores all questions once, then
    all once more, and puts together what stands side by side: its groups are then of different
    questions, which their references tell."""
    told = [one for group in groups for one in group]
    if not _is_mixed(groups):
        return told
    count = len(groups)
    return [
        told[place] for question in range(count) for place in range(question, len(told), count)
    ]


def _is_mixed(groups: Sequence[Sequence[_Verdict]]) -> bool:
    """Whether answers to different questions were counted as repeats of one."""
    return any(len({one.target for one in group}) > 1 for group in groups)


@frozen(kw_only=True)
class _Verdict:
    """What the tool made of one answer. ``text`` is the answer that it was made of."""

    place: JsonRecord
    extracted: str | None
    target: str | None
    correct: float | None
    text: str | None


def _repeats(results: JsonRecord, number: int, value: Any) -> Iterator[_Verdict]:
    """A verdict for each repeat of a question: of several, all values are lists."""
    if not isinstance(value, Mapping):
        raise results.error(f"details: {number} must be an object")
    detail = JsonRecord(value, f"{results.place}: details: {number}")
    correct = _one(detail, "correct")
    count = len(correct) if isinstance(correct, list) else 1
    for repeat in range(count):

        def of(*names: str, repeat: int = repeat) -> Any:
            found = _one(detail, *names)
            several = isinstance(correct, list) and isinstance(found, list)
            return found[repeat] if several and len(found) == count else found

        said = of("origin_prediction")
        yield _Verdict(
            place=detail,
            extracted=texted(of("predictions", "pred")),
            target=texted(of("references", "answer", "answers")),
            correct=_value(detail, of("correct")),
            text=said if isinstance(said, str) else None,
        )


def _one(detail: JsonRecord, *names: str) -> Any:
    return next((detail.cells[name] for name in names if name in detail.cells), None)


def _value(detail: JsonRecord, correct: Any) -> float | None:
    if correct is None:
        return None
    if isinstance(correct, (bool, int, float)) and 0 <= correct <= 1:
        return float(correct)
    raise detail.error(f"correct must be true, false or in 0..1, and is {shown(correct)}")


def _with(row: ForeignAnswer, verdict: _Verdict) -> ForeignAnswer:
    target = verdict.target if verdict.target is not None else row.target
    if row.outcome == "failed":
        return evolve(row, value=0.0, target=target)
    if verdict.text is not None and row.text and verdict.text != row.text:
        raise verdict.place.error(
            f"is a verdict on another answer than the predictions hold: {shown(verdict.text)}"
        )
    unread = verdict.correct == 0 and verdict.extracted in (None, "", "NULL")
    return evolve(
        row,
        value=verdict.correct,
        extracted=verdict.extracted or None,
        target=target,
        outcome="unparsed" if unread else None,
    )
