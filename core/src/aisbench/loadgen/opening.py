"""Opening a worker's connections, whatever goes over them: before the start, and to spare."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Generic, Protocol, TypeVar

from aisbench.base.clock import now_ns
from aisbench.base.errors import ServerError
from aisbench.engine.replicas import Replica, Replicas
from aisbench.loadgen.attempt import Attempt
from aisbench.loadgen.shared_counters import COUNTERS, WorkerCounters

AT_ONCE = 128
"""How many connections are opened at the same time before the start."""
SPARE = 8
"""In an open loop at least so many connections are kept to spare, and one for every so many
requests in flight."""
MOST_NEW = 64
"""How many connections to spare are begun at the same time."""

OPENED = COUNTERS.index("opened")


class Pool(Protocol):
    """The connections to one replica."""

    async def connect(self) -> Any:
        """A new one. Raises what the caller of :class:`OpenedConnections` names."""

    def keep(self, connection: Any) -> None:
        """Put one among the idle ones."""


AnyPool = TypeVar("AnyPool", bound=Pool)


class OpenedConnections(Generic[AnyPool]):
    """The part of a worker's connections that opens them.

    ``failed`` is told of bugs; ``refusals`` is what a pool raises where a connection cannot be
    made.
    """

    def __init__(
        self,
        urls: Sequence[str],
        counters: WorkerCounters,
        failed: Callable[[BaseException], None],
        refusals: tuple[type[BaseException], ...],
    ) -> None:
        self.replicas = Replicas(urls)
        self._counters = counters
        self._failed = failed
        self._refusals = refusals
        self._connecting = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def idle(self) -> int:
        """Connections that are open and free."""
        raise NotImplementedError

    def _pool(self, url: str) -> AnyPool:
        raise NotImplementedError

    def _why(self, pool: AnyPool, error: BaseException) -> str:
        """What an exception of connecting means, for people."""
        raise NotImplementedError

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
                except self._refusals as error:
                    errors.append(self._why(pool, error))
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

    def spare(self, in_flight: int, most: int) -> None:
        """Keep connections to spare, so that no request waits for one."""
        wanted = min(max(SPARE, in_flight // SPARE), most - in_flight)
        for number in range(min(wanted - self.idle - self._connecting, MOST_NEW)):
            self._connecting += 1
            self._spawn(self._open_spare(self._pool_of(number)))

    async def _open_spare(self, pool: AnyPool) -> None:
        try:
            pool.keep(await pool.connect())
            self._counters.view[OPENED] += 1
        except self._refusals:
            pass  # a request that needs one will find out, and say it
        finally:
            self._connecting -= 1

    def _pool_of(self, number: int) -> AnyPool:
        replicas = self.replicas.all
        return self._pool(replicas[number % len(replicas)].url)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._follow(asyncio.get_running_loop().create_task(work))

    def _follow(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._settle)

    def _settle(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(error)
