"""A worker's connections of a transport of a plugin's own; as
:class:`~aisbench.loadgen.connections.Connections`, for what does not speak HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from aisbench.base.clock import now_ns
from aisbench.base.errors import ServerError
from aisbench.contract.transports import TransportBackend, TransportConnection
from aisbench.engine.carrying import BROKEN, Carriage, fail
from aisbench.engine.held import LoopGuard
from aisbench.engine.own_link import OwnPools
from aisbench.engine.own_pool import OwnPool
from aisbench.engine.replicas import Replica, Replicas
from aisbench.engine.tape import OwnAnswer
from aisbench.loadgen.attempt import Attempt
from aisbench.loadgen.connections import AT_ONCE, MOST_NEW, SPARE
from aisbench.loadgen.shared_counters import COUNTERS, WorkerCounters
from aisbench.loadgen.spec import LoadSpec
from aisbench.types.response import FaultKind

_LATE = COUNTERS.index("late_connects")
_OPENED = COUNTERS.index("opened")


class OwnConnections:
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
        self.replicas = Replicas(spec.urls)
        self._counters = counters
        self._failed = failed
        self._guard = LoopGuard()
        self._pools = OwnPools(transport, spec.schemes, spec.service, spec.headers, self._guard)
        self._connecting = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def idle(self) -> int:
        """Connections that are open and free."""
        return self._pools.idle

    async def open(self, count: int) -> None:
        """Open ``count`` connections, spread over the replicas. Raises ServerError."""
        slots = asyncio.Semaphore(AT_ONCE)
        spent: list[int] = []
        errors: list[str] = []

        async def one(number: int) -> None:
            pool = self._pool_of(number)
            async with slots:
                begun = now_ns()
                try:
                    pool.keep(await pool.connect())
                except (asyncio.TimeoutError, *BROKEN) as error:
                    errors.append(_words(pool, error))
                else:
                    spent.append(now_ns() - begun)

        await asyncio.gather(*map(one, range(count)))
        if errors:
            raise ServerError(
                f"{len(errors)} of {count} connections could not be opened before the start: "
                f"{errors[0]}",
                hint="lower the concurrency, or set load.connections",
            )
        self._counters["opened"] = self._counters["opened_before"] = len(spent)
        self._counters["opening_ns"] = sum(spent)
        self._counters["opening_longest_ns"] = max(spent, default=0)

    def assign(self, attempt: Attempt) -> Replica:
        """Pick the replica that it goes to, and count it there."""
        attempt.dispatched = now_ns()
        replica = attempt.replica = self.replicas.pick()
        replica.in_flight += 1
        return replica

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

    def spare(self, in_flight: int, most: int) -> None:
        """Keep connections to spare, so that no request waits for one."""
        wanted = min(max(SPARE, in_flight // SPARE), most - in_flight)
        for number in range(min(wanted - self.idle - self._connecting, MOST_NEW)):
            self._connecting += 1
            self._spawn(self._open_spare(self._pool_of(number)))

    async def close(self) -> None:
        """Close all of them."""
        for task in self._tasks:
            task.cancel()
        await self._pools.close()
        self._guard.close()

    def _pool_of(self, number: int) -> OwnPool:
        replicas = self.replicas.all
        return self._pools.of(replicas[number % len(replicas)].url)

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
            attempt.fail(FaultKind.CONNECT, _words(pool, error))
            return
        except BROKEN as error:
            attempt.connect = now_ns() - begun
            attempt.replica.down_since = now_ns()
            fail(attempt, error, connecting=True)
            return
        self._counters.view[_OPENED] += 1
        attempt.connect = now_ns() - begun
        attempt.kept = False
        if attempt.over:
            pool.keep(connection)  # cancelled meanwhile
        else:
            self._carry(attempt, connection, pool)

    async def _open_spare(self, pool: OwnPool) -> None:
        try:
            pool.keep(await pool.connect())
            self._counters.view[_OPENED] += 1
        except (asyncio.TimeoutError, *BROKEN):
            pass  # a request that needs one will find out, and say it
        finally:
            self._connecting -= 1

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._follow(asyncio.get_running_loop().create_task(work))

    def _follow(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._settle)

    def _settle(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(error)


def _words(pool: OwnPool, error: BaseException) -> str:
    """What an exception of connecting means, for people."""
    fault = pool.explain(error)
    if fault is not None:
        return fault.message
    return (
        f"the backend broke on connecting, which is a bug of it: {type(error).__name__}: {error}"
    )
