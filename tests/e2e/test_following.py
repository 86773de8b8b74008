"""Rows that build on others: asked after them, resumed, and not asked where those failed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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
            name="diaries", summary="Questions on what was said before.", target="diaries:Diaries",
            evaluator="numeric", dialogue=True,
        )
    ]


def diary(name, length=1):
    chain = [f"{name}/{day}" for day in range(3)]
    for day, one in enumerate(chain):
        text = f"Day {day} of {name}. " + "It was long. " * length * day
        yield Sample(id=one, fields={"question": text}, after=tuple(chain[:day]), scored=False)
    for number in range(4):
        yield Sample(
            id=f"{name}/q{number}", fields={"question": f"Question {number} on {name}?"},
            target="7", after=tuple(chain),
        )


class Diaries:
    def variants(self):
        return {"v": Variant(template="chat", prompt={"user": "{question}"}, source="made up")}

    def files(self):
        return [Path(__file__)]

    def samples(self):
        return [*diary("short"), *diary("long", 300)]

    def examples(self):
        return []

    def play(self, sample, first):
        yield first

    def follow(self, sample, first, before):
        told = [one.responses[-1].text for one in before]
        yield Prompt(messages=(Message(role="system", content=" | ".join(told)), *first.messages))
"""
SUITE = """
[suite]
name = "diary"
max_failed = 1.0
[models.m]
backend = "vllm-chat"
url = "{url}"
concurrency = 8
[datasets.d]
dataset = "diaries"
"""


@pytest.fixture
def plugin(project: Project) -> str:
    """A plugin that is on the path alone, as an installed distribution would be."""
    folder = project.path / "site"
    info = folder / "diaries-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "diaries.py").write_text(PLUGIN, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: diaries\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[aisbench]\ndiaries = diaries\n")
    return str(folder)


@pytest.fixture
def answers(project: Project) -> Path:
    return project.write(
        "answers.jsonl",
        "".join(
            json.dumps({"question": f"Question {n} on {name}?", "answer": f"#### {7 + n % 2}"})
            + "\n"
            for n in range(4)
            for name in ("short", "long")
        ),
    )


def told(row: dict[str, Any]) -> list[str]:
    messages = row["prompt"]["messages"]
    return messages[0]["content"].split(" | ") if messages[0]["role"] == "system" else []


def test_each_is_asked_after_those_that_it_builds_on(
    project: Project, plugin: str, answers: Path
) -> None:
    text = SUITE + "repeats = 2\n"
    with simulator("--answers", str(answers), "--vary", "--output-tokens", "5") as server:
        project.write("s.toml", text.format(url=server.url))
        done = project.run("run", "s.toml", PYTHONPATH=plugin)
        assert done.code == 0, done.out + done.err
        rows = project.rows("diary", "m", "d")
        said = {(row["sample"], row["repeat"]): row["response"]["text"] for row in rows}
        assert len(rows) == len(said) == 28
        for row in rows:
            name, _, which = row["sample"].partition("/")
            days = range(3) if which.startswith("q") else range(int(which))
            # Of its own repeat: a second one has a diary of its own.
            assert told(row) == [said[f"{name}/{day}", row["repeat"]] for day in days]
        result = project.result("diary", "m", "d")
        # What only prepares is in no figure.
        assert (result["samples"], result["counts"]["asked"], result["counts"]["right"]) == (
            8, 16, 8,
        )  # fmt: skip
        # As a crash leaves it: in the middle of one chain, and before some of the questions.
        kept = [
            row
            for row in rows
            if not (
                row["sample"].startswith("long/") and row["sample"] not in ("long/0", "long/1")
            )
            and row["sample"] != "short/q3"
        ]
        journal = project.last_run("diary") / "predictions" / "m" / "d.jsonl"
        journal.write_text("".join(json.dumps(row) + "\n" for row in kept))
        (project.last_run("diary") / "seals.json").unlink()
        before = server.stats()["requests"]["/v1/chat/completions"]["200"]
        again = project.run("run", "s.toml", "--resume", PYTHONPATH=plugin)
        assert again.code == 0, again.out + again.err
        assert f"{len(kept)} answers of earlier sessions used again" in again.out
        assert server.stats()["requests"]["/v1/chat/completions"]["200"] - before == 28 - len(kept)
    resumed = project.rows("diary", "m", "d")
    assert {row["key"] for row in resumed} == {row["key"] for row in rows}
    assert project.result("diary", "m", "d")["counts"] == result["counts"]


def test_those_that_build_on_a_failed_one_are_not_asked(
    project: Project, plugin: str, answers: Path
) -> None:
    with simulator("--answers", str(answers), "--max-model-len", "600") as server:
        project.write("s.toml", SUITE.format(url=server.url))
        done = project.run("run", "s.toml", PYTHONPATH=plugin)
        assert done.code == 0, done.out + done.err
        assert sum(server.stats()["requests"]["/v1/chat/completions"].values()) == 9
    result = project.result("diary", "m", "d")
    assert (result["counts"]["right"], result["counts"]["failed"]) == (2, 4)
    dropped = [
        row
        for row in project.rows("diary", "m", "d")
        if (row["response"].get("fault") or {}).get("kind") == "dropped"
    ]
    assert {row["sample"] for row in dropped} == {"long/2", *(f"long/q{n}" for n in range(4))}
    assert "not asked: it builds on long/1, which failed" in done.out
    # Resumed where it can be answered: nothing is asked twice, and nothing is left over.
    with simulator("--answers", str(answers)) as server:
        project.write("s.toml", SUITE.format(url=server.url))
        again = project.run("run", "s.toml", "--resume", PYTHONPATH=plugin)
        assert again.code == 0, again.out + again.err
        assert server.stats()["requests"]["/v1/chat/completions"]["200"] == 6
    counts = project.result("diary", "m", "d")["counts"]
    assert (counts["right"], counts["failed"], counts["asked"]) == (4, 0, 8)


def test_a_limit_takes_what_its_rows_build_on(
    project: Project, plugin: str, answers: Path
) -> None:
    with simulator("--answers", str(answers)) as server:
        project.write("s.toml", SUITE.format(url=server.url) + "limit = 2\n")
        done = project.run("run", "s.toml", PYTHONPATH=plugin)
        assert done.code == 0, done.out + done.err
    asked = {row["sample"] for row in project.rows("diary", "m", "d")}
    assert asked == {"short/0", "short/1", "short/2", "short/q0", "short/q1"}
    assert project.result("diary", "m", "d")["counts"]["asked"] == 2


def test_under_a_load_they_are_sessions(project: Project, plugin: str) -> None:
    with simulator() as server:
        text = SUITE.format(url=server.url) + "[load]\nconcurrency = 4\nwarm_up = 0\n"
        project.write("s.toml", text.replace("max_failed", 'mode = "performance"\nmax_failed'))
        done = project.run("run", "s.toml", PYTHONPATH=plugin)
        assert done.code == 0, done.out + done.err
        assert server.stats()["requests"]["/v1/chat/completions"]["200"] == 14
    assert "2 of 2 sessions were answered to their end" in done.out
