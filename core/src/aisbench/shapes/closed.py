"""Closed loops: a number of clients, each of which asks again when it has its answer."""

from __future__ import annotations

from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.settings.fields import at_least, setting
from aisbench.shapes.arrivals import SECOND
from aisbench.types.load import ClosedLoop, LoadContext, VirtualClient


@frozen
class ClosedSettings:
    """How many clients."""

    concurrency: int = setting(
        default=1,
        check=at_least(1),
        help="requests in flight at all times; absent: the model's concurrency",
    )


class Closed:
    """A fixed number of requests in flight."""

    def __init__(self, settings: ClosedSettings) -> None:
        self._settings = settings

    def schedule(self, context: LoadContext) -> ClosedLoop:
        """See :class:`aisbench.api.LoadShape`."""
        count = self._settings.concurrency
        if context.requests is not None and not context.tail_ns:
            count = min(count, context.requests)
        return ClosedLoop(clients=[VirtualClient()] * count)


@frozen
class PressureSettings:
    """How many clients, and how they come."""

    concurrency: int = setting(
        default=1,
        check=at_least(1),
        help="clients in the end; absent: the model's concurrency",
    )
    clients_per_second: float = setting(
        default=0.0, check=at_least(0), help="new clients per second; 0: all at once"
    )


class Pressure:
    """A closed loop for a duration, whose clients may come one after the other.

    AISBench's pressure mode, in which ``request_rate`` is the rate of new clients.
    """

    def __init__(self, settings: PressureSettings) -> None:
        self._settings = settings

    def schedule(self, context: LoadContext) -> ClosedLoop:
        """Raises DataError without a duration, or when not all clients would come within it."""
        if context.duration_ns is None:
            raise DataError(
                "the shape pressure lasts for a time, and none is given",
                hint="set load.duration, or use the shape closed with load.requests",
            )
        count, rate = self._settings.concurrency, self._settings.clients_per_second
        begins = [round(number / rate * SECOND) if rate else 0 for number in range(count)]
        if begins[-1] >= context.duration_ns:
            raise DataError(
                f"{count} clients at {rate:g} a second come in {begins[-1] / SECOND:g} s, and the "
                f"load ends after {context.duration_ns / SECOND:g} s",
                hint="raise load.duration or load.clients_per_second",
            )
        return ClosedLoop(clients=[VirtualClient(begin) for begin in begins])
