"""Answers as rows: which try counts, in which order they come, and what damage does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aisbench.base.errors import DamageError
from aisbench.runs.samples import read_answered
from aisbench.store.rows import Prediction, ScoreRow, dump_row
from aisbench.store.run import RunFolder
from aisbench.types.prompt import Prompt
from aisbench.types.response import Fault, FaultKind, Response
from aisbench.types.sample import Sample
from aisbench.types.score import Score, Verdict
from aisbench.types.timing import Timing


def prediction(sample: str, text: str, **more: Any) -> Prediction:
    fault = Fault(kind=FaultKind.HTTP, message=text) if more.pop("failed", False) else None
    known: dict[str, Any] = {"repeat": 0, "turn": 0, **more}
    return Prediction(
        v=1,
        key=f"{sample}{known}",
        sample=sample,
        seed=7,
        url="http://a",
        session=1,
        prompt=Prompt(text=f"? {sample} {known['turn']}"),
        response=Response(text="" if fault else text, fault=fault),
        timing=Timing(dispatched=1, sent=2, done=3),
        **known,
    )


def score(sample: str, repeat: int = 0) -> ScoreRow:
    made = Score(value=1.0, verdict=Verdict.RIGHT, extracted="1")
    return ScoreRow(sample=sample, repeat=repeat, target="1", score=made, answer="judged")


def run_with(
    path: Path, journal: Path, rows: list[Prediction], scores: list[ScoreRow]
) -> RunFolder:
    run = RunFolder(path)
    samples = [Sample(id=name, fields={"question": f"? {name}"}, target="1") for name in "abc"]
    for place, lines in (
        (run.samples("d"), samples),
        (path / journal, rows),
        (run.scores("m", "d", "" if journal.parts[0] == "predictions" else "l"), scores),
    ):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"".join(dump_row(line) for line in lines))  # type: ignore[arg-type]
    return run


JOURNAL = Path("predictions/m/d.jsonl")


def test_scored_answers_come_first_in_their_order(tmp_path: Path) -> None:
    rows = [prediction(name, f"to {name}") for name in "cab"]
    run = run_with(tmp_path, JOURNAL, rows, [score("a"), score("c")])
    found = list(read_answered(run, "m", "d"))
    assert [one.sample.id for one in found] == ["a", "c", "b"]
    assert [one.response.text for one in found] == ["to a", "to c", "to b"]
    assert found[0].score == score("a").score and found[0].answer == "judged"
    assert found[0].sample.fields == {"question": "? a"}
    assert found[2].score is None and found[2].answer is None and found[2].truncated is None
    assert (found[0].seed, found[0].url, found[0].load) == (7, "http://a", "")


def test_the_good_try_counts_and_else_the_last(tmp_path: Path) -> None:
    rows = [
        prediction("a", "first", failed=True),
        prediction("a", "good"),
        prediction("b", "first", failed=True),
        prediction("b", "last", failed=True),
        prediction("c", "zero"),
        prediction("c", "one", turn=1),
    ]
    run = run_with(tmp_path, JOURNAL, rows, [score("a"), score("b"), score("c")])
    good, failed, turns = read_answered(run, "m", "d")
    assert good.response.text == "good"
    assert failed.response.fault is not None and failed.response.fault.message == "last"
    assert [one.text for one in turns.responses] == ["zero", "one"]
    assert turns.prompt.text == "? c 1"
    assert len(turns.timings) == 2


def test_answers_of_a_load_have_the_numbers_of_their_scores(tmp_path: Path) -> None:
    rows = [prediction("a", str(repeat), repeat=repeat) for repeat in (9, 2, 5)]
    journal = Path("performance/m/d/l/answers.jsonl")
    run = run_with(tmp_path, journal, rows, [score("a", 0), score("a", 1)])
    found = list(read_answered(run, "m", "d", "l"))
    assert [(one.repeat, one.response.text) for one in found] == [(0, "2"), (1, "5"), (2, "9")]
    assert [one.score is None for one in found] == [False, False, True]
    assert found[0].load == "l"


def test_nothing_asked_and_nothing_scored(tmp_path: Path) -> None:
    run = run_with(tmp_path, JOURNAL, [prediction("a", "x")], [])
    run.scores("m", "d").unlink()
    assert [one.score for one in read_answered(run, "m", "d")] == [None]
    run.predictions("m", "d").unlink()
    assert list(read_answered(run, "m", "d")) == []


def test_a_half_written_row_is_left_out(tmp_path: Path) -> None:
    run = run_with(tmp_path, JOURNAL, [prediction("a", "x"), prediction("b", "y")], [])
    journal = run.predictions("m", "d")
    journal.write_bytes(journal.read_bytes()[:-5])
    assert [one.sample.id for one in read_answered(run, "m", "d")] == ["a"]


@pytest.mark.parametrize("line", [b"{\n", b"{}\n", b'{"sample": "z", "repeat": 0, "turn": 0}\n'])
def test_a_damaged_row_is_told(tmp_path: Path, line: bytes) -> None:
    run = run_with(tmp_path, JOURNAL, [prediction("a", "x")], [])
    run.predictions("m", "d").write_bytes(line)
    with pytest.raises(DamageError, match=r"d\.jsonl: is damaged"):
        list(read_answered(run, "m", "d"))
