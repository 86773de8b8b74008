"""One worker's part of a load: it sends what is due, and never lets its own work delay a read.

Answers that ended are put on a list when they are read, and seen to afterwards (see
:mod:`aisbench.loadgen.backlog`), so that what happens between two answers never shows in the times
of a third.
"""

from __future__ import annotations

import asyncio
import functools
import os
import random

from aisbench.base.clock import now_ns
from aisbench.base.errors import ServerError
from aisbench.config.suite import ServiceSettings
from aisbench.conversation.read_answer import understood
from aisbench.engine.bounds import AnswerBounds
from aisbench.engine.breaker import Breaker
from aisbench.engine.bugs import Bugs
from aisbench.engine.replicas import Replica
from aisbench.engine.retry import Backoff, is_transient, parse_retry_after
from aisbench.loadgen.agenda import Agenda
from aisbench.loadgen.attempt import ActiveClient, ActiveConversation, Attempt
from aisbench.loadgen.attempt_writer import AttemptWriter
from aisbench.loadgen.backlog import Backlog
from aisbench.loadgen.connections import Connections
from aisbench.loadgen.in_flight import InFlight
from aisbench.loadgen.load_end import LoadEnd
from aisbench.loadgen.prefetch import Prefetch
from aisbench.loadgen.row_order import RowOrder
from aisbench.loadgen.shared_counters import COUNTERS, SharedCounters
from aisbench.loadgen.spec import SECOND, LoadSpec
from aisbench.loadgen.wind_down import RETRY, TURN, WindDown
from aisbench.media.files import with_contents
from aisbench.store.recording.columns import AttemptOutcome, Phase
from aisbench.store.recording.writer import RecordingWriter
from aisbench.types.load import ClosedLoop
from aisbench.types.request import Request
from aisbench.types.response import Fault, Response

TICK_NS = 20_000_000
FLUSH_TICKS = 5
TOO_MANY = 429

_SENT = COUNTERS.index("sent")
_BEGUN = COUNTERS.index("begun")
_MEASURED_BEGUN = COUNTERS.index("measured_begun")
_RETRIED = COUNTERS.index("retried")
_RECONNECTS = COUNTERS.index("reconnects")


