"""Several loads side by side, and searches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from aisbench.api import PerformanceResult, SearchProbe, SearchResult
from aisbench_plugin_table.cells import MISSING
from aisbench_plugin_table.numbers import number
from aisbench_plugin_table.speaking import Say

_COLUMNS = (
    ("requests/s", "request_throughput", None),
    ("tokens/s", "output_token_throughput", None),
    ("items/s", "item_throughput", None),
    ("TTFT", "ttft", "mean"),
    ("P99", "ttft", "p99"),
    ("TPOT", "tpot", "mean"),
    ("P99", "tpot", "p99"),
    ("ITL P99", "itl", "p99"),
    ("E2EL", "e2el", "mean"),
    ("P99", "e2el", "p99"),
    ("goodput/s", "goodput", None),
)


def cell(result: PerformanceResult, name: str, statistic: str | None) -> str:
    """One figure of the whole run."""
    for part in result.populations[:1]:
        if statistic is None:
            for figure in part.figures:
                if figure.name == name:
                    return number(figure.value)
        for one in part.statistics:
            if one.name == name and statistic is not None:
                value = one.mean if statistic == "mean" else one.percentiles.get(statistic)
                return MISSING if value is None else number(value)
    return MISSING


def comparison(results: Sequence[PerformanceResult], width: int, say: Say) -> Table:
    """A row a load; times in ms. Columns that no load has are left out."""
    heads = ["load", *(head for head, _, _ in _COLUMNS), "failed", "empty", "kept up"]
    rows = [_row(one, say) for one in results]
    heads = [say(one) for one in heads]
    keep = _that_fit([heads, *rows], width)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place in keep:
        table.add_column(heads[place], justify="left" if place == 0 else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(row[place]) for place in keep))
    return table


def _row(result: PerformanceResult, say: Say) -> list[str]:
    counts = result.counts
    trusted = say("yes" if result.health.kept_up else "NO")
    return [
        result.load,
        *(cell(result, name, statistic) for _, name, statistic in _COLUMNS),
        str(counts.failed + counts.cancelled),
        str(counts.empty) if counts.empty else MISSING,
        trusted if result.complete else f"{trusted}, {say('INCOMPLETE')}",
    ]


def _that_fit(lines: Sequence[Sequence[str]], width: int) -> list[int]:
    """The places of the columns to show, of ``lines`` whose first has the headings.

    The tails of TPOT and ITL go first where the terminal is narrow; the full tables have them.
    """
    heads, *rows = lines
    keep = [place for place in range(len(heads)) if any(row[place] != MISSING for row in rows)]
    for head, name in (("P99", "tpot"), ("ITL P99", "itl"), ("P99", "e2el"), ("TPOT", "tpot")):
        if sum(max(cell_len(line[place]) for line in lines) + 3 for place in keep) <= width:
            break
        place = 1 + next(
            at for at, column in enumerate(_COLUMNS) if column[0] == head and column[1] == name
        )
        keep = [one for one in keep if one != place]
    return keep


def search_lines(search: SearchResult) -> Iterator[str]:
    """What was found, and how."""
    name = f"{search.model} / {search.dataset}: search of {search.key}"
    if search.best is None:
        yield f"{name}: no load held the limits"
    else:
        yield f"{name}: {search.key} = {number(search.best)} is the heaviest load within the SLO"
    if search.high is not None:
        yield f"  the lightest load beyond it: {search.key} = {number(search.high)}"
    yield f"  ended because {search.reason}"
    yield f"  sure: {search.sure}"
    for probe in search.probes:
        yield f"    {_probe(search.key, probe)}"


def _probe(key: str, probe: SearchProbe) -> str:
    parts = ["holds" if probe.held else "does not hold"]
    if not probe.kept_up:
        parts.append("the client did not keep up")
    for value, what in (
        (probe.request_throughput, "requests/s"),
        (probe.ttft_p99, "TTFT p99 ms"),
        (probe.tpot_p99, "TPOT p99 ms"),
        (probe.e2el_p99, "E2EL p99 ms"),
    ):
        if value is not None:
            parts.append(f"{number(value)} {what}")
    return f"{key} = {number(probe.value)}: {', '.join(parts)}"
