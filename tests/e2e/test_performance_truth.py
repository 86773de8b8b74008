"""Every figure of a load beside the same figure, computed here from the server's own log.

The server meets the client with role chunks, late usage chunks, several tokens per event,
failures, resets and failures that a retry mends. Counts and tokens must be equal; times may
differ by what a read takes on a busy machine, which is far less than what a wrong rule would add.
"""

from __future__ import annotations

import itertools
import json
import statistics
import urllib.request
from typing import Any

import pytest
from live import Project
from truth_load import read_summary, write_suite

KINDS = ("plain", "role", "usage", "several", "fail", "reset", "flaky")
EACH = 8
SLACK_MS = 15.0
"""A wrong rule is off by 20 ms (a gap) or 60 ms (the role chunk) at the least."""


def suite(project: Project, url: str, **load: Any) -> None:
    """A performance suite whose questions say what the server is to do."""
    write_suite(
        project,
        url,
        [f"{kind} {kind}-{number}" for number in range(EACH) for kind in KINDS],
        model={"retry": {"backoff": 0.01}},
        **{
            "concurrency": 7,
            "attempts": 2,
            "slo": {"ttft_ms": 1000, "attainment": 0.5},
            **load,
        },
    )


def log_of(url: str) -> list[dict[str, Any]]:
    """What the server did."""
    with urllib.request.urlopen(f"{url}/log", timeout=10) as reply:
        return [json.loads(line) for line in reply.read().splitlines()]


def last_attempts(log: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each request the attempt that counted."""
    return list({row["name"]: row for row in log}.values())


@pytest.mark.alone
def test_all_figures_against_the_servers_log(project: Project, truth_server: str) -> None:
    suite(project, truth_server)
    done = project.run("run", "s.toml")
    assert done.code == 1, done.out + done.err  # requests failed
    summary = read_summary(project)
    log = log_of(truth_server)
    final = last_attempts(log)
    good = [row for row in final if row["outcome"] == "success"]
    assert {row["kind"] for row in good} == {"plain", "role", "usage", "several", "flaky"}

    # Counts
    counts = summary["counts"]
    assert counts["total"] == len(final) == EACH * len(KINDS)
    assert counts["success"] == len(good) == EACH * 5
    assert counts["failed"] == len(final) - len(good) == EACH * 2
    assert counts["retried"] == len(log) - len(final)
    causes = summary["faults"]
    # Both attempts of each failed request, and the first one of each flaky one.
    assert sum(n for cause, n in causes.items() if cause.startswith("HTTP 500")) == EACH * 3
    assert sum(n for cause, n in causes.items() if cause.startswith("cut")) == EACH * 2

    # Tokens
    run = summary["populations"][0]
    figures = {one["name"]: one["value"] for one in run["figures"]}
    tokens = sum(row["tokens"] for row in good)
    assert figures["total_output_tokens"] == tokens
    assert figures["total_input_tokens"] == 11 * len(good)
    ledger = summary["ledger"]["output"]
    assert ledger["server"]["total"] == tokens
    assert ledger["events"]["total"] == sum(len(row["times"]) for row in good)
    assert ledger["source"]["server"] == len(good)

    # Latencies
    def ms(values: list[float]) -> dict[str, float]:
        return {"mean": statistics.fmean(values) / 1e6, "n": len(values), "max": max(values) / 1e6}

    truth = {
        "ttft": [row["times"][0] - row["arrival"] for row in good],
        "e2el": [row["end"] - row["arrival"] for row in good],
        "tpot": [(row["times"][-1] - row["times"][0]) / (row["tokens"] - 1) for row in good],
        "itl": [b - a for row in good for a, b in itertools.pairwise(row["times"])],
    }
    measured = {one["name"]: one for one in run["statistics"]}
    for name, values in truth.items():
        true, seen = ms(values), measured[name]
        assert seen["n"] == true["n"], name
        slack = SLACK_MS / 5 if name in ("tpot", "itl") else SLACK_MS
        assert seen["mean"] == pytest.approx(true["mean"], abs=slack), name
    assert measured["output_tokens"]["mean"] == tokens / len(good)
    assert measured["output_tokens"]["max"] == 6
    assert measured["input_tokens"]["mean"] == 11

    # The run: from the first request to the last end of any
    span = (max(row["end"] for row in log) - min(row["arrival"] for row in log)) / 1e9
    assert figures["benchmark_duration"] == pytest.approx(span, abs=0.1)
    duration = figures["benchmark_duration"]
    assert figures["request_throughput"] == pytest.approx(len(good) / duration, rel=0.01)
    assert figures["output_token_throughput"] == pytest.approx(tokens / duration, rel=0.01)
    assert figures["input_token_throughput"] == pytest.approx(11 * len(good) / duration, rel=0.01)
    assert figures["total_token_throughput"] == pytest.approx(
        (tokens + 11 * len(good)) / duration, rel=0.01
    )
    assert figures["goodput"] == pytest.approx(len(good) / duration, rel=0.01)
    assert figures["slo_attainment"] == pytest.approx(len(good) / len(final))
    busy = sum(row["end"] - row["arrival"] for row in log) / 1e9
    assert figures["concurrency"] == pytest.approx(busy / duration, rel=0.1)
    assert figures["max_concurrency"] == 7


def test_one_attempt_alone_unless_more_are_asked_for(project: Project, truth_server: str) -> None:
    suite(project, truth_server, attempts=1)
    assert project.run("run", "s.toml").code == 1
    counts = read_summary(project)["counts"]
    assert "retried" not in counts
    assert counts["failed"] == EACH * 3


def test_the_files_open_in_other_tools(project: Project, truth_server: str) -> None:
    import pyarrow.parquet

    suite(project, truth_server)
    project.run("run", "s.toml")
    (folder,) = project.path.glob("outputs/truth/*/performance/m/d/load")
    requests = pyarrow.parquet.read_table(folder / "requests.parquet").to_pylist()
    events = pyarrow.parquet.read_table(folder / "events.parquet").to_pylist()
    log = log_of(truth_server)
    assert len(requests) == len(log)
    assert {row["phase"] for row in requests} == {"measured"}
    assert sum(row["outcome"] == "success" for row in requests) == EACH * 5
    assert sum(row["fault"] == "http" for row in requests) == EACH * 3
    assert sum(row["final"] for row in requests) == EACH * len(KINDS)
    assert sum(row["events"] for row in events) == sum(len(row.get("times", [])) for row in log)
    for number, request in enumerate(requests):
        mine = [row["time_ns"] for row in events if row["request"] == number]
        assert mine == sorted(mine)
        if mine:
            assert mine[0] == request["first_token_ns"]
            assert mine[-1] == request["last_token_ns"]
            assert request["scheduled_ns"] <= request["sent_ns"] <= mine[0]
            assert mine[-1] <= request["done_ns"]
    failures = (folder / "failures.jsonl").read_text().splitlines()
    assert len(failures) == sum(row["outcome"] != "success" for row in requests)
    for line in failures:
        failure = json.loads(line)
        assert requests[failure["row"]]["outcome"] == "failed"
        assert failure["message"]
