"""A whole run on the made-up rows, with figures that are known beforehand."""

from __future__ import annotations

from pathlib import Path

import pytest
from knowing_server import knowing_server

import aisbench
from aisbench.api import open_dataset

DATA = Path(__file__).parent / "data"
SAID = {
    "kv_retrieval": "c3-d4", "longdialogue_qa_eng": "Mara.", "longbook_choice_eng": "B. sail",
    "code_debug": "The answer is: B. sail", "math_calc": "[5, 7, 4, 1]", "math_find": "9",
}  # fmt: skip
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
]


def test_infinitebench(tmp_path: Path) -> None:
    settings = {"path": str(DATA)}
    answers = {}
    for one in open_dataset("infinitebench", settings).samples():
        prompt = "".join(str(one.fields[key]) for key in ("ahead", "context", "behind"))
        known = one.target[0] if isinstance(one.target, list) else one.target
        answers[prompt] = SAID.get(one.part, str(known))
    with knowing_server(answers) as url:
        found = aisbench.run(
            {
                "suite": {"name": "s", "output": tmp_path},
                "models": {"m": {"backend": "vllm-chat", "url": url, "stream": False}},
                "datasets": {"d": {"dataset": "infinitebench", **settings}},
            }
        )
    (task,) = found.scores
    figures = {one.part: one.value for one in task.figures if one.name == "accuracy"}
    assert figures["Retrieve"] == pytest.approx(200 / 3)
    assert figures["En"] == figures["Code"] == pytest.approx(100.0)
    assert figures["Math"] == pytest.approx((200 / 3 + 50) / 2)
    assert figures[""] == figures["mean of parts"]
    assert figures[""] == pytest.approx((200 + 400 + 100 + 200 + 200 / 3 + 50) / 12)