class LoadWorker:
    """Runs inside one worker, on its loop."""

    def __init__(self, spec: LoadSpec, shared: SharedCounters, index: int) -> None:
        self.spec = spec
        self.shared = shared
        self.index = index
        self.counters = shared.worker(index)
        self.recorder = RecordingWriter(spec.folder, index)
        self.row_order = RowOrder(spec)
        self.loop_lags: list[int] = []
        """ns by which ticks of this worker's loop were late."""
        self.fault: Fault | None = None
        """What tripped the breaker."""
        self._service: ServiceSettings = spec.service
        self._backend = spec.codec
        self._streaming = self._service.stream
        self._bounds = AnswerBounds.of(self._service.limits)
        self._bugs = Bugs(spec.label)
        self._loop = asyncio.get_running_loop()
        self._agenda = Agenda(self._loop)
        self._connections = Connections(spec, self.counters, self._give_up)
        self._prefetch = Prefetch(spec, shared, index, self._first)
        self._backoff = Backoff(self._service.retry, random.Random(f"{spec.seed}/{index}"))
        self._breaker = Breaker(spec.abort_after)
        self._load_end = LoadEnd(spec, shared, self._breaker)
        most = spec.settings.max_concurrency
        limit = spec.most_connections
        if most is not None:
            # Shared out: the first workers get one more where it does not divide.
            limit = min(limit, share(most, spec.workers, index))
        self._in_flight = InFlight(self.counters, self._connections, limit)
        numbers = {one.url: at for at, one in enumerate(self._connections.replicas.all)}
        self._attempt_writer = AttemptWriter(spec, self.recorder, self.counters, index, numbers)
        self._wind_down = WindDown(
            spec,
            shared,
            self._load_end,
            self._in_flight,
            self._agenda,
            self._prefetch,
            self._check_end,
        )
        self._backlog = Backlog(
            self._loop, self._prefetch, self._load_end, self._complete, self._give_up
        )
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._warm_left = 0
        self._warm_failed: Fault | None = None
        self._warm_good = 0
        self._warming = False
        self._ticks = 0
        self._tick_due = 0
        self._parent = os.getppid()
        self._start = 0

    # -- before the start

    async def prepare(self) -> None:
        """Open connections and warm up. Raises ServerError."""
        count = share(self.spec.connections, self.spec.workers, self.index)
        await self._connections.open(count)
        self._tick()
        await self._warm_up()
        self._prefetch.prepare(self._in_flight.most)

    async def _warm_up(self) -> None:
        wanted = share(self.spec.settings.warm_up, self.spec.workers, self.index)
        if not wanted:
            return
        self._warming = True
        self._warm_left = wanted
        for _ in range(min(wanted, max(1, self._connections.idle), self._in_flight.most)):
            self._next_warm_up()
        await self._ended
        self._ended = self._loop.create_future()
        self._warming = False
        if not self._warm_good and self._warm_failed is not None:
            raise ServerError(
                f"all {wanted} warm-up requests failed: {self._warm_failed.message}"
                + (f": {self._warm_failed.body}" if self._warm_failed.body else ""),
                hint="nothing was measured; set load.warm_up = 0 to go on all the same",
            )

    def _next_warm_up(self) -> None:
        if not self._warm_left:
            if not self._in_flight.attempts and not self._ended.done():
                self._ended.set_result(None)
            return
        self._warm_left -= 1
        row, conversation = self.row_order.warm_up(
            self._warm_left * self.spec.workers + self.index
        )
        active = ActiveConversation(-1, row, conversation, Phase.WARM_UP, None)
        self._send(self._attempt(active, Phase.WARM_UP, conversation.request(), now_ns()))

    # -- the load itself

    async def run(self, start: int) -> None:
        """Everything from the start to the last answer. Raises what a broken codec raised."""
        self._start = self._backlog.start = start
        self._load_end.start(start)
        schedule = self.spec.schedule
        if isinstance(schedule, ClosedLoop):
            self._begin_clients(schedule)
        else:
            self._begin_arrivals()
        await self._ended

    def _begin_clients(self, schedule: ClosedLoop) -> None:
        mine = schedule.clients[self.index :: self.spec.workers]
        self._in_flight.clients = len(mine)
        if not mine:
            self._check_end()
        for one in mine:
            end = None if one.end_ns is None else self._start + one.end_ns
            client = ActiveClient(end)
            self._agenda.add(self._start + one.begin_ns, functools.partial(self._ask, client))

    def _ask(self, client: ActiveClient, scheduled: int) -> None:
        """A virtual client is free: give it the next conversation, or let it go."""
        if (client.end is None or scheduled < client.end) and not self._load_end.over(scheduled):
            attempt = self._prefetch.take()
            if attempt is not None:
                attempt.active.client = client
                self._begin(attempt, scheduled)
                return
        self._in_flight.clients -= 1
        self._check_end()

    def _first(self, number: int) -> Attempt:
        """The first request of the conversation of that number."""
        row, conversation = self.row_order.begin(number)
        active = ActiveConversation(number, row, conversation, Phase.MEASURED, None)
        return self._attempt(active, Phase.MEASURED, conversation.request(), 0)

    def _begin_arrivals(self) -> None:
        self._await_arrival()

    def _await_arrival(self) -> None:
        if self._prefetch.arrived:
            self._check_end()
        else:
            self._agenda.add(self._start + self._prefetch.next_due(), self._arrive)

    def _arrive(self, scheduled: int) -> None:
        if self._load_end.over(scheduled):
            self._prefetch.drop()
            self._check_end()
            return
        self._begin(self._prefetch.arrive(), scheduled)
        self._await_arrival()

    def _begin(self, attempt: Attempt, scheduled: int) -> None:
        """Begin the conversation of its first request."""
        active = attempt.active
        active.phase = attempt.phase = self._load_end.phase(active.number, scheduled)
        attempt.scheduled = scheduled
        view = self.counters.view
        view[_BEGUN] += 1
        if active.phase is Phase.MEASURED:
            view[_MEASURED_BEGUN] += 1
            self._in_flight.begin(active)
        self._send(attempt)

    def _attempt(
        self,
        active: ActiveConversation,
        phase: Phase,
        request: Request,
        scheduled: int,
        number: int = 1,
    ) -> Attempt:
        return Attempt(
            active,
            phase,
            request,
            self._backend.encode(with_contents(request)),
            self._backend.decoder(request),
            scheduled,
            number,
            self._backlog.add,
            self._bounds,
        )

    # -- one request

    def _send(self, attempt: Attempt) -> None:
        in_flight = self._in_flight
        if len(in_flight.attempts) >= in_flight.most:
            in_flight.hold(attempt)
            return
        in_flight.take_up(attempt)
        self.counters.view[_SENT] += 1
        assert attempt.replica is not None
        self._connections.send(attempt, attempt.replica)

    def _complete(self, attempt: Attempt) -> None:
        replica = attempt.replica
        assert replica is not None
        if (
            attempt.kept
            and attempt.sent is not None
            and not attempt.cancelled
            and attempt.never_taken(attempt.sent)
        ):
            self._again(attempt, replica)
            return
        response = attempt.outcome(self._bugs)
        fault = response.fault
        in_flight = self._in_flight
        in_flight.put_down(attempt)
        if attempt.cancelled:
            outcome = AttemptOutcome.CANCELLED
        else:
            outcome = AttemptOutcome.SUCCESS if fault is None else AttemptOutcome.FAILED
        retried = outcome is AttemptOutcome.FAILED and self._may_retry(attempt, fault)
        self._attempt_writer.enter(attempt, response, fault, outcome, final=not retried)
        attempt.connection = None
        if in_flight.waiting:
            self._send(in_flight.next_held())
        if retried:
            self.counters.view[_RETRIED] += 1
            self._retry(attempt)
        elif attempt.phase is Phase.WARM_UP:
            self._warmed(fault)
        else:
            if not self._is_overload(fault):
                self._breaker.record(None if outcome is AttemptOutcome.CANCELLED else fault)
            if self._breaker.tripped is not None:
                self.fault = self._breaker.tripped
            self._go_on(attempt, response, fault)

    def _is_overload(self, fault: Fault | None) -> bool:
        """Whether a server admits no more (429) of arrivals that come whatever it does: that is
        what such a load is to find out, and no reason to stop. Virtual clients come again at once,
        without end, and are stopped."""
        return fault is not None and fault.status == TOO_MANY and not self._prefetch.closed

    def _again(self, attempt: Attempt, replica: Replica) -> None:
        """The server had closed the idle connection: that is no answer to anything."""
        self.counters.view[_RECONNECTS] += 1
        fresh = self._attempt(
            attempt.active, attempt.phase, attempt.request, attempt.scheduled, attempt.number
        )
        fresh.dispatched = attempt.dispatched
        fresh.replica = replica
        del self._in_flight.attempts[attempt]
        self._in_flight.attempts[fresh] = None
        self._connections.send_anew(fresh, replica)

    def _may_retry(self, attempt: Attempt, fault: Fault | None) -> bool:
        return (
            fault is not None
            and attempt.number < self.spec.settings.attempts
            and is_transient(fault)
            and not self._load_end.halted(now_ns())
        )

    def _retry(self, attempt: Attempt) -> None:
        wait = self._backoff.wait(attempt.number, parse_retry_after(attempt.retry_after))
        fresh = self._attempt(
            attempt.active, attempt.phase, attempt.request, attempt.scheduled, attempt.number + 1
        )
        self._in_flight.retries[fresh] = None
        self._agenda.add(now_ns() + int(wait * SECOND), lambda _: self._send_again(fresh), RETRY)

    def _send_again(self, attempt: Attempt) -> None:
        if attempt in self._in_flight.retries:
            del self._in_flight.retries[attempt]
            self._send(attempt)

    def _warmed(self, fault: Fault | None) -> None:
        if fault is None:
            self._warm_good += 1
        elif self._warm_failed is None:
            self._warm_failed = fault
        self._next_warm_up()

    def _go_on(self, attempt: Attempt, response: Response, fault: Fault | None) -> None:
        """The conversation's next turn, or the client's next conversation."""
        active = attempt.active
        conversation = active.conversation
        assert attempt.done is not None
        if conversation.turns is None:
            conversation.next_prompt = None
        elif fault is None and not attempt.cancelled:
            conversation.answer(understood(response, self._service))
        else:
            conversation.next_prompt = None
        if conversation.next_prompt is not None and not self._load_end.halted(attempt.done):
            due = attempt.done + conversation.next_prompt.delay_ns + self._think(active)
            same = self._load_end.phase(active.number, due) is active.phase
            phase = active.phase if same else Phase.COOL_DOWN
            if due > now_ns():
                self._in_flight.thinking[active] = None
                turn = functools.partial(self._next_turn, active, phase)
                self._agenda.add(due, turn, TURN)
            else:
                self._next_turn(active, phase, due)
            return
        self._in_flight.end(active)
        if active.client is not None:
            self._ask(active.client, attempt.done)
        else:
            self._check_end()

    def _next_turn(self, active: ActiveConversation, phase: Phase, scheduled: int) -> None:
        self._in_flight.thinking.pop(active, None)
        self._send(self._attempt(active, phase, active.conversation.request(), scheduled))

    def _think(self, active: ActiveConversation) -> int:
        mean = self.spec.settings.think
        if not mean:
            return 0
        if self.spec.settings.think_time == "fixed":
            return int(mean * SECOND)
        turn = len(active.conversation.prompts)
        source = random.Random(f"{self.spec.seed}/{active.number}/{turn}")
        return int(source.expovariate(1 / mean) * SECOND)

    # -- the end

    def _check_end(self) -> None:
        if self._warming or self._ended.done():
            return
        in_flight = self._in_flight
        if not in_flight.busy and not in_flight.clients and self._prefetch.arrived:
            self._ended.set_result(None)

    def _give_up(self, error: BaseException) -> None:
        if not self._ended.done():
            self._ended.set_exception(error)

    def _tick(self) -> None:
        now = now_ns()
        if self._tick_due:
            self.loop_lags.append(max(0, now - self._tick_due))
        self._tick_due = now + TICK_NS
        self._loop.call_later(TICK_NS / 1e9, self._tick)
        self._ticks += 1
        try:
            self._look_around(now)
        except Exception as error:  # noqa: BLE001 - must reach the one who waits for the end
            self._give_up(error)

    def _look_around(self, now: int) -> None:
        """What need not be done at once: time-outs, signals, files, connections to spare."""
        self._in_flight.expire(now, self._service.timeout.total, "total", "end")
        if self._ticks % FLUSH_TICKS == 0:
            if self._streaming:
                self._in_flight.expire(
                    now, self._service.timeout.first_token, "first_token", "first token"
                )
            if os.getppid() != self._parent:
                os._exit(1)  # nobody is left to tell
            self.recorder.flush()
        if self._warming or not self._in_flight.clients + self._prefetch.arrivals:
            return
        self._backlog.fill_soon()
        if not (self._prefetch.closed or self._load_end.at):
            self._connections.spare(len(self._in_flight.attempts), self._in_flight.most)
        self._wind_down.look(now)

    async def close(self) -> None:
        """Let go of connections and files. Raises StoreError."""
        self._agenda.close()
        self._bugs.close()
        await self._connections.close()
        self.recorder.close()


def share(count: int, workers: int, index: int) -> int:
    """The part of ``count`` that falls to one of ``workers``."""
    return count // workers + (index < count % workers)
