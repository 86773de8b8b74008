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
from aisbench.media.files import loaded
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

    def __init__(self, spec: LoadSpec, board: SharedCounters, index: int) -> None:
        self.spec = spec
        self.board = board
        self.index = index
        self.counters = board.worker(index)
        self.recorder = RecordingWriter(spec.folder, index)
        self.work = RowOrder(spec)
        self.loop_lags: list[int] = []
        """ns by which ticks of this worker's loop were late."""
        self.fault: Fault | None = None
        """What tripped the breaker."""
        self._service: ServiceSettings = spec.task.model.service
        self._backend = spec.task.model.codec
        self._streaming = self._service.stream
        self._bounds = AnswerBounds.of(self._service.limits)
        self._bugs = Bugs(spec.task.label)
        self._loop = asyncio.get_running_loop()
        self._agenda = Agenda(self._loop)
        self._lines = Connections(spec, self.counters, self._give_up)
        self._ahead = Prefetch(spec, board, index, self._first)
        self._backoff = Backoff(self._service.retry, random.Random(f"{spec.seed}/{index}"))
        self._breaker = Breaker(spec.abort_after)
        self._closing = LoadEnd(spec, board, self._breaker)
        most = spec.settings.max_concurrency
        limit = spec.most_connections
        if most is not None:
            # Shared out: the first workers get one more where it does not divide.
            limit = min(limit, share(most, spec.workers, index))
        self._traffic = InFlight(self.counters, self._lines, limit)
        numbers = {one.url: at for at, one in enumerate(self._lines.replicas.all)}
        self._book = AttemptWriter(spec, self.recorder, self.counters, index, numbers)
        self._ending = WindDown(
            spec, board, self._closing, self._traffic, self._agenda, self._ahead, self._check_end
        )
        self._backlog = Backlog(
            self._loop, self._ahead, self._closing, self._complete, self._give_up
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
        await self._lines.open(count)
        self._tick()
        await self._warm_up()
        self._ahead.prepare(self._traffic.most)

    async def _warm_up(self) -> None:
        wanted = share(self.spec.settings.warm_up, self.spec.workers, self.index)
        if not wanted:
            return
        self._warming = True
        self._warm_left = wanted
        for _ in range(min(wanted, max(1, self._lines.idle), self._traffic.most)):
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
            if not self._traffic.flights and not self._ended.done():
                self._ended.set_result(None)
            return
        self._warm_left -= 1
        row, conversation = self.work.warm_up(self._warm_left * self.spec.workers + self.index)
        talk = ActiveConversation(-1, row, conversation, Phase.WARM_UP, None)
        self._send(self._flight(talk, Phase.WARM_UP, conversation.request(), now_ns()))

    # -- the load itself

    async def run(self, start: int) -> None:
        """Everything from the start to the last answer. Raises what a broken codec raised."""
        self._start = self._backlog.start = start
        self._closing.start(start)
        schedule = self.spec.schedule
        if isinstance(schedule, ClosedLoop):
            self._begin_clients(schedule)
        else:
            self._begin_arrivals()
        await self._ended

    def _begin_clients(self, schedule: ClosedLoop) -> None:
        mine = schedule.clients[self.index :: self.spec.workers]
        self._traffic.clients = len(mine)
        if not mine:
            self._check_end()
        for one in mine:
            end = None if one.end_ns is None else self._start + one.end_ns
            client = ActiveClient(end)
            self._agenda.add(self._start + one.begin_ns, functools.partial(self._ask, client))

    def _ask(self, client: ActiveClient, scheduled: int) -> None:
        """A virtual client is free: give it the next conversation, or let it go."""
        if (client.end is None or scheduled < client.end) and not self._closing.over(scheduled):
            flight = self._ahead.take()
            if flight is not None:
                flight.talk.client = client
                self._begin(flight, scheduled)
                return
        self._traffic.clients -= 1
        self._check_end()

    def _first(self, number: int) -> Attempt:
        """The first request of the conversation of that number."""
        row, conversation = self.work.begin(number)
        talk = ActiveConversation(number, row, conversation, Phase.MEASURED, None)
        return self._flight(talk, Phase.MEASURED, conversation.request(), 0)

    def _begin_arrivals(self) -> None:
        self._await_arrival()

    def _await_arrival(self) -> None:
        if self._ahead.arrived:
            self._check_end()
        else:
            self._agenda.add(self._start + self._ahead.next_due(), self._arrive)

    def _arrive(self, scheduled: int) -> None:
        if self._closing.over(scheduled):
            self._ahead.drop()
            self._check_end()
            return
        self._begin(self._ahead.arrive(), scheduled)
        self._await_arrival()

    def _begin(self, flight: Attempt, scheduled: int) -> None:
        """Begin the conversation of its first request."""
        talk = flight.talk
        talk.phase = flight.phase = self._closing.phase(talk.number, scheduled)
        flight.scheduled = scheduled
        view = self.counters.view
        view[_BEGUN] += 1
        if talk.phase is Phase.MEASURED:
            view[_MEASURED_BEGUN] += 1
            self._traffic.begin(talk)
        self._send(flight)

    def _flight(
        self,
        talk: ActiveConversation,
        phase: Phase,
        request: Request,
        scheduled: int,
        attempt: int = 1,
    ) -> Attempt:
        return Attempt(
            talk,
            phase,
            request,
            self._backend.encode(loaded(request)),
            self._backend.decoder(request),
            scheduled,
            attempt,
            self._backlog.add,
            self._bounds,
        )

    # -- one request

    def _send(self, flight: Attempt) -> None:
        traffic = self._traffic
        if len(traffic.flights) >= traffic.most:
            traffic.hold(flight)
            return
        traffic.take_up(flight)
        self.counters.view[_SENT] += 1
        assert flight.replica is not None
        self._lines.send(flight, flight.replica)

    def _complete(self, flight: Attempt) -> None:
        replica = flight.replica
        assert replica is not None
        if (
            flight.kept
            and flight.sent is not None
            and not flight.cancelled
            and flight.never_taken(flight.sent)
        ):
            self._again(flight, replica)
            return
        response = flight.outcome(self._bugs)
        fault = response.fault
        traffic = self._traffic
        traffic.put_down(flight)
        if flight.cancelled:
            outcome = AttemptOutcome.CANCELLED
        else:
            outcome = AttemptOutcome.SUCCESS if fault is None else AttemptOutcome.FAILED
        retried = outcome is AttemptOutcome.FAILED and self._may_retry(flight, fault)
        self._book.enter(flight, response, fault, outcome, final=not retried)
        flight.connection = None
        if traffic.waiting:
            self._send(traffic.next_held())
        if retried:
            self.counters.view[_RETRIED] += 1
            self._retry(flight)
        elif flight.phase is Phase.WARM_UP:
            self._warmed(fault)
        else:
            if not self._is_overload(fault):
                self._breaker.record(None if outcome is AttemptOutcome.CANCELLED else fault)
            if self._breaker.tripped is not None:
                self.fault = self._breaker.tripped
            self._go_on(flight, response, fault)

    def _is_overload(self, fault: Fault | None) -> bool:
        """Whether a server admits no more (429) of arrivals that come whatever it does: that is
        what such a load is to find out, and no reason to stop. Virtual clients come again at once,
        without end, and are stopped."""
        return fault is not None and fault.status == TOO_MANY and not self._ahead.closed

    def _again(self, flight: Attempt, replica: Replica) -> None:
        """The server had closed the idle connection: that is no answer to anything."""
        self.counters.view[_RECONNECTS] += 1
        fresh = self._flight(
            flight.talk, flight.phase, flight.request, flight.scheduled, flight.attempt
        )
        fresh.dispatched = flight.dispatched
        fresh.replica = replica
        del self._traffic.flights[flight]
        self._traffic.flights[fresh] = None
        self._lines.send_anew(fresh, replica)

    def _may_retry(self, flight: Attempt, fault: Fault | None) -> bool:
        return (
            fault is not None
            and flight.attempt < self.spec.settings.attempts
            and is_transient(fault)
            and not self._closing.halted(now_ns())
        )

    def _retry(self, flight: Attempt) -> None:
        wait = self._backoff.wait(flight.attempt, parse_retry_after(flight.retry_after))
        fresh = self._flight(
            flight.talk, flight.phase, flight.request, flight.scheduled, flight.attempt + 1
        )
        self._traffic.retries[fresh] = None
        self._agenda.add(now_ns() + int(wait * SECOND), lambda _: self._send_again(fresh), RETRY)

    def _send_again(self, flight: Attempt) -> None:
        if flight in self._traffic.retries:
            del self._traffic.retries[flight]
            self._send(flight)

    def _warmed(self, fault: Fault | None) -> None:
        if fault is None:
            self._warm_good += 1
        elif self._warm_failed is None:
            self._warm_failed = fault
        self._next_warm_up()

    def _go_on(self, flight: Attempt, response: Response, fault: Fault | None) -> None:
        """The conversation's next turn, or the client's next conversation."""
        talk = flight.talk
        conversation = talk.conversation
        assert flight.done is not None
        if conversation.turns is None:
            conversation.next_prompt = None
        elif fault is None and not flight.cancelled:
            conversation.answer(understood(response, self._service))
        else:
            conversation.next_prompt = None
        if conversation.next_prompt is not None and not self._closing.halted(flight.done):
            due = flight.done + conversation.next_prompt.delay_ns + self._think(talk)
            same = self._closing.phase(talk.number, due) is talk.phase
            phase = talk.phase if same else Phase.COOL_DOWN
            if due > now_ns():
                self._traffic.thinking[talk] = None
                turn = functools.partial(self._next_turn, talk, phase)
                self._agenda.add(due, turn, TURN)
            else:
                self._next_turn(talk, phase, due)
            return
        self._traffic.end(talk)
        if talk.client is not None:
            self._ask(talk.client, flight.done)
        else:
            self._check_end()

    def _next_turn(self, talk: ActiveConversation, phase: Phase, scheduled: int) -> None:
        self._traffic.thinking.pop(talk, None)
        self._send(self._flight(talk, phase, talk.conversation.request(), scheduled))

    def _think(self, talk: ActiveConversation) -> int:
        mean = self.spec.settings.think
        if not mean:
            return 0
        if self.spec.settings.think_time == "fixed":
            return int(mean * SECOND)
        turn = len(talk.conversation.prompts)
        source = random.Random(f"{self.spec.seed}/{talk.number}/{turn}")
        return int(source.expovariate(1 / mean) * SECOND)

    # -- the end

    def _check_end(self) -> None:
        if self._warming or self._ended.done():
            return
        traffic = self._traffic
        if not traffic.busy and not traffic.clients and self._ahead.arrived:
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
        self._traffic.expire(now, self._service.timeout.total, "total", "end")
        if self._ticks % FLUSH_TICKS == 0:
            if self._streaming:
                self._traffic.expire(
                    now, self._service.timeout.first_token, "first_token", "first token"
                )
            if os.getppid() != self._parent:
                os._exit(1)  # nobody is left to tell
            self.recorder.flush()
        if self._warming or not self._traffic.clients + self._ahead.arrivals:
            return
        self._backlog.fill_soon()
        if not (self._ahead.closed or self._closing.at):
            self._lines.spare(len(self._traffic.flights), self._traffic.most)
        self._ending.look(now)

    async def close(self) -> None:
        """Let go of connections and files. Raises StoreError."""
        self._agenda.close()
        self._bugs.close()
        await self._lines.close()
        self.recorder.close()


def share(count: int, workers: int, index: int) -> int:
    """The part of ``count`` that falls to one of ``workers``."""
    return count // workers + (index < count % workers)
