"""Whole runs on the made-up rows, with figures that are known beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from knowing_server import knowing_server

import aisbench
from aisbench.api import Sample, open_dataset

DATA = Path(__file__).parent / "data"
WRONG = {"hotpotqa", "passage_count", "lcc", "trec", "multifieldqa_zh"}
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
]


def said(sample: Sample) -> str:
    """The first reference; of tasks that the model does not know, nothing that fits it."""
    target = sample.target
    return "~1" if sample.part in WRONG else str(target[0] if isinstance(target, list) else target)


def run(name: str, tmp_path: Path) -> dict[str, float]:
    """The figures of a run of a model that knows all tasks but some."""
    samples = open_dataset(name, {"path": str(DATA / name)}).samples()
    answers = {
        "".join(str(one.fields[key]) for key in ("ahead", "context", "behind")): said(one)
        for one in samples
    }
    return figures_of(name, answers, tmp_path)


def figures_of(name: str, answers: Mapping[str, str], tmp_path: Path) -> dict[str, float]:
    """The figures of a run by their part."""
    with knowing_server(answers) as url:
        found = aisbench.run(
            {
                "suite": {"name": "s", "output": tmp_path},
                "models": {"m": {"backend": "vllm-chat", "url": url, "stream": False}},
                "datasets": {"d": {"dataset": name, "path": str(DATA / name)}},
            }
        )
    (task,) = found.scores
    return {figure.part: round(figure.value, 2) for figure in task.figures}


def test_longbench(tmp_path: Path) -> None:
    figures = run("longbench", tmp_path)
    english = (100 + 200 / 3 + 100 + 200 / 3 + 50 + 50) / 6
    chinese = (0 + 100 + 100 + 100 + 50 + 100) / 6
    whole = (75 + 75 + 100 + 75 + 50 + 200 / 3) / 6
    assert figures["code completion"] == 50.0
    assert figures["English"] == pytest.approx(english, abs=0.01)
    assert figures["Chinese"] == pytest.approx(chinese, abs=0.01)
    assert figures[""] == pytest.approx(whole, abs=0.01)
    assert figures["length 0-4k (4 of 6)"] == pytest.approx((100 + 0 + 100 + 0) / 4, abs=0.01)
    assert figures["length 16-32k (1 of 6)"] == 100.0


def test_longbench_e(tmp_path: Path) -> None:
    figures = run("longbench-e", tmp_path)
    assert figures[""] == pytest.approx((100 + 50 + 100 + 200 / 3 + 50 + 50) / 6, abs=0.01)
    assert figures["length 8k+ (4 of 6)"] == pytest.approx((0 + 100 + 100 + 50) / 4, abs=0.01)
    assert figures["2wikimqa, length 4-8k"] == 100.0
    assert figures["hotpotqa, length 0-4k"] == figures["hotpotqa, length 8k+"] == 0.0


def test_longbench_v2(tmp_path: Path) -> None:
    """Two of three right, one of which the authors' pattern reads, and one without an answer."""
    answers = {
        "Please read": "I cannot say.",
        prompt("Who is the captain?", "Ann Boe", "Mara Lund", "Bo Ek", "Al Ray"): (
            "The correct answer is (B)."
        ),
        prompt("When does it leave?", "5", "6", "7", "8"): "**The correct answer is B**",
    }
    figures = figures_of("longbench-v2", answers, tmp_path)
    assert figures[""] == pytest.approx(200 / 3, abs=0.01)
    assert (figures["difficulty easy"], figures["difficulty hard"]) == (100.0, 50.0)
    assert [figures[f"length {one}"] for one in ("short", "medium", "long")] == [100.0, 0.0, 100.0]


def prompt(question: str, *options: str) -> str:
    """The authors' 0shot.txt over the text of all rows."""
    text = "The ferry to Gull Island leaves at six. Its captain, Mara Lund, keeps bees."
    choices = "\n".join(f"({letter}) {one}" for letter, one in zip("ABCD", options, strict=True))
    return (
        "Please read the following text and answer the question below.\n\n<text>\n"
        f"{text}\n</text>\n\nWhat is the correct answer to this question: {question}\n"
        f"Choices:\n{choices}\n\n"
        'Format your response as follows: "The correct answer is (insert answer here)".'
    )
