"""Open loops whose rate changes with time: ramps and stages."""

from __future__ import annotations

import math

from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.settings.fields import above, at_least, not_empty, setting
from aisbench.shapes.arrivals import SECOND, Spread, at_rate, collect, random_of, unit_gaps
from aisbench.types.load import ClosedLoop, LoadContext, OpenLoop, VirtualClient


@frozen
class LinearRampSettings:
    """From one rate to another."""

    from_rate: float = setting(
        unit="requests/s", check=at_least(0), help="rate at the start", example=1.0
    )
    to_rate: float = setting(
        unit="requests/s", check=at_least(0), help="rate at the end", example=16.0
    )
    arrivals: Spread = setting(default="poisson", help="how arrivals are spread")


@frozen
class ExponentialRampSettings:
    """From one rate to another, by the same factor in each second."""

    from_rate: float = setting(
        unit="requests/s", check=above(0), help="rate at the start", example=1.0
    )
    to_rate: float = setting(
        unit="requests/s", check=above(0), help="rate at the end", example=16.0
    )
    arrivals: Spread = setting(default="poisson", help="how arrivals are spread")


def _length(context: LoadContext, mean_rate: float) -> float:
    """The ramp's length in s: the load's duration, or what ``requests`` take at the mean rate."""
    if context.duration_ns is not None:
        return context.duration_ns / SECOND
    assert context.requests is not None
    return context.requests / mean_rate


class LinearRamp:
    """The rate grows or falls evenly over the load: ``s + (e - s) t/T``; afterwards it stays."""

    def __init__(self, settings: LinearRampSettings) -> None:
        self._settings = settings

    def schedule(self, context: LoadContext) -> OpenLoop:
        """Raises DataError when both rates are 0."""
        begin, end = self._settings.from_rate, self._settings.to_rate
        if begin + end <= 0:
            raise DataError(
                "the ramp leads from rate 0 to rate 0: nothing would be sent",
                hint="set load.to_rate (or load.from_rate) above 0",
            )
        length = _length(context, (begin + end) / 2)
        slope = (end - begin) / length
        area = (begin + end) / 2 * length

        def invert(total: float) -> float | None:
            if total > area:
                return length + (total - area) / end if end > 0 else None
            if abs(slope) * length < 1e-9 * (begin + end):
                return total / begin
            if total <= 0:
                return 0.0
            # begin t + slope t²/2 = total, in the form that does not cancel.
            return 2 * total / (begin + math.sqrt(max(0.0, begin * begin + 2 * slope * total)))

        gaps = unit_gaps(self._settings.arrivals, random_of(context, "linear-ramp"))
        return OpenLoop(due_ns=collect(context, at_rate(invert, gaps)))


class ExponentialRamp:
    """The rate is ``s (e/s)^(t/T)`` over the load; afterwards it stays at ``e``."""

    def __init__(self, settings: ExponentialRampSettings) -> None:
        self._settings = settings

    def schedule(self, context: LoadContext) -> OpenLoop:
        """See :class:`aisbench.api.LoadShape`."""
        begin, end = self._settings.from_rate, self._settings.to_rate
        growth = math.log(end / begin)
        flat = abs(growth) < 1e-9
        mean = begin if flat else (end - begin) / growth
        length = _length(context, mean)
        area = mean * length

        def invert(total: float) -> float | None:
            if total > area:
                return length + (total - area) / end
            if flat:
                return total / begin
            return length / growth * math.log1p(total * growth / (begin * length))

        gaps = unit_gaps(self._settings.arrivals, random_of(context, "exponential-ramp"))
        return OpenLoop(due_ns=collect(context, at_rate(invert, gaps)))


@frozen
class Stage:
    """A part of an open loop."""

    rate: float = setting(
        unit="requests/s", check=at_least(0), help="arrivals per second; 0: none", example=8.0
    )
    seconds: float = setting(unit="s", check=above(0), help="how long", example=30.0)


@frozen
class StagesSettings:
    """Rates, one after the other."""

    stages: tuple[Stage, ...] = setting(
        check=not_empty,
        help="such as [{ rate = 2, seconds = 30 }, { rate = 8, seconds = 30 }]",
        example=[{"rate": 2, "seconds": 30}, {"rate": 8, "seconds": 30}],
    )
    arrivals: Spread = setting(default="poisson", help="how arrivals are spread")
    repeat: bool = setting(default=False, help="begin again after the last stage")


class Stages:
    """Piecewise constant rates."""

    def __init__(self, settings: StagesSettings) -> None:
        self._settings = settings

    def schedule(self, context: LoadContext) -> OpenLoop:
        """Raises DataError when no stage sends anything."""
        stages = self._settings.stages
        areas = [stage.rate * stage.seconds for stage in stages]
        cycle_area, cycle = sum(areas), sum(stage.seconds for stage in stages)
        if cycle_area <= 0:
            raise DataError(
                "all stages have the rate 0: nothing would be sent",
                hint="set the rate of a stage in load.stages above 0",
            )

        def invert(total: float) -> float | None:
            # A stage is half open: an arrival at its end belongs to the next one that sends. The
            # small addition keeps rounding from putting it before the end.
            cycles, left = divmod(total + 1e-9, cycle_area)
            if cycles and not self._settings.repeat:
                return None
            left = max(0.0, left - 1e-9)
            at = cycles * cycle
            for stage, area in zip(stages, areas, strict=True):
                if left < area - 1e-9:
                    return at + left / stage.rate
                left = max(0.0, left - area)
                at += stage.seconds
            return at

        gaps = unit_gaps(self._settings.arrivals, random_of(context, "stages"))
        return OpenLoop(due_ns=collect(context, at_rate(invert, gaps)))


@frozen
class ClientStage:
    """A part of a closed loop."""

    concurrency: int = setting(check=at_least(0), help="virtual clients", example=8)
    seconds: float = setting(unit="s", check=above(0), help="how long", example=30.0)


@frozen
class ClientStagesSettings:
    """Numbers of clients, one after the other."""

    stages: tuple[ClientStage, ...] = setting(
        check=not_empty,
        help="such as [{ concurrency = 8, seconds = 30 }, { concurrency = 16, seconds = 30 }]",
        example=[{"concurrency": 8, "seconds": 30}, {"concurrency": 32, "seconds": 30}],
    )


class ClientStages:
    """A closed loop whose number of clients changes; those that go finish their request."""

    def __init__(self, settings: ClientStagesSettings) -> None:
        self._stages = settings.stages

    def schedule(self, context: LoadContext) -> ClosedLoop:
        """Raises DataError when no stage has a client."""
        clients: list[VirtualClient] = []
        begun: list[int] = []
        at = 0.0
        for stage in self._stages:
            now = round(at * SECOND)
            while len(begun) > stage.concurrency:
                clients.append(VirtualClient(begun.pop(), now))
            begun += [now] * (stage.concurrency - len(begun))
            at += stage.seconds
        clients += [VirtualClient(one, round(at * SECOND)) for one in begun]
        if not clients:
            raise DataError(
                "no stage has a client: nothing would be sent",
                hint="set the concurrency of a stage in load.stages above 0",
            )
        return ClosedLoop(clients=sorted(clients, key=lambda one: one.begin_ns))
