"""The answers of a run with the samples that they answer and the scores that they got.

Journals may be larger than memory: of each only the places of its rows are held.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import orjson
from attrs import frozen

from aisbench.base.errors import DamageError
from aisbench.runs.judged import Judgement, places_of_judgements, read_judgements
from aisbench.store.journal import read_rows
from aisbench.store.recording.folder import LoadFolder
from aisbench.store.rows import FailedAttempt, Prediction, ScoreRow, converter
from aisbench.store.run import RunFolder, understanding
from aisbench.types.anomaly import OddAnswer
from aisbench.types.prompt import Prompt
from aisbench.types.response import Response
from aisbench.types.sample import Sample
from aisbench.types.score import Score
from aisbench.types.timing import Timing

Row = TypeVar("Row", Prediction, Sample, ScoreRow)
Answer = tuple[str, int]
"""Sample and repeat."""


@frozen(kw_only=True)
class AnsweredSample:
    """One answer of a model to one sample: what was asked, what came back, what it is worth.

    ``load`` is the label of the load under which it was asked, "" in an accuracy run.
    ``prompts``, ``responses`` and ``timings`` have one entry a turn. Responses are as the server
    sent them, with reasoning still in the text; ``answer`` is the text that was judged. ``score``
    and ``answer`` are None before the run has been evaluated. ``seed`` is the one sent with the
    last request, ``url`` where that was sent.
    """

    model: str
    dataset: str
    load: str
    sample: Sample
    repeat: int
    prompts: tuple[Prompt, ...]
    responses: tuple[Response, ...]
    timings: tuple[Timing, ...]
    seed: int | None
    url: str
    answer: str | None = None
    score: Score | None = None
    truncated: bool | None = None
    """Whether the answer was cut at max_tokens; None before the run has been evaluated."""
    anomalies: tuple[OddAnswer, ...] = ()
    """What is odd about it, whatever its outcome."""
    failures: tuple[FailedAttempt, ...] = ()
    """Attempts of all its turns that broke before the one that counted."""
    judgements: tuple[Judgement, ...] = ()
    """What a judge said of it, in the order in which it was asked; () where none was asked."""

    @property
    def prompt(self) -> Prompt:
        """Of the last turn, which is the only one of a single-turn sample."""
        return self.prompts[-1]

    @property
    def response(self) -> Response:
        """To the last turn."""
        return self.responses[-1]


def read_answered(
    run: RunFolder, model: str, dataset: str, load: str = ""
) -> Iterator[AnsweredSample]:
    """The answers of one task: those with a score in the order of the data set, then the others.

    Raises DamageError for a row that is not what a run writes.
    """
    journal = journal_of(run, model, dataset, load)
    turns = _turns_of_answers(journal, numbered=bool(load))
    if not turns:
        return
    places = _places_of_samples(run.samples(dataset))
    judgements = run.judgements(model, dataset)
    judged = places_of_judgements(judgements)
    with (
        journal.open("rb") as predictions,
        run.samples(dataset).open("rb") as samples,
        understanding(journal),
    ):
        for answer, score in _in_order(turns, run.scores(model, dataset, load)):
            rows = [
                _row_at(predictions, place, Prediction)
                for _, place in sorted(turns[answer].items())
            ]
            sample = _row_at(samples, places[answer[0]], Sample)
            said: tuple[Judgement, ...] = ()
            if answer in judged:
                said = read_judgements(judgements, answer, judged[answer])
            yield _answered((model, dataset, load), sample, answer[1], rows, score, said)


def read_one(
    run: RunFolder,
    task: tuple[str, str, str],
    turns: Sequence[int],
    sample_at: int,
    score_at: int | None,
    repeat: int,
    judged_at: Sequence[int] = (),
) -> AnsweredSample:
    """One answer of a ``task`` (model, data set, load) by the bytes at which its rows begin.

    Raises DamageError where no such rows are there.
    """
    journal, samples = journal_of(run, *task), run.samples(task[1])
    with understanding(journal), _opened(journal) as file:
        rows = [_row_at(file, place, Prediction) for place in turns]
    with understanding(samples), _opened(samples) as file:
        sample = _row_at(file, sample_at, Sample)
    score = None
    if score_at is not None:
        path = run.scores(*task)
        with understanding(path), _opened(path) as file:
            score = _row_at(file, score_at, ScoreRow)
    ids = {one.sample for one in rows} | ({score.sample} if score is not None else set())
    if ids != {sample.id}:
        raise DamageError(
            f"{journal}: holds the answer of another sample there",
            hint="the file was changed since its rows were looked up",
        )
    said: tuple[Judgement, ...] = ()
    if judged_at:
        said = read_judgements(run.judgements(*task[:2]), (sample.id, repeat), judged_at)
    return _answered(task, sample, repeat, rows, score, said)


def journal_of(run: RunFolder, model: str, dataset: str, load: str) -> Path:
    """The journal of a task's answers, under one load or ""."""
    if load:
        return LoadFolder(run.load(model, dataset, load)).answers
    return run.predictions(model, dataset)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise DamageError(f"{path}: cannot be read: {error.strerror or error}") from error


