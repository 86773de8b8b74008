"""The requests of a load by their labels: a table a label, a row a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from aisbench.api import LabelledValue, LabelResult, PerformanceResult
from aisbench_plugin_table.cells import MISSING
from aisbench_plugin_table.numbers import number
from aisbench_plugin_table.speaking import Say

MOST_SHOWN = 20
"""Values in a table: those with the most requests."""
LONGEST = 40
"""Characters of a value."""
WEAK = "~"

_LATENCIES = ("ttft", "tpot", "e2el")
_FIGURES = (
    ("output tokens/s", "output_token_throughput"),
    ("goodput /s", "goodput"),
    ("within SLO", "slo_attainment"),
    ("cached", "cached_share"),
)
_SHARES = ("slo_attainment", "cached_share")


def label_tables(result: PerformanceResult, say: Say) -> Iterator[Table]:
    """One for each label; columns without a value in any row are left out."""
    for label in result.labels:
        rows = [_row(one) for one in shown(label)]
        heads = [label.name, *_heads(say)]
        kept = [
            at for at in range(len(heads)) if at < 2 or any(row[at] != MISSING for row in rows)
        ]
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for at in kept:
            side = "left" if at == 0 else "right"
            table.add_column(Text(heads[at]), justify=side, no_wrap=True)  # type: ignore[arg-type]
        for row in rows:
            table.add_row(*(Text(row[at]) for at in kept))
        yield table


def label_lines(result: PerformanceResult) -> Iterator[str]:
    """What the tables leave out."""
    for label in result.labels:
        if label.distinct > len(shown(label)):
            yield (
                f"label {label.name}: {len(shown(label))} of {label.distinct} values are shown, "
                "those with the most requests; summary.json has more, requests.parquet all"
            )
        if label.unlabelled:
            yield f"label {label.name}: {label.unlabelled} requests have none"


def shown(label: LabelResult) -> Sequence[LabelledValue]:
    """The values that the table shows, in their order."""
    if len(label.values) <= MOST_SHOWN:
        return label.values
    most = sorted(label.values, key=lambda one: -one.counts.total)[:MOST_SHOWN]
    return [one for one in label.values if one in most]


def _heads(say: Say) -> list[str]:
    heads = [say("requests"), say("failed")]
    for name in _LATENCIES:
        heads += [say(f"{name.upper()} mean"), "P99"]
    return [*heads, *(say(head) for head, _ in _FIGURES)]


def _short(value: str) -> str:
    """In one line, and no longer than a line has room for."""
    line = " ".join(value.split()) or value
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _row(one: LabelledValue) -> list[str]:
    failed = one.counts.failed
    row = [_short(one.value), number(one.counts.total), number(failed) if failed else MISSING]
    statistics = {found.name: found for found in one.statistics}
    for name in _LATENCIES:
        found = statistics.get(name)
        row.append(MISSING if found is None else number(found.mean))
        if found is None or "p99" not in found.percentiles:
            row.append(MISSING)
        else:
            row.append(number(found.percentiles["p99"]) + (WEAK if "p99" in found.weak else ""))
    figures = {found.name: found.value for found in one.figures}
    for _, name in _FIGURES:
        value = figures.get(name)
        if value is None:
            row.append(MISSING)
        else:
            row.append(f"{value:.1%}" if name in _SHARES else number(value))
    return row
