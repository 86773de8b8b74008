"""Answers of each closed task, as auto_eval.py of OpenLMLab/LEval (cd34b05) reads them."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from aisbench.api import Answer, DataError, Sample, Verdict
from aisbench_plugin_leval.documents import rows
from aisbench_plugin_leval.scores import exam, f1


def value(part: str, answer: str, target: str) -> float:
    return exam(Sample(id="s", part=part, target=target), Answer.of(answer)).value


@pytest.mark.parametrize(
    ("part", "answer", "target", "expected"),
    [
        ("coursera", "AC", "AC", 1.0),
        ("coursera", "A. Bees, C. A cat", "AC", 1.0),
        ("coursera", "A", "AC", 0.25),
        ("coursera", "ABC", "AC", 0.0),
        ("coursera", "The answers are A) and C) Question 2: B", "AC", 1.0),
        ("quality", "(B) Mara Lund", "(B) Mara Lund", 1.0),
        ("quality", "Answer: B", "(B) Mara Lund", 1.0),
        ("tpo", "B and D", "B", 1.0),
        ("tpo", "A ferry, so C", "C", 1.0),
        ("tpo", "bAd", "A", 1.0),
        ("gsm100", "2 * 9 = 18.\nThe answer is $18.00.", "18", 1.0),
        ("gsm100", "We have 2 and get 18 people\n\nSo 7", "18", 1.0),
        ("gsm100", "The answer is 1,800", "1800", 1.0),
        ("codeU", "So the final output of the code is:\n```\narray([6, 15])\n```", "[6 15]", 1.0),
        ("codeU", "It prints [6, 16].", "[6 15]", 0.0),
        ("sci_fi", "That is TRUE here.", "true", 1.0),
        ("topic_retrieval_longchat", "the keeping of  bees.", "The keeping of bees", 1.0),
    ],
)
def test_answers(part: str, answer: str, target: str, expected: float) -> None:
    assert value(part, answer, target) == expected


@pytest.mark.parametrize(
    ("part", "answer"),
    [("coursera", "none of them"), ("tpo", " "), ("gsm100", "many"), ("sci_fi", "perhaps")],
)
def test_nothing_is_guessed(part: str, answer: str) -> None:
    found = exam(Sample(id="s", part=part, target="A"), Answer.of(answer))
    assert (found.value, found.verdict, found.extracted) == (0.0, Verdict.UNPARSED, None)


def test_f1_is_squad_s() -> None:
    sample = Sample(id="s", target="Bees and a cat.")
    assert f1(sample, Answer.of("The bees!")).value == pytest.approx(0.5)
    assert f1(sample, Answer.of("")).verdict is Verdict.UNPARSED


def test_runaway_answers() -> None:
    begun = time.process_time()
    for part in ("coursera", "tpo", "gsm100", "codeU", "sci_fi", "topic_retrieval_longchat"):
        for text in (
            "x 1" * 100_000,
            "A" * 300_000,
            " " * 300_000 + "A",
            "The answer is " * 20_000,
        ):
            value(part, text, "A")
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"outputs": []}, "1 instructions, but 0 outputs"),
        ({"outputs": "x"}, "outputs is no list of texts"),
        ({"input": None}, "input is no text"),
        ({"outputs": ["True"]}, "not of the form"),
    ],
)
def test_damaged_lines_are_told(wrong: dict[str, object], why: str, tmp_path: Path) -> None:
    good = {"input": "x", "instructions": ["q"], "outputs": ["True [fact: True]"]}
    file = tmp_path / "sci_fi.jsonl"
    file.write_text(json.dumps({**good, "evaluation": "exam", **wrong}) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=why) as caught:
        list(rows(file, "test", "sci_fi"))
    assert "sci_fi.jsonl" in str(caught.value)
