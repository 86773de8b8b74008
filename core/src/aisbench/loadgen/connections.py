"""A worker's connections: opened before the start, kept open, and opened when one is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aisbench.base.clock import now_ns
from aisbench.engine.client import ssl_context
from aisbench.engine.connection import Connection
from aisbench.engine.pieces import PiecedRequest
from aisbench.engine.pool import ConnectionPool
from aisbench.engine.proxy import proxy_for
from aisbench.engine.replicas import Replica
from aisbench.engine.wire import writer_for
from aisbench.loadgen.attempt import Attempt
from aisbench.loadgen.opening import OPENED, OpenedConnections
from aisbench.loadgen.shared_counters import COUNTERS, WorkerCounters
from aisbench.loadgen.spec import LoadSpec

_LATE = COUNTERS.index("late_connects")


class Connections(OpenedConnections[ConnectionPool]):
    """Sends attempts, each to the least busy replica. ``failed`` is told of bugs."""

    def __init__(
        self, spec: LoadSpec, counters: WorkerCounters, failed: Callable[[BaseException], None]
    ) -> None:
        super().__init__(spec.urls, counters, failed, (OSError, asyncio.TimeoutError))
        service = spec.service
        context = ssl_context(service)
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

    @property
    def idle(self) -> int:
        """Connections that are open and free."""
        return sum(pool.idle for pool in self._pools.values())

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

    async def close(self) -> None:
        """Close all of them."""
        for task in self._tasks:
            task.cancel()
        for pool in self._pools.values():
            await pool.close()

    def _pool(self, url: str) -> ConnectionPool:
        return self._pools[url]

    def _why(self, pool: ConnectionPool, error: BaseException) -> str:
        return pool.explain(error)[1]

    def _put(
        self, attempt: Attempt, connection: Connection, pool: ConnectionPool, replica: Replica
    ) -> None:
        attempt.connection = connection
        try:
            wire = attempt.wire
            if type(wire) is PiecedRequest:
                head = self._wire.write(wire.request, replica.url, pool, wire.length)
                attempt.uploaded = len(head) + wire.length
                attempt.sent = now_ns()
                connection.upload(attempt, wire.chunks(head))
                return
            data = self._wire.write(wire, replica.url, pool)
        except Exception as error:  # noqa: BLE001 - what a backend cannot sign fails alone
            pool.keep(connection)
            attempt.break_down(error)
            return
        attempt.uploaded = len(data)
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
        self._counters.view[OPENED] += 1
        attempt.connect = now_ns() - begun
        attempt.kept = False
        if attempt.over:
            pool.keep(connection)  # cancelled meanwhile
        else:
            self._put(attempt, connection, pool, replica)
