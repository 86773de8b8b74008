"""AISBench's own request_rate and traffic_cfg, for suites that move from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.settings.fields import above, at_least, setting
from aisbench.shapes.arrivals import collect, random_of
from aisbench.types.load import LoadContext, OpenLoop


@frozen
class TrafficSettings:
    """AISBench's names and meanings."""

    request_rate: float = setting(
        default=0.0,
        unit="requests/s",
        check=at_least(0),
        help="without a ramp: arrivals per second",
    )
    burstiness: float = setting(
        default=0.0,
        check=at_least(0),
        help="0: even gaps; else shape of the gamma distribution of gaps (1: Poisson)",
    )
    ramp_up_strategy: Literal["", "linear", "exponential"] = setting(
        default="", help="how the rate goes from ramp_up_start_rps to ramp_up_end_rps"
    )
    ramp_up_start_rps: float | None = setting(
        default=None,
        unit="requests/s",
        check=above(0),
        help="rate of the first request",
        example=1.0,
    )
    ramp_up_end_rps: float | None = setting(
        default=None,
        unit="requests/s",
        check=above(0),
        help="rate of the last request",
        example=16.0,
    )


class Traffic:
    """The rate changes from request to request, not with time.

    Request i of N waits ``1/rate_i`` after the one before, or a gamma-distributed time of that
    mean; ``rate_i = s + (e-s) i/(N-1)`` (linear) or ``s (e/s)^(i/(N-1))`` (exponential). Without
    a ramp the schedule is stretched so that the last is due at N/rate. It differs from AISBench
    in three ways: the first request is not delayed twice, the randomness is seeded, and a ramp
    without request_rate is not silently ignored: a ramp has its own rates, and request_rate must
    be left out.
    """

    def __init__(self, settings: TrafficSettings) -> None:
        self._settings = settings

    def schedule(self, context: LoadContext) -> OpenLoop:
        """Raises DataError for settings that contradict each other."""
        settings = self._settings
        ramp = settings.ramp_up_strategy
        start, end = settings.ramp_up_start_rps, settings.ramp_up_end_rps
        if bool(ramp) != (start is not None) or bool(ramp) != (end is not None):
            raise DataError(
                "a ramp needs ramp_up_strategy, ramp_up_start_rps and ramp_up_end_rps together",
                hint="give all three, or none of them",
            )
        if ramp and settings.request_rate:
            raise DataError(
                "request_rate has no effect with a ramp, which has its own rates",
                hint="leave load.request_rate out",
            )
        if not ramp and not settings.request_rate:
            raise DataError(
                "request_rate is 0 and there is no ramp: nothing says when to send",
                hint="set load.request_rate, or use the shape closed to send as fast as answers "
                "come",
            )
        if context.requests is None:
            raise DataError(
                "the shape traffic plans for a number of requests, and none is given",
                hint="set load.requests",
            )
        count = context.requests
        random_ = random_of(context, "traffic")

        def rate(number: int) -> float:
            if not ramp or start is None or end is None:
                return settings.request_rate
            share = min(number, count - 1) / max(count - 1, 1)
            if ramp == "linear":
                return start + (end - start) * share
            return float(start * (end / start) ** share)

        def offsets() -> Iterator[float]:
            total = 0.0
            number = 0
            while True:
                mean = 1 / rate(number)
                shape = settings.burstiness
                total += random_.gammavariate(shape, mean / shape) if shape else mean
                yield total
                number += 1

        first = []
        for when in offsets():
            first.append(when)
            if len(first) == count:
                break
        factor = 1.0 if ramp else count / settings.request_rate / first[-1]
        return OpenLoop(due_ns=collect(context, (when * factor for when in first)))
