"""The report of loads: its charts and tables say what summary.json says, in a browser as well."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import PHONE, chromium, fits, opened, serious, shot
from live import simulator
from playwright.sync_api import Browser, Page

import aisbench
from aisbench.api import LoadSeries, PerformanceResult

pytestmark = [
    pytest.mark.not_quick,
    # Python 3.12 says so of every fork of a process with threads, as pytest-xdist's workers are.
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
]
FIGURE = re.compile(
    r'<figure class="chart[^"]*" id="chart-([^"]+)".*?<script type="application/json">(.*?)'
    r"</script>",
    re.DOTALL,
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> aisbench.RunResult:
    """Two loads with a warm-up, failures, limits and the server's own metrics."""
    with simulator(
        "--ttft-ms", "10", "--tpot-ms", "2", "--jitter", "0.4", "--fail", "500:0.1"
    ) as one:
        return aisbench.run(
            {
                "suite": {"name": "loads", "mode": "performance", "seed": 3, "max_failed": 1.0},
                "models": {"qwen": {"backend": "vllm-chat", "url": one.url}},
                "datasets": {
                    "work": {"dataset": "synthetic", "unit": "words", "rows": 60, "output": 8}
                },
                "load": {
                    "shape": "poisson",
                    "duration": 1,
                    "warm_up": 4,
                    "scrape": True,
                    "scrape_interval": 0.2,
                    "sweep": {"rate": [30, 60]},
                    "slo": {"ttft_ms": 12.5, "e2el_p99_ms": 500},
                },
            },
            output=tmp_path_factory.mktemp("runs"),
        )


