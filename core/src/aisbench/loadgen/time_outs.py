"""Giving up requests that have waited too long for an answer, or for its first token."""

from __future__ import annotations

from aisbench.config.suite import ServiceSettings
from aisbench.loadgen.in_flight import InFlight
from aisbench.loadgen.spec import SECOND
from aisbench.types.response import FaultKind


class TimeOuts:
    """The suite's ``timeout.total`` and ``timeout.first_token``, looked at from time to time."""

    def __init__(self, service: ServiceSettings, in_flight: InFlight) -> None:
        self._in_flight = in_flight
        self._total = service.timeout.total
        self._first_token = service.timeout.first_token if service.stream else None

    def check_total(self, now: int) -> None:
        """Fail what has not been answered in full in time."""
        self._expire(now, self._total, "total", "end")

    def check_first_token(self, now: int) -> None:
        """Fail streams whose first token is overdue."""
        if self._first_token is not None:
            self._expire(now, self._first_token, "first_token", "first token")

    def _expire(self, now: int, seconds: float, label: str, what: str) -> None:
        limit = int(seconds * SECOND)
        late = []
        for attempt in self._in_flight.attempts:
            if attempt.dispatched + limit > now:
                break  # in the order of sending: the rest is younger
            if label == "total" or not attempt.reads:
                late.append(attempt)
        for attempt in late:
            if attempt.connection is not None:
                attempt.connection.abort()
            attempt.fail(FaultKind.TIMEOUT, f"no {what} within {seconds:g} s (timeout.{label})")
