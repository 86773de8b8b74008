"""Answers of each task, as compute_scores.py of OpenBMB/InfiniteBench (88b3daa) scores them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import Answer, DataError, Sample, Verdict
from aisbench_plugin_infinitebench.examples import rows
from aisbench_plugin_infinitebench.scores import METRICS, score


def value(part: str, answer: str, target: Any) -> float:
    return score(Sample(id="s", part=part, target=target), Answer.of(answer)).value


@pytest.mark.parametrize(
    ("part", "answer", "target", "expected"),
    [
        ("passkey", "The pass key is **71432**.", ["71432"], 1.0),
        ("passkey", "7 1432", ["71432"], 0.0),
        ("number_string", "5500077", "5500077", 1.0),
        ("kv_retrieval", 'It is: "g7-h8".', ["g7-h8"], 1.0),
        ("kv_retrieval", "g7-h88", ["g7-h8"], 0.0),
        ("longdialogue_qa_eng", "Mara Lund", ["MARA", "MARA LUND"], 1.0),
        ("longbook_choice_eng", "B. sail", ["sail", "B"], 1.0),
        ("longbook_choice_eng", "The answer is B", ["sail", "B"], 1.0),
        ("longbook_choice_eng", "I would say (B) no C", ["row", "C"], 1.0),
        ("longbook_qa_eng", "Captain Mara Lund", ["Mara Lund", "Mara"], 0.8),
        ("longbook_qa_chn", "她养蜜蜂。", ["蜜蜂"], 2 / 3),
        (
            "longbook_sum_eng",
            "Mara sails and keeps bees.",
            ["Mara Lund sails and keeps bees."],
            0.9091,
        ),
        ("code_debug", "So the error\nis: `B. sail`", ["sail", "B"], 1.0),
        ("code_debug", "**B**", ["sail", "B"], 1.0),
        ("code_debug", "I find B", ["sail", "B"], 0.0),
        ("code_run", "The return value is: -5.", -5, 1.0),
        ("code_run", "It is 5", [-5], 0.0),
        ("math_find", "3.5 of 7", 3.5, 1.0),
        ("math_find", "about 9", ["9"], 1.0),
        ("math_find", "9.0", 9, 0.0),
        ("math_calc", "[5, 7, 4, 1]", [7, 4, 0], 2 / 3),
    ],
)
def test_answers(part: str, answer: str, target: Any, expected: float) -> None:
    assert value(part, answer, target) == pytest.approx(expected, abs=1e-4)


def test_an_empty_answer_holds_none() -> None:
    found = score(Sample(id="s", part="passkey", target=["1"]), Answer.of(" "))
    assert found.verdict is Verdict.UNPARSED


def test_runaway_answers() -> None:
    begun = time.process_time()
    for part in METRICS.keys() - {"longbook_sum_eng"}:
        for text in ("7" * 300_000, "is: " * 80_000, "  - ` " * 50_000, "A b\n" * 80_000):
            value(part, text, ["7", "A"])
    assert time.process_time() - begun < 8


@pytest.mark.parametrize(
    ("part", "wrong", "why"),
    [
        ("passkey", {"context": None}, "context is no text"),
        ("passkey", {"answer": []}, "there is no answer"),
        ("code_debug", {"options": ["a", "b"]}, "options is no list of 4"),
        ("code_debug", {"options": ["a", "b", "c", "d"]}, "is no option"),
        ("code_run", {}, "is not as published"),
    ],
)
def test_damaged_lines_are_told(
    part: str, wrong: dict[str, object], why: str, tmp_path: Path
) -> None:
    good = {"id": 0, "context": "x", "input": "q", "answer": ["7"]}
    file = tmp_path / f"{part}.jsonl"
    file.write_text(json.dumps({**good, **wrong}) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=why) as caught:
        list(rows(file, "test", part))
    assert f"{part}.jsonl" in str(caught.value)
