"""The figures of a load on two sides, each of one or more repeated loads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
from attrs import frozen

from aisbench_plugin_compare.comparing.difference import Difference, judged, p_of_interval
from aisbench_plugin_compare.sides.side import Better, Load, Quantity, ToldFigure
from aisbench_plugin_compare.statistics.hierarchy import (
    LoadDifference,
    compare_figures,
    compare_loads,
    independent,
)
from aisbench_plugin_compare.statistics.load_draws import sample_of

STATISTICS: tuple[tuple[str, float | None], ...] = (
    ("mean", None),
    ("p50", 50.0),
    ("p90", 90.0),
    ("p99", 99.0),
)
_SUPPORT = 10
"""So many values must lie beyond a percentile, as core's reports have it."""
_LEFT_OUT = frozenset(
    {"benchmark_duration", "total_requests", "success_requests", "total_conversations",
     "total_input_tokens", "total_output_tokens", "max_concurrency", "input_token_throughput",
     "total_token_throughput", "failed_requests", "cancelled_requests", "empty_answers"}
)  # fmt: skip
"""Sizes of a load, which are asked for and not found; and what others say as well: each figure
more makes the tests of all others stricter."""


@frozen
class LoadComparison:
    """Compares one load: ``left`` and ``right`` are its repeats on each side."""

    name: str
    left: Sequence[Load]
    right: Sequence[Load]
    seed: int

    @property
    def replicated(self) -> bool:
        """Whether any side has several loads: what one load a side shows holds for these two."""
        return max(len(self.left), len(self.right)) > 1

    def figures(self) -> list[Difference]:
        """Latencies and throughputs, one family of tests."""
        known = [*self._latencies(), *self._failures()]
        names = {one.figure for one in known}
        return judged([*known, *(one for one in self._whole() if one.figure not in names)])

    def _latencies(self) -> Iterator[Difference]:
        for first in self.left[0].quantities:
            left, right = (_quantities(side, first.name) for side in (self.left, self.right))
            if not left or not right:
                continue
            # A gap of one tool is no mean of gaps of another: percentiles of both say nothing.
            if len({one.requests is None for one in (*left, *right)}) > 1:
                left, right = ([one.by_request() for one in side] for side in (left, right))
            yield from self._latency(first, left, right)

    def _latency(
        self, first: Quantity, left: Sequence[Quantity], right: Sequence[Quantity]
    ) -> Iterator[Difference]:
        ours, theirs = ([sample_of(one.values, one.clusters) for one in x] for x in (left, right))
        n = min(sum(len(one.values) for one in side) for side in (left, right))
        for label, which in STATISTICS:
            found = compare_loads(ours, theirs, which, self.seed)
            weak = which is not None and n * min(which, 100 - which) / 100 < _SUPPORT
            note = "few values beyond it" if weak else ""
            name = f"{first.name}.{label}"
            yield self._named(name, found, first.unit, first.better, n, note)

    def _failures(self) -> Iterator[Difference]:
        shares = [[_failed(one) for one in side] for side in (self.left, self.right)]
        ours = [one for one in shares[0] if one is not None]
        theirs = [one for one in shares[1] if one is not None]
        if not ours or not theirs or not any((*ours, *theirs)):
            return
        told = ToldFigure(name="failed_share", value=_mean(ours), unit="%", better="down")
        yield figure_of(
            self.name,
            *([attrs.evolve(told, value=one) for one in side] for side in (ours, theirs)),
        )

    def _whole(self) -> Iterator[Difference]:
        """Figures that a load has one of."""
        for told in self.left[0].figures:
            if told.name in _LEFT_OUT or told.part:
                continue
            ours = _figures_of(self.left, told.name)
            theirs = _figures_of(self.right, told.name)
            if ours and theirs:
                yield figure_of(self.name, ours, theirs)

    def _named(
        self,
        figure: str,
        found: LoadDifference,
        unit: str,
        better: Better,
        n: int | None,
        note: str,
    ) -> Difference:
        between = found.basis == "loads"
        return Difference(
            name=f"{self.name}.{figure}",
            subject=self.name,
            figure=figure,
            unit=unit,
            better=better,
            left=found.left,
            right=found.right,
            low=found.low,
            high=found.high,
            n=n,
            p=found.p,
            test=(
                f"between {len(self.left)} and {len(self.right)} loads"
                if between
                else "within one load a side"
            ),
            interval="hierarchical bootstrap" if between else "bootstrap of stretches of the load",
            smallest=found.smallest,
            note=note,
            samples="requests",
        )


def figure_of(subject: str, left: Sequence[ToldFigure], right: Sequence[ToldFigure]) -> Difference:
    """A figure that each load has one of: by the spread between the loads, or by the figures' own
    intervals, where each side has one load."""
    told = left[0]
    ours, theirs = ([one.value for one in side] for side in (left, right))
    known = Difference(
        name=f"{subject}.{told.name}",
        subject=subject,
        figure=told.name,
        part=told.part,
        unit=told.unit,
        better=told.better,
        left=_mean(ours),
        right=_mean(theirs),
        samples="requests",
    )
    found = compare_figures(ours, theirs)
    if found is None:
        return _from_intervals(known, left[0], right[0])
    return attrs.evolve(
        known,
        left=found.left,
        right=found.right,
        low=found.low,
        high=found.high,
        p=found.p,
        test=f"between {len(left)} and {len(right)} loads",
        interval="hierarchical bootstrap",
        smallest=found.smallest,
    )


def _from_intervals(found: Difference, left: ToldFigure, right: ToldFigure) -> Difference:
    """The difference of two figures by their own intervals, where each side has one load."""
    if left.low is None or left.high is None or right.low is None or right.high is None:
        return found
    low, high = independent(
        (left.value, left.low, left.high), (right.value, right.low, right.high)
    )
    return attrs.evolve(
        found,
        low=low,
        high=high,
        p=p_of_interval(found.change, low, high),
        test="within one load a side",
        interval="of both intervals",
    )


def figure_names(load: Load) -> list[str]:
    """The names that figures of a load are compared by."""
    return [
        *(f"{one.name}.{label}" for one in load.quantities for label, _ in STATISTICS),
        *(one.name for one in load.figures if one.name not in _LEFT_OUT and not one.part),
    ]


def _quantities(loads: Sequence[Load], name: str) -> list[Quantity]:
    """That of each load that has any value of it."""
    return [
        one for load in loads for one in load.quantities if one.name == name and len(one.values)
    ]


def _figures_of(loads: Sequence[Load], name: str) -> list[ToldFigure]:
    return [one for load in loads for one in load.figures if one.name == name and not one.part]


def _failed(load: Load) -> float | None:
    total = load.counts.get("total")
    return 100 * load.counts.get("failed", 0) / total if total else None


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
