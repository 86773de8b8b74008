"""Many data sets of one model in one command: side by side, killed and resumed."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from live import Project
from plain_server import Answer, models, serving

from benchmarks import thirty_sets

FEW = list(thirty_sets.SETS)[:8]


@pytest.mark.not_quick
def test_a_suite_that_is_killed_three_times_ends_as_one_that_is_not() -> None:
    assert thirty_sets.survive(FEW, repeats=20, concurrency=8)


class LateAnswers:
    """Holds back the first answer of each set until a question of the next one has come.

    If a set waited for the last answer of the one before it, no such question would come.
    """

    def __init__(self, sets: int) -> None:
        self.begun = [threading.Event() for _ in range(sets)]
        self.kept_waiting: list[int] = []

    def answer(self, path: str, body: dict[str, Any]) -> Answer:
        """What the server says."""
        if "messages" not in body:
            return models("late")
        number, row = map(int, body["messages"][-1]["content"].split()[-2:])
        self.begun[number].set()
        following = self.begun[number + 1 :]
        if row == 0 and following and not following[0].wait(timeout=30):
            self.kept_waiting.append(number)
        return 200, None


def test_a_late_answer_of_one_set_keeps_no_other_waiting(project: Project) -> None:
    late = LateAnswers(4)
    tables = []
    for number in range(4):
        rows = [{"question": f"Say {number} {row}", "answer": "tok"} for row in range(6)]
        project.write(f"{number}.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        keys = f'dataset = "custom"\npath = "{number}.jsonl"\nevaluator = "exact"'
        tables.append(f"[datasets.d{number}]\n{keys}\n")
    with serving(late.answer) as server:
        head = f'backend = "vllm-chat"\nurl = "{server.url}"\nconcurrency = 4\n'
        project.write("s.toml", f'[suite]\nname = "late"\n[models.m]\n{head}' + "".join(tables))
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    assert late.kept_waiting == []
    documents = [project.result("late", "m", f"d{number}") for number in range(4)]
    assert [one["complete"] for one in documents] == [True] * 4, json.dumps(documents)
