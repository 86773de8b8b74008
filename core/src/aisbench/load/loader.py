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
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from aisbench.clock import now_ns
from aisbench.config.suite import ServiceSettings
from aisbench.engine.breaker import Breaker
from aisbench.engine.client import ssl_context
from aisbench.engine.exchange import Connection, Exchange
from aisbench.engine.pool import Pool
from aisbench.engine.proxy import proxy_for
from aisbench.engine.replicas import Replica, Replicas
from aisbench.engine.retry import Backoff, is_transient, parse_retry_after
from aisbench.engine.wire import Wire
from aisbench.errors import ServerError
from aisbench.load import records
from aisbench.load.agenda import SLICE_NS, Agenda
from aisbench.load.board import COUNTERS, STOP_ALL, Board
from aisbench.load.flight import Client, Flight, Talk
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
CONNECTING = 128
"""Connections that are being opened at one time before the start."""
FILL_NS = 300_000
"""Making requests ahead lets the loop go after so long."""
AHEAD_NS = SECOND
"""Requests due within so long are made ready before."""
MOST_AHEAD = 1000
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
_OPENED = COUNTERS.index("opened")
_RECONNECTS = COUNTERS.index("reconnects")
_LATE = COUNTERS.index("late_connects")
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
        self._loop = asyncio.get_running_loop()
        self._agenda = Agenda(self._loop)
        self._wire = Wire(spec.headers)
        self._replicas = Replicas(spec.urls)
        self._numbers = {replica.url: at for at, replica in enumerate(self._replicas.all)}
        context = ssl_context(self._service)
        self._pools = {
            replica.url: Pool(
                replica.url,
                context,
                proxy_for(self._service.proxy, replica.url),
                self._service.timeout.connect,
                spec.sources,
            )
            for replica in self._replicas.all
        }
        self._backoff = Backoff(self._service.retry, random.Random(f"{spec.seed}/{index}"))
        self._breaker = Breaker(spec.abort_after)
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
        self._ahead: deque[Flight] = deque()
        """Requests ready to be sent, in the order of their numbers."""
        self._lookahead = 0
        self._filling = False
        self._arrivals = range(0)
        self._next_arrival = 0
        self._warm_left = 0
        self._warm_failed: Fault | None = None
        self._warm_good = 0
        self._warming = False
        self._closing = 0
        self._cancelling = False
        self._unfinished: dict[Talk, None] = {}
        """Measured conversations that have not ended, those in think time among them."""
        self._thinking: dict[Talk, None] = {}
        self._all_begun_at = 0
        self._connecting = 0
        self._ticks = 0
        self._tick_due = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._retries: dict[Flight, None] = {}
        """Attempts that wait for their back-off to pass."""
        self._parent = os.getppid()
        self._start = 0
        self._deadline: int | None = None
        self._clients = 0
        self._due: Sequence[int] = ()

    # -- before the start

    async def prepare(self) -> None:
        """Open connections and warm up. Raises ServerError."""
        count = share(self.spec.connections, self.spec.workers, self.index)
        await self._open(count)
        self._tick()
        await self._warm_up()
        schedule = self.spec.schedule
        if isinstance(schedule, ClosedLoop):
            mine = schedule.clients[self.index :: self.spec.workers]
            at_once = sum(1 for client in mine if client.begin_ns == 0)
            # One worker may hold work back for itself; several share it as they get free.
            self._lookahead = min(at_once, MOST_AHEAD) if self.spec.workers == 1 else 0
            for _ in range(min(at_once, self._most)):
                if not self._make_ahead():
                    break
        else:
            self._due = schedule.due_ns
            self._arrivals = range(self.index, len(schedule.due_ns), self.spec.workers)
            while len(self._ahead) < MOST_AHEAD and self._due_soon(0) and self._make_ahead():
                pass

    async def _open(self, count: int) -> None:
        slots = asyncio.Semaphore(CONNECTING)
        spent: list[int] = []
        errors: list[str] = []
        replicas = self._replicas.all

        async def one(number: int) -> None:
            pool = self._pools[replicas[number % len(replicas)].url]
            async with slots:
                begun = now_ns()
                try:
                    pool.keep(await pool.connect())
                except (OSError, asyncio.TimeoutError) as error:
                    errors.append(pool.explain(error)[1])
                else:
                    spent.append(now_ns() - begun)

        await asyncio.gather(*(one(number) for number in range(count)))
        if errors:
            raise ServerError(
                f"{len(errors)} of {count} connections could not be opened before the start: "
                f"{errors[0]}",
                hint="lower the concurrency, or set load.connections",
            )
        self.counters["opened"] = self.counters["opened_before"] = len(spent)
        self.counters["opening_ns"] = sum(spent)
        self.counters["opening_longest_ns"] = max(spent, default=0)

    async def _warm_up(self) -> None:
        wanted = share(self.spec.settings.warm_up, self.spec.workers, self.index)
        if not wanted:
            return
        self._warming = True
        self._warm_left = wanted
        for _ in range(min(wanted, max(1, self._connections()), self._most)):
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

    def _connections(self) -> int:
        return sum(pool.idle for pool in self._pools.values())

    # -- the load itself

    async def run(self, start: int) -> None:
        """Everything from the start to the last answer. Raises what a broken codec raised."""
        self._start = start
        duration = self.spec.duration_ns
        self._deadline = None if duration is None else start + duration
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
        if (client.end is None or scheduled < client.end) and not self._over(scheduled):
            flight = self._next_flight()
            if flight is not None:
                flight.talk.client = client
                self._begin(flight, scheduled)
                return
        self._clients -= 1
        self._check_end()

    def _next_flight(self) -> Flight | None:
        """The first request of the next conversation; None when there is no more."""
        if not self._ahead and not self._make_ahead():
            return None
        return self._ahead.popleft()

    def _make_ahead(self) -> bool:
        """Make one more request ready; False when there is none to make."""
        if isinstance(self.spec.schedule, ClosedLoop):
            number = self.board.claim(self._claim_limit())
            if number is None:
                return False
        else:
            place = self._next_arrival + len(self._ahead)
            if place >= len(self._arrivals):
                return False
            number = self._arrivals[place]
        row, conversation = self.work.begin(number)
        talk = Talk(number, row, conversation, Phase.MEASURED, None)
        self._ahead.append(self._flight(talk, Phase.MEASURED, conversation.request(), 0))
        return True

    def _due_soon(self, now: int) -> bool:
        """Whether the next request to make is due soon (``now`` is after the start)."""
        place = self._next_arrival + len(self._ahead)
        return place < len(self._arrivals) and self._due[self._arrivals[place]] < now + AHEAD_NS

    def _fill(self) -> None:
        """While nothing else is to be done, make requests that will be needed."""
        self._filling = False
        if self._finished or self._over(now_ns()):
            return
        begun = now_ns()
        closed = isinstance(self.spec.schedule, ClosedLoop)
        try:
            while (
                len(self._ahead) < self._lookahead
                if closed
                else len(self._ahead) < MOST_AHEAD and self._due_soon(begun - self._start)
            ):
                if not self._make_ahead():
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

    def _claim_limit(self) -> int | None:
        """Beyond the measured ones only while the cool-down wants the load kept up."""
        return None if self.spec.cool_down_ns else self.spec.requests

    def _over(self, now: int) -> bool:
        """Whether no conversation is to begin any more, measured or not."""
        if self._halted(now):
            return True
        begun = self._all_begun_at
        return bool(begun) and now >= begun + self.spec.cool_down_ns

    def _halted(self, now: int) -> bool:
        """Whether conversations that have begun are not to go on either."""
        if self._cancelling or self.board["stop"] or self._breaker.tripped is not None:
            return True
        if not self._closing:
            shared = self.board["closing"]
            if shared:
                self._closing = shared
            elif self._deadline is not None and now >= self._deadline:
                self._closing = self._deadline
        return bool(self._closing) and now >= self._closing + self.spec.cool_down_ns

    def _phase(self, number: int, now: int) -> Phase:
        limit = self.spec.requests
        shared = self.board["closing"]
        if (
            (limit is not None and number >= limit)
            or (self._deadline is not None and now >= self._deadline)
            or (shared and now >= shared)
        ):
            return Phase.COOL_DOWN
        return Phase.MEASURED

    def _begin_arrivals(self) -> None:
        self._clients = 0
        self._await_arrival()

    def _await_arrival(self) -> None:
        if self._next_arrival < len(self._arrivals):
            number = self._arrivals[self._next_arrival]
            self._agenda.add(self._start + self._due[number], self._arrive)
        else:
            self._check_end()

    def _arrive(self, scheduled: int) -> None:
        if self._over(scheduled):
            self._next_arrival = len(self._arrivals)
            self._ahead.clear()
            self._check_end()
            return
        flight = self._next_flight()
        self._next_arrival += 1
        assert flight is not None
        self._begin(flight, scheduled)
        self._await_arrival()

    def _begin(self, flight: Flight, scheduled: int) -> None:
        """Begin the conversation of its first request."""
        talk = flight.talk
        talk.phase = flight.phase = self._phase(talk.number, scheduled)
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
        pool = self._pools[replica.url]
        connection = pool.take()
        if connection is None:
            self._spawn(self._connect_and_send(flight, pool, replica))
        else:
            flight.reused = connection.used > 0
            self._put(flight, connection, pool, replica)

    def _put(self, flight: Flight, connection: Connection, pool: Pool, replica: Replica) -> None:
        flight.connection = connection
        data = self._wire.write(flight.wire, replica.url, pool)
        flight.sent = now_ns()
        connection.send(flight, data)

    async def _connect_and_send(self, flight: Flight, pool: Pool, replica: Replica) -> None:
        self.counters.view[_LATE] += 1
        begun = now_ns()
        try:
            connection = await pool.connect()
        except (OSError, asyncio.TimeoutError) as error:
            flight.connect = now_ns() - begun
            replica.down_since = now_ns()
            flight.fail(*pool.explain(error))
            return
        self.counters.view[_OPENED] += 1
        flight.connect = now_ns() - begun
        flight.reused = False
        if flight.over:
            pool.keep(connection)  # cancelled meanwhile
        else:
            self._put(flight, connection, pool, replica)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._settle)

    def _settle(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._give_up(error)

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
        if len(self._ahead) < self._lookahead:
            self._fill_soon()
        if self.recorder.full:
            self.recorder.flush()

    def _complete(self, flight: Flight) -> None:
        if flight.bug is not None:
            raise flight.bug
        replica = flight.replica
        assert replica is not None
        response = flight.decoder.finish() if flight.started else Response()
        fault = flight.fault or response.fault
        if (
            flight.reused
            and fault is not None
            and fault.kind is FaultKind.CUT
            and flight.first_byte is None
            and not flight.cancelled
        ):
            self._again(flight, replica)
            return
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
        self._spawn(self._connect_and_send(fresh, self._pools[replica.url], replica))

    def _may_retry(self, flight: Flight, fault: Fault | None) -> bool:
        return (
            fault is not None
            and flight.attempt < self.spec.settings.attempts
            and is_transient(fault)
            and not self._halted(now_ns())
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
        if conversation.next_prompt is not None and not self._halted(flight.done):
            due = flight.done + conversation.next_prompt.delay_ns + self._think(talk)
            phase = talk.phase if self._phase(talk.number, due) is talk.phase else Phase.COOL_DOWN
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
            self.recorder.add_texts(records.texts(number, flight, response))

    # -- the end

    def _check_end(self) -> None:
        if self._warming or self._ended.done():
            return
        busy = self._flights or self._waiting or self._retries or self._thinking
        if not busy and not self._clients and self._next_arrival >= len(self._arrivals):
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
        if self._warming or not self._clients + len(self._arrivals):
            return
        self._fill_soon()
        self._replenish()
        self._see_to_the_end(now)

    def _see_to_the_end(self, now: int) -> None:
        halted = self._halted(now)
        if self.board["stop"] >= STOP_ALL:
            self._cancel(lambda flight: True)
            return
        if halted and not self._closing:
            self._closing = now
        if not self._all_begun_at and self._all_begun():
            self._all_begun_at = now
        closing = self._closing or self._all_begun_at
        if not closing:
            return
        cooling = self.spec.cool_down_ns > 0
        if cooling and not halted and self.board.total("measured_open") == 0:
            halted = True  # the load was kept up for them alone
        if halted:
            self._drop(TURN)
        elif self._over(now):
            self._drop(BEGINNING)
        grace = self.spec.grace_ns
        if grace is not None and now >= closing + grace:
            self._cancel(lambda flight: True)
        elif cooling and (halted or self._over(now)):
            self._cancel(lambda flight: flight.talk.phase is Phase.COOL_DOWN)

    def _all_begun(self) -> bool:
        limit = self.spec.requests
        if limit is None:
            return bool(self._arrivals) and self._next_arrival >= len(self._arrivals)
        return self.board.total("measured_begun") >= limit

    def _drop(self, weight: int) -> None:
        """Who has not begun is not waited for; with TURN nor is who thinks about the next one."""
        self._agenda.forget(weight)
        self._next_arrival = len(self._arrivals)
        self._ahead.clear()
        if weight >= TURN:
            for talk in self._thinking:
                self._end_talk(talk)
            self._thinking.clear()
        alive = [one.talk for one in (*self._flights, *self._waiting, *self._retries)]
        self._clients = sum(1 for talk in (*alive, *self._thinking) if talk.client is not None)
        self._check_end()

    def _cancel(self, wanted: Callable[[Flight], bool]) -> None:
        self._cancelling = True
        self._drop(TURN)
        for flight in [*self._waiting, *self._retries]:
            if wanted(flight):
                self._take_up(flight)
        self._waiting = deque(one for one in self._waiting if not wanted(one))
        self._retries = {one: None for one in self._retries if not wanted(one)}
        self.counters.view[_WAITING] = len(self._waiting)
        for flight in [one for one in self._flights if wanted(one)]:
            if not flight.over:
                flight.cancelled = True
                if flight.connection is not None:
                    flight.connection.abort()
                flight.finish(now_ns())
        self._check_end()

    def _take_up(self, flight: Flight) -> None:
        """Count a request among those in flight that was never sent, so that it can end."""
        flight.dispatched = now_ns()
        flight.replica = self._replicas.pick()
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

    def _replenish(self) -> None:
        """In an open loop, keep connections to spare, so that no request waits for one."""
        if isinstance(self.spec.schedule, ClosedLoop) or self._closing:
            return
        idle = self._connections()
        in_flight = len(self._flights)
        wanted = min(max(8, in_flight // 8), self._most - in_flight) - idle - self._connecting
        replicas = self._replicas.all
        for number in range(min(wanted, 64)):
            self._connecting += 1
            self._spawn(self._open_spare(self._pools[replicas[number % len(replicas)].url]))

    async def _open_spare(self, pool: Pool) -> None:
        try:
            pool.keep(await pool.connect())
            self.counters.view[_OPENED] += 1
        except (OSError, asyncio.TimeoutError):
            pass  # a request that needs one will find out, and say it
        finally:
            self._connecting -= 1

    async def close(self) -> None:
        """Let go of connections and files. Raises StoreError."""
        self._agenda.close()
        for task in self._tasks:
            task.cancel()
        for pool in self._pools.values():
            await pool.close()
        self.recorder.close()


def share(count: int, workers: int, index: int) -> int:
    """The part of ``count`` that falls to one of ``workers``."""
    return count // workers + (index < count % workers)
