"""The figures of one task on two sides."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from attrs import frozen

from aisbench_plugin_compare.comparing.contributions import (
    Clusters,
    Contributions,
    clusters_of,
    of_ratio,
    of_values,
    over_parts,
    question_values,
)
from aisbench_plugin_compare.comparing.difference import (
    Difference,
    is_equal,
    judged,
    p_of_interval,
    weighed,
)
from aisbench_plugin_compare.comparing.pairing import Pairs
from aisbench_plugin_compare.comparing.reductions import majority, reduction_of
from aisbench_plugin_compare.sides.side import Floats, SideMeasure, SideRow, SideTask, ToldFigure
from aisbench_plugin_compare.statistics.hierarchy import independent

UNDECIDED = frozenset({"failed", "unfinished"})
"""Outcomes that say nothing of what the answer would have been."""
MEAN_OF_PARTS = "mean of parts"


@frozen
class ScoreComparison:
    """Compares the figures of one task."""

    name: str
    left: SideTask
    right: SideTask
    pairs: Pairs
    seed: int

    def figures(self) -> list[Difference]:
        """Those of the whole data set: one family of tests with those of other data sets."""
        if not self.pairs.samples:
            return []
        clusters = clusters_of(self.pairs.samples, self.left.rows)
        found = [self._difference(*each, clusters) for each in self._shared_measures()]
        known = [one for one in found if one is not None]
        known += self._reduced(clusters)
        known += self._over_parts(clusters)
        names = {one.figure for one in known}
        return known + [one for one in self._told_alone() if one.figure not in names]

    def parts(self) -> list[Difference]:
        """The first figure of each part of the data set: a family of tests of its own."""
        clusters = clusters_of(self.pairs.samples, self.left.rows)
        names = sorted(set(clusters.parts))
        shared = self._shared_measures()
        if len(names) < 2 or not shared:
            return []
        left, right = shared[0]
        found = (self._difference(left, right, clusters.of_part(name), name) for name in names)
        return judged([one for one in found if one is not None])

    def _shared_measures(self) -> list[tuple[SideMeasure, SideMeasure]]:
        theirs = {one.name: one for one in self.right.measures}
        return [(one, theirs[one.name]) for one in self.left.measures if one.name in theirs]

    def _difference(
        self, left: SideMeasure, right: SideMeasure, clusters: Clusters, part: str = ""
    ) -> Difference | None:
        if left.is_share and right.is_share:
            values = (
                question_values(left.values, clusters.left),
                question_values(right.values, clusters.right),
            )
            macro = not part and self._is_mean_of_parts(left, clusters)
            if macro:
                found = over_parts(*values, clusters.parts)
            else:
                found = of_values(*values, single=clusters.single)
            bounds = self._bounds(left, right, clusters, macro=macro)
            note = "" if part else self._other_value(left, found.left)
            return self._named(left, found, part, bounds, note)
        ratio = of_ratio(left, right, clusters)
        return None if ratio is None else self._named(left, ratio, part, None, "")

    def _is_mean_of_parts(self, measure: SideMeasure, clusters: Clusters) -> bool:
        """Whether the tool's own figure of the whole set is the mean of its parts, and not that
        of its rows."""
        told = _told(self.left, measure.name)
        names = set(clusters.parts)
        if told is None or len(names) < 2 or not self.pairs.whole:
            return False
        values = question_values(measure.values, clusters.left)
        parts = np.asarray(clusters.parts)
        means = [float(values[parts == name].mean()) for name in names]
        return is_equal(told.value, 100 * math.fsum(means) / len(means)) and not is_equal(
            told.value, 100 * float(values.mean())
        )

    def _other_value(self, measure: SideMeasure, value: float) -> str:
        """A sentence, where the tool's own figure is not that of the paired rows."""
        told = _told(self.left, measure.name)
        if told is None or not self.pairs.whole or is_equal(told.value, 100 * value):
            return ""
        return f"the run's own figure is {told.value:.4g} {told.unit}, made in another way"

    def _named(
        self,
        measure: SideMeasure,
        found: Contributions,
        part: str,
        bounds: tuple[float, float] | None,
        note: str,
        figure: str = "",
    ) -> Difference:
        scale = 100.0 if measure.is_share else 1.0
        result = weighed(found, self.seed)
        subject = f"{self.name}/{part}" if part else self.name
        name = figure or measure.name
        return Difference(
            name=f"{subject}.{name}",
            subject=self.name,
            figure=name,
            part=part,
            unit=measure.unit,
            better=measure.better,
            left=scale * found.left,
            right=scale * found.right,
            low=None if result.low is None else scale * result.low,
            high=None if result.high is None else scale * result.high,
            n=found.n,
            p=result.p,
            p_error=result.p_error,
            test=result.test,
            interval=result.interval,
            smallest=None if result.smallest is None else scale * result.smallest,
            gained=found.gained,
            lost=found.lost,
            bounds=bounds,
            note=note,
        )

    def _bounds(
        self, left: SideMeasure, right: SideMeasure, clusters: Clusters, *, macro: bool
    ) -> tuple[float, float] | None:
        """The difference, if what failed or never ended had been right on the one side and wrong
        on the other; None where nothing did."""
        lost = [
            np.array([row.outcome in UNDECIDED for row in task.rows], dtype=np.bool_)
            for task in (self.left, self.right)
        ]
        if not any(
            mask[place]
            for mask, places in zip(lost, (clusters.left, clusters.right), strict=True)
            for one in places
            for place in one
        ):
            return None
        found = []
        for ours, theirs in ((1.0, 0.0), (0.0, 1.0)):
            values = (
                question_values(np.where(lost[0], ours, left.values), clusters.left),
                question_values(np.where(lost[1], theirs, right.values), clusters.right),
            )
            one = (
                over_parts(*values, clusters.parts) if macro else of_values(*values, single=False)
            )
            found.append(100 * (one.right - one.left))
        return found[0], found[1]

    def _reduced(self, clusters: Clusters) -> Iterator[Difference]:
        """Metrics of repeats, such as pass@k, that both sides have."""
        if clusters.single or not self.left.measures or not self.right.measures:
            return
        fewest = min(len(one) for side in (clusters.left, clusters.right) for one in side)
        theirs = {one.reduction for one in self.right.figures if not one.part}
        for told in self.left.figures:
            name = told.reduction
            if not name or told.part or name not in theirs:
                continue
            number = name.partition("@")[2].partition("_")[0]
            if not number.isdigit() or int(number) > fewest:
                continue
            values = self._reductions(name, int(number), clusters)
            if values is not None:
                found = of_values(*values, single=False)
                share = self.left.measures[0]
                yield self._named(share, found, "", None, "", figure=name)

    def _reductions(self, name: str, k: int, clusters: Clusters) -> tuple[Floats, Floats] | None:
        sides = (
            (self.left, self.left.measures[0].values, clusters.left),
            (self.right, self.right.measures[0].values, clusters.right),
        )
        if name.startswith("cons@"):
            one, two = (_votes(task.rows, values, places, k) for task, values, places in sides)
            return one, two
        reduction = reduction_of(name)
        if reduction is None:
            return None
        one, two = (question_values(values, places, reduction) for _, values, places in sides)
        return one, two

    def _over_parts(self, clusters: Clusters) -> Iterator[Difference]:
        """The mean of parts, where both sides tell it beside the figure of the whole set."""
        shared = self._shared_measures()
        for task in (self.left, self.right):
            if not any(one.part == MEAN_OF_PARTS for one in task.figures):
                return
        if (
            not shared
            or not shared[0][0].is_share
            or self._is_mean_of_parts(shared[0][0], clusters)
        ):
            return
        left, right = shared[0]
        values = (
            question_values(left.values, clusters.left),
            question_values(right.values, clusters.right),
        )
        found = over_parts(*values, clusters.parts)
        bounds = self._bounds(left, right, clusters, macro=True)
        name = f"{left.name} ({MEAN_OF_PARTS})"
        yield self._named(left, found, "", bounds, "", figure=name)

    def _told_alone(self) -> Iterator[Difference]:
        """Figures that are no means over rows: told by both sides, with intervals at the best."""
        measures = {one.name for one in self.left.measures}
        for told in self.left.figures:
            other = _told(self.right, told.name, told.part)
            if other is None or told.part or (told.measure in measures and not told.reduction):
                continue
            yield told_difference(self.name, told, other)


