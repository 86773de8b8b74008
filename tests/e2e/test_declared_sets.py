"""Declared sets in their official files, from a suite to the exact figure."""

from __future__ import annotations

import json
from statistics import mean
from typing import Any

import pytest
from live import NO_SHARED, SHARED, Project, figures, simulator

from aisbench_plugin_simulator.correctness import is_right

MGSM = SHARED / "data" / "mgsm"
WINOGRANDE = SHARED / "data2" / "winogrande"
SHARE = 0.6


@pytest.mark.skipif(not MGSM.is_dir(), reason=NO_SHARED)
def test_a_generated_answer(project: Project) -> None:
    """Two languages of MGSM: exactly those are right that the simulated model knows."""
    rows = {
        part: [
            line.split("\t")
            for line in (MGSM / f"mgsm_{part}.tsv").read_text(encoding="utf-8").splitlines()
        ]
        for part in ("de", "zh")
    }
    known = [
        {"question": question, "answer": f"#### {answer}"}
        for part in rows.values()
        for question, answer in part
    ]
    answers = project.write("answers.jsonl", "".join(json.dumps(one) + "\n" for one in known))
    with simulator("--answers", str(answers), "--accuracy", str(SHARE), "--seed", "3") as server:
        done = project.run(
            "run", "--backend", "vllm-chat", "--url", server.url, "--dataset", "mgsm",
            "--set", f"datasets.mgsm.path={MGSM}", "--set", 'datasets.mgsm.parts=["de", "zh"]',
        )  # fmt: skip
    assert done.code == 0, done.out + done.err
    document = project.result("command-line", "model", "mgsm")
    assert document["counts"]["unparsed"] == 0
    expected = mean(is_right(3, one["question"], SHARE) for one in known)
    assert 0.5 < expected < 0.7
    found = {(one["name"], one["part"]): one["value"] for one in document["figures"]}
    assert found["accuracy", ""] == pytest.approx(100 * expected)
    for part, own in rows.items():
        right = mean(is_right(3, question, SHARE) for question, _ in own)
        assert found["accuracy", part] == pytest.approx(100 * right)


@pytest.mark.skipif(not WINOGRANDE.is_dir(), reason=NO_SHARED)
def test_options_inside_the_context(project: Project) -> None:
    """WinoGrande: the figure is that of the stored log-probabilities and the file's own key."""
    rows = [
        json.loads(line)
        for line in (WINOGRANDE / "dev.jsonl").read_text(encoding="utf-8").splitlines()[:40]
    ]
    folder = project.write(
        "wino/dev.jsonl", "".join(json.dumps(one) + "\n" for one in rows)
    ).parent
    with simulator("--seed", "3") as server:
        done = project.run(
            "run", "--backend", "vllm-completions", "--url", server.url, "--dataset", "winogrande",
            "--variant", "0-shot-choices-text", "--set", f"datasets.winogrande.path={folder}",
        )  # fmt: skip
    assert done.code == 0, done.out + done.err
    stored = project.rows("command-line", "model", "winogrande")
    assert len(stored) == 80
    sums = {
        (one["prompt"]["text"], one["prompt"]["continuation"]): sum(
            one["response"]["scored"]["logprobs"]
        )
        for one in stored
    }
    right = 0
    for row in rows:
        before, after = row["sentence"].split("_")
        own = [sums[before + row[name], f" {after.strip()}"] for name in ("option1", "option2")]
        right += own.index(max(own)) + 1 == int(row["answer"])
    assert 0 < right < 40
    document = project.result("command-line", "model", "winogrande")
    assert figures(document)["accuracy"]["value"] == pytest.approx(100 * right / 40)


ORDERED = """
summary = "Colours."

[files]
test = "rows.jsonl"

[columns]
choices = "options"
answer = "answer"

[choices]
permute = 3

[variants.chat]
template = "chat"
prompt.user = "{question}\\n{options}"
"""


def test_orders_of_options_are_repeats_of_one_question(project: Project) -> None:
    """A model that always says A is right in one of three orders of each row."""
    rows = [
        {"question": f"Which one is {name}?", "options": ["rose", "grass", "sky"], "answer": name}
        for name in ("rose", "grass")
    ]
    project.write("rows.jsonl", "".join(json.dumps(one) + "\n" for one in rows))
    project.write("ordered.toml", ORDERED)
    known = [{"question": one["question"], "answer": "A"} for one in rows]
    answers = project.write("answers.jsonl", "".join(json.dumps(one) + "\n" for one in known))
    with simulator("--answers", str(answers)) as server:
        done = project.run(
            "run", "--backend", "vllm-chat", "--url", server.url, "--dataset", "./ordered.toml",
            "--set", "datasets.ordered.evaluator='choice'",
            "--set", "datasets.ordered.metrics=['accuracy', 'worst@3']",
        )  # fmt: skip
    assert done.code == 0, done.out + done.err
    document = project.result("command-line", "model", "ordered")
    assert document["counts"]["asked"] == 6
    found = {one["name"]: (one["value"], one["n"]) for one in document["figures"]}
    assert found["accuracy"] == (pytest.approx(100 / 3), 2)
    assert found["worst@3"] == (0, 2)


BY_PART = """
summary = "Sums in figures, and colours in lists."
files.test = "{part}.jsonl"
parts = ["sums", "colours"]
columns.answer = "answer"
evaluator = "numeric"

[[evaluators]]
parts = ["colours"]
evaluator = "by_part:half"
postprocess = ["answer-is"]

[variants.0-shot-chat]
template = "chat"
prompt.user = "{question}"
"""
HALF = """
def half(sample, answer):
    return 0.5 if answer.text.startswith(sample.target) else 0.0
"""


def test_parts_with_evaluators_of_their_own(project: Project) -> None:
    """Each part is scored by its own, in the run, in a dry run, and when it is scored again."""
    rows = {"sums": ("One and one?", "2"), "colours": ("Sky?", "blue")}
    for part, (question, target) in rows.items():
        project.write(f"{part}.jsonl", json.dumps({"question": question, "answer": target}) + "\n")
    project.write("by_part.py", HALF)
    project.write("by-part.toml", BY_PART)
    said = [
        {"question": "One and one?", "answer": "The answer is 2."},
        {"question": "Sky?", "answer": "The answer is blue"},
    ]
    answers = project.write("answers.jsonl", "".join(json.dumps(one) + "\n" for one in said))
    with simulator("--answers", str(answers), "--accuracy", "1", "--seed", "3") as server:
        asked = ("--backend", "vllm-chat", "--url", server.url, "--dataset", "./by-part.toml")
        other = project.run("run", *asked, "--set", "datasets.by-part.evaluator='exact'")
        dry = project.run("run", "--dry-run", *asked)
        done = project.run("run", *asked)
    assert (dry.code, done.code) == (0, 0), dry.out + done.out + done.err
    assert "evaluator numeric, by_part:half" in dry.out
    document = project.result("command-line", "model", "by-part")
    expected = {"sums": 100.0, "colours": 50.0}
    assert _by_part(document) == expected
    assert [one["parts"] for one in document["evaluators"]] == [["colours"]]
    again = project.run("evaluate", str(project.last_run("command-line")))
    assert again.code == 0, again.err
    assert _by_part(project.result("command-line", "model", "by-part")) == expected
    assert other.code == 0, other.err


def _by_part(document: dict[str, Any]) -> dict[str, float]:
    return {
        one["part"]: one["value"]
        for one in document["figures"]
        if one["name"] == "accuracy" and one["part"] in ("sums", "colours")
    }
