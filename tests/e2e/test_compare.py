"""`aisbench compare` on loads and repeats that were really run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from live import simulator

import aisbench
from aisbench_plugin_compare.command import main

pytestmark = [
    pytest.mark.not_quick,
    # Python 3.12 says so of every fork of a process with threads, as pytest-xdist's workers are.
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
]


def suite(tmp_path: Path, url: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "suite": {"name": name, "output": tmp_path / "outputs", **more},
        "models": {"sim": {"backend": "vllm-chat", "url": url, "concurrency": 4}},
        "datasets": {"demo": {"dataset": "gsm8k-demo", "limit": 8}},
    }


def loads(tmp_path: Path, url: str, name: str) -> dict[str, Any]:
    made = suite(tmp_path, url, name, mode="both")
    made["load"] = {"shape": "closed", "concurrency": 2, "requests": 24, "warm_up": 2}
    return made


def test_loads_are_compared_with_the_figures_that_they_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with simulator("--answers", "gsm8k-demo", "--ttft-ms", "5") as fast:
        old = aisbench.run(loads(tmp_path, fast.url, "old"))
    with simulator("--answers", "gsm8k-demo", "--ttft-ms", "120") as slow:
        new = aisbench.run(loads(tmp_path, slow.url, "new"))
    code = main(
        [str(old.path), str(new.path), "--fail-if", "ttft.p50 rises > 10 %",
         "--json", str(tmp_path / "c.json")]
    )  # fmt: skip
    out = capsys.readouterr().out
    assert code == 1
    assert "new against old" in out
    found = json.loads((tmp_path / "c.json").read_text("utf-8"))["comparisons"][0]
    figures = {one["figure"]: one for one in found["loads"][0]["figures"]}
    for run, side in ((old, "left"), (new, "right")):
        (load,) = run.loads
        told = {one.name: one for one in load.populations[0].statistics}
        for name in ("ttft", "e2el"):
            assert figures[f"{name}.mean"][side] == pytest.approx(told[name].mean)
            assert figures[f"{name}.p99"][side] == pytest.approx(told[name].percentiles["p99"])
        whole = {one.name: one.value for one in load.populations[0].figures}
        assert figures["request_throughput"][side] == whole["request_throughput"]
    assert figures["ttft.mean"]["verdict"] == "worse"
    assert figures["ttft.mean"]["change"] > 60
    # Their answers were scored, too: the same ones on both sides.
    (task,) = found["datasets"]
    assert task["figures"][0]["verdict"] == "same"


def test_repeats_that_vary_are_clustered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with simulator("--answers", "gsm8k-demo", "--accuracy", "0.5", "--vary") as server:
        runs = []
        for seed in (1, 2):
            tables = suite(tmp_path, server.url, f"s{seed}", seed=seed)
            tables["datasets"]["demo"].update(repeats=3, metrics=["accuracy", "pass@2", "cons@3"])
            runs.append(aisbench.run(tables))
    assert main([*(str(one.path) for one in runs), "--json", str(tmp_path / "c.json")]) == 0
    assert "are recorded as the same: a difference is chance" in capsys.readouterr().out
    found = json.loads((tmp_path / "c.json").read_text("utf-8"))["comparisons"][0]
    figures = {one["figure"]: one for one in found["datasets"][0]["figures"]}
    assert set(figures) >= {"accuracy", "pass@2", "cons@3"}
    for name, one in figures.items():
        assert one["n"] == 8
        for run, side in zip(runs, ("left", "right"), strict=True):
            assert one[side] == pytest.approx(run.figure(name).value)
