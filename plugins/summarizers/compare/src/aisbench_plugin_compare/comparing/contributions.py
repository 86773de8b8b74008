"""What each question adds to the difference of a figure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from attrs import frozen

from aisbench_plugin_compare.comparing.pairing import PairedSample
from aisbench_plugin_compare.comparing.reductions import Reduction
from aisbench_plugin_compare.sides.side import Floats, SideMeasure, SideRow


@frozen(kw_only=True)
class Clusters:
    """The paired samples by question: ``left[i]`` and ``right[i]`` are the places of all answers
    to the question i on each side; ``parts[i]`` is the part that it belongs to."""

    left: Sequence[Sequence[int]]
    right: Sequence[Sequence[int]]
    parts: Sequence[str]

    def __len__(self) -> int:
        return len(self.left)

    @property
    def single(self) -> bool:
        """Whether every question has one answer on each side."""
        return all(len(one) == 1 for side in (self.left, self.right) for one in side)

    def of_part(self, part: str) -> Clusters:
        """Those of one part."""
        chosen = [place for place, name in enumerate(self.parts) if name == part]
        return Clusters(
            left=[self.left[place] for place in chosen],
            right=[self.right[place] for place in chosen],
            parts=[part] * len(chosen),
        )


def clusters_of(samples: Sequence[PairedSample], rows: Sequence[SideRow]) -> Clusters:
    """The samples of one question together; ``rows`` are those of the left side."""
    left: dict[str, list[int]] = {}
    right: dict[str, list[int]] = {}
    parts: dict[str, str] = {}
    for one in samples:
        left.setdefault(one.question, []).extend(one.left)
        right.setdefault(one.question, []).extend(one.right)
        parts.setdefault(one.question, rows[one.left[0]].part)
    return Clusters(
        left=list(left.values()), right=list(right.values()), parts=list(parts.values())
    )


@frozen(kw_only=True)
class Contributions:
    """A figure of both sides on the questions that they share.

    ``each`` holds what each question adds to the difference: their sum is ``right - left``.
    ``gained`` and ``lost`` are counts of questions, where every value is 0 or 1; else None.
    ``n`` counts questions with a value on both sides.
    """

    left: float
    right: float
    each: Floats
    n: int
    strata: Sequence[Floats] = ()
    """The differences of the questions of each part, where the figure is a mean over parts."""
    gained: int | None = None
    lost: int | None = None

    @property
    def stderr(self) -> float:
        """Of the difference."""
        if self.strata:
            return math.sqrt(sum(_variance(one) / len(one) for one in self.strata)) / len(
                self.strata
            )
        n = len(self.each)
        return math.sqrt(_variance(self.each) * n) if n > 1 else math.nan


def _variance(values: Floats) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else float((values**2).mean())


def of_values(left: Floats, right: Floats, *, single: bool) -> Contributions:
    """Of one value a question on each side; the figures are their means."""
    n = len(left)
    differences = right - left
    gained = lost = None
    if single and bool(np.isin(left, (0.0, 1.0)).all() and np.isin(right, (0.0, 1.0)).all()):
        gained, lost = int((differences > 0).sum()), int((differences < 0).sum())
    return Contributions(
        left=math.fsum(left) / n,
        right=math.fsum(right) / n,
        each=differences / n,
        n=n,
        gained=gained,
        lost=lost,
    )


def over_parts(left: Floats, right: Floats, parts: Sequence[str]) -> Contributions:
    """Of one value a question on each side; the figures are means of the means of the parts."""
    names = np.asarray(parts)
    chosen = [names == name for name in dict.fromkeys(parts)]
    differences = right - left
    each = np.zeros(len(left))
    for mask in chosen:
        each[mask] = differences[mask] / mask.sum() / len(chosen)
    return Contributions(
        left=math.fsum(float(left[mask].mean()) for mask in chosen) / len(chosen),
        right=math.fsum(float(right[mask].mean()) for mask in chosen) / len(chosen),
        each=each,
        n=len(left),
        strata=[differences[mask] for mask in chosen],
    )


def question_values(
    values: Floats, places: Sequence[Sequence[int]], reduction: Reduction | None = None
) -> Floats:
    """One value a question: the mean of its answers, or what ``reduction`` makes of them."""
    if reduction is None:
        if all(len(one) == 1 for one in places):
            return np.asarray(values[[one[0] for one in places]], dtype=np.float64)
        return np.array([math.fsum(values[list(one)]) / len(one) for one in places])
    return np.array([reduction([float(one) for one in values[list(each)]]) for each in places])


def of_ratio(left: SideMeasure, right: SideMeasure, clusters: Clusters) -> Contributions | None:
    """Of measures with weights: ``sum(value * weight) / sum(weight)``; None where no question has
    a value on both sides.

    What a question adds is the linear part of the difference of both ratios, ``(y - R w)/W`` of
    each side with the ratio R of both together (W. Cochran, "Sampling Techniques", 1977, section
    6.4), so that sides may be exchanged question by question.
    """
    sums = [_sums(left, clusters.left), _sums(right, clusters.right)]
    both = (sums[0][1] > 0) & (sums[1][1] > 0)
    if not both.any():
        return None
    (y1, w1), (y2, w2) = ((y[both], w[both]) for y, w in sums)
    whole1, whole2 = math.fsum(w1), math.fsum(w2)
    ratio = (math.fsum(y1) / whole1 + math.fsum(y2) / whole2) / 2
    return Contributions(
        left=math.fsum(y1) / whole1,
        right=math.fsum(y2) / whole2,
        each=(y2 - ratio * w2) / whole2 - (y1 - ratio * w1) / whole1,
        n=int(both.sum()),
    )


def _sums(measure: SideMeasure, places: Sequence[Sequence[int]]) -> tuple[Floats, Floats]:
    values = np.nan_to_num(measure.values)
    known = np.isfinite(measure.values)
    weights = known.astype(np.float64) if measure.weights is None else measure.weights * known
    total = values * weights
    return _added(total, places), _added(weights, places)


def _added(column: Floats, places: Sequence[Sequence[int]]) -> Floats:
    return np.array([math.fsum(column[list(one)]) for one in places])
