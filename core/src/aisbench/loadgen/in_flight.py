"""What one worker of a load has under way."""

from __future__ import annotations

from collections import deque

from aisbench.base.clock import now_ns
from aisbench.loadgen.attempt import ActiveConversation, Attempt
from aisbench.loadgen.connections import Connections
from aisbench.loadgen.shared_counters import COUNTERS, WorkerCounters
from aisbench.loadgen.spec import SECOND
from aisbench.types.response import FaultKind

_IN_FLIGHT = COUNTERS.index("in_flight")
_OPEN = COUNTERS.index("measured_open")
_WAITING = COUNTERS.index("waiting")
_HELD = COUNTERS.index("held_back")


class InFlight:
    """Requests and conversations that have not ended, and their shared counters.

    At most ``most`` requests are in flight; others wait.
    """

    def __init__(self, counters: WorkerCounters, connections: Connections, most: int) -> None:
        self._view = counters.view
        self._connections = connections
        self.most = most
        self.attempts: dict[Attempt, None] = {}
        """Sent, in that order, and not seen to yet."""
        self.waiting: deque[Attempt] = deque()
        """Due, and held back."""
        self.retries: dict[Attempt, None] = {}
        """Attempts that wait for their back-off to pass."""
        self.thinking: dict[ActiveConversation, None] = {}
        """Conversations between two turns."""
        self.clients = 0
        """Virtual clients of a closed loop that have not been let go."""
        self._open: dict[ActiveConversation, None] = {}

    @property
    def busy(self) -> bool:
        """Whether anything is still to come of what has begun."""
        return bool(self.attempts or self.waiting or self.retries or self.thinking)

    def take_up(self, attempt: Attempt) -> None:
        """Count a request among those in flight."""
        attempt.dispatched = now_ns()
        replica = self._connections.replicas.pick()
        attempt.replica = replica
        replica.in_flight += 1
        self.attempts[attempt] = None
        self._view[_IN_FLIGHT] += 1

    def put_down(self, attempt: Attempt) -> None:
        """Count it there no more."""
        self.attempts.pop(attempt, None)
        assert attempt.replica is not None
        attempt.replica.in_flight -= 1
        self._view[_IN_FLIGHT] -= 1

    def hold(self, attempt: Attempt) -> None:
        """Let a request wait until another one has ended."""
        self.waiting.append(attempt)
        self._view[_HELD] += 1
        self._view[_WAITING] = len(self.waiting)

    def next_held(self) -> Attempt:
        """The one that has waited longest."""
        attempt = self.waiting.popleft()
        self._view[_WAITING] = len(self.waiting)
        return attempt

    def begin(self, active: ActiveConversation) -> None:
        """A measured conversation begins."""
        self._open[active] = None
        self._view[_OPEN] = len(self._open)

    def end(self, active: ActiveConversation) -> None:
        """A conversation, measured or not, is over."""
        if self._open.pop(active, active) is None:
            self._view[_OPEN] = len(self._open)

    def forget_thinkers(self) -> None:
        """Conversations between two turns do not go on."""
        for active in self.thinking:
            self.end(active)
        self.thinking.clear()

    def count_clients(self) -> None:
        """Only who waits for an answer, or for the next turn, is a client any more."""
        alive = [one.active for one in (*self.attempts, *self.waiting, *self.retries)]
        self.clients = sum(active.client is not None for active in (*alive, *self.thinking))

    def unsent(self) -> list[Attempt]:
        """Requests that have not been sent, or not again."""
        return [*self.waiting, *self.retries]

    def withdraw(self, attempts: list[Attempt]) -> None:
        """Of those: they are never sent, but count as in flight, so that they can end."""
        for attempt in attempts:
            self.take_up(attempt)
        gone = set(attempts)
        self.waiting = deque(one for one in self.waiting if one not in gone)
        self.retries = {one: None for one in self.retries if one not in gone}
        self._view[_WAITING] = len(self.waiting)

    def expire(self, now: int, seconds: float, label: str, what: str) -> None:
        """Fail what has waited for so long; ``label`` names the time-out of the suite."""
        limit = int(seconds * SECOND)
        late = []
        for attempt in self.attempts:
            if attempt.dispatched + limit > now:
                break  # in the order of sending: the rest is younger
            if label == "total" or not attempt.reads:
                late.append(attempt)
        for attempt in late:
            if attempt.connection is not None:
                attempt.connection.abort()
            attempt.fail(FaultKind.TIMEOUT, f"no {what} within {seconds:g} s (timeout.{label})")
