"""One worker's event loop: it sends what is due, and never lets its own work delay a read.

Answers that have ended are put on a list when they are read, and dealt with afterwards (see
:mod:`aisbench.loadgen.backlog`), so that what happens between two answers never shows in the times
of a third. What is done about them is decided elsewhere, without I/O: before the start by
:class:`~aisbench.loadgen.warm_up.WarmUp`, then by
:class:`~aisbench.loadgen.load_machine.LoadMachine`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from typing import Any

from aisbench.base.clock import now_ns
from aisbench.contract.decoders import Decoder
from aisbench.conversation.playing import Known
from aisbench.engine.bounds import AnswerBounds
from aisbench.engine.bugs import Bugs
from aisbench.engine.tape import OwnAnswer
from aisbench.loadgen.agenda import Agenda
from aisbench.loadgen.attempt import ActiveConversation, Attempt
from aisbench.loadgen.attempt_writer import AttemptWriter
from aisbench.loadgen.backlog import Backlog
from aisbench.loadgen.bodies import Bodies
from aisbench.loadgen.connections import Connections
from aisbench.loadgen.in_flight import InFlight
from aisbench.loadgen.load_machine import LoadMachine
from aisbench.loadgen.own_connections import OwnConnections
from aisbench.loadgen.shared_counters import COUNTERS, SharedCounters
from aisbench.loadgen.spec import LoadSpec
from aisbench.loadgen.time_outs import TimeOuts
from aisbench.loadgen.warm_up import WarmUp
from aisbench.media.contents import with_contents
from aisbench.store.recording.columns import Phase
from aisbench.store.recording.writer import RecordingWriter
from aisbench.types.request import Request
from aisbench.types.response import Fault

TICK_NS = 20_000_000
FLUSH_TICKS = 5

_RECONNECTS = COUNTERS.index("reconnects")


class LoadWorker:
    """Owns the sockets, the agenda and the files of one worker; made on its running loop.

    It is the :class:`~aisbench.loadgen.actions.Actions` of what decides.
    """

    def __init__(self, spec: LoadSpec, shared: SharedCounters, index: int) -> None:
        self._spec = spec
        self._index = index
        self._loop = asyncio.get_running_loop()
        counters = shared.worker(index)
        self._view = counters.view
        self._bounds = AnswerBounds.of(spec.service.limits)
        self._bugs = Bugs(spec.label)
        self.recorder = RecordingWriter(spec.folder, index)
        self._agenda = Agenda(self._loop)
        self._connections: Connections | OwnConnections
        self._encode: Callable[[Request], Any]
        self._decoder: Callable[[Request], Decoder]
        if spec.transport is not None:
            self._connections = OwnConnections(spec, spec.transport, counters, self._give_up)
            self._encode, self._decoder = with_contents, OwnAnswer
        else:
            assert spec.codec is not None
            self._connections = Connections(spec, counters, self._give_up)
            self._encode, self._decoder = Bodies(spec.codec).make, spec.codec.decoder
        numbers = {one.url: at for at, one in enumerate(self._connections.replicas.all)}
        writer = AttemptWriter(spec, self.recorder, counters, index, numbers)
        # Actions that others carry out as they are, without a call in between.
        self.record = writer.enter
        self.send = self._connections.send
        self.wait = self._agenda.add
        self.forget = self._agenda.forget

        self._in_flight = InFlight(counters, spec.most_in_flight(index), self)
        self._time_outs = TimeOuts(spec.service, self._in_flight)
        self._machine = LoadMachine(spec, shared, index, self._in_flight, self)
        self._warm_up = WarmUp(spec, index, self._in_flight, self._machine.retry, self)
        self._answered = self._warm_up.answered
        """Told of every attempt that has ended."""
        self._backlog = Backlog(
            self._loop,
            self._machine.prefetch,
            self._machine.load_end,
            self._complete,
            self._give_up,
        )
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self.loop_lags: list[int] = []
        """ns by which ticks of this worker's loop were late."""
        self._ticks = 0
        self._tick_due = 0
        self._parent = os.getppid()

    @property
    def tripped(self) -> Fault | None:
        """What ended the load early: the same failure too many times in a row."""
        return self._machine.tripped

    # -- the course of it

    async def prepare(self) -> None:
        """Open connections, warm up and make the first requests ready. Raises ServerError."""
        await self._connections.open(self._spec.share(self._spec.connections, self._index))
        self._tick()
        if self._warm_up.wanted:
            self._warm_up.start(self._connections.idle, now_ns())
            await self._ended
            self._ended = self._loop.create_future()
            self._warm_up.check()
        self._answered = self._machine.answered
        self._machine.prefetch.prepare(self._in_flight.most)

    async def run(self, start: int) -> None:
        """Everything from the start to the last answer. Raises what a broken codec raised."""
        self._backlog.start = start
        self._machine.start(start)
        await self._ended

    async def close(self) -> None:
        """Let go of connections and files. Raises StoreError."""
        self._agenda.close()
        self._bugs.close()
        await self._connections.close()
        self.recorder.close()

    # -- actions

    def make_attempt(
        self,
        active: ActiveConversation,
        phase: Phase,
        request: Request,
        scheduled: int,
        number: int,
    ) -> Attempt:
        """See :class:`~aisbench.loadgen.actions.Actions`."""
        return Attempt(
            active,
            phase,
            request,
            self._encode(request),
            self._decoder(request),
            scheduled,
            number,
            self._backlog.add,
            self._bounds,
        )

    def break_off(
        self,
        active: ActiveConversation,
        phase: Phase,
        request: Request,
        scheduled: int,
        fault: Fault,
    ) -> Attempt:
        """See :class:`~aisbench.loadgen.actions.Actions`."""
        attempt = Attempt(
            active, phase, request, None, OwnAnswer(request), scheduled, 1,
            self._backlog.add, self._bounds,
        )  # fmt: skip
        self._connections.assign(attempt)  # a record names a replica, though nothing is sent
        attempt.fault = fault
        attempt.finish(now_ns())
        return attempt

    def play(
        self, active: ActiveConversation, then: Callable[[ActiveConversation, int], None]
    ) -> None:
        """See :class:`~aisbench.loadgen.actions.Actions`."""
        conversation = active.conversation
        assert conversation.turns is not None

        def known(step: Known) -> None:  # in the thread that took it
            with contextlib.suppress(RuntimeError):  # the load is over, and so is its loop
                self._loop.call_soon_threadsafe(self._go_on, active, step, now_ns(), then)

        conversation.turns.soon(conversation.told).add_done_callback(known)

    def _go_on(
        self,
        active: ActiveConversation,
        step: Known,
        now: int,
        then: Callable[[ActiveConversation, int], None],
    ) -> None:
        try:
            active.conversation.settle(step)
            then(active, now)
        except BaseException as error:  # noqa: BLE001 - must reach the one who waits for the end
            self._give_up(error)

    def cancel(self, attempt: Attempt) -> None:
        """See :class:`~aisbench.loadgen.actions.Actions`."""
        if attempt.over:
            return
        if attempt.replica is None:
            self._connections.assign(attempt)  # a record names one, though nothing is sent
        attempt.cancelled = attempt.done is None
        if attempt.connection is not None:
            attempt.connection.abort()
        attempt.finish(now_ns())

    def done(self) -> None:
        """See :class:`~aisbench.loadgen.actions.Actions`."""
        if not self._ended.done():
            self._ended.set_result(None)

    def _give_up(self, error: BaseException) -> None:
        if not self._ended.done():
            self._ended.set_exception(error)

    # -- what happened

    def _complete(self, attempt: Attempt) -> None:
        """An attempt has ended, and all sockets have been read since."""
        replica = attempt.replica
        assert replica is not None
        if (
            attempt.kept
            and attempt.sent is not None
            and not attempt.cancelled
            and attempt.never_taken(attempt.sent)
        ):
            self._reconnect(attempt)
            return
        response = attempt.outcome(self._bugs)
        replica.in_flight -= 1
        attempt.connection = None
        self._answered(attempt, response, now_ns())

    def _reconnect(self, attempt: Attempt) -> None:
        """The server had closed the idle connection: that is no answer to anything."""
        self._view[_RECONNECTS] += 1
        fresh = self.make_attempt(
            attempt.active, attempt.phase, attempt.request, attempt.scheduled, attempt.number
        )
        fresh.dispatched = attempt.dispatched
        fresh.replica = attempt.replica
        self._in_flight.replace(attempt, fresh)
        self._connections.send_anew(fresh)

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
        self._time_outs.check_total(now)
        if self._ticks % FLUSH_TICKS == 0:
            self._time_outs.check_first_token(now)
            if os.getppid() != self._parent:
                os._exit(1)  # nobody is left to tell
            self.recorder.flush()
        machine = self._machine
        if not machine.under_way:
            return
        self._backlog.fill_soon()
        if not (machine.prefetch.closed or machine.load_end.at):
            self._connections.spare(len(self._in_flight.attempts), self._in_flight.most)
        machine.tick(now)
