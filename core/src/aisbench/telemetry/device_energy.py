"""Energy and levels of one device over a stretch of time, from readings at single instants.

Energy is the difference of the device's own counter, else the area under its power. Between two
readings both are taken as straight lines. How far that may be off is told with it: of a counter
what rose between the readings on both sides of an edge; of power half of every step, as if it had
been taken at once after one reading or at once before the next; and all that lies beyond the
readings.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from attrs import frozen

NS = 1e9

Point = tuple[int, float]
"""An instant in ns, and a value."""


@frozen
class Energy:
    """Joules, and how far they may be off."""

    joules: float
    error: float
    by: Literal["counter", "power"]


def energy_between(
    counter: Sequence[Point], power: Sequence[Point], begin_ns: int, end_ns: int
) -> Energy | None:
    """The energy of a stretch; None where neither was read. A counter that falls (it was reset,
    or the device was) is not used."""
    if len(counter) >= 2 and _rises(counter) and counter[0][0] < end_ns:
        inside = counter[0][0] <= begin_ns and counter[-1][0] >= end_ns
        if inside or not power:
            return _by_counter(counter, begin_ns, end_ns)
    return area(power, begin_ns, end_ns) if power else None


def _rises(counter: Sequence[Point]) -> bool:
    return all(one[1] <= other[1] for one, other in pairwise(counter))


def _by_counter(counter: Sequence[Point], begin_ns: int, end_ns: int) -> Energy:
    first, first_error = _counted_at(counter, begin_ns)
    last, last_error = _counted_at(counter, end_ns)
    return Energy(last - first, first_error + last_error, "counter")


def _counted_at(counter: Sequence[Point], at_ns: int) -> tuple[float, float]:
    """The counter at an instant, and how far that may be off; beyond the readings it goes on as
    steeply as between the two next to them."""
    place = bisect_right([one[0] for one in counter], at_ns)
    if place and counter[place - 1][0] == at_ns:
        return counter[place - 1][1], 0.0
    place = min(max(place, 1), len(counter) - 1)
    (before, low), (after, high) = counter[place - 1], counter[place]
    share = (at_ns - before) / (after - before) if after > before else 0.0
    rise = high - low
    if 0 <= share <= 1:
        return low + share * rise, max(share, 1 - share) * rise
    beyond = -share if share < 0 else share - 1
    return low + share * rise, beyond * rise


def area(power: Sequence[Point], begin_ns: int, end_ns: int) -> Energy:
    """The area under power over a stretch; the first and the last reading stand for what lies
    beyond them."""
    times = [one[0] for one in power]
    marks = sorted({begin_ns, end_ns, *(one for one in times if begin_ns < one < end_ns)})
    joules = error = 0.0
    for left, right in pairwise(marks):
        one, other = level_at(power, left), level_at(power, right)
        part = (one + other) / 2 * (right - left) / NS
        joules += part
        if right <= times[0] or left >= times[-1]:
            error += part  # nothing was read there
        else:
            error += abs(other - one) / 2 * (right - left) / NS
    return Energy(joules, error, "power")


def level_at(points: Sequence[Point], at_ns: int) -> float:
    """A level at an instant, between the readings on a straight line."""
    place = bisect_right([one[0] for one in points], at_ns)
    if place == 0:
        return points[0][1]
    if place == len(points):
        return points[-1][1]
    (before, low), (after, high) = points[place - 1], points[place]
    return low + (high - low) * (at_ns - before) / (after - before)


def mean_level(points: Sequence[Point], begin_ns: int, end_ns: int) -> float:
    """The mean of a level over a stretch of time."""
    if end_ns <= begin_ns:
        return level_at(points, begin_ns)
    return area(points, begin_ns, end_ns).joules / ((end_ns - begin_ns) / NS)


def power_of(counter: Sequence[Point]) -> list[Point]:
    """Power between each two readings of a counter, at the middle of the two."""
    return [
        ((before + after) // 2, (high - low) / ((after - before) / NS))
        for (before, low), (after, high) in pairwise(counter)
        if after > before and high >= low
    ]
