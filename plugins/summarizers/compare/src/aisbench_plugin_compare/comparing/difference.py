"""The difference of one figure between two sides: test, interval, size, verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, TypeAlias

import attrs
import numpy as np
from attrs import frozen

from aisbench_plugin_compare.comparing.contributions import Contributions
from aisbench_plugin_compare.sides.side import Better
from aisbench_plugin_compare.statistics import bootstrap, paired_counts
from aisbench_plugin_compare.statistics.holm import holm
from aisbench_plugin_compare.statistics.normal import normal_below, student_quantile
from aisbench_plugin_compare.statistics.permutation import sign_flips

LEVEL = 0.05

Verdict: TypeAlias = Literal["better", "worse", "differs", "no difference", "same", "not tested"]
"""Of the right side against the left one. ``differs``: nobody says which way is better. ``no
difference``: none that so many samples could show. ``same``: equal on every sample."""


@frozen(kw_only=True)
class Difference:
    """One figure of two sides. ``left``, ``right``, ``low`` to ``high`` (the 95 % interval of
    ``right - left``) and ``smallest`` are in ``unit``; shares are in %, and their differences in
    percentage points.

    ``p`` is of the single test, ``adjusted`` by Holm over the tests of its family. ``smallest`` is
    the difference that would have been found with a chance of 80 %. ``bounds`` is the difference
    if failed and unfinished answers had all been of use to the one side, or to the other.
    """

    name: str
    """As gates name it: ``gsm8k.accuracy``, ``mmlu/law.accuracy``, ``ttft.p99``."""
    subject: str
    """The data set or load that it is of."""
    figure: str
    part: str = ""
    unit: str = ""
    better: Better = None
    left: float
    right: float
    low: float | None = None
    high: float | None = None
    n: int | None = None
    p: float | None = None
    p_error: float | None = None
    adjusted: float | None = None
    test: str = ""
    interval: str = ""
    smallest: float | None = None
    gained: int | None = None
    lost: int | None = None
    bounds: tuple[float, float] | None = None
    verdict: Verdict = "not tested"
    note: str = ""
    samples: str = "questions"
    """What ``n`` counts."""

    @property
    def change(self) -> float:
        """``right - left``."""
        return self.right - self.left

    @property
    def relative(self) -> float | None:
        """The change as a share of the left side's value; None where that is 0."""
        return self.change / abs(self.left) if self.left else None

    @property
    def difference_unit(self) -> str:
        """Percentage points for shares."""
        return "pp" if self.unit == "%" else self.unit

    @property
    def open(self) -> bool:
        """Whether failed and unfinished answers leave open which side is ahead."""
        if self.bounds is None:
            return False
        low, high = self.bounds
        return low <= 0 <= high and low < high


@frozen(kw_only=True)
class Tested:
    """What a test says of a difference, before it has a name; the units are the figure's."""

    low: float | None
    high: float | None
    p: float | None
    p_error: float | None = None
    test: str = ""
    interval: str = ""
    smallest: float | None = None


def weighed(found: Contributions, seed: int) -> Tested:
    """The test, the interval and the size that fit the values: counts of flips for right and
    wrong, signs and draws for all others."""
    if found.gained is not None and found.lost is not None:
        ends = paired_counts.tango_interval(found.gained, found.lost, found.n)
        return Tested(
            low=ends[0],
            high=ends[1],
            p=paired_counts.mcnemar(found.gained, found.lost),
            test="exact McNemar",
            interval="Tango's score interval",
            smallest=paired_counts.smallest_paired(found.gained, found.lost, found.n),
        )
    result = sign_flips(found.each, seed)
    drawn = "exact" if result.error is None else f"{result.draws:,} draws"
    several = len(found.each) > 1
    low, high = _interval(found, seed) if several else (None, None)
    return Tested(
        low=low,
        high=high,
        p=result.p,
        p_error=result.error,
        test=f"paired permutation, {drawn}",
        interval="Student's t over parts" if found.strata else "paired bootstrap",
        smallest=bootstrap.smallest_mean(found.stderr) if several else None,
    )


def _interval(found: Contributions, seed: int) -> tuple[float, float]:
    n = len(found.each)
    if found.strata:
        # Each part has a spread of its own; their sum is near enough to normal.
        reach = student_quantile(1 - LEVEL / 2, n - len(found.strata) or 1) * found.stderr
        change = math.fsum(found.each)
        return change - reach, change + reach
    return bootstrap.mean_interval(found.each * n, seed, LEVEL)


def judged(differences: Sequence[Difference]) -> list[Difference]:
    """One family of tests: adjusted by Holm, each with its verdict."""
    places = [place for place, one in enumerate(differences) if one.p is not None]
    adjusted = holm([p for one in differences if (p := one.p) is not None])
    values = dict(zip(places, adjusted, strict=True))
    return [
        attrs.evolve(one, adjusted=values.get(place), verdict=verdict_of(one, values.get(place)))
        for place, one in enumerate(differences)
    ]


def verdict_of(one: Difference, p: float | None) -> Verdict:
    """The word for a difference whose adjusted p is ``p``."""
    if p is None:
        if one.low is None or one.high is None:
            return "not tested"
        found = one.low > 0 or one.high < 0
    else:
        found = p < LEVEL
    if not found:
        same = (one.gained, one.lost) == (0, 0) or (one.low, one.high) == (0, 0)
        return "same" if same and one.change == 0 else "no difference"
    if one.better is None or one.change == 0:
        return "differs" if one.change else "no difference"
    return "better" if (one.change > 0) == (one.better == "up") else "worse"


def p_of_interval(change: float, low: float, high: float) -> float:
    """The p that fits an interval of 95 %, by the normal distribution."""
    reach = (high - low) / 2
    if reach <= 0:
        return 1.0 if change == 0 else 0.0
    return float(2 * normal_below(-abs(change) / (reach / 1.959963984540054)))


def is_equal(left: float, right: float) -> bool:
    """Equal but for rounding."""
    return bool(np.isclose(left, right, rtol=1e-9, atol=1e-9))
