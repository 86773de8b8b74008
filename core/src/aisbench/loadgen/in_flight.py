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
    """Requests and conversations that have not ended, counted on the board as they come and go.

    At most ``most`` requests are in flight; others wait.
    """

    def __init__(self, counters: WorkerCounters, lines: Connections, most: int) -> None:
        self._view = counters.view
        self._lines = lines
        self.most = most
        self.flights: dict[Attempt, None] = {}
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
        return bool(self.flights or self.waiting or self.retries or self.thinking)

    def take_up(self, flight: Attempt) -> None:
        """Count a request among those in flight."""
        flight.dispatched = now_ns()
        replica = self._lines.replicas.pick()
        flight.replica = replica
        replica.in_flight += 1
        self.flights[flight] = None
        self._view[_IN_FLIGHT] += 1

    def put_down(self, flight: Attempt) -> None:
        """Count it there no more."""
        self.flights.pop(flight, None)
        assert flight.replica is not None
        flight.replica.in_flight -= 1
        self._view[_IN_FLIGHT] -= 1

    def hold(self, flight: Attempt) -> None:
        """Let a request wait until another one has ended."""
        self.waiting.append(flight)
        self._view[_HELD] += 1
        self._view[_WAITING] = len(self.waiting)

    def next_held(self) -> Attempt:
        """The one that has waited longest."""
        flight = self.waiting.popleft()
        self._view[_WAITING] = len(self.waiting)
        return flight

    def begin(self, talk: ActiveConversation) -> None:
        """A measured conversation begins."""
        self._open[talk] = None
        self._view[_OPEN] = len(self._open)

    def end(self, talk: ActiveConversation) -> None:
        """A conversation, measured or not, is over."""
        if self._open.pop(talk, talk) is None:
            self._view[_OPEN] = len(self._open)

    def forget_thinkers(self) -> None:
        """Conversations between two turns do not go on."""
        for talk in self.thinking:
            self.end(talk)
        self.thinking.clear()

    def count_clients(self) -> None:
        """Only who waits for an answer, or for the next turn, is a client any more."""
        alive = [one.talk for one in (*self.flights, *self.waiting, *self.retries)]
        self.clients = sum(talk.client is not None for talk in (*alive, *self.thinking))

    def unsent(self) -> list[Attempt]:
        """Requests that have not been sent, or not again."""
        return [*self.waiting, *self.retries]

    def withdraw(self, flights: list[Attempt]) -> None:
        """Of those: they are never sent, but count as in flight, so that they can end."""
        for flight in flights:
            self.take_up(flight)
        gone = set(flights)
        self.waiting = deque(one for one in self.waiting if one not in gone)
        self.retries = {one: None for one in self.retries if one not in gone}
        self._view[_WAITING] = len(self.waiting)

    def expire(self, now: int, seconds: float, label: str, what: str) -> None:
        """Fail what has waited for so long; ``label`` names the time-out of the suite."""
        limit = int(seconds * SECOND)
        late = []
        for flight in self.flights:
            if flight.dispatched + limit > now:
                break  # in the order of sending: the rest is younger
            if label == "total" or not flight.reads:
                late.append(flight)
        for flight in late:
            if flight.connection is not None:
                flight.connection.abort()
            flight.fail(FaultKind.TIMEOUT, f"no {what} within {seconds:g} s (timeout.{label})")
