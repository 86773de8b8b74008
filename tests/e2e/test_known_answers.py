"""Benchmarks whose answers are whole texts: what a server said word for word, and the figures
that it must get for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from knowing_server import knowing_server
from live import ROOT, SHARED, Project

from aisbench.api import open_dataset

PLUGINS = ROOT / "plugins" / "datasets"
IFEVAL = SHARED / "data" / "ifeval"


def scored(
    project: Project, answers: Mapping[str, str], table: str
) -> tuple[dict[str, float], dict[str, dict[str, Any]]]:
    """The figures by name, and each sample's score."""
    with knowing_server(answers) as url:
        project.write(
            "s.toml",
            f"""
            [suite]
            name = "known"
            [models.m]
            backend = "openai-chat"
            url = "{url}"
            concurrency = 16
            stream = false
            [datasets.d]
            {table}
            """,
        )
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    document = project.result("known", "m", "d")
    assert document["counts"]["failed"] == 0
    scores = project.scores("known", "m", "d")
    figures = {one["name"]: one["value"] for one in document["figures"] if not one["part"]}
    return figures, {one["sample"]: one["score"] for one in scores}


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_instructions_that_are_half_followed(project: Project) -> None:
    """Loose takes the line of asterisks and the first line away."""
    path = PLUGINS / "ifeval" / "tests" / "data"
    moth, lamp = (str(row["prompt"]) for row in lines(path / "input_data.jsonl"))
    answers = {
        moth: "Sure, here it is:\nA moth as blue as ink.",
        lamp: "The lamp stands by the window and is bright.",
    }
    figures, _ = scored(project, answers, f'dataset = "ifeval"\npath = "{path}"')
    assert figures == pytest.approx(
        {
            "prompt-level strict": 0.0,
            "instruction-level strict": 100 / 3,
            "prompt-level loose": 50.0,
            "instruction-level loose": 200 / 3,
        }
    )


@pytest.mark.skipif(not IFEVAL.is_dir(), reason="no real IFEval files; set AISBENCH_SHARED")
def test_instructions_as_their_authors_judged_gpt4(project: Project) -> None:
    """The four published accuracies of the 540 responses that the authors published."""
    verdicts = {row["prompt"]: row for row in lines(IFEVAL / "gpt4_responses_scored.jsonl")}
    # Where the letter is none of a to z, the authors' checker takes another one by chance.
    rows = [
        row
        for row in lines(IFEVAL / "input_data.jsonl")
        if row["prompt"] in verdicts and not any(one.get("letter") == "#" for one in row["kwargs"])
    ]
    assert len(rows) > 530
    text = "".join(json.dumps(row) + "\n" for row in rows)
    project.write("ifeval/input_data.jsonl", text)
    answers = {row["prompt"]: verdicts[row["prompt"]]["response"] for row in rows}
    figures, _ = scored(
        project, answers, f'dataset = "ifeval"\npath = "{project.path / "ifeval"}"'
    )
    expected = {}
    for mode in ("strict", "loose"):
        marks = [verdicts[row["prompt"]][mode] for row in rows]
        expected[f"prompt-level {mode}"] = 100 * mean(all(each) for each in marks)
        expected[f"instruction-level {mode}"] = 100 * mean(one for each in marks for one in each)
    assert figures == pytest.approx(expected)


def test_solutions_of_mathematics(project: Project) -> None:
    """The authors' own solutions are right, and another final answer in them is not."""
    real = SHARED / "data" / "math500"
    path = real if real.is_dir() else PLUGINS / "math500" / "tests" / "data"
    samples = open_dataset("math500", {"path": str(path)}).samples()
    answers, expected = {}, {}
    for number, one in enumerate(samples):
        right = number % 3 > 0
        final = f"\\boxed{{{one.fields['answer']}}}" if right else "\\boxed{-98765}"
        key = str(one.fields["problem"])
        answers[key] = f"We look at it step by step: 1 + 1 = 2.\nSo it is ${final}$."
        expected[one.id] = right
    assert len(answers) == len(expected)
    table = f'dataset = "math500"\npath = "{path}"'
    figures, scores = scored(project, answers, table)
    assert {name: one["value"] == 1 for name, one in scores.items()} == expected
    assert figures["accuracy"] == pytest.approx(100 * mean(expected.values()))
