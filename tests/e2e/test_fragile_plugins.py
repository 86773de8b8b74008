"""Plugins whose code breaks, or takes its time, on one row: that row alone bears it."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from live import Project, Result, simulator

pytestmark = pytest.mark.not_quick

PLUGIN = """
import asyncio
import time
from pathlib import Path

from aisbench.api import (
    DatasetOffer, EvaluatorOffer, Message, PostprocessorOffer, Prompt, Sample, Score,
    TemplateOffer, Capability, Variant, Verdict, hookimpl,
)

AISBENCH_API = 1
ROWS = 6


@hookimpl
def aisbench_datasets():
    common = {"summary": "Fragile.", "evaluator": "fragile"}
    return [
        DatasetOffer(name="fragile", target="fragile:Fragile", **common),
        DatasetOffer(name="talks", target="fragile:Talks", dialogue=True, **common),
        DatasetOffer(name="async-talks", target="fragile:AsyncTalks", dialogue=True, **common),
        DatasetOffer(
            name="light-talks", target="fragile:Talks", dialogue=True, play_cost="light", **common
        ),
    ]


@hookimpl
def aisbench_prompts():
    return [TemplateOffer(
        name="fragile", summary="Fragile.", target="fragile:Template", form=Capability.CHAT
    )]


@hookimpl
def aisbench_evaluators():
    return [
        EvaluatorOffer(name="fragile", summary="Fragile.", target="fragile:Evaluator"),
        PostprocessorOffer(name="fragile", summary="Fragile.", target="fragile:Step"),
    ]


def breaks(sample, where):
    if sample.target in (where, "every " + where):
        raise ZeroDivisionError("one odd row")


class Fragile:
    def variants(self):
        return {"v": Variant(template="fragile", prompt={}, source="made up")}

    def files(self):
        return [Path(__file__)]

    def samples(self):
        breaking = Path(__file__).with_name("breaking.txt").read_text().split(",")
        return [
            Sample(id=f"s{n}", fields={"question": f"Q{n}"}, target=where)
            for n, where in enumerate(breaking)
        ]

    def examples(self):
        return []


class Template:
    def render(self, sample, shots):
        breaks(sample, "template")
        return Prompt(messages=(Message(role="user", content=sample.fields["question"]),))


class Talks(Fragile):
    def play(self, sample, first):
        breaks(sample, "first")
        yield first
        breaks(sample, "play")
        if sample.target == "slow":
            time.sleep(0.4)
        yield first


class AsyncTalks(Fragile):
    async def play(self, sample, first):
        breaks(sample, "first")
        yield first
        breaks(sample, "play")
        if sample.target == "slow":
            time.sleep(0.2)
            await asyncio.sleep(0.2)
        yield first


class Step:
    def process(self, text, sample):
        breaks(sample, "step")
        return text


class Evaluator:
    def score(self, sample, transcript):
        breaks(sample, "evaluator")
        assert transcript.response.text and transcript.prompts and transcript.responses
        return Score(value=1.0, verdict=Verdict.RIGHT, extracted=transcript.response.text)