def told_difference(subject: str, left: ToldFigure, right: ToldFigure) -> Difference:
    """Of two figures that are known by their values alone."""
    low = high = p = None
    how = ""
    ends = (left.low, left.high, right.low, right.high)
    if all(one is not None for one in ends):
        low, high = independent(
            (left.value, left.low or 0.0, left.high or 0.0),
            (right.value, right.low or 0.0, right.high or 0.0),
        )
        p = p_of_interval(right.value - left.value, low, high)
        how = "of two intervals, as if independent"
    return Difference(
        name=f"{subject}.{left.name}" if subject else left.name,
        subject=subject,
        figure=left.name,
        unit=left.unit,
        better=left.better or right.better,
        left=left.value,
        right=right.value,
        low=low,
        high=high,
        n=left.n,
        p=p,
        test="from both intervals" if p is not None else "",
        interval=how,
        note="no mean over samples: not paired" if p is not None else "no mean over samples",
    )


def _told(task: SideTask, name: str, part: str = "") -> ToldFigure | None:
    return next((one for one in task.figures if one.name == name and one.part == part), None)


def _votes(
    rows: Sequence[SideRow], values: Floats, places: Sequence[Sequence[int]], k: int
) -> Floats:
    found = []
    for one in places:
        votes = [(rows[place].vote, float(values[place])) for place in one]
        blocks = [votes[start : start + k] for start in range(0, len(votes) // k * k, k)]
        found.append(math.fsum(map(majority, blocks)) / len(blocks))
    return np.array(found)
