"""Settings of servers that were tried, in narrow and in wide terminals."""

from __future__ import annotations

from pathlib import Path

from aisbench.api import SuiteResult, TunePoint, TuneResult
from aisbench_plugin_table.layout import render

POINTS = (
    TunePoint(number=1, values={"max_num_seqs": 64}, verdict="not started", why="it ended " * 6),
    TunePoint(
        number=2, values={"max_num_seqs": 8}, verdict="held", objective=1234.5, against=70.0
    ),
)


def shown(width: int, *points: TunePoint) -> str:
    tuning = TuneResult(
        server="s", models=("m",), tuner="grid", objective="output_token_throughput",
        unit="tokens/s", better="up", against="e2el_p99", variables=("max_num_seqs",),
        points=points, best=2 if len(points) > 1 else None, front=(), planned=2, reason="",
    )  # fmt: skip
    result = SuiteResult(name="t", run=Path("run"), complete=True, tunings=(tuning,))
    return render(result, width)


def test_reasons_stand_where_there_is_room() -> None:
    narrow, wide = shown(80, *POINTS), shown(200, *POINTS)
    assert max(map(len, narrow.splitlines())) <= 80
    assert "  1: it ended it ended" in narrow
    assert "why" in wide
    assert "  1: it ended" not in wide
    assert "servers.s: best (*): max_num_seqs = 8" in narrow


def test_no_point_that_was_measured_is_not_a_broken_limit() -> None:
    assert "servers.s: no point could be measured" in shown(80, POINTS[0])
