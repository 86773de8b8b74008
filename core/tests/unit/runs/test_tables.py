"""A run as tables, with and without the libraries of data frames."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

from aisbench.base.errors import AisbenchError
from aisbench.runs.result import RunResult
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


def figure(name: str, value: float, part: str = "") -> Figure:
    return Figure(name=name, value=value, unit="%", n=10, low=value - 5, part=part)


def task(dataset: str, *figures: Figure) -> TaskResult:
    return TaskResult(
        model="m",
        dataset=dataset,
        variant="v",
        samples=10,
        repeats=2,
        counts=Counts(asked=20, right=15, wrong=5),
        figures=figures,
    )


def load(label: str, rate: float, **statistics: float) -> PerformanceResult:
    spread = [
        Statistics(name=name, unit="ms", n=9, mean=mean, min=1, max=9, stddev=2,
                   percentiles={"p50": mean, "p99": 9.0})
        for name, mean in statistics.items()
    ]  # fmt: skip
    run = Population(
        name="run", begin_ns=0, end_ns=1, statistics=tuple(spread), figures=(figure("goodput", 3),)
    )
    return PerformanceResult(
        model="m",
        dataset="d",
        variant="v",
        load=label,
        settings={"rate": rate, "shape": "poisson", "slo": {"ttft_ms": 1}},
        complete=True,
        streamed=True,
        counts=RequestCounts(total=9, success=8, failed=1),
        populations=(run,),
        health=Health(kept_up=True),
    )


def result(path: Path, **more: Any) -> RunResult:
    known: dict[str, Any] = {"scores": (), "loads": (), "searches": (), **more}
    return RunResult(
        path=path, name="s", mode="both", complete=True, failed_share=0.0, max_failed=0.0, **known
    )


@pytest.fixture
def scored(tmp_path: Path) -> RunResult:
    one = task("d", figure("accuracy", 75), figure("accuracy", 50, "law"))
    return result(tmp_path, scores=(one, task("e", figure("accuracy", 80))))


def test_scores_have_a_row_a_figure(scored: RunResult) -> None:
    columns = scored.columns()
    assert columns["dataset"] == ["d", "d", "e"]
    assert columns["part"] == ["", "law", ""]
    assert columns["figure"] == ["accuracy"] * 3
    assert columns["value"] == [75, 50, 80]
    assert columns["low"] == [70, 45, 75]
    assert columns["bound_low"] == [None] * 3
    assert columns["right"] == [15] * 3 and columns["repeats"] == [2] * 3


def test_loads_have_a_row_each_and_none_where_one_lacks_a_figure(tmp_path: Path) -> None:
    loads = (load("a", 4, ttft=5), load("b", 8, ttft=6, tpot=7), load("c", 16))
    columns = result(tmp_path, loads=loads).columns("loads")
    assert columns["load"] == ["a", "b", "c"]
    assert columns["load.rate"] == [4, 8, 16]
    assert "load.slo" not in columns
    assert columns["ttft_mean"] == [5, 6, None]
    assert columns["tpot_p99"] == [None, 9, None]
    assert columns["goodput"] == [3, 3, 3]
    assert columns["failed"] == [1, 1, 1] and columns["kept_up"] == [True] * 3


def test_pandas(scored: RunResult) -> None:
    pandas = pytest.importorskip("pandas")
    frame = scored.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert frame[frame["dataset"] == "d"]["value"].mean() == 62.5
    assert list(frame.columns) == list(scored.columns())


def test_polars(scored: RunResult) -> None:
    polars = pytest.importorskip("polars")
    frame = scored.to_polars()
    assert isinstance(frame, polars.DataFrame)
    assert frame.filter(polars.col("dataset") == "d")["value"].mean() == 62.5
    assert frame.columns == list(scored.columns())


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_library_that_is_not_there(
    scored: RunResult, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(AisbenchError, match=f"{library}, which is not installed") as caught:
        getattr(scored, f"to_{library}")()
    assert f"pip install {library}" in caught.value.hint
    assert scored.columns()["n"] == [10, 10, 10]


def test_an_unknown_table_and_a_run_without_loads(scored: RunResult) -> None:
    with pytest.raises(AisbenchError, match="no table 'figures'") as caught:
        scored.columns("figures")  # type: ignore[arg-type]
    assert caught.value.hint == "it is one of scores, groups, samples, loads, requests"
    with pytest.raises(AisbenchError, match="holds no load"):
        scored.columns("requests")


def test_groups_are_a_table_of_their_own(tmp_path: Path) -> None:
    made = GroupResult(
        name="hard", title="Hard ones", model="m", figure=figure("accuracy", 62.5), members=(),
        present=3, total=6, missing=("a",),
    )  # fmt: skip
    section = attrs.evolve(made, name="section", figure=None)
    found = result(tmp_path, groups=(made, section)).columns("groups")
    assert found["group"] == ["hard", "section"]
    assert found["value"] == [62.5, None]
    assert (found["present"], found["missing"]) == ([3, 3], [["a"], ["a"]])
