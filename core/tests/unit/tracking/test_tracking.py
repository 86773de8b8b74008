"""Runs as names and numbers: alike for all trackers, and nothing unknown among them."""

from __future__ import annotations

import math
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from aisbench.contract.observers import RunStart
from aisbench.tracking import (
    keep,
    kept,
    numbers_of_group,
    numbers_of_load,
    numbers_of_progress,
    numbers_of_task,
    parameters,
    plain_name,
    tags,
)
from aisbench.types.figure import Figure
from aisbench.types.groups import GroupResult
from aisbench.types.performance import (
    Health,
    PerformanceResult,
    Population,
    RequestCounts,
    Statistics,
)
from aisbench.types.results import Counts, TaskResult
from aisbench.types.run_progress import RunProgress


def figure(name: str, value: float, part: str = "", low: float | None = None) -> Figure:
    return Figure(name=name, value=value, unit="%", n=3, low=low, part=part)


@given(st.lists(st.text(max_size=8), max_size=4))
def test_names_hold_what_services_take(parts: list[str]) -> None:
    name = plain_name(*parts)
    assert all(one.isalnum() or one in "-._/" for one in name)
    assert not name.startswith("/")
    assert "//" not in name


def test_a_task() -> None:
    figures = (
        figure("accuracy (strict)", 50.0, low=12.0),
        figure("accuracy", math.nan),
        figure("accuracy", 7.0, part="高中 物理"),
        figure("accuracy?", 1.0),
        figure("accuracy!", 2.0),
    )
    task = TaskResult(
        model="m", dataset="d", variant="v", samples=3, repeats=1, figures=figures,
        counts=Counts(asked=3, failed=1), tokens={"prompt_tokens": 9, "completion_tokens": None},
    )  # fmt: skip
    found = {one.name: one.value for one in numbers_of_task(task)}
    assert found["m/d/accuracy_strict"] == 50.0
    assert found["m/d/accuracy_strict.low"] == 12.0
    assert found["m/d/accuracy_strict.n"] == 3
    assert found["m/d/高中_物理/accuracy"] == 7.0
    assert found["m/d/count/failed"] == 1
    assert found["m/d/tokens/prompt_tokens"] == 9
    assert "m/d/tokens/completion_tokens" not in found
    assert "m/d/count/odd" not in found
    assert found["m/d/accuracy"] == 1.0  # of three that have one name the first that is known


def test_a_load_and_its_place_in_the_series() -> None:
    spread = Statistics(
        name="ttft", unit="ms", n=9, mean=5.0, min=1.0, max=9.0, stddev=1.0,
        percentiles={"p50": 5.0, "p99": 9.0}, low=4.0,
    )  # fmt: skip
    part = Population(
        name="run", begin_ns=0, end_ns=1, statistics=(spread,),
        figures=(Figure(name="request_throughput", value=3.0, unit="requests/s", n=9),),
    )  # fmt: skip
    load = PerformanceResult(
        model="m", dataset="d", variant="v", load="rate=8", settings={}, complete=True,
        streamed=True, counts=RequestCounts(total=9, success=9), populations=(part, part),
        health=Health(kept_up=False),
    )  # fmt: skip
    found = {(one.name, one.step): one.value for one in numbers_of_load(load, 4)}
    assert found["m/d/rate_8/ttft/p99", None] == 9.0
    assert found["m/d/rate_8/ttft/mean.low", None] == 4.0
    assert found["m/d/rate_8/request_throughput", None] == 3.0
    assert found["m/d/rate_8/client_kept_up", None] == 0.0
    assert found["m/d/loads/request_throughput", 4] == 3.0
    assert found["m/d/loads/ttft_p99", 4] == 9.0


def test_groups_and_progress() -> None:
    empty = GroupResult(
        name="g", title="G", model="m", figure=None, members=(), present=0, total=1
    )
    assert numbers_of_group(empty) == ()
    one = RunProgress(
        label="m / d", done=3, total=None, failed=1, in_flight=2, retried=0, ttft_ms=(1.0, 2.0)
    )
    found = {number.name: number.value for number in numbers_of_progress([one], 7)}
    assert found["progress/m/d/done"] == 3
    assert found["progress/m/d/ttft_p99"] == 2.0
    assert "progress/m/d/accuracy" not in found


def test_parameters_and_tags(tmp_path: Path) -> None:
    start = RunStart(
        path=tmp_path / "20260101_000000", folder=tmp_path, name="s", mode="accuracy", session=1,
        stages=("answers",), tasks=(),
        suite={
            "suite": {"seed": 3, "output": ""},
            "models": {"m": {"stop": ["a", "b"], "api_key": "env:KEY", "tokenizer": None}},
            "observers": {"mlflow": {"uri": "x"}},
        },
        environment={
            "plugins": {"aisbench": "1"}, "data": {"d": {"a.jsonl": "ff"}}, "sessions": [],
        },
    )  # fmt: skip
    assert parameters(start) == {
        "suite.seed": 3,
        "models.m.stop": '["a", "b"]',
        "models.m.api_key": "env:KEY",
        "version.aisbench": "1",
        "data.d.a.jsonl": "ff",
    }
    assert tags(start)["aisbench.run"] == "20260101_000000"


def test_what_is_kept(tmp_path: Path) -> None:
    assert kept(tmp_path) == {}
    keep(tmp_path, {"run": "7"})
    assert kept(tmp_path) == {"run": "7"}
    (tmp_path / "tracked.json").write_text('{"run": 7, "a": "b"}')
    assert kept(tmp_path) == {"a": "b"}
    (tmp_path / "tracked.json").write_text("[]")
    assert kept(tmp_path) == {}
    (tmp_path / "tracked.json").write_bytes(b"\xff{")
    assert kept(tmp_path) == {}
