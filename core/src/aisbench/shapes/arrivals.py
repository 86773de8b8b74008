"""Gaps between arrivals, and arrivals at a rate that changes with time."""

from __future__ import annotations

import itertools
import random
from array import array
from collections.abc import Callable, Iterator
from typing import Literal

from aisbench.base.errors import DataError
from aisbench.types.load import LoadContext

SECOND = 1_000_000_000
Spread = Literal["constant", "poisson"]
MOST = 50_000_000
"""Arrivals of one schedule: more is a mistake, and would not fit into memory."""


def random_of(context: LoadContext, name: str) -> random.Random:
    """The shape's own randomness, which depends only on the suite's seed."""
    return random.Random(f"{context.seed}/{name}")


def unit_gaps(spread: Spread, random_: random.Random) -> Iterator[float]:
    """Gaps of mean 1: equal ones after a first arrival at once, or exponential ones, as in a
    Poisson process."""
    if spread == "constant":
        return itertools.chain([0.0], itertools.repeat(1.0))
    return (random_.expovariate(1.0) for _ in itertools.count())


def gamma_gaps(burstiness: float, random_: random.Random) -> Iterator[float]:
    """Gaps of mean 1 by the gamma distribution with shape ``burstiness``; its coefficient of
    variation is ``1/sqrt(burstiness)``."""
    return (random_.gammavariate(burstiness, 1 / burstiness) for _ in itertools.count())


def collect(context: LoadContext, times: Iterator[float]) -> array[int]:
    """Instants in s, never falling, until the context's horizon or number of requests.

    With a cool-down, arrivals go on for that long after the last measured one. Raises DataError.
    """
    due = array("q")
    horizon = context.horizon_ns
    count = context.requests
    until: int | None = None
    for time in times:
        when = round(time * SECOND)
        if horizon is not None and when >= horizon:
            break
        if until is not None and when > until:
            break
        if until is None and count is not None and len(due) == count:
            if not context.tail_ns:
                break
            until = due[-1] + context.tail_ns if due else context.tail_ns
            if when > until:
                break
        due.append(when)
        if len(due) > MOST:
            raise DataError(
                f"the schedule has more than {MOST} arrivals",
                hint="lower the rate, load.requests or load.duration",
            )
    if not due:
        raise DataError(
            "no request is due before the load ends",
            hint="raise the rate or load.duration",
        )
    return due


def at_rate(invert: Callable[[float], float | None], gaps: Iterator[float]) -> Iterator[float]:
    """Arrivals at a changing rate: gaps of mean 1 add up on the axis of the integrated rate, and
    ``invert`` leads from there to time in s (Cinlar's time-rescaling of a Poisson process, see
    R. Pasupathy, "Generating nonhomogeneous Poisson processes", 2010).

    Ends where ``invert`` gives None.
    """
    total = 0.0
    for gap in gaps:
        total += gap
        when = invert(total)
        if when is None:
            return
        yield when
