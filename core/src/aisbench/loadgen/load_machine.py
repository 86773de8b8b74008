"""What one worker of a load does next: which conversation begins, goes on, is retried or ends.

A machine without I/O. It is told of the start, of answers and of the time, and calls
:class:`~aisbench.loadgen.actions.Actions`; instants are ns of whatever clock tells them.
"""

from __future__ import annotations

import functools
import random

from aisbench.conversation.read_answer import understood
from aisbench.engine.breaker import Breaker
from aisbench.loadgen.actions import BEGINNING, TURN, Actions
from aisbench.loadgen.attempt import ActiveClient, ActiveConversation, Attempt
from aisbench.loadgen.in_flight import InFlight
from aisbench.loadgen.load_end import LoadEnd
from aisbench.loadgen.prefetch import Prefetch
from aisbench.loadgen.retry_rule import RetryRule
from aisbench.loadgen.row_order import RowOrder
from aisbench.loadgen.shared_counters import COUNTERS, SharedCounters
from aisbench.loadgen.spec import SECOND, LoadSpec
from aisbench.loadgen.wind_down import WindDown
from aisbench.store.recording.columns import AttemptOutcome, Phase
from aisbench.types.load import ClosedLoop
from aisbench.types.response import Fault, Response

TOO_MANY = 429

_BEGUN = COUNTERS.index("begun")
_MEASURED_BEGUN = COUNTERS.index("measured_begun")


