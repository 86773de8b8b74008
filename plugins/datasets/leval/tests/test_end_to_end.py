"""A whole run on the made-up rows, with figures that are known beforehand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from knowing_server import knowing_server

import aisbench
from aisbench.api import AisbenchError, open_dataset

DATA = Path(__file__).parent / "data"
SAID = {
    "coursera": "A", "gsm100": "The answer is 18.", "quality": "B", "tpo": "D", "codeU": "[6, 15]",
    "sci_fi": "True", "topic_retrieval_longchat": "The keeping of bees.",
}  # fmt: skip
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
]


def test_leval(tmp_path: Path) -> None:
    """Coursera: 0.25 and a wrong one; of sci_fi's two rows one is right."""
    settings = {"path": str(DATA)}
    answers = {
        "".join(str(one.fields[key]) for key in ("ahead", "input", "behind")): SAID.get(
            one.part, "" if one.part == "news_summ" else str(one.target)
        )
        for one in open_dataset("leval", settings).samples()
    }
    assert len(answers) == 22
    with knowing_server(answers) as url:
        found = aisbench.run(
            {
                "suite": {"name": "s", "output": tmp_path},
                "models": {"m": {"backend": "vllm-chat", "url": url, "stream": False}},
                "datasets": {"d": {"dataset": "leval", **settings}},
            }
        )
    (task,) = found.scores
    figures = {one.part: one.value for one in task.figures if one.name == "accuracy"}
    assert figures["coursera"] == pytest.approx(12.5)
    assert figures["closed-ended"] == pytest.approx((12.5 + 100 + 100 + 0 + 100 + 50 + 100) / 7)
    assert figures["F1"] == pytest.approx(100.0)
    assert figures["ROUGE-L"] == pytest.approx(600 / 7)
    assert figures["prompt tokens <4k"] == figures[""]
    longest = {one.part: (one.value, one.n) for one in task.figures if one.name == "rougeL"}
    assert longest[""] == (100.0, 6)  # news_summ's only answer is empty
    assert "closed-ended" not in longest


def test_parts_without_measures(tmp_path: Path) -> None:
    """The metric `measures` says nothing of closed tasks, and is no error where they are asked
    alone."""
    samples = open_dataset("leval", {"path": str(DATA), "parts": ["sci_fi"]}).samples()
    answers = {
        "".join(str(one.fields[key]) for key in ("ahead", "input", "behind")): "True"
        for one in samples
    }
    suite: dict[str, Any] = {
        "suite": {"name": "s", "output": tmp_path},
        "models": {"m": {"backend": "vllm-chat", "stream": False}},
        "datasets": {"d": {"dataset": "leval", "path": str(DATA), "parts": ["sci_fi"]}},
    }
    with knowing_server(answers) as url:
        suite["models"]["m"]["url"] = url
        (task,) = aisbench.run(suite).scores
        assert {one.name for one in task.figures} == {"accuracy"}
        suite["datasets"]["d"]["metrics"] = ["measures"]
        with pytest.raises(AisbenchError, match=r"metrics: measures: no answer has a measure"):
            aisbench.run(suite)
