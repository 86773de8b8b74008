"""Answers in short: of several tries the good one, turns together, those of loads numbered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from aisbench.base.errors import DamageError
from aisbench.runs.outcomes import AnswerOutcome, read_outcomes
from aisbench.store.run import RunFolder


def row(sample: str, *, repeat: int = 0, turn: int = 0, **more: Any) -> dict[str, Any]:
    base = turn * 10_000
    return {
        "sample": sample,
        "repeat": repeat,
        "turn": turn,
        "response": {"text": "four", "finish_reason": "stop",
                     "usage": {"prompt_tokens": 3, "completion_tokens": 5}},
        "timing": {"dispatched": base, "sent": base + 10, "first_token": base + 110,
                   "done": base + 1010},
        **more,
    }  # fmt: skip


def outcomes(folder: Path, rows: list[dict[str, Any]], load: str = "") -> list[AnswerOutcome]:
    run = RunFolder(folder)
    journal = run.predictions("m", "d")
    if load:
        journal = run.load("m", "d", load) / "answers.jsonl"
    samples = [{"id": "a", "part": "p"}, {"id": "b"}]
    for path, lines in ((journal, rows), (run.samples("d"), samples)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in lines))
    return list(read_outcomes(run, "m", "d", load))


FAULT = {"response": {"fault": {"kind": "http", "message": "500"}}, "timing": {"dispatched": 7}}


def test_what_an_answer_tells(tmp_path: Path) -> None:
    (one,) = outcomes(tmp_path, [row("a")])
    assert (one.sample, one.part, one.verdict, one.finish_reason) == ("a", "p", None, "stop")
    assert (one.prompt_tokens, one.completion_tokens, one.reasoning_tokens) == (3, 5, None)
    assert (one.first_token_ns, one.total_ns, one.characters) == (100, 1000, 4)


def test_a_good_try_counts_whenever_it_came(tmp_path: Path) -> None:
    good, bad = row("a"), row("a", **FAULT)
    for rows in ([bad, good], [good, bad], [bad, bad, good]):
        (one,) = outcomes(tmp_path, rows)
        assert one.fault is None and one.finish_reason == "stop"
    (one,) = outcomes(tmp_path, [bad, bad])
    assert one.fault == "http"
    assert (one.total_ns, one.completion_tokens) == (None, None)


def test_turns_are_summed_and_a_broken_one_is_told(tmp_path: Path) -> None:
    (one,) = outcomes(tmp_path, [row("a", turn=1), row("a")])
    assert (one.turns, one.completion_tokens, one.total_ns) == (2, 10, 11_000)
    (one,) = outcomes(tmp_path, [row("a", **FAULT), row("a", turn=1)])
    assert (one.fault, one.completion_tokens) == ("http", None)


def test_answers_of_a_load_are_numbered_as_its_scores(tmp_path: Path) -> None:
    found = outcomes(tmp_path, [row("b", repeat=9), row("a", repeat=4), row("b", repeat=2)], "l")
    assert [(one.sample, one.repeat) for one in found] == [("a", 0), ("b", 0), ("b", 1)]


def test_half_a_line_is_no_answer_and_a_strange_one_is_damage(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    outcomes(tmp_path, [row("a")])
    with run.predictions("m", "d").open("ab") as file:
        file.write(b'{"sample": "b"')
    assert len(list(read_outcomes(run, "m", "d"))) == 1
    with pytest.raises(DamageError):
        outcomes(tmp_path, [{"sample": "a"}])
