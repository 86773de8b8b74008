"""A worker's connections of a transport of a plugin's own; as
:class:`~aisbench.loadgen.connections.Connections`, for what does not speak HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aisbench.base.clock import now_ns
from aisbench.contract.transports import TransportBackend, TransportConnection
from aisbench.engine.carrying import BROKEN, Carriage, fail
from aisbench.engine.held import LoopGuard
from aisbench.engine.own_link import OwnPools
from aisbench.engine.own_pool import OwnPool
from aisbench.engine.tape import OwnAnswer
from aisbench.loadgen.attempt import Attempt
from aisbench.loadgen.opening import OPENED, OpenedConnections
from aisbench.loadgen.shared_counters import COUNTERS, WorkerCounters
from aisbench.loadgen.spec import LoadSpec
from aisbench.types.response import FaultKind

_LATE = COUNTERS.index("late_connects")


class OwnConnections(OpenedConnections[OwnPool]):
    """Sends attempts, each to the least busy replica, as a task of the worker's loop.

    ``failed`` is told of bugs of core: those of the transport fail the attempt.
    """

    def __init__(
        self,
        spec: LoadSpec,
        transport: TransportBackend,
        counters: WorkerCounters,
        failed: Callable[[BaseException], None],
    ) -> None:
        super().__init__(spec.urls, counters, failed, (asyncio.TimeoutError, *BROKEN))
        self._guard = LoopGuard()
        self._pools = OwnPools(transport, spec.schemes, spec.service, spec.headers, self._guard)

    @property
    def idle(self) -> int:
        """Connections that are open and free."""
        return self._pools.idle

    def send(self, attempt: Attempt) -> None:
        """Send it on an idle connection, or on a new one."""
        pool = self._pools.of(self.assign(attempt).url)
        connection = pool.take()
        if connection is None:
            self._spawn(self._connect_and_send(attempt, pool))
        else:
            attempt.kept = True
            self._carry(attempt, connection, pool)

    def send_anew(self, attempt: Attempt) -> None:
        """Send it on a new connection to the replica that it is assigned to."""
        assert attempt.replica is not None
        self._spawn(self._connect_and_send(attempt, self._pools.of(attempt.replica.url)))

    async def close(self) -> None:
        """Close all of them."""
        for task in self._tasks:
            task.cancel()
        await self._pools.close()
        self._guard.close()

    def _pool(self, url: str) -> OwnPool:
        return self._pools.of(url)

    def _why(self, pool: OwnPool, error: BaseException) -> str:
        fault = pool.explain(error)
        if fault is not None:
            return fault.message
        what = f"{type(error).__name__}: {error}"
        return f"the backend broke on connecting, which is a bug of it: {what}"

    def _carry(self, attempt: Attempt, connection: TransportConnection, pool: OwnPool) -> None:
        answer = attempt.decoder
        assert isinstance(answer, OwnAnswer)
        answer.request = attempt.wire  # with the contents of its media
        carriage = Carriage(attempt, answer, connection, self._guard, pool.keep)
        attempt.connection = carriage
        self._follow(carriage.start(attempt.dispatched))

    async def _connect_and_send(self, attempt: Attempt, pool: OwnPool) -> None:
        assert attempt.replica is not None
        self._counters.view[_LATE] += 1
        begun = now_ns()
        try:
            connection = await pool.connect()
        except asyncio.TimeoutError as error:
            attempt.connect = now_ns() - begun
            attempt.replica.down_since = now_ns()
            attempt.fail(FaultKind.CONNECT, self._why(pool, error))
            return
        except BROKEN as error:
            attempt.connect = now_ns() - begun
            attempt.replica.down_since = now_ns()
            fail(attempt, error, connecting=True)
            return
        self._counters.view[OPENED] += 1
        attempt.connect = now_ns() - begun
        attempt.kept = False
        if attempt.over:
            pool.keep(connection)  # cancelled meanwhile
        else:
            self._carry(attempt, connection, pool)
