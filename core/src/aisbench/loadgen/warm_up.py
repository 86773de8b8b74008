"""The requests before a load's start, of which nothing is measured."""

from __future__ import annotations

from collections import deque

from aisbench.base.errors import ServerError
from aisbench.conversation.conversation import Conversation
from aisbench.loadgen.actions import Actions
from aisbench.loadgen.attempt import ActiveConversation, Attempt
from aisbench.loadgen.in_flight import InFlight
from aisbench.loadgen.retry_rule import RetryRule
from aisbench.loadgen.row_order import RowOrder
from aisbench.loadgen.spec import LoadSpec
from aisbench.store.recording.columns import AttemptOutcome, Phase
from aisbench.types.response import Fault, Response


class WarmUp:
    """One worker's share of ``load.warm_up``, and behind it of the prompts that are to be in the
    server's cache: as many at once as it may send, one after another.

    Decides only, see :mod:`aisbench.loadgen.actions`; ``done`` is called after the last answer.
    """

    def __init__(
        self, spec: LoadSpec, index: int, in_flight: InFlight, retry: RetryRule, actions: Actions
    ) -> None:
        self._spec = spec
        self._index = index
        self._in_flight = in_flight
        self._retry = retry
        self._actions = actions
        self._row_order = RowOrder(spec)
        self._left = spec.share(spec.settings.warm_up, index)
        rows = self._row_order.asked() if spec.prime is not None else ()
        self._rows = deque(rows[index :: spec.workers])
        self.wanted = self._left + len(self._rows)
        self._answered = 0
        self._failure: Fault | None = None

    def start(self, at_once: int, now: int) -> None:
        """Send the first ones, at most ``at_once``."""
        for _ in range(min(self.wanted, max(1, at_once), self._in_flight.most)):
            self._next(now)

    def answered(self, attempt: Attempt, response: Response, now: int) -> None:
        """One of its attempts has ended."""
        fault = response.fault
        self._in_flight.end(attempt)
        again_at = self._retry.next_at(attempt, fault, now)
        outcome = AttemptOutcome.SUCCESS if fault is None else AttemptOutcome.FAILED
        if attempt.cancelled:
            outcome = AttemptOutcome.CANCELLED
        self._actions.record(attempt, response, outcome, again_at is None)
        if again_at is not None:
            self._in_flight.retry(attempt, again_at)
            return
        if fault is None:
            self._answered += 1
        elif self._failure is None:
            self._failure = fault
        self._next(now)

    def _next(self, now: int) -> None:
        while self._left:
            self._left -= 1
            number = self._left * self._spec.workers + self._index
            row, conversation = self._row_order.warm_up(number)
            if conversation.broken is not None:
                self._failure = self._failure or conversation.broken
                continue
            self._send(row, conversation, now)
            return
        while self._rows:
            assert self._spec.prime is not None
            row = self._rows.popleft()
            conversation = self._spec.prime(row)
            if conversation.broken is None:
                self._send(row, conversation, now)
                return
        if not self._in_flight.busy:  # a retry may be waited for
            self._actions.done()

    def _send(self, row: int, conversation: Conversation, now: int) -> None:
        active = ActiveConversation(-1, row, conversation, Phase.WARM_UP, None)
        self._in_flight.send(
            self._actions.make_attempt(active, Phase.WARM_UP, conversation.request(), now, 1)
        )

    def check(self) -> None:
        """Raises ServerError when every request failed."""
        if self._answered or self._failure is None:
            return
        fault = self._failure
        raise ServerError(
            f"all {self.wanted} warm-up requests failed: {fault.message}"
            + (f": {fault.body}" if fault.body else ""),
            hint="nothing was measured; set load.warm_up = 0 to go on all the same",
        )
