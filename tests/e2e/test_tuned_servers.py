"""A server's settings, tuned: the simulator, whose best setting is known."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from live import ROOT

import aisbench
from aisbench_plugin_view.documents import entry_of, run_document

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
    pytest.mark.not_quick,
    pytest.mark.alone,
]

SERVER = str(ROOT / "tests" / "support" / "moody_server.py")


def suite(tmp_path: Path, **tune: Any) -> dict[str, Any]:
    """Of 16 clients so many are answered at once as the server lets, and each of them makes the
    tokens of the others slower: TPOT is 6 + 1.5 (n - 1) ms, so that 11 are within 22 ms."""
    return {
        "suite": {"name": "t", "output": str(tmp_path / "outputs"), "mode": "performance"},
        "servers": {
            "sim": {
                "command": [
                    "{python}", SERVER, "{mood}", "--port", "{port}", "--ttft-ms", "20",
                    "--tpot-ms", "6", "--batch-ms", "1.5", "{max_num_seqs}",
                ],
            }
        },
        "models": {"m": {"backend": "vllm-chat", "server": "sim"}},
        "datasets": {
            "work": {
                "dataset": "synthetic", "unit": "words", "rows": 48, "input": 8, "output": 8,
            }
        },
        "load": {
            "shape": "closed", "concurrency": 16, "warm_up": 0,
            "slo": {"tpot_ms": 22, "attainment": 0.5},
        },
        "tune": {
            "variables": {
                "mood": ["well", "refuses", "dies"],
                "max_num_seqs": {
                    "values": [8, 16], "flag": "--max-num-seqs", "when": {"mood": "well"},
                },
            },
            **tune,
        },
    }  # fmt: skip


def test_the_best_setting_is_found_and_no_point_is_asked_again(tmp_path: Path) -> None:
    said: list[str] = []
    given = suite(tmp_path)
    result = aisbench.run(given, on_message=said.append)
    (tuning,) = result.tunings
    found = [(one.values.get("max_num_seqs", one.values["mood"]), one.verdict)
             for one in tuning.points]  # fmt: skip
    assert found == [
        (8, "held"), (16, "not held"), ("refuses", "not started"), ("dies", "died"),
    ]  # fmt: skip
    assert tuning.best_point is not None
    assert tuning.best_point.values == {"mood": "well", "max_num_seqs": 8}
    assert tuning.command.endswith(
        "well --port 8000 --ttft-ms 20 --tpot-ms 6 --batch-ms 1.5 --max-num-seqs 8"
    )
    assert tuning.points[2].log[-1] == "CUDA out of memory: tried to allocate 80 GiB"
    assert tuning.points[3].log[-1] == "Segmentation fault"
    assert tuning.points[3].why == "the server ended with code 9 while it was under load"
    assert tuning.front[0] == tuning.best
    assert (result.complete, result.ok) == (True, True)
    goodput = {one.load: one for one in result.loads}["point=1"].populations[0].figures
    assert next(one.value for one in goodput if one.name == "goodput") == (
        tuning.best_point.objective
    )
    assert {one.load: one.settings["server"] for one in result.loads}["point=1"] == {
        "mood": "well", "max_num_seqs": 8,
    }  # fmt: skip

    _shown(result.path)
    logs = {path: path.stat().st_mtime_ns for path in (result.path / "servers").glob("*.log")}
    said.clear()
    again = aisbench.run(given, resume=result.path, on_message=said.append)
    assert again.tunings == result.tunings
    assert not any("point 1" in line for line in said if line.startswith("servers."))
    assert {path: path.stat().st_mtime_ns for path in logs} == logs
    loaded = aisbench.load_run(result.path)
    assert loaded.columns("loads")["load.server.max_num_seqs"][:2] == [8, 16]
    assert loaded.tunings == result.tunings
    assert loaded.complete
    (shown,) = run_document(result.path)["tunings"]
    assert [one["verdict"] for one in shown["points"]] == [one[1] for one in found]
    assert {one["load"] for one in entry_of(result.path)["figures"]} == {"point=1"}
    assert not list((result.path / "servers").glob("running.json"))

    given["load"]["slo"]["tpot_ms"] = 60
    looser = aisbench.run(given, resume=result.path, on_message=said.append)
    assert "servers.sim: 4 points of earlier sessions are judged anew" in "\n".join(said)
    assert {path: path.stat().st_mtime_ns for path in logs} == logs
    verdicts = [one.verdict for one in looser.tunings[0].points]
    assert verdicts == ["held", "held", "not started", "died"]
    other = aisbench.report(result.path, slo={"tpot_ms": 22, "attainment": 0.5})
    assert [one.verdict for one in other.tunings[0].points] == [
        one.verdict for one in tuning.points
    ]


def _shown(run: Path) -> None:
    summary = run / "summary"
    text = (summary / "summary.txt").read_text(encoding="utf-8")
    assert "servers.sim: best (*): mood = well, max_num_seqs = 8" in text
    assert "| CUDA out of memory: tried to allocate 80 GiB" in text
    document = json.loads((summary / "summary.json").read_text(encoding="utf-8"))
    assert document["tunings"][0]["best"] == 1
    page = (summary / "report.html").read_text(encoding="utf-8")
    assert 'id="tuning-0"' in page
    assert 'id="chart-tuning-0-front"' in page
    assert "| 1 | well | 8 | held |" in (summary / "summary.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_search_within_each_point_and_a_budget(tmp_path: Path) -> None:
    given = suite(tmp_path, points=1)
    given["tune"]["variables"]["mood"] = ["well"]
    given["tune"]["variables"]["max_num_seqs"]["values"] = [8, 16]
    given["load"] |= {"requests": 24, "search": {"low": 4, "high": 8, "trials": 1, "probes": 3}}
    result = aisbench.run(given)
    (tuning,) = result.tunings
    (point,) = tuning.points
    assert point.verdict == "held"
    assert point.searches[0].best == 8
    assert set(point.loads) == {"point=1,concurrency=4,run=1", "point=1,concurrency=8,run=1"}
    assert tuning.reason == "tune.points = 1 were tried"
    assert tuning.planned == 1


@pytest.mark.slow
def test_a_run_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    given = suite(tmp_path, tuner="random", points=3)
    given["tune"]["variables"]["mood"] = ["well"]
    given["tune"]["variables"]["max_num_seqs"]["values"] = list(range(1, 15))
    path = tmp_path / "suite.toml"
    path.write_text(tomli_w.dumps(given), encoding="utf-8")
    command = [sys.executable, "-m", "aisbench", "run", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 40
    while not list(tmp_path.glob("outputs/t/*/tune/sim/point-0002.json")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    (run,) = tmp_path.glob("outputs/t/*")
    kept = [json.loads(one.read_text()) for one in sorted(run.glob("tune/sim/point-*.json"))]
    said: list[str] = []
    result = aisbench.run(resume=run, on_message=said.append)
    started = [line for line in said if ": point " in line and " of 3: " in line]
    assert len(started) == 3 - len(kept)
    (tuning,) = result.tunings
    assert [one.number for one in tuning.points] == [1, 2, 3]
    values = [one["point"]["values"] for one in kept]
    assert [dict(one.values) for one in tuning.points][: len(values)] == values
    fresh = aisbench.run(suite_of(given, tmp_path / "fresh"))
    assert [dict(one.values) for one in fresh.tunings[0].points] == [
        dict(one.values) for one in tuning.points
    ]


def suite_of(given: dict[str, Any], output: Path) -> dict[str, Any]:
    return {**given, "suite": {**given["suite"], "output": str(output)}}
