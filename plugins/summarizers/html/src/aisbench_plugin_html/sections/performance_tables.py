"""Tables of a load: every figure of summary.json, formatted, with its formula on hover."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from aisbench.api import (
    Figure,
    PerformanceResult,
    Population,
    RequestLimitResult,
    ServerMetrics,
    Statistics,
    TokenTotal,
    Wording,
    translated,
)
from aisbench_plugin_html.charts.parts import (
    figure_of,
    metric_hint,
    metric_title,
    statistics_of,
)
from aisbench_plugin_html.charts.performance_loads import load_labels, verdict_of
from aisbench_plugin_html.tables import Cell, TableColumn, TableNumber, hinted, table

RUN_PARTS = ("run", "steady", "full-concurrency")
"""Populations that stand side by side."""


def number(value: float | None) -> str:
    """Four figures that matter, thousands apart; whole numbers whole."""
    if value is None:
        return "—"
    if not math.isfinite(value):
        return str(value)
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{value:,.0f}"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}" if size >= 10000 else f"{value:,.1f}"
    if size >= 100:
        return f"{value:.1f}"
    if size >= 1:
        return f"{value:.2f}"
    return f"{value:.3g}" if size >= 1e-4 else f"{value:.2e}"


def cell(value: float | None, mark: str = "") -> TableNumber:
    """A number as a cell."""
    return TableNumber(value, number(value) + (mark if value is not None else ""))


def figure_cell(figure: Figure | None) -> TableNumber:
    if figure is None:
        return TableNumber(None, "—")
    text = number(figure.value)
    if figure.low is not None and figure.high is not None:
        text += f" [{number(figure.low)}, {number(figure.high)}]"
    return TableNumber(figure.value, text)


def percentile_cell(found: Statistics | None, name: str) -> TableNumber:
    if found is None or name not in found.percentiles:
        return TableNumber(None, "—")
    return cell(found.percentiles[name], "~" if name in found.weak else "")


def overview(loads: Sequence[PerformanceResult], words: Wording) -> Markup:
    """A row a load: whether to believe it, what failed, and what it came to."""
    columns = [
        TableColumn(title=words.text("load")),
        TableColumn(title=words.text("client")),
        TableColumn(title="SLO"),
        TableColumn(title=words.text("requests"), number=True),
        TableColumn(title=words.text("failed"), number=True),
        TableColumn(title=words.text("empty"), number=True),
        metric_column("request_throughput", words, words.text("requests/s")),
        metric_column("output_token_throughput", words, words.text("output tokens/s")),
        metric_column("item_throughput", words, words.text("items/s")),
        metric_column("audio_throughput", words, words.text("s of sound/s")),
        *(
            metric_column(metric, words, f"{metric_title(metric, words)} {name} ms")
            for metric, name in _LATENCIES
        ),
        metric_column("goodput", words, f"{metric_title('goodput', words)} /s"),
    ]
    labels = load_labels(loads)
    rows = [_overview_row(load, label, words) for load, label in zip(loads, labels, strict=True)]
    always = {columns[at].title for at in (0, 1, 3, 4)}
    keep = [
        at
        for at, one in enumerate(columns)
        if one.title in always or any(not _blank(row[at]) for row in rows)
    ]
    return table(
        [columns[at] for at in keep],
        [[row[at] for at in keep] for row in rows],
        caption=words.text("All loads"),
        id_="loads-table",
    )


_LATENCIES = (("ttft", "p50"), ("ttft", "p99"), ("tpot", "p99"), ("itl", "p99"), ("e2el", "p99"))


def metric_column(name: str, words: Wording, title: str) -> TableColumn:
    return TableColumn(title=title, number=True, hint=metric_hint(name, words))


def in_one_line(text: str | Markup) -> Markup:
    """A cell that is not broken into lines."""
    return Markup('<span style="white-space:nowrap">{}</span>').format(text)


def _blank(one: Cell) -> bool:
    return one in ("", None) or (isinstance(one, TableNumber) and not one.value)


def _overview_row(load: PerformanceResult, label: str, words: Wording) -> list[Cell]:
    counts = load.counts
    kept = words.text("kept up") if load.health.kept_up else words.text("did NOT keep up")
    if not load.complete:
        kept += ", " + words.text("cut short")
    return [
        in_one_line(label),
        in_one_line(kept),
        in_one_line(verdict_of(load, words)) if load.slo is not None else "",
        cell(counts.total),
        cell(counts.failed + counts.cancelled),
        cell(counts.empty),
        figure_cell(figure_of(load, "request_throughput")),
        figure_cell(figure_of(load, "output_token_throughput")),
        figure_cell(figure_of(load, "item_throughput")),
        figure_cell(figure_of(load, "audio_throughput")),
        *(percentile_cell(statistics_of(load, metric), name) for metric, name in _LATENCIES),
        figure_cell(figure_of(load, "goodput")),
    ]


def statistics_table(load: PerformanceResult, words: Wording) -> Markup | None:
    """A row a metric, a column a statistic, of the whole run; None where nothing was answered."""
    found = load.populations[0].statistics if load.populations else ()
    if not found:
        return None
    names = list(dict.fromkeys(name for one in found for name in one.percentiles))
    columns = [
        TableColumn(title=words.text("metric")),
        TableColumn(title=words.text("unit")),
        TableColumn(title="n", number=True),
        TableColumn(title=words.text("mean"), number=True),
        TableColumn(title=words.text("95 % interval"), number=True),
        *(TableColumn(title=name, number=True) for name in names),
        TableColumn(title=words.text("least"), number=True),
        TableColumn(title=words.text("most"), number=True),
        TableColumn(title=words.text("standard deviation"), number=True),
    ]
    rows: list[list[Cell]] = [
        [
            in_one_line(hinted(metric_title(one.name, words), metric_hint(one.name, words))),
            one.unit,
            cell(one.n),
            cell(one.mean),
            _interval(one),
            *(percentile_cell(one, name) for name in names),
            cell(one.min),
            cell(one.max),
            cell(one.stddev),
        ]
        for one in found
    ]
    return table(columns, rows, caption=words.text("Statistics of the requests"))


def _interval(one: Statistics) -> TableNumber:
    if one.low is None or one.high is None:
        return TableNumber(None, "—")
    return TableNumber((one.high - one.low) / 2, f"± {number((one.high - one.low) / 2)}")


def figures_table(load: PerformanceResult, words: Wording) -> Markup:
    """A row a figure of the run, a column a population."""
    parts = [one for one in load.populations if one.name in RUN_PARTS and one.figures]
    return _parts_table(parts, words, words.text("Figures of the run"))


def windows_table(load: PerformanceResult, words: Wording) -> Markup | None:
    """Windows of time, where some were asked for."""
    parts = [one for one in load.populations if one.name.startswith("window")]
    return _parts_table(parts, words, words.text("Windows of time")) if parts else None


def _parts_table(parts: Sequence[Population], words: Wording, caption: str) -> Markup:
    names = list(dict.fromkeys(one.name for part in parts for one in part.figures))
    columns = [
        TableColumn(title=words.text("figure")),
        *(
            TableColumn(
                title=part.name,
                number=True,
                hint=words.text(
                    "from {begin} s to {end} s",
                    begin=f"{part.begin_ns / 1e9:.3f}",
                    end=f"{part.end_ns / 1e9:.3f}",
                ),
            )
            for part in parts
        ),
        TableColumn(title=words.text("unit")),
    ]
    rows: list[list[Cell]] = []
    for name in names:
        found = [next((one for one in part.figures if one.name == name), None) for part in parts]
        unit = next((one.unit for one in found if one is not None), "")
        title = in_one_line(hinted(metric_title(name, words), metric_hint(name, words)))
        rows.append([title, *map(figure_cell, found), unit])
    return table(columns, rows, caption=caption)


def slo_table(load: PerformanceResult, words: Wording) -> Markup | None:
    """Each limit, and whether it held; None where the suite sets none."""
    slo = load.slo
    if slo is None:
        return None
    verdicts = {
        True: words.text("holds"),
        False: words.text("is broken"),
        None: words.text("cannot be judged"),
    }
    rows: list[list[Cell]] = []
    for one in slo.limits:
        of_requests = isinstance(one, RequestLimitResult)
        share = one.share if isinstance(one, RequestLimitResult) else None
        value = None if isinstance(one, RequestLimitResult) else one.value
        rows.append(
            [
                one.key,
                cell(one.limit_ms),
                words.text("each request") if of_requests else words.text("the run"),
                TableNumber(share, _percent(share)) if of_requests else cell(value),
                "" if isinstance(one, RequestLimitResult) else verdicts[one.holds],
            ]
        )
    if slo.attainment is not None:
        text = _percent(slo.attainment)
        if slo.attainment_low is not None and slo.attainment_high is not None:
            text += f" [{_percent(slo.attainment_low)}, {_percent(slo.attainment_high)}]"
        held = slo.attainment >= slo.attainment_asked
        rows.append(
            [
                words.text("within all limits for single requests"),
                TableNumber(slo.attainment_asked, _percent(slo.attainment_asked)),
                words.text(
                    "{good} of {total} requests", good=f"{slo.good:,}", total=f"{slo.requests:,}"
                ),
                TableNumber(slo.attainment, text),
                verdicts[held],
            ]
        )  # fmt: skip
    columns = [
        TableColumn(title=words.text("limit")),
        TableColumn(title=words.text("ms, or share"), number=True),
        TableColumn(title=words.text("of")),
        TableColumn(title=words.text("was"), number=True),
        TableColumn(title=""),
    ]
    columns[-1] = TableColumn(title=words.text("verdict"))
    return table(columns, rows, caption=words.text("SLO"))


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.2%}"


def faults_table(load: PerformanceResult, words: Wording) -> Markup | None:
    """Failed attempts by cause."""
    if not load.faults:
        return None
    columns = [
        TableColumn(title=words.text("cause")),
        TableColumn(title=words.text("attempts"), number=True),
    ]
    rows: list[list[Cell]] = [
        [translated(cause, words.language), cell(count)] for cause, count in load.faults.items()
    ]
    return table(columns, rows, caption=words.text("Failed attempts by cause"))


def ledger_table(load: PerformanceResult, words: Wording) -> Markup | None:
    """Token counts by their source."""
    ledger = load.ledger
    if ledger is None:
        return None
    out, into = ledger.output, ledger.input
    entries: list[tuple[str, TokenTotal | None, TokenTotal | None]] = [
        (words.text("asked for at most"), None, out.asked),
        (words.text("counted by the server"), into.server, out.server),
        (words.text("counted by the tokenizer"), into.tokenizer, out.tokenizer),
        (words.text("from the server's cache"), into.cached, None),
        (words.text("reasoning"), None, out.reasoning),
        (words.text("events that carried tokens"), None, out.events),
        (words.text("reads that brought such events"), None, out.reads),
    ]
    rows: list[list[Cell]] = [
        [name, _total(one), _known(one), _total(other), _known(other)]
        for name, one, other in entries
        if (one and one.total is not None) or (other and other.total is not None)
    ]
    rows.append(
        [
            words.text("requests in which server and tokenizer differ"),
            cell(into.server_tokenizer_differ), cell(into.server_tokenizer_compared),
            cell(out.server_tokenizer_differ), cell(out.server_tokenizer_compared),
        ]
    )  # fmt: skip
    columns = [
        TableColumn(title=words.text("tokens")),
        TableColumn(title=words.text("input"), number=True),
        TableColumn(title=words.text("of requests"), number=True),
        TableColumn(title=words.text("output"), number=True),
        TableColumn(title=words.text("of requests"), number=True),
    ]
    return table(columns, rows, caption=words.text("Token ledger"))


def _total(one: TokenTotal | None) -> TableNumber:
    return cell(None if one is None else one.total)


def _known(one: TokenTotal | None) -> TableNumber:
    return cell(None if one is None or one.total is None else one.known)


def client_table(load: PerformanceResult, words: Wording) -> Markup | None:
    """What the client measured of itself."""
    if not load.health.values:
        return None
    columns = [
        TableColumn(title=words.text("client")),
        TableColumn(title=words.text("value"), number=True),
    ]
    rows: list[list[Cell]] = [[name, cell(value)] for name, value in load.health.values.items()]
    return table(columns, rows, caption=words.text("The client's own health"))


def server_table(load: PerformanceResult, words: Wording) -> Markup | None:
    """What the servers published over the load."""
    if load.server is None:
        return None
    rows = list(_server_rows(load.server))
    for role, found in load.server.roles.items():
        rows += [[f"{role}: {row[0]}", *row[1:]] for row in _server_rows(found)]
    if not rows:
        return None
    columns = [
        TableColumn(title=words.text("server")),
        TableColumn(title=words.text("value"), number=True),
        TableColumn(title=words.text("most"), number=True),
        TableColumn(title="n", number=True),
    ]
    return table(columns, rows, caption=words.text("What the server published"))


def _server_rows(server: ServerMetrics) -> Iterator[list[Cell]]:
    for name, level in (server.levels or {}).items():
        yield [name, cell(level.mean), cell(level.max), None]
    for name, gained in (server.counters or {}).items():
        yield [name, cell(gained), None, None]
    for name, latency in (server.latencies or {}).items():
        yield [f"{name} mean ms ({latency.metric})", cell(latency.mean_ms), None, cell(latency.n)]
    for name, gap in (server.client_against_server or {}).items():
        yield [f"{name}: client - server, mean ms", cell(gap.mean_ms), None, cell(gap.n_client)]
    if server.prefix_cache_hit_rate_percent is not None:
        yield ["prefix_cache_hit_rate %", cell(server.prefix_cache_hit_rate_percent), None, None]
    if (drafts := server.speculative_decoding) is not None:
        yield ["acceptance_rate %", cell(drafts.acceptance_rate_percent), None, None]
        yield ["acceptance_length", cell(drafts.acceptance_length), None, None]
