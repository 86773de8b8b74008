"""What one worker of a load does next: which conversation begins, goes on, is retried or ends.

A machine without I/O. It is told of the start, of answers and of the time, and calls
:class:`~aisbench.loadgen.actions.Actions`; instants are ns of whatever clock tells them.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Sequence

from aisbench.conversation.conversation import Conversation
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
        self.prefetch = Prefetch(spec, shared, index, self._make_ready)
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
        if attempt.active.conversation.broken is None and not self._is_overload(fault):
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
            active = self.prefetch.take()
            if active is not None:
                active.client = client
                self._begin(active, scheduled)
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

    def _make_ready(self, number: int) -> ActiveConversation:
        """The conversation of that number, with its first request as soon as that is known."""
        session = None
        if self._row_order.plans is None:
            row, conversation = self._row_order.begin(number)
        else:
            session, row, conversation = self._row_order.session(number)
        active = ActiveConversation(number, row, conversation, Phase.MEASURED, None, session)
        if conversation.playing and not _is_inline(conversation):
            self._actions.play(active, self._first_known)
        else:
            conversation.play()
            self._first_known(active, 0)
        return active

    def _first_known(self, active: ActiveConversation, now: int) -> None:
        """How a conversation begins is known, maybe only after it should have begun."""
        if active.conversation.next_prompt is not None:
            request = active.conversation.request()
            active.first = self._actions.make_attempt(active, active.phase, request, 0, 1)
        if active in self._in_flight.thinking:
            del self._in_flight.thinking[active]
            self._send_first(active)

    def _begin(self, active: ActiveConversation, scheduled: int) -> None:
        """Begin a conversation."""
        active.phase = self.load_end.phase(active.number, scheduled)
        active.scheduled = scheduled
        view = self._view
        view[_BEGUN] += 1
        if active.phase is Phase.MEASURED:
            view[_MEASURED_BEGUN] += 1
            self._in_flight.begin_measured(active)
        if active.session is not None:
            _, *others = active.session.begin(scheduled)
            self._follow(active, others, scheduled, scheduled)
        if active.conversation.playing:
            self._in_flight.thinking[active] = None
        else:
            self._send_first(active)

    # -- the steps of a session

    def _follow(
        self, active: ActiveConversation, places: Sequence[int], since: int, now: int
    ) -> None:
        """Begin steps of the session of ``active``, each when its pause after the instant
        ``since`` has passed."""
        session, sessions = active.session, self._spec.sessions
        assert session is not None and sessions is not None
        for place in places:
            step = session.plan.steps[place]
            conversation = sessions.follow(step.row, session.repeat, session.before(place))
            following = ActiveConversation(
                session.number, step.row, conversation, active.phase, active.client, session, place
            )
            due = since + step.pause_ns
            if step.after:
                due += self._think(following)
            due = max(due, session.began + step.at_ns)
            if self.load_end.phase(session.number, due) is not active.phase:
                following.phase = Phase.COOL_DOWN
            if following.phase is Phase.MEASURED:
                self._in_flight.begin_measured(following)
            following.scheduled = due
            if not conversation.playing or _is_inline(conversation):
                conversation.play()
                self._first_known(following, 0)
            self._in_flight.thinking[following] = None
            if due > now:
                begin = functools.partial(self._begin_step, following)
                self._actions.wait(due, begin, TURN)
            else:
                self._begin_step(following, due)

    def _begin_step(self, active: ActiveConversation, _: int) -> None:
        if active.conversation.playing:
            self._actions.play(active, self._first_known)
        elif active in self._in_flight.thinking:
            del self._in_flight.thinking[active]
            self._send_first(active)

    def _step_over(self, active: ActiveConversation, since: int, now: int) -> bool:
        """What follows a step of a session. Returns whether the session is over."""
        session = active.session
        assert session is not None
        ready = session.ended(active.step, active.conversation, active.failed)
        if self.load_end.halted(since):
            session.drop(len(ready))
        else:
            self._follow(active, ready, since, now)
        return not session.open

    def _send_first(self, active: ActiveConversation) -> None:
        attempt, active.first = active.first, None
        if attempt is None:
            self._break_off(active, active.phase, active.scheduled)
            return
        attempt.phase, attempt.scheduled = active.phase, active.scheduled
        self._in_flight.send(attempt)

    def _break_off(self, active: ActiveConversation, phase: Phase, scheduled: int) -> None:
        """The code of a plugin broke in a conversation: it ends with a request that failed."""
        conversation = active.conversation
        fault = conversation.broken
        assert fault is not None
        self._breaker.record_broken(fault)
        self._in_flight.note_unsent(
            self._actions.break_off(active, phase, conversation.unasked(), scheduled, fault)
        )

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
        active.failed = response.fault is not None or attempt.cancelled
        if conversation.turns is None or active.failed:
            conversation.next_prompt = None
            self._next(active, done, now)
            return
        conversation.take(understood(response, self._spec.service))
        if conversation.playing and not _is_inline(conversation):
            self._in_flight.thinking[active] = None
            self._actions.play(active, self._next_known)
            return
        conversation.play()
        self._played(active, done, now)

    def _next_known(self, active: ActiveConversation, known: int) -> None:
        """The data set has said what comes next; it may have taken some time for that, which is
        its user's."""
        if active in self._in_flight.thinking:
            del self._in_flight.thinking[active]
            self._played(active, known, known)

    def _played(self, active: ActiveConversation, since: int, now: int) -> None:
        if active.conversation.broken is not None and not self.load_end.halted(since):
            self._break_off(active, active.phase, since)
        else:
            self._next(active, since, now)

    def _next(self, active: ActiveConversation, since: int, now: int) -> None:
        """What follows in a conversation, counted from the instant ``since``."""
        conversation = active.conversation
        if conversation.next_prompt is not None and not self.load_end.halted(since):
            due = since + conversation.next_prompt.delay_ns + self._think(active)
            due = max(due, self._after_gap(active, since))
            same = self.load_end.phase(active.number, due) is active.phase
            phase = active.phase if same else Phase.COOL_DOWN
            if due > now:
                self._in_flight.thinking[active] = None
                turn = functools.partial(self._next_turn, active, phase)
                self._actions.wait(due, turn, TURN)
            else:
                self._next_turn(active, phase, due)
            return
        over = active.session is None or self._step_over(active, since, now)
        self._in_flight.end_conversation(active)
        if conversation.broken is None:
            self._breaker.record_broken(None)
        if active.client is not None and over:
            self._free(active.client, self._after_gap(active, since), now)
        else:
            self._check_end()

    def _next_turn(self, active: ActiveConversation, phase: Phase, scheduled: int) -> None:
        self._in_flight.thinking.pop(active, None)
        active.scheduled = scheduled
        request = active.conversation.request()
        self._in_flight.send(self._actions.make_attempt(active, phase, request, scheduled, 1))

    def _free(self, client: ActiveClient, due: int, now: int) -> None:
        """A virtual client has ended a conversation: its next one begins when it is due."""
        if due > now:
            begin = functools.partial(self._next_conversation, client)
            self._actions.wait(due, begin, BEGINNING)
        else:
            self._next_conversation(client, due)

    def _after_gap(self, active: ActiveConversation, since: int) -> int:
        """When the next request of the same user is due, at the earliest."""
        gap = self._spec.schedule.turn_gap
        if gap is None:
            return since
        length = gap.mean_ns
        if gap.drawn:
            turn = len(active.conversation.prompts)
            source = random.Random(f"{self._spec.seed}/{active.number}/{turn}/gap")
            length = int(source.expovariate(1 / length))
        return max(since, active.scheduled + length)

    def _think(self, active: ActiveConversation) -> int:
        """ns that the user of a conversation takes before the next turn."""
        mean = self._spec.settings.think
        if not mean:
            return 0
        if self._spec.settings.think_time == "fixed":
            return int(mean * SECOND)
        turn = active.step + len(active.conversation.prompts)
        source = random.Random(f"{self._spec.seed}/{active.number}/{turn}")
        return int(source.expovariate(1 / mean) * SECOND)

    def _check_end(self) -> None:
        in_flight = self._in_flight
        if self._done or in_flight.busy or in_flight.clients or not self.prefetch.arrived:
            return
        self._done = True
        self._actions.done()


def _is_inline(conversation: Conversation) -> bool:
    """Whether the next step of a conversation is taken where it is needed."""
    return conversation.turns is None or conversation.turns.inline
