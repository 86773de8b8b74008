"""One worker's part of a load: it sends what is due, and never lets its own work delay a read.

The loop gets to its sockets at least once in a slice of a millisecond: answers that ended are put
on a list when they are read, and seen to afterwards, so that what happens between two answers
never shows in the times of a third.
"""

from __future__ import annotations

import asyncio
import functools
import os
import random
from collections import deque
from collections.abc import Callable

from aisbench.clock import now_ns
from aisbench.config.suite import ServiceSettings
from aisbench.engine.bounds import Bounds
from aisbench.engine.breaker import Breaker
from aisbench.engine.bugs import Bugs
from aisbench.engine.exchange import Exchange
from aisbench.engine.replicas import Replica
from aisbench.engine.retry import Backoff, is_transient, parse_retry_after
from aisbench.errors import ServerError
from aisbench.load import records
from aisbench.load.agenda import SLICE_NS, Agenda
from aisbench.load.ahead import Ahead
from aisbench.load.board import COUNTERS, STOP_ALL, Board
from aisbench.load.closing import Closing
from aisbench.load.flight import Client, Flight, Talk
from aisbench.load.lines import Lines
from aisbench.load.recorder import Recorder
from aisbench.load.spec import SECOND, LoadSpec
from aisbench.load.work import Work
from aisbench.media import loaded
from aisbench.store.arrays import Outcome, Phase
from aisbench.types.load import ClosedLoop
from aisbench.types.request import Request
from aisbench.types.response import Fault, FaultKind, Response
from aisbench.understanding import understood

TICK_NS = 20_000_000
FLUSH_TICKS = 5
FILL_NS = 300_000
"""Making requests ahead lets the loop go after so long."""
BEGINNING, TURN, RETRY = range(3)
"""Weights of what is on the agenda: the beginning of a conversation, a later turn of one, another
attempt. The end of a load forgets them in this order."""

_SENT = COUNTERS.index("sent")
_IN_FLIGHT = COUNTERS.index("in_flight")
_OPEN = COUNTERS.index("measured_open")
_BEGUN = COUNTERS.index("begun")
_MEASURED_BEGUN = COUNTERS.index("measured_begun")
_WAITING = COUNTERS.index("waiting")
_DONE = COUNTERS.index("done")
_FAILED = COUNTERS.index("failed")
_CANCELLED = COUNTERS.index("cancelled")
_PLACES = {Outcome.SUCCESS: _DONE, Outcome.FAILED: _FAILED, Outcome.CANCELLED: _CANCELLED}
_RETRIED = COUNTERS.index("retried")
_EVENTS = COUNTERS.index("events")
_TOKENS = COUNTERS.index("tokens")
_RECONNECTS = COUNTERS.index("reconnects")
_HELD = COUNTERS.index("held_back")


