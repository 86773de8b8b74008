"""Sections on loads, of results that were made up: no run is there, so no series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from aisbench.api import (
    Figure,
    Health,
    LabelledValue,
    LabelResult,
    PerformanceResult,
    Population,
    RequestCounts,
    RunLimitResult,
    SearchProbe,
    SearchResult,
    SloResult,
    Statistics,
    SuiteResult,
    wording,
)
from aisbench_plugin_html.blocks import Chart, PageSection
from aisbench_plugin_html.charts.performance_loads import load_labels, point_labels, search_chart
from aisbench_plugin_html.material import Material
from aisbench_plugin_html.sections import performance as sections
from aisbench_plugin_html.sections.performance import performance
from aisbench_plugin_html.sections.verdict import verdict

WORDS = wording("aisbench_plugin_html", "en")


def load(name: str, speed: float, ttft: float, **changes: Any) -> PerformanceResult:
    """A load with a few figures; the limit on TTFT is 100 ms."""
    limit = RunLimitResult(
        key="ttft_p99_ms", metric="ttft", limit_ms=100, statistic="p99", value=ttft,
        holds=ttft <= 100,
    )  # fmt: skip
    slo = SloResult(
        holds=ttft <= 100, population="run", requests=50, good=50, attainment=None,
        attainment_low=None, attainment_high=None, attainment_asked=0.99, limits=(limit,),
    )  # fmt: skip
    spread = Statistics(
        name="ttft", unit="ms", n=50, mean=ttft / 2, min=1, max=ttft, stddev=1,
        percentiles={"p50": ttft / 2, "p99": ttft}, weak=("p99",),
    )  # fmt: skip
    figure = Figure(name="output_token_throughput", value=speed, unit="tokens/s", n=50,
                    low=speed - 1, high=speed + 1)  # fmt: skip
    part = Population(
        name="run", begin_ns=0, end_ns=10**9, statistics=(spread,), figures=(figure,)
    )
    made = PerformanceResult(
        model="m", dataset="d", variant="", load=name, settings={}, complete=True, streamed=True,
        counts=RequestCounts(total=50, success=50), populations=(part,),
        health=Health(kept_up=True), slo=slo,
    )  # fmt: skip
    return attrs.evolve(made, **changes)


def of(*loads: PerformanceResult, searches: tuple[SearchResult, ...] = ()) -> list[PageSection]:
    results = SuiteResult(
        name="s", run=Path("nowhere"), complete=True, performance=loads, searches=searches
    )
    return performance(Material(results=results, words=WORDS, run=None))


def text_of(section: PageSection) -> str:
    return "".join(str(one) for one in section.blocks if not isinstance(one, Chart))


def charts_of(section: PageSection) -> dict[str, Chart]:
    return {one.id: one for one in section.blocks if isinstance(one, Chart)}


def search(**changes: Any) -> SearchResult:
    probes = tuple(
        SearchProbe(value=value, held=held, kept_up=kept, load=f"rate={value}",
                    request_throughput=value * 0.9)
        for value, held, kept in ((4, True, True), (8, True, True), (12, False, True),
                                  (16, False, False))
    )  # fmt: skip
    made = SearchResult(model="m", dataset="d", key="rate", best=8, low=8, high=12,
                        reason="the gap is small", sure="3 of 3 held", probes=probes)  # fmt: skip
    return attrs.evolve(made, **changes)


def told_first(*loads: PerformanceResult) -> str:
    results = SuiteResult(name="s", run=Path("nowhere"), complete=True, performance=loads)
    return text_of(verdict(Material(results=results, words=WORDS, run=None)))


def test_doubts_stand_before_every_figure() -> None:
    doubt = Health(kept_up=False, doubts=("the client was late by 3 ms",))
    bad = load("a", 10, 50, health=doubt, complete=False)
    first = told_first(bad)
    assert "The client did not keep up: " in first and "Cut short: " in first
    assert first.index("the client was late") < first.index("<table")
    other = load(
        "b", 10, 50, health=Health(kept_up=False, doubts=("the client was late by 4 ms",))
    )
    first = told_first(bad, other, load("c", 10, 50))
    assert "did not keep up with 2 of 3 loads, " in first and ": a, b." in first
    assert first.count("the client was late") == 1
    assert "2 of 3 loads, such as b: the client was late by 4 ms" in first


def test_requests_stand_by_their_labels() -> None:
    label = LabelResult(
        name="group",
        values=(
            LabelledValue(
                value="<a>",
                counts=RequestCounts(total=7, success=6, failed=1),
                figures=(Figure(name="cached_share", value=0.25, unit="share", n=6),),
            ),
        ),
        distinct=300,
        unlabelled=43,
    )
    (section,) = of(load("a", 10, 50, labels=(label,)))
    text = text_of(section)
    assert "Requests by group" in text and "&lt;a&gt;" in text and "25.0%" in text
    assert "1 of 300 values" in text and "43 requests have none" in text
    assert "Requests by" not in text_of(of(load("a", 10, 50))[0])


def test_loads_lie_folded_but_the_one_to_see() -> None:
    slow = load("c", 40, 60, health=Health(kept_up=False))
    loads = (load("a", 10, 50), load("b", 20, 90), slow, load("d", 30, 200))
    made = of(*loads)
    assert [one.folded for one in made] == [None, True, False, True, True]
    assert "20 output tokens/s, TTFT p99 90~ ms, within the SLO" in made[2].brief
    assert "did not keep up" in made[3].brief
    assert "The most within the SLO: 20 output tokens/s, by b." in told_first(*loads)
    assert "The SLO is missed by 1 of 4 loads: d." in told_first(*loads)
    assert of(loads[0])[0].folded is None


def test_a_sweep_has_points_intervals_the_limit_and_its_frontier() -> None:
    loads = (load("rate=1", 10, 50), load("rate=2", 20, 90), load("rate=4", 30, 200))
    beside = of(*loads)[0]
    layers = charts_of(beside)["loads-ttft"].spec["layer"]
    points = next(one["data"]["values"] for one in layers if one["mark"]["type"] == "point")
    assert [(one["x"], one["y"], one["lo"], one["hi"], one["l"]) for one in points] == [
        (10, 50, 9, 11, "1"), (20, 90, 19, 21, "2"), (30, 200, 29, 31, "4"),
    ]  # fmt: skip
    assert [one["h"] for one in points] == ["within the SLO"] * 2 + ["beyond the SLO"]
    rules = [one["data"]["values"] for one in layers if one["mark"]["type"] == "rule"]
    assert [{"v": 100, "p": "ttft_p99_ms = 100"}] in rules
    assert [{"x": 20, "s": "m / d"}] in rules


def test_a_load_that_the_client_could_not_send_is_no_point_of_the_frontier() -> None:
    slow = load("rate=4", 30, 60, health=Health(kept_up=False, doubts=("late",)))
    layers = charts_of(of(load("rate=1", 10, 50), slow)[0])["loads-ttft"].spec["layer"]
    assert {"x": 10, "s": "m / d"} in [row for one in layers for row in one["data"]["values"]]
    assert {"x": 30, "s": "m / d"} not in [row for one in layers for row in one["data"]["values"]]


def test_a_search_is_shown_with_its_bounds_and_what_it_found() -> None:
    chart = search_chart(search(), 0, WORDS)
    assert chart is not None
    rows = {one["mark"]["type"]: one["data"]["values"] for one in chart.spec["layer"]}
    assert rows["rect"] == [{"lo": 8, "hi": 12}]
    assert rows["rule"] == [{"v": 8, "p": "found: 8"}]
    assert [(one["x"], one["h"]) for one in rows["point"]] == [
        (4, "within the SLO"), (8, "within the SLO"), (12, "beyond the SLO"),
        (16, "the client did not keep up"),
    ]  # fmt: skip
    told = text_of(of(load("rate=4", 1, 1), load("rate=8", 2, 2), searches=(search(),))[0])
    assert "rate = 8 is the heaviest load" in told and "between 8 and 12" in told


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"best": None, "low": None, "high": 4}, ("no load of the search held", "below 4")),
        ({"high": None}, ("heaviest load", "above 8")),
    ],
)
def test_searches_without_a_bound_say_so(changes: dict[str, Any], words: tuple[str, ...]) -> None:
    told = text_of(of(load("rate=4", 1, 1), searches=(search(**changes),))[0])
    assert all(word in told for word in words)


def test_names_and_causes_stay_text() -> None:
    bad = "<img src=x onerror=alert(1)>"
    made = load(bad, 1, 1, model=bad, faults={bad: 3}, notes=(bad,))
    found = of(made, load("b", 1, 1))
    assert all(bad not in text_of(one) for one in found)
    assert any("&lt;img" in text_of(one) for one in found)


def test_many_loads_are_drawn_evenly_and_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Run:
        def series(self, one: PerformanceResult) -> None:
            asked.append(one.load)
            raise sections.AisbenchError("nothing recorded")

    loads = tuple(load(f"rate={at}", at, at) for at in range(1, 31))
    results = SuiteResult(name="s", run=Path("nowhere"), complete=True, performance=loads)
    made = Material(results=results, words=WORDS, run=Run())  # type: ignore[arg-type]
    told = text_of(performance(made)[0])
    assert len(asked) == 12 and asked[0] == "rate=1" and asked[-1] == "rate=30"
    assert "12 of 30 loads are drawn" in told and "nothing recorded" in told


def test_labels_leave_out_what_all_have_in_common() -> None:
    same = [load("rate=1", 1, 1), load("rate=2", 1, 1)]
    assert load_labels(same) == ["rate=1", "rate=2"]
    adapters = [load("load", 1, 1), load("load", 1, 1, model="lora")]
    assert load_labels(adapters) == ["m", "lora"]
    assert load_labels(same[:1]) == ["rate=1"]
    assert point_labels(["rate=1,run=1", "rate=2,run=1"]) == (["rate"], ["1", "2"])
    assert point_labels(["load", "other"]) == ([], ["load", "other"])


def test_no_loads_are_no_section() -> None:
    assert of() == []


def test_charts_are_pictures_as_well() -> None:
    vl_convert = pytest.importorskip("vl_convert")
    from aisbench_plugin_html.images import complete

    loads = (load("rate=1", 10, 50), load("rate=2", 20, 190))
    for chart in charts_of(of(*loads, searches=(search(),))[0]).values():
        assert "<svg" in vl_convert.vegalite_to_svg(complete(chart))
