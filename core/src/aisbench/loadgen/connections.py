"""A worker's connections: opened before the start, kept open, and opened when one is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from aisbench.base.clock import now_ns
from aisbench.base.errors import ServerError
from aisbench.engine.client import ssl_context
from aisbench.engine.connection import Connection
from aisbench.engine.pool import ConnectionPool
from aisbench.engine.proxy import proxy_for
from aisbench.engine.replicas import Replica, Replicas
from aisbench.engine.wire import writer_for
from aisbench.loadgen.attempt import Attempt
from aisbench.loadgen.shared_counters import COUNTERS, WorkerCounters
from aisbench.loadgen.spec import LoadSpec

AT_ONCE = 128
"""How many connections are opened at the same time before the start."""
SPARE = 8
"""In an open loop at least so many connections are kept to spare, and one for every so many
requests in flight."""
MOST_NEW = 64
"""How many connections to spare are begun at the same time."""

_LATE = COUNTERS.index("late_connects")
_OPENED = COUNTERS.index("opened")


class Connections:
    """Sends attempts, each to the least busy replica. ``failed`` is told of bugs."""

    def __init__(
        self, spec: LoadSpec, counters: WorkerCounters, failed: Callable[[BaseException], None]
    ) -> None:
        service = spec.service
        context = ssl_context(service)
        self.replicas = Replicas(spec.urls)
        self._counters = counters
        self._failed = failed
        self._wire = writer_for(spec.headers, spec.codec)
        self._pools = {
            replica.url: ConnectionPool(
                replica.url,
                context,
                proxy_for(service.proxy, replica.url),
                service.timeout.connect,
                spec.sources,
            )
            for replica in self.replicas.all
        }
        self._connecting = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def idle(self) -> int:
        """Connections that are open and free."""
        return sum(pool.idle for pool in self._pools.values())

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
        replica = self.assign(attempt)
        pool = self._pools[replica.url]
        connection = pool.take()
        if connection is None:
            self._spawn(self._connect_and_send(attempt, pool, replica))
        else:
            attempt.kept = True
            self._put(attempt, connection, pool, replica)

    def send_anew(self, attempt: Attempt) -> None:
        """Send it on a new connection to the replica that it is assigned to."""
        replica = attempt.replica
        assert replica is not None
        self._spawn(self._connect_and_send(attempt, self._pools[replica.url], replica))

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
        for pool in self._pools.values():
            await pool.close()

    def _pool_of(self, number: int) -> ConnectionPool:
        replicas = self.replicas.all
        return self._pools[replicas[number % len(replicas)].url]

    def _put(
        self, attempt: Attempt, connection: Connection, pool: ConnectionPool, replica: Replica
    ) -> None:
        attempt.connection = connection
        try:
            data = self._wire.write(attempt.wire, replica.url, pool)
        except Exception as error:  # noqa: BLE001 - what a backend cannot sign fails alone
            pool.keep(connection)
            attempt.break_down(error)
            return
        attempt.sent = now_ns()
        connection.send(attempt, data)

    async def _connect_and_send(
        self, attempt: Attempt, pool: ConnectionPool, replica: Replica
    ) -> None:
        self._counters.view[_LATE] += 1
        begun = now_ns()
        try:
            connection = await pool.connect()
        except (OSError, asyncio.TimeoutError) as error:
            attempt.connect = now_ns() - begun
            replica.down_since = now_ns()
            attempt.fail(*pool.explain(error))
            return
        self._counters.view[_OPENED] += 1
        attempt.connect = now_ns() - begun
        attempt.kept = False
        if attempt.over:
            pool.keep(connection)  # cancelled meanwhile
        else:
            self._put(attempt, connection, pool, replica)

    async def _open_spare(self, pool: ConnectionPool) -> None:
        try:
            pool.keep(await pool.connect())
            self._counters.view[_OPENED] += 1
        except (OSError, asyncio.TimeoutError):
            pass  # a request that needs one will find out, and say it
        finally:
            self._connecting -= 1

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._settle)

    def _settle(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(error)
