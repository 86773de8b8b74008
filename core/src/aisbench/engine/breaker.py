"""Stopping a run in which everything fails in one way, before a whole data set has failed."""

from __future__ import annotations

from aisbench.types.response import Fault


class Breaker:
    """Trips after ``limit`` failures in a row that are alike (same kind and status)."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._alike: tuple[str, int | None] | None = None
        self._count = 0
        self._broken = 0
        self.tripped: Fault | None = None

    def record(self, fault: Fault | None) -> bool:
        """Take one final outcome; True when the run should stop."""
        if fault is None:
            self._alike, self._count = None, 0
            return self.tripped is not None
        alike = (fault.kind.value, fault.status)
        self._count = self._count + 1 if alike == self._alike else 1
        self._alike = alike
        if self._count >= self._limit and self.tripped is None:
            self.tripped = fault
        return self.tripped is not None

    def record_broken(self, fault: Fault | None) -> None:
        """Take the end of a conversation: by the fault of a plugin's own code, or not. They count
        apart from requests, as every request may succeed before code that breaks on its answer."""
        self._broken = 0 if fault is None else self._broken + 1
        if self._broken >= self._limit and self.tripped is None:
            self.tripped = fault