"""
SUITE = """
[suite]
name = "o"
mode = "{mode}"
abort_after = 5
max_failed = 0.5
[models.m]
backend = "vllm-chat"
url = "{url}"
concurrency = {concurrency}
generation = {{ max_tokens = 4 }}
[datasets.d]
dataset = "{dataset}"
postprocess = ["fragile"]
"""
LOAD = """
[load]
shape = "closed"
concurrency = 4
requests = 40
warm_up = 0
"""


def prepared(project: Project, *breaking: str) -> str:
    """The plugin on a path, whose rows break at these places ("": nowhere)."""
    project.write("site/fragile.py", PLUGIN)
    project.write("site/breaking.txt", ",".join(breaking))
    info = "site/fragile-1.0.dist-info"
    project.write(f"{info}/METADATA", "Metadata-Version: 2.1\nName: fragile\nVersion: 1.0\n")
    project.write(f"{info}/entry_points.txt", "[aisbench]\nfragile = fragile\n")
    return str(project.path / "site")


def run(
    project: Project, dataset: str, *breaking: str, mode: str = "accuracy", load: str = "",
    concurrency: int = 3, ttft: int = 5,
) -> Result:  # fmt: skip
    site = prepared(project, *breaking)
    with simulator("--output-tokens", "3", "--ttft-ms", str(ttft)) as server:
        suite = SUITE.format(url=server.url, dataset=dataset, mode=mode, concurrency=concurrency)
        project.write("s.toml", suite + load)
        return project.run("run", "s.toml", PYTHONPATH=site)


def scores(project: Project) -> dict[str, dict[str, Any]]:
    path = project.last_run("o") / "results" / "m" / "d.scores.jsonl"
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {row["sample"]: row for row in rows}


@pytest.mark.parametrize(
    ("dataset", "where", "whose"),
    [
        ("fragile", "template", "template 'fragile' of fragile 1.0"),
        ("fragile", "evaluator", "evaluator 'fragile' of fragile 1.0"),
        ("fragile", "step", "postprocessor 'fragile' of fragile 1.0"),
        ("talks", "template", "template 'fragile' of fragile 1.0"),
        ("talks", "first", "data set 'talks' of fragile 1.0"),
        ("talks", "play", "data set 'talks' of fragile 1.0"),
        ("async-talks", "play", "data set 'async-talks' of fragile 1.0"),
        ("light-talks", "play", "data set 'light-talks' of fragile 1.0"),
    ],
)
def test_what_breaks_on_one_row_fails_that_row(
    project: Project, dataset: str, where: str, whose: str
) -> None:
    done = run(project, dataset, "", "", where, "", "", "")
    assert done.code == 0, done.out + done.err
    found = scores(project)
    assert [one["score"]["verdict"] for one in found.values()] == [
        "right", "right", "failed", "right", "right", "right",
    ]  # fmt: skip
    reason = found["s2"]["score"]["reason"]
    assert reason.startswith(f"{whose} fails: ZeroDivisionError: one odd row (fragile.py:")
    assert reason.endswith("at sample s2")
    assert found["s2"]["faults"]["kind"] == "plugin"
    result = project.result("o", "m", "d")
    assert result["counts"]["failed"] == 1
    assert sum(result["faults"].values()) == 1
    (figure,) = [one for one in result["figures"] if one["name"] == "accuracy"]
    assert (figure["value"], figure["bound_low"]) == (pytest.approx(500 / 6),) * 2
    assert figure["bound_high"] == pytest.approx(100)
    log = (project.last_run("o") / "log.jsonl").read_text(encoding="utf-8")
    assert "in breaks" in log, "the traceback is in the log"
    # A resume asks for nothing that is there, and keeps the failure once.
    lines = len(project.rows("o", "m", "d"))
    again = project.run(
        "run", "--resume", str(project.last_run("o")), PYTHONPATH=str(project.path / "site")
    )
    assert again.code in (0, 1), again.out + again.err
    assert len(project.rows("o", "m", "d")) == lines


@pytest.mark.parametrize(
    ("dataset", "where", "told"),
    [
        ("fragile", "template", "nothing can be asked, as each of the first 8 rows fails: "),
        ("talks", "first", "nothing can be asked, as each of the first 8 rows fails: "),
        ("talks", "play", "stopped after 5 samples in a row failed in the same way"),
    ],
)
def test_what_breaks_on_every_row_is_told_once(
    project: Project, dataset: str, where: str, told: str
) -> None:
    done = run(project, dataset, *[f"every {where}"] * 8, concurrency=1)
    assert done.code != 0
    assert done.err.count(told) == 1, done.out + done.err
    assert done.err.count("ZeroDivisionError: one odd row (fragile.py:") == 1


@pytest.mark.parametrize("dataset", ["talks", "async-talks"])
def test_a_step_that_waits_delays_no_other_answer(project: Project, dataset: str) -> None:
    done = run(project, dataset, "slow", *[""] * 30, concurrency=4, ttft=20)
    assert done.code == 0, done.out + done.err
    timings = [row["timing"] for row in project.rows("o", "m", "d")]
    assert len(timings) == 62
    assert max(one["done"] - one["sent"] for one in timings) < 200e6
    # In the order of the instants nothing paused either.
    instants = sorted(one["done"] for one in timings)
    assert instants[-1] - instants[0] > 300e6
    pauses = [later - one for one, later in itertools.pairwise(instants)]
    assert sorted(pauses)[-2] < 200e6


@pytest.mark.parametrize("dataset", ["talks", "async-talks"])
def test_under_a_load_neither(project: Project, dataset: str) -> None:
    pyarrow = pytest.importorskip("pyarrow.parquet")
    rows = ["", "", "slow", "", "", "play", "", "first"]
    done = run(project, dataset, *rows, mode="performance", load=LOAD, ttft=20)
    assert done.code == 0, done.out + done.err
    folder = project.last_run("o") / "performance" / "m" / "d" / "load"
    table = pyarrow.read_table(folder / "requests.parquet").to_pylist()
    good = [row for row in table if row["outcome"] == "success"]
    assert max(row["done_ns"] - row["sent_ns"] for row in good) < 200e6
    slow = [row for row in good if row["row"] == 2]
    assert {row["turn"] for row in slow} == {0, 1}
    failed = [row for row in table if row["outcome"] == "failed"]
    assert {(row["row"], row["turn"]) for row in failed} == {(5, 1), (7, 0)}
    failures = (folder / "failures.jsonl").read_text(encoding="utf-8")
    assert "fails: ZeroDivisionError: one odd row (fragile.py:" in failures
