"""Conversations of several turns: real history, and a resume in the middle of one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from live import Project, simulator

PLUGIN = """
from pathlib import Path
from aisbench.api import DatasetOffer, Message, Prompt, Sample, Variant, hookimpl

AISBENCH_API = 1


@hookimpl
def aisbench_datasets():
    return [
        DatasetOffer(
            name="two-turns", summary="Two turns.", target="two_turns:TwoTurns",
            evaluator="numeric", dialogue=True,
        )
    ]


class TwoTurns:
    def variants(self):
        return {"v": Variant(template="chat", prompt={"user": "{question}"}, source="made up")}

    def files(self):
        return [Path(__file__)]

    def samples(self):
        return [
            Sample(id=f"s{n}", fields={"question": f"First question {n}?"}, target="7")
            for n in range(6)
        ]

    def examples(self):
        return []

    def play(self, sample, first):
        response = yield first
        said = Message(role="assistant", content=response.text)
        asked = Message(role="user", content=f"Second question of {sample.id}?")
        yield Prompt(messages=(*first.messages, said, asked))
"""
SUITE = """
[suite]
name = "talk"
[models.m]
backend = "vllm-chat"
url = "{url}"
concurrency = 3
[datasets.d]
dataset = "two-turns"
repeats = 2
"""


@pytest.fixture
def plugin(project: Project) -> str:
    """A plugin that is on the path alone, as an installed distribution would be."""
    folder = project.path / "site"
    info = folder / "two_turns-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "two_turns.py").write_text(PLUGIN, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: two-turns\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[aisbench]\ntwo = two_turns\n")
    return str(folder)


def journal(project: Project) -> Path:
    return project.last_run("talk") / "predictions" / "m" / "d.jsonl"


def test_turns_carry_the_real_answers_and_resume_in_between(project: Project, plugin: str) -> None:
    answers = project.write(
        "answers.jsonl",
        "".join(
            json.dumps({"question": f"Second question of s{n}?", "answer": f"#### {7 + n % 2}"})
            + "\n"
            for n in range(6)
        ),
    )
    with simulator("--answers", str(answers), "--output-tokens", "5") as server:
        project.write("s.toml", SUITE.format(url=server.url))
        done = project.run("run", "s.toml", PYTHONPATH=plugin)
        assert done.code == 0, done.out + done.err
        rows = project.rows("talk", "m", "d")
        assert len(rows) == 24
        first = {(row["sample"], row["repeat"]): row for row in rows if row["turn"] == 0}
        for row in rows:
            if row["turn"] == 1:
                messages = row["prompt"]["messages"]
                assert [message["role"] for message in messages] == ["user", "assistant", "user"]
                text = first[row["sample"], row["repeat"]]["response"]["text"]
                assert messages[1]["content"] == text
        # The last turn is judged: right for the even samples.
        assert project.result("talk", "m", "d")["counts"]["right"] == 6
        # As a crash would leave it: some conversations without their second turn, one without any.
        kept = [
            row
            for row in rows
            if not (row["sample"] == "s5" or (row["turn"] == 1 and row["sample"] in ("s1", "s2")))
        ]
        journal(project).write_text("".join(json.dumps(row) + "\n" for row in kept))
        (journal(project).parents[2] / "seals.json").unlink()
        before = server.stats()["requests"]["/v1/chat/completions"]["200"]
        again = project.run("run", "s.toml", "--resume", PYTHONPATH=plugin)
        assert again.code == 0, again.out + again.err
        assert f"{len(kept)} answers of earlier sessions used again" in again.out
        assert server.stats()["requests"]["/v1/chat/completions"]["200"] - before == 24 - len(kept)
    assert len(project.rows("talk", "m", "d")) == 24
    assert project.result("talk", "m", "d")["counts"]["right"] == 6
