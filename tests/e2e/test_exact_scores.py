"""The score of a run is exactly what the simulator's hash decides."""

from __future__ import annotations

import json
from math import comb
from pathlib import Path
from statistics import mean, stdev

import pytest
from live import GSM8K, NO_SHARED, Project, figures, simulator

from aisbench.api import open_dataset
from aisbench_plugin_simulator.correctness import is_right

SEED = 7
SHARE = 0.7

SUITE = """
[suite]
name = "exact"
seed = 42
[models.sim]
backend = "{backend}"
url = "{url}"
concurrency = 64
stream = {stream}
[datasets.gsm8k]
dataset = "gsm8k"
path = "{path}"
variant = "{variant}"
repeats = {repeats}
metrics = {metrics}
"""


def questions(path: Path) -> list[str]:
    lines = (path / "test.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines]


def test_the_demo_set(project: Project) -> None:
    """The same on data that ships with the plugin, where the real files are not at hand."""
    samples = open_dataset("gsm8k-demo").samples()
    expected = [is_right(SEED, str(one.fields["question"]), SHARE) for one in samples]
    assert 0 < sum(expected) < len(expected)
    with simulator(
        "--answers", "gsm8k-demo", "--accuracy", str(SHARE), "--seed", str(SEED)
    ) as server:
        done = project.run(
            "run", "--backend", "vllm-chat", "--url", server.url, "--dataset", "gsm8k-demo",
            "--variant", "4-shot-cot-chat", "--repeats", "2",
        )  # fmt: skip
    assert done.code == 0, done.out + done.err
    document = project.result("command-line", "model", "gsm8k-demo")
    assert figures(document)["accuracy"]["value"] == pytest.approx(100 * mean(expected))


@pytest.mark.skipif(not GSM8K.is_dir(), reason=NO_SHARED)
@pytest.mark.parametrize(
    ("backend", "variant", "stream"),
    [
        ("vllm-chat", "0-shot-cot-chat", "true"),
        ("vllm-chat", "4-shot-cot-chat", "false"),
        ("vllm-completions", "4-shot-cot-text", "true"),
    ],
)
def test_all_rows_of_gsm8k(project: Project, backend: str, variant: str, stream: str) -> None:
    expected = [is_right(SEED, question, SHARE) for question in questions(GSM8K)]
    assert len(expected) == 1319
    with simulator(
        "--answers", str(GSM8K / "test.jsonl"), "--accuracy", str(SHARE), "--seed", str(SEED)
    ) as server:
        project.write(
            "s.toml",
            SUITE.format(
                backend=backend, url=server.url, path=GSM8K, variant=variant, stream=stream,
                repeats=1, metrics='["accuracy"]',
            ),
        )  # fmt: skip
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    document = project.result("exact", "sim", "gsm8k")
    figure = figures(document)["accuracy"]
    assert document["counts"]["right"] == sum(expected)
    assert figure["value"] == pytest.approx(100 * mean(expected), abs=1e-9)
    assert figure["low"] < 100 * SHARE < figure["high"]
    # Wilson's interval, written down again.
    p, n, z = mean(expected), 1319, 1.959963984540054
    centre, spread = p + z * z / (2 * n), z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    assert figure["low"] == pytest.approx(100 * (centre - spread) / (1 + z * z / n))
    assert figure["high"] == pytest.approx(100 * (centre + spread) / (1 + z * z / n))


@pytest.mark.skipif(not GSM8K.is_dir(), reason=NO_SHARED)
def test_five_repeats(project: Project) -> None:
    metrics = ["accuracy", "pass@1", "pass@5", "pass@2", "cons@5", "cons-half@5", "avg@5"]
    with simulator(
        "--answers", str(GSM8K / "test.jsonl"), "--accuracy", str(SHARE), "--seed", str(SEED),
        "--vary",
    ) as server:  # fmt: skip
        project.write(
            "s.toml",
            SUITE.format(
                backend="vllm-chat", url=server.url, path=GSM8K, variant="0-shot-cot-chat",
                stream="false", repeats=5, metrics=json.dumps(metrics),
            ),
        )  # fmt: skip
        done = project.run("run", "s.toml", "--limit", "300")
    assert done.code == 0, done.out + done.err
    asked = questions(GSM8K)[:300]
    seeds = {
        (row["sample"], row["repeat"]): row["seed"]
        for row in project.rows("exact", "sim", "gsm8k")
    }
    assert len(set(seeds.values())) > 1490  # each request has a seed of its own
    right = [
        [is_right(SEED, question, SHARE, seeds[f"test-{number}", repeat]) for repeat in range(5)]
        for number, question in enumerate(asked)
    ]
    # The majority by what was really extracted, counted without our code.
    said: dict[str, list[tuple[str, float]]] = {}
    for row in project.scores("exact", "sim", "gsm8k"):
        said.setdefault(row["sample"], []).append(
            (row["score"]["extracted"], row["score"]["value"])
        )

    def vote(answers: list[tuple[str, float]]) -> float:
        words = [word for word, _ in answers]
        most = max(map(words.count, words))
        tied = {word: value for word, value in answers if words.count(word) == most}
        return mean(tied.values())

    found = {name: figure["value"] for name, figure in figures(
        project.result("exact", "sim", "gsm8k")).items()}  # fmt: skip
    c = [sum(row) for row in right]
    assert found["accuracy"] == pytest.approx(100 * mean(map(mean, right)))
    assert found["pass@1"] == pytest.approx(100 * mean(k / 5 for k in c))
    assert found["avg@5"] == pytest.approx(100 * mean(k / 5 for k in c))
    assert found["pass@2"] == pytest.approx(100 * mean(1 - comb(5 - k, 2) / comb(5, 2) for k in c))
    assert found["pass@5"] == pytest.approx(100 * mean(k > 0 for k in c))
    assert found["cons-half@5"] == pytest.approx(100 * mean(k > 2 for k in c))
    assert found["cons@5"] == pytest.approx(100 * mean(vote(answers) for answers in said.values()))
    stderr = figures(project.result("exact", "sim", "gsm8k"))["accuracy"]["stderr"]
    assert stderr == pytest.approx(100 * stdev(k / 5 for k in c) / 300**0.5)
