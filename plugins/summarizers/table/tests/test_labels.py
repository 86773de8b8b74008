"""Requests by their labels: a table a label, the many values cut and said to be."""

from __future__ import annotations

from pathlib import Path

from aisbench.api import (
    Figure,
    Health,
    LabelledValue,
    LabelResult,
    PerformanceResult,
    RequestCounts,
    Statistics,
    SuiteResult,
)
from aisbench_plugin_table.layout import render


def value(name: str, requests: int, ttft: float) -> LabelledValue:
    spread = Statistics(
        name="ttft", unit="ms", n=requests, mean=ttft, min=1, max=ttft, stddev=1,
        percentiles={"p99": ttft * 2}, weak=("p99",),
    )  # fmt: skip
    return LabelledValue(
        value=name,
        counts=RequestCounts(total=requests, success=requests),
        statistics=(spread,),
        figures=(Figure(name="slo_attainment", value=0.5, unit="share", n=requests),),
    )


def shown(*labels: LabelResult) -> str:
    result = PerformanceResult(
        model="m", dataset="d", variant="", load="load", settings={}, complete=True, streamed=True,
        counts=RequestCounts(total=50, success=50), populations=(),
        health=Health(kept_up=True), labels=labels,
    )  # fmt: skip
    results = SuiteResult(name="s", run=Path("r"), complete=True, performance=(result,))
    return render(results, 120)


def test_a_row_a_value_with_the_columns_that_say_something() -> None:
    text = shown(
        LabelResult(
            name="adapter", values=(value("a", 3, 10), value("b", 2, 20)), distinct=2, unlabelled=1
        )
    )
    lines = [line.split() for line in text.splitlines()]
    assert ["adapter", "requests", "TTFT", "mean", "P99", "within", "SLO"] in lines
    assert ["a", "3", "10", "20~", "50.0%"] in lines and ["b", "2", "20", "40~", "50.0%"] in lines
    assert "label adapter: 1 requests have none" in text


def test_many_values_are_cut_to_those_with_the_most_requests() -> None:
    values = tuple(value(f"s{number}", number, 1) for number in range(1, 31))
    text = shown(LabelResult(name="session", values=values, distinct=400))
    assert "s30" in text and "s11" in text and "s10 " not in text
    assert "20 of 400 values are shown, those with the most requests" in text


def test_a_long_value_is_cut_and_in_one_line() -> None:
    found = LabelResult(name="kind", values=(value("x\ty\n" + "z" * 200, 1, 1),), distinct=1)
    text = shown(found)
    assert f"x y {'z' * 35}…" in text
    assert "z" * 36 not in text