class LoadMachine:
    """The part of one worker in a load, from its start to the last answer."""

    def __init__(
        self,
        spec: LoadSpec,
        shared: SharedCounters,
        index: int,
        in_flight: InFlight,
        actions: Actions,
    ) -> None:
        self._spec = spec
        self._index = index
        self._view = shared.worker(index).view
        self._in_flight = in_flight
        self._actions = actions
        self._row_order = RowOrder(spec)
        self._breaker = Breaker(spec.abort_after)
        self.load_end = LoadEnd(spec, shared, self._breaker)
        self.retry = RetryRule(spec, index, self.load_end)
        self.prefetch = Prefetch(spec, shared, index, self._first_attempt)
        self._wind_down = WindDown(
            spec, shared, self.load_end, in_flight, self.prefetch, actions, self._check_end
        )
        self._start = 0
        self._done = False

    @property
    def tripped(self) -> Fault | None:
        """What ended the load early: the same failure too many times in a row."""
        return self._breaker.tripped

    @property
    def under_way(self) -> bool:
        """Whether anything can still begin, or goes on: :meth:`tick` is to be called."""
        return bool(self._in_flight.clients or self.prefetch.arrivals)

    # -- what is told to it

    def start(self, start: int) -> None:
        """The load starts at that instant; all of its schedule counts from it."""
        self._start = start
        self.load_end.start(start)
        schedule = self._spec.schedule
        if isinstance(schedule, ClosedLoop):
            self._begin_clients(schedule)
        else:
            self._await_arrival()

    def answered(self, attempt: Attempt, response: Response, now: int) -> None:
        """An attempt has ended, by an answer, a fault or because it was cancelled."""
        in_flight, fault = self._in_flight, response.fault
        in_flight.end(attempt)
        if attempt.cancelled:
            outcome = AttemptOutcome.CANCELLED
        else:
            outcome = AttemptOutcome.SUCCESS if fault is None else AttemptOutcome.FAILED
        again_at = None if fault is None else self.retry.next_at(attempt, fault, now)
        self._actions.record(attempt, response, outcome, again_at is None)
        if in_flight.waiting:
            in_flight.send_held()
        if again_at is not None:
            in_flight.retry(attempt, again_at)
            return
        if not self._is_overload(fault):
            self._breaker.record(None if attempt.cancelled else fault)
        self._go_on(attempt, response, now)

    def tick(self, now: int) -> None:
        """Some time has passed: end what is to end by now. To be called every few ms."""
        self._wind_down.look(now)

    # -- beginning conversations

    def _begin_clients(self, schedule: ClosedLoop) -> None:
        mine = schedule.clients[self._index :: self._spec.workers]
        self._in_flight.clients = len(mine)
        if not mine:
            self._check_end()
        for one in mine:
            end = None if one.end_ns is None else self._start + one.end_ns
            begin = functools.partial(self._next_conversation, ActiveClient(end))
            self._actions.wait(self._start + one.begin_ns, begin, BEGINNING)

    def _next_conversation(self, client: ActiveClient, scheduled: int) -> None:
        """A virtual client is free: give it the next conversation, or let it go."""
        if (client.end is None or scheduled < client.end) and not self.load_end.over(scheduled):
            attempt = self.prefetch.take()
            if attempt is not None:
                attempt.active.client = client
                self._begin(attempt, scheduled)
                return
        self._in_flight.clients -= 1
        self._check_end()

    def _await_arrival(self) -> None:
        if self.prefetch.arrived:
            self._check_end()
        else:
            when = self._start + self.prefetch.next_due()
            self._actions.wait(when, self._arrive, BEGINNING)

    def _arrive(self, scheduled: int) -> None:
        if self.load_end.over(scheduled):
            self.prefetch.drop()
            self._check_end()
            return
        self._begin(self.prefetch.arrive(), scheduled)
        self._await_arrival()

    def _first_attempt(self, number: int) -> Attempt:
        """The first request of the conversation of that number."""
        row, conversation = self._row_order.begin(number)
        active = ActiveConversation(number, row, conversation, Phase.MEASURED, None)
        return self._actions.make_attempt(active, Phase.MEASURED, conversation.request(), 0, 1)

    def _begin(self, attempt: Attempt, scheduled: int) -> None:
        """Begin the conversation of its first request."""
        active = attempt.active
        active.phase = attempt.phase = self.load_end.phase(active.number, scheduled)
        attempt.scheduled = scheduled
        view = self._view
        view[_BEGUN] += 1
        if active.phase is Phase.MEASURED:
            view[_MEASURED_BEGUN] += 1
            self._in_flight.begin_measured(active)
        self._in_flight.send(attempt)

    # -- after an answer

    def _is_overload(self, fault: Fault | None) -> bool:
        """Whether a server admits no more (429) of arrivals that come whatever it does: that is
        what such a load is to find out, and no reason to stop. Virtual clients come again at once,
        without end, and are stopped."""
        return fault is not None and fault.status == TOO_MANY and not self.prefetch.closed

    def _go_on(self, attempt: Attempt, response: Response, now: int) -> None:
        """The conversation's next turn, or the virtual client's next conversation."""
        active, done = attempt.active, attempt.done
        conversation = active.conversation
        assert done is not None
        if conversation.turns is None or response.fault is not None or attempt.cancelled:
            conversation.next_prompt = None
        else:
            conversation.answer(understood(response, self._spec.service))
        if conversation.next_prompt is not None and not self.load_end.halted(done):
            due = done + conversation.next_prompt.delay_ns + self._think(active)
            same = self.load_end.phase(active.number, due) is active.phase
            phase = active.phase if same else Phase.COOL_DOWN
            if due > now:
                self._in_flight.thinking[active] = None
                turn = functools.partial(self._next_turn, active, phase)
                self._actions.wait(due, turn, TURN)
            else:
                self._next_turn(active, phase, due)
            return
        self._in_flight.end_conversation(active)
        if active.client is not None:
            self._next_conversation(active.client, done)
        else:
            self._check_end()

    def _next_turn(self, active: ActiveConversation, phase: Phase, scheduled: int) -> None:
        self._in_flight.thinking.pop(active, None)
        request = active.conversation.request()
        self._in_flight.send(self._actions.make_attempt(active, phase, request, scheduled, 1))

    def _think(self, active: ActiveConversation) -> int:
        """ns that the user of a conversation takes before the next turn."""
        mean = self._spec.settings.think
        if not mean:
            return 0
        if self._spec.settings.think_time == "fixed":
            return int(mean * SECOND)
        turn = len(active.conversation.prompts)
        source = random.Random(f"{self._spec.seed}/{active.number}/{turn}")
        return int(source.expovariate(1 / mean) * SECOND)

    def _check_end(self) -> None:
        in_flight = self._in_flight
        if self._done or in_flight.busy or in_flight.clients or not self.prefetch.arrived:
            return
        self._done = True
        self._actions.done()
