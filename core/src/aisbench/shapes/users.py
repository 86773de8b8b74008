"""Users who ask at a rate of their own, session after session.

LMCache's multi-round QA and AIPerf's user-centric timing pace each user so: a user's next request
is due a fixed time (users / rate of all) after the last one was, or when that is answered, if it
takes longer. What is left of a slow server's queue then is what its users wait for.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Literal

from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.settings.fields import above, at_least, setting
from aisbench.shapes.arrivals import SECOND, collect, random_of, unit_gaps
from aisbench.types.load import ClosedLoop, LoadContext, OpenLoop, TurnGap, VirtualClient


@frozen
class UsersSettings:
    """How many users, and how often each asks."""

    rate_per_user: float = setting(
        unit="requests/s", check=above(0), help="requests of each user per second", example=0.1
    )
    users: int | None = setting(
        default=None,
        check=at_least(1),
        help="users at all times: where one's session is over, another takes its place",
        example=20,
    )
    users_per_second: float | None = setting(
        default=None,
        check=above(0),
        help="in place of `users`: new users per second, who leave when their session is over",
        example=0.5,
    )
    ramp_up: float | None = setting(
        default=None,
        unit="s",
        check=at_least(0),
        help="with `users`: they come evenly over this time; absent: over one gap of a user",
        example=60.0,
    )
    gaps: Literal["fixed", "exponential"] = setting(
        default="fixed", help="how a user's gaps between requests are spread"
    )


class Users:
    """Each conversation of the data set is the session of one user."""

    def __init__(self, settings: UsersSettings) -> None:
        self._settings = settings

    def schedule(self, context: LoadContext) -> ClosedLoop | OpenLoop:
        """Raises DataError where it is not said how many users there are."""
        settings = self._settings
        gap = TurnGap(
            mean_ns=round(SECOND / settings.rate_per_user), drawn=settings.gaps == "exponential"
        )
        if (settings.users is None) == (settings.users_per_second is None):
            raise DataError(
                "one of users and users_per_second is needed",
                hint="users = 20 keeps so many; users_per_second = 0.5 lets them come and go",
            )
        if settings.users_per_second is not None:
            if settings.ramp_up is not None:
                raise DataError(
                    "ramp_up has no effect with users_per_second",
                    hint="they come one after the other from the start on; leave ramp_up out",
                )
            rate = settings.users_per_second
            gaps = unit_gaps("poisson", random_of(context, "users"))
            return OpenLoop(due_ns=collect(context, _times(rate, gaps)), turn_gap=gap)
        count = settings.users or 1
        if context.requests is not None and not context.tail_ns:
            count = min(count, context.requests)
        ramp = gap.mean_ns if settings.ramp_up is None else round(settings.ramp_up * SECOND)
        begins = [ramp * number // count for number in range(count)]
        if context.duration_ns is not None and begins[-1] >= context.duration_ns:
            raise DataError(
                f"{count} users come over {ramp / SECOND:g} s, and the load ends after "
                f"{context.duration_ns / SECOND:g} s",
                hint="raise load.duration, or lower load.ramp_up",
            )
        return ClosedLoop(clients=[VirtualClient(begin) for begin in begins], turn_gap=gap)


def _times(rate: float, gaps: Iterator[float]) -> Iterator[float]:
    return itertools.accumulate(gap / rate for gap in gaps)