def _answered(
    task: tuple[str, str, str],
    sample: Sample,
    repeat: int,
    rows: Sequence[Prediction],
    score: ScoreRow | None,
    judgements: tuple[Judgement, ...],
) -> AnsweredSample:
    return AnsweredSample(
        model=task[0],
        dataset=task[1],
        load=task[2],
        sample=sample,
        repeat=repeat,
        prompts=tuple(one.prompt for one in rows),
        responses=tuple(one.response for one in rows),
        timings=tuple(one.timing for one in rows),
        seed=rows[-1].seed,
        url=rows[-1].url,
        answer=None if score is None else score.answer,
        score=None if score is None else score.score,
        truncated=None if score is None else score.truncated,
        anomalies=() if score is None else score.anomalies,
        failures=tuple(failure for one in rows for failure in one.failures),
        judgements=judgements,
    )


def _in_order(answers: Iterable[Answer], scores: Path) -> Iterator[tuple[Answer, ScoreRow | None]]:
    left = dict.fromkeys(answers)
    for row in read_rows(scores, lambda row: converter().structure(row, ScoreRow)):
        answer = (row.sample, row.repeat)
        if answer in left:
            del left[answer]
            yield answer, row
    for answer in left:
        yield answer, None


def _turns_of_answers(journal: Path, *, numbered: bool) -> dict[Answer, dict[int, int]]:
    """Of each answer in a journal the places of its turns: of several tries at one turn that of
    the good one, else of the last.

    ``numbered``: those of a load, which asks the same rows again and again, get the numbers that
    its scores have: 0, 1, ... without gaps for each sample.
    """
    found: dict[Answer, dict[int, int]] = {}
    good: set[tuple[Answer, int]] = set()
    with understanding(journal):
        for place, row in rows_with_places(journal):
            answer, turn = (str(row["sample"]), int(row["repeat"])), int(row["turn"])
            if (answer, turn) not in good:
                found.setdefault(answer, {})[turn] = place
                if "fault" not in row["response"]:
                    good.add((answer, turn))
    if not numbered:
        return found
    counts: Counter[str] = Counter()
    renumbered = {}
    for name, repeat in sorted(found):
        renumbered[name, counts[name]] = found[name, repeat]
        counts[name] += 1
    return renumbered


def _places_of_samples(path: Path) -> dict[str, int]:
    with understanding(path):
        return {row["id"]: place for place, row in rows_with_places(path)}


def rows_with_places(path: Path) -> Iterator[tuple[int, Any]]:
    """The rows of a file, each with the place in the file at which it begins."""
    if not path.exists():
        return
    with path.open("rb") as file:
        place = 0
        for line in file:
            if not line.endswith(b"\n"):
                return  # half-written
            yield place, orjson.loads(line)
            place += len(line)


def _row_at(file: BinaryIO, place: int, kind: type[Row]) -> Row:
    file.seek(place)
    return converter().structure(orjson.loads(file.readline()), kind)
