"""Requests made ready before they are due, so that making one delays no other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from aisbench.engine.pieces import PiecedRequest
from aisbench.loadgen.attempt import ActiveConversation, Attempt
from aisbench.loadgen.shared_counters import SharedCounters
from aisbench.loadgen.spec import SECOND, LoadSpec
from aisbench.types.http import HttpRequest
from aisbench.types.load import ClosedLoop

AHEAD_NS = SECOND
"""Requests that are due within so long are made ready."""
MOST_AHEAD = 1000
MOST_AHEAD_BYTES = 256 * 1024 * 1024
"""Of bodies: those with pictures may be large."""


class Prefetch:
    """One worker's next requests, in the order of their numbers.

    ``make`` makes the conversation of a number ready, with its first request. In a closed loop the
    number is claimed from what all workers share; in an open loop each worker has arrivals of its
    own.
    """

    def __init__(
        self,
        spec: LoadSpec,
        shared: SharedCounters,
        index: int,
        make: Callable[[int], ActiveConversation],
    ) -> None:
        self._spec = spec
        self._shared = shared
        self._index = index
        self._make = make
        self._ready: deque[tuple[ActiveConversation, int]] = deque()
        self._bytes = 0
        self._lookahead = 0
        self._due: Sequence[int] = ()
        self._arrivals = range(0)
        self._next = 0
        self.closed = isinstance(spec.schedule, ClosedLoop)

    def prepare(self, most: int) -> None:
        """Make what is due at the start, at most ``most``."""
        schedule = self._spec.schedule
        if isinstance(schedule, ClosedLoop):
            mine = schedule.clients[self._index :: self._spec.workers]
            at_once = sum(1 for client in mine if client.begin_ns == 0)
            # One worker may hold work back for itself; several share it as they get free.
            self._lookahead = min(at_once, MOST_AHEAD) if self._spec.workers == 1 else 0
            for _ in range(min(at_once, most)):
                if not self.make_one():
                    break
        else:
            self._due = schedule.due_ns
            self._arrivals = range(self._index, len(schedule.due_ns), self._spec.workers)
            while self.wanting(0) and self.make_one():
                pass

    def wanting(self, now: int) -> bool:
        """Whether more should be made ready (``now`` in ns after the start)."""
        if self._bytes >= MOST_AHEAD_BYTES:
            return False
        if self.closed:
            return len(self._ready) < self._lookahead
        place = self._next + len(self._ready)
        return (
            len(self._ready) < MOST_AHEAD
            and place < len(self._arrivals)
            and self._due[self._arrivals[place]] < now + AHEAD_NS
        )

    def make_one(self) -> bool:
        """Make one more request ready; False when there is none to make."""
        number: int | None
        if self.closed:
            # Beyond the measured ones only while the cool-down wants the load kept up.
            limit = None if self._spec.cool_down_ns else self._spec.requests
            number = self._shared.claim(limit)
            if number is None:
                return False
        else:
            place = self._next + len(self._ready)
            if place >= len(self._arrivals):
                return False
            number = self._arrivals[place]
        active = self._make(number)
        size = 0 if active.first is None else _size(active.first)
        self._bytes += size
        self._ready.append((active, size))
        return True

    def take(self) -> ActiveConversation | None:
        """The next conversation; None when there is no more."""
        if not self._ready and not self.make_one():
            return None
        active, size = self._ready.popleft()
        self._bytes -= size
        return active

    @property
    def arrivals(self) -> int:
        """How many there are in all; 0 in a closed loop."""
        return len(self._arrivals)

    @property
    def arrived(self) -> bool:
        """Whether no arrival is left."""
        return self._next >= len(self._arrivals)

    def next_due(self) -> int:
        """When the next arrival is due, in ns after the start."""
        return self._due[self._arrivals[self._next]]

    def arrive(self) -> ActiveConversation:
        """The next arrival's conversation."""
        active = self.take()
        self._next += 1
        assert active is not None
        return active

    def drop(self) -> None:
        """Forget what has not begun."""
        self._next = len(self._arrivals)
        self._ready.clear()
        self._bytes = 0


def _size(attempt: Attempt) -> int:
    """Bytes of the body; what an own transport sends is not known here."""
    wire = attempt.wire
    if isinstance(wire, PiecedRequest):
        return wire.held
    return len(wire.body) if isinstance(wire, HttpRequest) else 0
