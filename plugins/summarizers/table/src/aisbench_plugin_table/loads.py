"""One load: the verdict on the client, the two tables that users know, and the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import JustifyMethod
from rich.table import Table
from rich.text import Text

from aisbench.api import (
    METRICS,
    Figure,
    InputLedger,
    JsonValue,
    OutputLedger,
    PerformanceResult,
    Population,
    RequestCounts,
    RequestLimitResult,
    RunLimitResult,
    SinglePhase,
    SloResult,
    Statistics,
    TokenLedger,
    TokenTotal,
)
from aisbench_plugin_table.cells import MISSING
from aisbench_plugin_table.numbers import number
from aisbench_plugin_table.servers import server_lines
from aisbench_plugin_table.speaking import Say

WEAK = "~"
ALARM = 0.1
"""Share of requests counted differently from which on that is an alarm."""
QUIET = frozenset(
    {"scrape", "scrape_urls", "scrape_interval", "order", "attempts", "think", "think_time",
     "source_addresses", "keep_answers", "salt", "workers", "shape", "cool_down", "warm_up",
     "rescale", "repeat", "until"}
)  # fmt: skip
"""Settings that are shown only when they say something."""


RUN_PARTS = ("run", "steady", "full-concurrency")
"""Populations that stand side by side; windows, turns and conversations have their own tables."""


def title(name: str) -> str:
    """What users call a metric."""
    metric = METRICS.get(name)
    return metric.title if metric else name


def heading(result: PerformanceResult) -> str:
    """Model, data set, load, and the settings that make it."""
    settings = result.settings
    shown = [f"shape {settings.get('shape', '?')}"]
    shown += [
        f"{key} {_plain(value)}"
        for key, value in settings.items()
        if value not in (None, "", [], {}, 0, False) and (key not in QUIET or key == "salt")
    ]
    label = f"  [{result.load}]" if result.load != "load" else ""
    return f"{result.model} / {result.dataset}{label}  ({', '.join(shown)})"


def _plain(value: JsonValue) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_plain, value)) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_plain(one)}" for key, one in value.items()) + "}"
    return str(value)


def verdict(result: PerformanceResult) -> Iterator[str]:
    """Whether the figures can be trusted, before the figures."""
    if not result.complete:
        yield "INCOMPLETE: the load was cut short; the figures are of what had been done"
    if result.health.kept_up:
        yield "client kept up"
    for doubt in result.health.doubts:
        yield f"NOT TO BE TRUSTED WITHOUT CARE: {doubt}"


def request_table(result: PerformanceResult, width: int, say: Say) -> Table | None:
    """A row a metric, a column a statistic, of the whole run."""
    if not result.populations or not result.populations[0].statistics:
        return None
    statistics = result.populations[0].statistics
    percentiles = list(dict.fromkeys(name for one in statistics for name in one.percentiles))
    rows = [_request_row(one, percentiles, say) for one in statistics]
    heads = ["", "Average", "95 % CI", "Min", "Max", *_heads(percentiles), "N", "Unit"]
    # In a narrow terminal the inner percentiles go first, then min; files have all.
    order = [name for name in ("P75", "P90", "P95", "P99.9", "Min", "95 % CI") if name in heads]
    while order and _width(heads, rows) > width:
        place = heads.index(order.pop(0))
        heads.pop(place)
        for row in rows:
            row.pop(place)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, head in enumerate(heads):
        last = place == len(heads) - 1
        side: JustifyMethod = "left" if place == 0 or last else "right"
        table.add_column(say(head), justify=side, no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _request_row(one: Statistics, percentiles: Sequence[str], say: Say) -> list[str]:
    interval = ""
    if one.low is not None and one.high is not None:
        interval = f"± {number((one.high - one.low) / 2)}"
    return [
        say(title(one.name)),
        number(one.mean),
        interval,
        number(one.min),
        number(one.max),
        *(_percentile(one, name) for name in percentiles),
        str(one.n),
        one.unit,
    ]


def _heads(percentiles: Sequence[str]) -> list[str]:
    return ["Median" if name == "p50" else name.upper() for name in percentiles]


def _percentile(one: Statistics, name: str) -> str:
    if name not in one.percentiles:
        return MISSING
    return number(one.percentiles[name]) + (WEAK if name in one.weak else "")


def _width(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    columns = zip(heads, *rows, strict=True)
    return sum(max(map(cell_len, column)) + 3 for column in columns)


def run_table(result: PerformanceResult, width: int, say: Say) -> Table | None:
    """A row a figure of the run, a column a population; intervals where there is room."""
    parts = [one for one in result.populations if one.name in RUN_PARTS]
    names = list(dict.fromkeys(figure.name for part in parts for figure in part.figures))
    if not names:
        return None
    rows: list[list[str]] = []
    for intervals in (len(parts), 1, 0):
        rows = []
        for name in names:
            found = [_figure(part, name) for part in parts]
            cells = [_value(one, place < intervals) for place, one in enumerate(found)]
            unit = next((one.unit for one in found if one), "")
            rows.append([say(title(name)), *cells, unit])
        heads = ["", *(say(part.name) for part in parts), say("Unit")]
        if _width(heads, rows) <= width:
            break
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    for part in parts:
        table.add_column(say(part.name), justify="right", no_wrap=True)
    table.add_column(say("Unit"), no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _figure(part: Population, name: str) -> Figure | None:
    return next((one for one in part.figures if one.name == name), None)


def _value(figure: Figure | None, interval: bool) -> str:
    if figure is None:
        return MISSING
    text = number(figure.value)
    if interval and figure.low is not None and figure.high is not None:
        text += f" [{number(figure.low)}, {number(figure.high)}]"
    return text


def window_table(result: PerformanceResult, say: Say) -> Table | None:
    """A row a window of time."""
    parts = [one for one in result.populations if one.name.startswith("window")]
    if not parts:
        return None
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    heads = ("from s", "requests/s", "output tokens/s", "TTFT mean", "TTFT P99", "ITL mean")
    for head in heads:
        table.add_column(say(head), justify="right", no_wrap=True)
    for part in parts:
        speeds = [
            _figure(part, name) for name in ("request_throughput", "output_token_throughput")
        ]
        ttft, itl = (_statistics(part, name) for name in ("ttft", "itl"))
        table.add_row(
            say(part.name),
            number(part.begin_ns / 1e9),
            *(MISSING if one is None else number(one.value) for one in speeds),
            MISSING if ttft is None else number(ttft.mean),
            MISSING if ttft is None else _percentile(ttft, "p99"),
            MISSING if itl is None else number(itl.mean),
        )
    return table


def turn_table(result: PerformanceResult, say: Say) -> Table | None:
    """A row a turn of the conversations, or a depth of steps of the sessions."""
    parts = [one for one in result.populations if one.name.startswith(("turn ", "step "))]
    if not parts:
        return None
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    shown = ("input_tokens", "output_tokens", "ttft", "tpot", "e2el")
    table.add_column("N", justify="right")
    for name in shown:
        table.add_column(say(f"{title(name)} mean"), justify="right", no_wrap=True)
        if name not in ("input_tokens", "output_tokens"):
            table.add_column("P99", justify="right", no_wrap=True)
    for part in parts:
        row = []
        for name in shown:
            one = _statistics(part, name)
            row.append(MISSING if one is None else number(one.mean))
            if name not in ("input_tokens", "output_tokens"):
                row.append(MISSING if one is None else _percentile(one, "p99"))
        count = _figure(part, "success_requests")
        requests = MISSING if count is None else number(count.value)
        table.add_row(say(part.name), requests, *row)
    return table


def conversation_line(result: PerformanceResult) -> str | None:
    """Conversations as a whole."""
    kinds = ("conversations", "sessions")
    part = next((one for one in result.populations if one.name in kinds), None)
    if part is None:
        return None
    counts = [_figure(part, f"{name}_{part.name}") for name in ("success", "total")]
    text = " of ".join(number(one.value) for one in counts if one)
    means = ", ".join(f"{title(one.name)} mean {number(one.mean)} {one.unit}, P99 "
                      f"{_percentile(one, 'p99')}" for one in part.statistics)  # fmt: skip
    return f"{text} {part.name} were answered to their end; {means}"


def _statistics(part: Population, name: str) -> Statistics | None:
    return next((one for one in part.statistics if one.name == name), None)


def remarks(result: PerformanceResult) -> Iterator[str]:
    """Everything that is no table."""
    yield from _verdicts(result)
    if beside := _not_counted(result.counts):
        yield f"not counted above: {beside}"
    for cause, count in result.faults.items():
        yield f"{count} attempts failed: {cause}"
    if result.ledger is not None and (line := _ledger(result.ledger)):
        yield line
    yield from _client(result.health.values)
    if result.server is not None:
        yield from (f"server: {line}" for line in server_lines(result.server))
    if whole := conversation_line(result):
        yield whole
    for part in result.populations:
        if part.note and part.name in RUN_PARTS:
            yield f"{part.name}: {part.note}"
    if any(one.weak for part in result.populations[:1] for one in part.statistics):
        yield f"{WEAK} rests on fewer than ten values beyond it"
    yield from result.notes


def _verdicts(result: PerformanceResult) -> Iterator[str]:
    if result.slo is not None:
        yield _slo(result.slo)
    if result.single_phase is not None:
        yield _single_phase(result.single_phase)


def _single_phase(found: SinglePhase) -> str:
    """Whether a load of one phase was one."""
    if found.holds is None:
        return f"load.only = {found.only}: not known whether it was: {found.why}"
    if found.holds:
        return f"load.only = {found.only}: it was: {found.why}"
    return f"load.only = {found.only}: it was NOT: {found.why}"


def _not_counted(counts: RequestCounts) -> str:
    beside = (
        (counts.retried, "attempts repeated"),
        (counts.warm_up, "warm-up requests"),
        (counts.cool_down, "cool-down requests"),
    )
    return ", ".join(f"{count} {what}" for count, what in beside if count)


def _client(values: Mapping[str, float]) -> Iterator[str]:
    lags = [
        f"{what} {values[name]:.2f} ms"
        for name, what in (
            ("schedule_lag_ms_mean", "schedule lag mean"),
            ("schedule_lag_ms_p99", "p99"),
            ("schedule_lag_ms_max", "max"),
            ("read_lag_ms_mean", "read lag mean"),
            ("read_lag_ms_p99", "p99"),
            ("loop_lag_ms_p99", "loop lag p99"),
            ("connect_before_start_ms_mean", "time to connect"),
        )
        if name in values
    ]
    if lags:
        share = values.get("cpu_share_max", 0.0)
        workers = values.get("workers", 1)
        yield f"client: {', '.join(lags)}, {workers:.0f} worker(s), CPU up to {share:.0%}"


def _slo(slo: SloResult) -> str:
    holds = {True: "holds", False: "does NOT hold", None: "cannot be judged"}[slo.holds]
    text = f"SLO {holds}: {', '.join(map(_limit, slo.limits))}"
    if slo.attainment is not None:
        text += (
            f"; {slo.attainment:.2%} of the requests within all limits, "
            f"{slo.attainment_asked:.2%} wanted"
        )
    return text


def _limit(limit: RequestLimitResult | RunLimitResult) -> str:
    text = f"{limit.key} = {limit.limit_ms:g}"
    if isinstance(limit, RequestLimitResult):
        return text if limit.share is None else f"{text} ({limit.share:.2%} within)"
    return text if limit.value is None else f"{text} (is {number(limit.value)})"


def _ledger(ledger: TokenLedger) -> str:
    sides = []
    into, out = ledger.input, ledger.output
    counted = [
        (into.server, "by the server"),
        (into.tokenizer, "by the tokenizer"),
        (into.cached, "cached"),
    ]
    if parts := [*_totals(counted), *_disagreement(into)]:
        sides.append(f"input tokens: {', '.join(parts)}")
    counted = [
        (out.asked, "asked for"),
        (out.server, "by the server"),
        (out.tokenizer, "by the tokenizer"),
        (out.events, "events with tokens"),
        (out.reasoning, "reasoning"),
    ]
    under = [f"{out.under_asked:,} answers shorter than asked for"] if out.under_asked else []
    if parts := [*_totals(counted), *under, *_disagreement(out)]:
        sides.append(f"output tokens: {', '.join(parts)}")
    return "; ".join(sides)


def _totals(counted: Iterable[tuple[TokenTotal, str]]) -> Iterator[str]:
    return (f"{one.total:,} {what}" for one, what in counted if one.total is not None)


def _disagreement(side: InputLedger | OutputLedger) -> Iterator[str]:
    """Whether server and tokenizer count alike; an alarm only where they do so as a rule."""
    differ, both = side.server_tokenizer_differ, side.server_tokenizer_compared
    if not differ:
        return
    if both is None:
        yield f"server and tokenizer differ in {differ:,} requests"
    elif differ > ALARM * both:
        yield f"server and tokenizer DISAGREE in {differ:,} of {both:,} requests"
    else:
        yield f"server and tokenizer differ in {differ:,} of {both:,} requests"
