"""What one worker of a load has under way: sent, held back, or waiting to be sent again."""

from __future__ import annotations

from collections import deque

from aisbench.loadgen.actions import RETRY, Actions
from aisbench.loadgen.attempt import ActiveConversation, Attempt
from aisbench.loadgen.shared_counters import COUNTERS, WorkerCounters

_SENT = COUNTERS.index("sent")
_IN_FLIGHT = COUNTERS.index("in_flight")
_OPEN = COUNTERS.index("measured_open")
_WAITING = COUNTERS.index("waiting")
_HELD = COUNTERS.index("held_back")
_RETRIED = COUNTERS.index("retried")


class InFlight:
    """Requests and conversations that have not ended, and their shared counters.

    At most ``most`` requests are in flight; others wait until one has ended.
    """

    def __init__(self, counters: WorkerCounters, most: int, actions: Actions) -> None:
        self._view = counters.view
        self._actions = actions
        self.most = most
        self.attempts: dict[Attempt, None] = {}
        """Sent and not dealt with yet, in the order of sending."""
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

    # -- attempts

    def send(self, attempt: Attempt) -> None:
        """Send it, or hold it back while as many are in flight as may be."""
        if len(self.attempts) >= self.most:
            self.waiting.append(attempt)
            self._view[_HELD] += 1
            self._view[_WAITING] = len(self.waiting)
            return
        self.attempts[attempt] = None
        view = self._view
        view[_IN_FLIGHT] += 1
        view[_SENT] += 1
        self._actions.send(attempt)

    def note_unsent(self, attempt: Attempt) -> None:
        """It counts as in flight until its end is told, though it is not sent."""
        self.attempts[attempt] = None
        self._view[_IN_FLIGHT] += 1

    def end(self, attempt: Attempt) -> None:
        """It is in flight no more."""
        self.attempts.pop(attempt, None)
        self._view[_IN_FLIGHT] -= 1

    def send_held(self) -> None:
        """Send the one that was held back longest, if there is one."""
        if self.waiting:
            attempt = self.waiting.popleft()
            self._view[_WAITING] = len(self.waiting)
            self.send(attempt)

    def retry(self, attempt: Attempt, when_ns: int) -> None:
        """Send the request of an attempt that has failed once more, at that instant."""
        self._view[_RETRIED] += 1
        fresh = self._actions.make_attempt(
            attempt.active, attempt.phase, attempt.request, attempt.scheduled, attempt.number + 1
        )
        self.retries[fresh] = None
        self._actions.wait(when_ns, lambda _: self._send_again(fresh), RETRY)

    def _send_again(self, attempt: Attempt) -> None:
        if attempt in self.retries:
            del self.retries[attempt]
            self.send(attempt)

    def replace(self, attempt: Attempt, fresh: Attempt) -> None:
        """``fresh`` was sent in the place of ``attempt``."""
        del self.attempts[attempt]
        self.attempts[fresh] = None

    def withdraw(self, attempts: list[Attempt]) -> None:
        """Of those held back, or to be sent again: they are not sent, but count as in flight, so
        that they can be cancelled."""
        for attempt in attempts:
            self.attempts[attempt] = None
            self._view[_IN_FLIGHT] += 1
        gone = set(attempts)
        self.waiting = deque(one for one in self.waiting if one not in gone)
        self.retries = {one: None for one in self.retries if one not in gone}
        self._view[_WAITING] = len(self.waiting)

    # -- conversations

    def begin_measured(self, active: ActiveConversation) -> None:
        """A measured conversation begins."""
        self._open[active] = None
        self._view[_OPEN] = len(self._open)

    def end_conversation(self, active: ActiveConversation) -> None:
        """A conversation, measured or not, is over."""
        if self._open.pop(active, active) is None:
            self._view[_OPEN] = len(self._open)

    def forget_thinking(self) -> None:
        """Conversations between two turns do not go on."""
        for active in self.thinking:
            self.end_conversation(active)
            if active.session is not None:
                active.session.drop()
        self.thinking.clear()

    def count_clients(self) -> None:
        """Let go of virtual clients that wait neither for an answer nor for their next turn."""
        alive = [one.active for one in (*self.attempts, *self.waiting, *self.retries)]
        held = {id(active.client) for active in (*alive, *self.thinking) if active.client}
        self.clients = len(held)
