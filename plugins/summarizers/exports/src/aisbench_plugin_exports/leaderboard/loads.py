"""The figures of loads that a leaderboard shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from aisbench.api import METRICS, Figure, PerformanceResult, SearchResult
from aisbench_plugin_exports.figures import SHORT_FIGURES, title_of

QUANTITIES = ("ttft p99",)
"""What is shown beside the short figures, where no figure is asked for by name."""
HIGHEST = "highest "


def figures_of(load: PerformanceResult, name: str) -> Iterator[Figure]:
    """Of the whole load: throughput, goodput and TTFT; with a ``name`` that figure, or a quantity
    with its statistic, such as ``tpot p90``."""
    if not load.populations:
        return
    whole = load.populations[0]
    for one in whole.figures:
        if one.name == name or (not name and one.name in SHORT_FIGURES):
            yield one
    for wanted in (name,) if name else QUANTITIES:
        quantity, _, statistic = wanted.partition(" ")
        for spread in whole.statistics:
            if spread.name != quantity:
                continue
            value = {"mean": spread.mean, **spread.percentiles}.get(statistic)
            if value is not None:
                yield Figure(
                    name=wanted,
                    value=value,
                    unit=spread.unit,
                    n=spread.n,
                    better=_better(spread.unit),
                )


def _better(unit: str) -> Literal["up", "down"] | None:
    if unit.startswith("ms"):
        return "down"
    return "up" if unit.endswith("/s") else None


def highest_of(search: SearchResult) -> Figure | None:
    """What a search found: the highest load within its limits."""
    if search.best is None:
        return None
    return Figure(
        name=f"{HIGHEST}{search.key}",
        value=search.best,
        unit="",
        n=len(search.probes),
        better="up",
    )


def shown_name(name: str) -> str:
    """A figure of a load as a head of a column."""
    quantity, space, statistic = name.partition(" ")
    return f"{title_of(quantity)}{space}{statistic}" if quantity in METRICS else name