class Loader:
    """Runs inside one worker, on its loop."""

    def __init__(self, spec: LoadSpec, board: Board, index: int) -> None:
        self.spec = spec
        self.board = board
        self.index = index
        self.counters = board.worker(index)
        self.recorder = Recorder(spec.folder, index)
        self.work = Work(spec)
        self.loop_lags: list[int] = []
        """ns by which ticks of this worker's loop were late."""
        self.fault: Fault | None = None
        """What tripped the breaker."""
        self._service: ServiceSettings = spec.task.model.service
        self._backend = spec.task.model.codec
        self._streaming = self._service.stream
        self._bounds = Bounds.of(self._service.limits)
        self._bugs = Bugs(spec.task.label)
        self._loop = asyncio.get_running_loop()
        self._agenda = Agenda(self._loop)
        self._lines = Lines(spec, self.counters, self._give_up)
        self._numbers = {one.url: at for at, one in enumerate(self._lines.replicas.all)}
        self._ahead = Ahead(spec, board, index, self._first)
        self._backoff = Backoff(self._service.retry, random.Random(f"{spec.seed}/{index}"))
        self._breaker = Breaker(spec.abort_after)
        self._closing = Closing(spec, board, self._breaker)
        most = spec.settings.max_concurrency
        # Shared out: the first workers get one more where it does not divide.
        self._most = spec.most_connections
        if most is not None:
            self._most = min(self._most, share(most, spec.workers, index))
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._flights: dict[Flight, None] = {}
        self._waiting: deque[Flight] = deque()
        self._finished: deque[Flight] = deque()
        self._draining = False
        self._filling = False
        self._warm_left = 0
        self._warm_failed: Fault | None = None
        self._warm_good = 0
        self._warming = False
        self._unfinished: dict[Talk, None] = {}
        """Measured conversations that have not ended, those in think time among them."""
        self._thinking: dict[Talk, None] = {}
        self._ticks = 0
        self._tick_due = 0
        self._retries: dict[Flight, None] = {}
        """Attempts that wait for their back-off to pass."""
        self._parent = os.getppid()
        self._start = 0
        self._clients = 0

    # -- before the start

    async def prepare(self) -> None:
        """Open connections and warm up. Raises ServerError."""
        count = share(self.spec.connections, self.spec.workers, self.index)
        await self._lines.open(count)
        self._tick()
        await self._warm_up()
        self._ahead.prepare(self._most)

    async def _warm_up(self) -> None:
        wanted = share(self.spec.settings.warm_up, self.spec.workers, self.index)
        if not wanted:
            return
        self._warming = True
        self._warm_left = wanted
        for _ in range(min(wanted, max(1, self._lines.idle), self._most)):
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
            if not self._flights and not self._ended.done():
                self._ended.set_result(None)
            return
        self._warm_left -= 1
        row, conversation = self.work.warm_up(self._warm_left * self.spec.workers + self.index)
        talk = Talk(-1, row, conversation, Phase.WARM_UP, None)
        self._send(self._flight(talk, Phase.WARM_UP, conversation.request(), now_ns()))

    # -- the load itself

    async def run(self, start: int) -> None:
        """Everything from the start to the last answer. Raises what a broken codec raised."""
        self._start = start
        self._closing.start(start)
        schedule = self.spec.schedule
        if isinstance(schedule, ClosedLoop):
            self._begin_clients(schedule)
        else:
            self._begin_arrivals()
        await self._ended

    def _begin_clients(self, schedule: ClosedLoop) -> None:
        mine = schedule.clients[self.index :: self.spec.workers]
        self._clients = len(mine)
        if not mine:
            self._check_end()
        for one in mine:
            end = None if one.end_ns is None else self._start + one.end_ns
            client = Client(end)
            self._agenda.add(self._start + one.begin_ns, functools.partial(self._ask, client))

    def _ask(self, client: Client, scheduled: int) -> None:
        """A virtual client is free: give it the next conversation, or let it go."""
        if (client.end is None or scheduled < client.end) and not self._closing.over(scheduled):
            flight = self._ahead.take()
            if flight is not None:
                flight.talk.client = client
                self._begin(flight, scheduled)
                return
        self._clients -= 1
        self._check_end()

    def _first(self, number: int) -> Flight:
        """The first request of the conversation of that number."""
        row, conversation = self.work.begin(number)
        talk = Talk(number, row, conversation, Phase.MEASURED, None)
        return self._flight(talk, Phase.MEASURED, conversation.request(), 0)

    def _fill(self) -> None:
        """While nothing else is to be done, make requests that will be needed."""
        self._filling = False
        begun = now_ns()
        if self._finished or self._closing.over(begun):
            return
        try:
            while self._ahead.wanting(begun - self._start):
                if not self._ahead.make_one():
                    return
                if now_ns() - begun > FILL_NS:
                    self._fill_soon()
                    return
        except Exception as error:  # noqa: BLE001 - must reach the one who waits for the end
            self._give_up(error)

    def _fill_soon(self) -> None:
        if not self._filling:
            self._filling = True
            self._loop.call_soon(self._fill)

    def _begin_arrivals(self) -> None:
        self._clients = 0
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

    def _begin(self, flight: Flight, scheduled: int) -> None:
        """Begin the conversation of its first request."""
        talk = flight.talk
        talk.phase = flight.phase = self._closing.phase(talk.number, scheduled)
        flight.scheduled = scheduled
        view = self.counters.view
        view[_BEGUN] += 1
        if talk.phase is Phase.MEASURED:
            view[_MEASURED_BEGUN] += 1
            self._unfinished[talk] = None
            view[_OPEN] = len(self._unfinished)
        self._send(flight)

    def _flight(
        self, talk: Talk, phase: Phase, request: Request, scheduled: int, attempt: int = 1
    ) -> Flight:
        return Flight(
            talk,
            phase,
            request,
            self._backend.encode(loaded(request)),
            self._backend.decoder(request),
            scheduled,
            attempt,
            self._on_end,
            self._bounds,
        )

    # -- one request

    def _send(self, flight: Flight) -> None:
        if len(self._flights) >= self._most:
            self._waiting.append(flight)
            self.counters.view[_HELD] += 1
            self.counters.view[_WAITING] = len(self._waiting)
            return
        self._take_up(flight)
        self.counters.view[_SENT] += 1
        replica = flight.replica
        assert replica is not None
        self._lines.send(flight, replica)

    def _on_end(self, exchange: Exchange) -> None:
        assert isinstance(exchange, Flight)
        self._finished.append(exchange)
        if not self._draining:
            self._draining = True
            self._loop.call_soon(self._drain)

    def _drain(self) -> None:
        finished = self._finished
        begun = now_ns()
        try:
            while finished:
                self._complete(finished.popleft())
                if finished and now_ns() - begun > SLICE_NS:
                    # To the sockets first: what is left here has its stamps already.
                    self._loop.call_soon(self._drain)
                    return
        except Exception as error:  # noqa: BLE001 - must reach the one who waits for the end
            self._give_up(error)
            return
        self._draining = False
        if self._ahead.closed and self._ahead.wanting(0):
            self._fill_soon()
        if self.recorder.full:
            self.recorder.flush()

    def _complete(self, flight: Flight) -> None:
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
        self._flights.pop(flight, None)
        replica.in_flight -= 1
        view = self.counters.view
        view[_IN_FLIGHT] -= 1
        if flight.cancelled:
            outcome = Outcome.CANCELLED
        else:
            outcome = Outcome.SUCCESS if fault is None else Outcome.FAILED
        retried = outcome is Outcome.FAILED and self._may_retry(flight, fault)
        self._record(flight, response, fault, outcome, final=not retried)
        flight.connection = None
        if self._waiting:
            self._send(self._waiting.popleft())
            view[_WAITING] = len(self._waiting)
        if retried:
            view[_RETRIED] += 1
            self._retry(flight)
        elif flight.phase is Phase.WARM_UP:
            self._warmed(fault)
        else:
            self._breaker.record(None if outcome is Outcome.CANCELLED else fault)
            if self._breaker.tripped is not None:
                self.fault = self._breaker.tripped
            self._go_on(flight, response, fault)

    def _again(self, flight: Flight, replica: Replica) -> None:
        """The server had closed the idle connection: that is no answer to anything."""
        self.counters.view[_RECONNECTS] += 1
        fresh = self._flight(
            flight.talk, flight.phase, flight.request, flight.scheduled, flight.attempt
        )
        fresh.dispatched = flight.dispatched
        fresh.replica = replica
        del self._flights[flight]
        self._flights[fresh] = None
        self._lines.send_anew(fresh, replica)

    def _may_retry(self, flight: Flight, fault: Fault | None) -> bool:
        return (
            fault is not None
            and flight.attempt < self.spec.settings.attempts
            and is_transient(fault)
            and not self._closing.halted(now_ns())
        )

    def _retry(self, flight: Flight) -> None:
        wait = self._backoff.wait(flight.attempt, parse_retry_after(flight.retry_after))
        fresh = self._flight(
            flight.talk, flight.phase, flight.request, flight.scheduled, flight.attempt + 1
        )
        self._retries[fresh] = None
        self._agenda.add(now_ns() + int(wait * SECOND), lambda _: self._send_again(fresh), RETRY)

    def _send_again(self, flight: Flight) -> None:
        if flight in self._retries:
            del self._retries[flight]
            self._send(flight)

    def _warmed(self, fault: Fault | None) -> None:
        if fault is None:
            self._warm_good += 1
        elif self._warm_failed is None:
            self._warm_failed = fault
        self._next_warm_up()

    def _go_on(self, flight: Flight, response: Response, fault: Fault | None) -> None:
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
                self._thinking[talk] = None
                turn = functools.partial(self._next_turn, talk, phase)
                self._agenda.add(due, turn, TURN)
            else:
                self._next_turn(talk, phase, due)
            return
        self._end_talk(talk)
        if talk.client is not None:
            self._ask(talk.client, flight.done)
        else:
            self._check_end()

    def _end_talk(self, talk: Talk) -> None:
        if talk in self._unfinished:
            del self._unfinished[talk]
            self.counters.view[_OPEN] = len(self._unfinished)

    def _next_turn(self, talk: Talk, phase: Phase, scheduled: int) -> None:
        self._thinking.pop(talk, None)
        self._send(self._flight(talk, phase, talk.conversation.request(), scheduled))

    def _think(self, talk: Talk) -> int:
        mean = self.spec.settings.think
        if not mean:
            return 0
        if self.spec.settings.think_time == "fixed":
            return int(mean * SECOND)
        turn = len(talk.conversation.prompts)
        source = random.Random(f"{self.spec.seed}/{talk.number}/{turn}")
        return int(source.expovariate(1 / mean) * SECOND)

    def _record(
        self,
        flight: Flight,
        response: Response,
        fault: Fault | None,
        outcome: Outcome,
        *,
        final: bool,
    ) -> None:
        reads = flight.reads
        events = sum(reads[1::2])
        view = self.counters.view
        view[_EVENTS] += events
        if response.usage.completion_tokens is not None:
            view[_TOKENS] += response.usage.completion_tokens
        if final and flight.phase is not Phase.WARM_UP:
            view[_PLACES[outcome]] += 1
        number = self.recorder.count
        assert flight.replica is not None
        self.recorder.add(
            records.row(
                flight, response, fault, outcome, final, events,
                self.index, self._numbers[flight.replica.url],
            ),
            reads,
        )  # fmt: skip
        if fault is not None or outcome is Outcome.CANCELLED:
            self.recorder.add_failure(number, records.failure(flight, fault, self.spec.redactor))
        kept = self.spec.keep_answers and flight.phase is Phase.MEASURED and final
        if kept and outcome is not Outcome.CANCELLED:
            self.recorder.add_answer(records.answer(flight, response, fault, self.spec))
        if self._service.tokenizer and outcome is Outcome.SUCCESS:
            self.recorder.add_texts(records.texts(number, flight, response, self.spec.redactor))

    # -- the end

    def _check_end(self) -> None:
        if self._warming or self._ended.done():
            return
        busy = self._flights or self._waiting or self._retries or self._thinking
        if not busy and not self._clients and self._ahead.arrived:
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
        self._expire(now, self._service.timeout.total, "total", "end")
        if self._ticks % FLUSH_TICKS == 0:
            if self._streaming:
                self._expire(now, self._service.timeout.first_token, "first_token", "first token")
            if os.getppid() != self._parent:
                os._exit(1)  # nobody is left to tell
            self.recorder.flush()
        if self._warming or not self._clients + self._ahead.arrivals:
            return
        self._fill_soon()
        if not (self._ahead.closed or self._closing.at):
            self._lines.spare(len(self._flights), self._most)
        self._see_to_the_end(now)

    def _see_to_the_end(self, now: int) -> None:
        ending = self._closing
        halted = ending.halted(now)
        if self.board["stop"] >= STOP_ALL:
            self._cancel(lambda flight: True)
            return
        if halted and not ending.at:
            ending.at = now
        if not ending.all_begun_at and self._all_begun():
            ending.all_begun_at = now
        closing = ending.at or ending.all_begun_at
        if not closing:
            return
        cooling = self.spec.cool_down_ns > 0
        if cooling and not halted and self.board.total("measured_open") == 0:
            halted = True  # the load was kept up for them alone
        if halted:
            self._drop(TURN)
        elif ending.over(now):
            self._drop(BEGINNING)
        grace = self.spec.grace_ns
        if grace is not None and now >= closing + grace:
            self._cancel(lambda flight: True)
        elif cooling and (halted or ending.over(now)):
            self._cancel(lambda flight: flight.talk.phase is Phase.COOL_DOWN)

    def _all_begun(self) -> bool:
        limit = self.spec.requests
        if limit is None:
            return bool(self._ahead.arrivals) and self._ahead.arrived
        return self.board.total("measured_begun") >= limit

    def _drop(self, weight: int) -> None:
        """Who has not begun is not waited for; with TURN nor is who thinks about the next one."""
        self._agenda.forget(weight)
        self._ahead.drop()
        if weight >= TURN:
            for talk in self._thinking:
                self._end_talk(talk)
            self._thinking.clear()
        alive = [one.talk for one in (*self._flights, *self._waiting, *self._retries)]
        self._clients = sum(1 for talk in (*alive, *self._thinking) if talk.client is not None)
        self._check_end()

    def _cancel(self, wanted: Callable[[Flight], bool]) -> None:
        self._closing.cancelling = True
        self._drop(TURN)
        for flight in [*self._waiting, *self._retries]:
            if wanted(flight):
                self._take_up(flight)
        self._waiting = deque(one for one in self._waiting if not wanted(one))
        self._retries = {one: None for one in self._retries if not wanted(one)}
        self.counters.view[_WAITING] = len(self._waiting)
        for flight in [one for one in self._flights if wanted(one)]:
            if not flight.over:
                flight.cancelled = flight.done is None
                if flight.connection is not None:
                    flight.connection.abort()
                flight.finish(now_ns())
        self._check_end()

    def _take_up(self, flight: Flight) -> None:
        """Count a request among those in flight that was never sent, so that it can end."""
        flight.dispatched = now_ns()
        flight.replica = self._lines.replicas.pick()
        flight.replica.in_flight += 1
        self._flights[flight] = None
        self.counters.view[_IN_FLIGHT] += 1

    def _expire(self, now: int, seconds: float, label: str, what: str) -> None:
        limit = int(seconds * SECOND)
        late = []
        for flight in self._flights:
            if flight.dispatched + limit > now:
                break  # in the order of sending: the rest is younger
            if label == "total" or not flight.reads:
                late.append(flight)
        for flight in late:
            if flight.connection is not None:
                flight.connection.abort()
            flight.fail(FaultKind.TIMEOUT, f"no {what} within {seconds:g} s (timeout.{label})")

    async def close(self) -> None:
        """Let go of connections and files. Raises StoreError."""
        self._agenda.close()
        self._bugs.close()
        await self._lines.close()
        self.recorder.close()


def share(count: int, workers: int, index: int) -> int:
    """The part of ``count`` that falls to one of ``workers``."""
    return count // workers + (index < count % workers)