@pytest.fixture(scope="module")
def pages(run: aisbench.RunResult, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page in each language."""
    found = {}
    for language in ("en", "zh"):
        folder = tmp_path_factory.mktemp(language)
        aisbench.summarize(run, "html", folder, {"language": language})
        found[language] = folder / "report.html"
    return found


@pytest.fixture(scope="module")
def specs(pages: dict[str, Path]) -> dict[str, Any]:
    """The specification of each chart of the page."""
    text = pages["en"].read_text(encoding="utf-8")
    return {name: json.loads(spec) for name, spec in FIGURE.findall(text)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


def rows_of(spec: Any) -> list[dict[str, Any]]:
    """All rows of all layers of a chart."""
    if isinstance(spec, list):
        return [row for one in spec for row in rows_of(one)]
    if not isinstance(spec, dict):
        return []
    found = spec.get("data", {}).get("values", []) if "data" in spec else []
    return [*found, *(row for key, one in spec.items() if key != "data" for row in rows_of(one))]


def summary_of(run: aisbench.RunResult, load: PerformanceResult) -> dict[str, Any]:
    path = run.path / "performance" / load.model / load.dataset / load.load / "summary.json"
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def of_run(summary: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The statistics and the figures of the whole run, by name."""
    part = summary["populations"][0]
    return ({one["name"]: one for one in part["statistics"]},
            {one["name"]: one["value"] for one in part["figures"]})  # fmt: skip


def test_series_of_a_run_have_the_figures_of_its_summary(run: aisbench.RunResult) -> None:
    for load in run.loads:
        series: LoadSeries = run.series(load)
        statistics, figures = of_run(summary_of(run, load))
        assert sum(series.counts.answered) == figures["success_requests"]
        assert sum(series.counts.failed) == figures["failed_requests"]
        assert round(sum(series.counts.output_tokens)) == figures["total_output_tokens"]
        assert max(series.concurrency.peak) == figures["max_concurrency"]
        assert series.open_loop and [one.name for one in series.phases][:1] == ["warm_up"]
        for name in ("ttft", "tpot", "itl", "e2el", "e2el_scheduled"):
            points = dict(zip(series.curves[name].shares, series.curves[name].values, strict=True))
            for percentile, value in statistics[name]["percentiles"].items():
                assert points[float(percentile[1:])] == pytest.approx(value)
        assert {"running_requests", "generation_tokens"} <= {one.name for one in series.server}


def of_series(spec: Any, name: str) -> list[float]:
    """The values of one line, without the one that closes its last bin."""
    return [row["v"] for row in rows_of(spec) if row.get("s", name) == name and "v" in row][:-1]


def test_charts_over_time_add_up_to_the_summary(
    run: aisbench.RunResult, specs: dict[str, Any]
) -> None:
    for at, load in enumerate(run.loads, 1):
        _, figures = of_run(summary_of(run, load))
        outcomes = rows_of(specs[f"load-{at}-outcomes"])
        for label, name in (("answered", "success"), ("failed", "failed")):
            ended = sum(row["v"] for row in outcomes if row["s"] == label)
            assert ended == figures[f"{name}_requests"]
        width = run.series(load).bins.width_ns / 1e9
        sent = of_series(specs[f"load-{at}-rates"], "sent")
        assert sum(sent) * width == pytest.approx(figures["total_requests"], rel=1e-5)
        tokens = of_series(specs[f"load-{at}-output-tokens"], "")
        assert sum(tokens) * width == pytest.approx(figures["total_output_tokens"], rel=1e-5)
        timeline = rows_of(specs[f"load-{at}-timeline"])
        assert len({row["row"] for row in timeline if "row" in row}) > 20
        assert any("why" in row for row in timeline)


@pytest.mark.parametrize("metric", ["ttft", "tpot", "itl", "e2el"])
def test_distributions_hold_the_percentiles_and_the_number_of_the_summary(
    run: aisbench.RunResult, specs: dict[str, Any], metric: str
) -> None:
    for at, load in enumerate(run.loads, 1):
        statistics, _ = of_run(summary_of(run, load))
        marked = {
            row["p"].split()[0]: row["v"]
            for row in rows_of(specs[f"load-{at}-{metric}-cdf"])
            if str(row.get("p", "")).startswith("p")
        }
        wanted = statistics[metric]["percentiles"]
        assert marked == {
            name: pytest.approx(wanted[name], rel=1e-6) for name in ("p50", "p90", "p99")
        }
        buckets = rows_of(specs[f"load-{at}-{metric}-histogram"])
        assert sum(row["c"] for row in buckets) == statistics[metric]["n"]


def test_a_sweep_is_a_point_a_load_with_its_limits_and_the_best_within_them(
    run: aisbench.RunResult, specs: dict[str, Any]
) -> None:
    rows = rows_of(specs["loads-ttft"])
    for load in run.loads:
        statistics, figures = of_run(summary_of(run, load))
        point = next(row for row in rows if row.get("load") == load.load)
        assert point["x"] == pytest.approx(figures["output_token_throughput"], rel=1e-6)
        assert point["y"] == pytest.approx(statistics["ttft"]["percentiles"]["p99"], rel=1e-6)
        held = load.slo is not None and load.slo.holds
        if load.health.kept_up:
            assert point["h"] == ("within the SLO" if held else "beyond the SLO")
    assert any(row.get("p") == "ttft_ms = 12.5" for row in rows)
    assert len({row["s"] for row in rows_of(specs["overlaid-ttft"])}) == 2


def test_tables_hold_every_figure(run: aisbench.RunResult, pages: dict[str, Path]) -> None:
    text = pages["en"].read_text(encoding="utf-8")
    for load in run.loads:
        statistics, figures = of_run(summary_of(run, load))
        for value in (*figures.values(), *(one["mean"] for one in statistics.values())):
            assert f'data-v="{value!r}"' in text


def drawn(page: Page) -> int:
    """How many charts there are, when all are drawn: those of folded loads when these open."""
    page.wait_for_function("document.documentElement.dataset.ready === 'true'", timeout=40_000)
    folded = page.locator("section > details:not([open]) figure.chart")
    assert folded.count() > 0 and page.locator("figure.chart[data-drawn]").count() > 0
    assert page.locator("section > details:not([open]) figure.chart[data-drawn]").count() == 0
    page.locator("#unfold").focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "document.querySelectorAll('figure.chart').length > 0 && document.querySelectorAll("
        "'figure.chart .plot svg').length >= document.querySelectorAll('figure.chart').length",
        timeout=40_000,
    )
    return page.locator("figure.chart").count()


def test_a_browser_draws_every_chart_without_a_word(
    browser: Browser, pages: dict[str, Path], specs: dict[str, Any]
) -> None:
    with opened(browser, pages["en"].as_uri()) as page:
        assert drawn(page) == len(specs)
        for name in ("load-1-ttft-histogram", "load-1-outcomes"):
            marks = page.locator(f"#chart-{name} .mark-rect path").count()
            assert marks == len(rows_of(specs[name]))
        empty = page.evaluate(
            "[...document.querySelectorAll('figure.chart')].filter(one => !one.querySelector("
            "'.mark-rule line, .mark-rect path, .mark-line path, .mark-area path,"
            "        .mark-symbol path')).map(one => one.id)"
        )
        assert empty == []
        shot(page, "report-loads")
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 718, "height": 1000})  # A4, less its margins
        assert fits(page)
        page.emulate_media(media="screen")
        # The second load's charts are of the same kinds, and the rules take their time.
        page.evaluate("document.querySelector('#load-2').remove()")
        assert serious(page) == []


def test_a_phone_in_the_dark_shows_it_in_chinese(browser: Browser, pages: dict[str, Path]) -> None:
    with opened(browser, pages["zh"].as_uri(), size=PHONE, scheme="dark") as page:
        drawn(page)
        assert fits(page)
        assert "吞吐" in page.locator("main").inner_text()
        shot(page, "report-loads-phone-dark-zh")
