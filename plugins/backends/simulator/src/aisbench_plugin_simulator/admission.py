"""How many requests are answered at once; the others wait in the order in which they came."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator

from attrs import define, evolve, field

from aisbench_plugin_simulator.journal import Record
from aisbench_plugin_simulator.schedule import Schedule
from aisbench_plugin_simulator.settings import SimulatorSettings


@define
class Seats:
    """The batch of a server: who is answered now, and who waits."""

    running: int = 0
    _waiting: deque[asyncio.Future[None]] = field(factory=deque)

    @property
    def waiting(self) -> int:
        """How many have not been begun."""
        return sum(1 for one in self._waiting if not one.done())

    @contextlib.asynccontextmanager
    async def taken(self, settings: SimulatorSettings, record: Record) -> AsyncIterator[None]:
        """A seat, as soon as there is one; the record is told how long that took, and how many
        were answered at once then."""
        if settings.max_num_seqs and (self.running >= settings.max_num_seqs or self.waiting):
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._leave()  # the seat had just been given
                raise
            record.waited_ns = time.monotonic_ns() - record.arrival_ns
        else:
            self.running += 1
        record.beside = self.running - 1
        try:
            yield
        finally:
            self._leave()

    def _leave(self) -> None:
        """Give the seat to the next one that still waits for it."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.running -= 1


def in_batch(settings: SimulatorSettings, schedule: Schedule, record: Record) -> Schedule:
    """The schedule of a request that waited, and that shares the batch with others: each of those
    that are answered when it begins makes its tokens slower."""
    if not record.waited_ns and not (settings.batch_ms and record.beside):
        return schedule
    return evolve(
        schedule,
        ttft=schedule.ttft + record.waited_ns / 1e9,
        tpot=schedule.tpot + settings.batch_ms / 1000 * record.beside,
    )
