"""Core's own link to a server, over a transport that is watched; and what is left afterwards."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from attrs import frozen

from aisbench.api import BackendOffer, Request, Response, TransportBackend
from aisbench.config.plan import Model
from aisbench.config.service_keys import Retry, Timeouts
from aisbench.config.suite import ServiceSettings
from aisbench.engine.own_link import OwnLink
from aisbench.engine.replicas import Replica
from aisbench.plugins.catalog import Listed
from aisbench_testkit.checks.peers import Ends
from aisbench_testkit.checks.watching import TransportUnderWatch, TransportWatch

Make = Callable[[], TransportBackend]

SETTLED_SECONDS = 2.5
"""After as long, what is still there is left behind: longer than core lets a close take."""


@frozen(kw_only=True)
class LinkTrial:
    """A link of core's, and what was seen of the transport behind it."""

    link: OwnLink
    watch: TransportWatch
    replica: Replica

    async def ask(self, request: Request) -> Response:
        """One attempt."""
        return (await self.link.attempt(request, self.replica)).response

    async def settled(self) -> None:
        """Wait until nothing is under way, or for as long as it may take."""
        await _until(lambda: not self.watch.sending and not self.watch.connecting)


Work = Callable[[LinkTrial], Awaitable[None]]


def try_link(
    make: Make,
    offer: BackendOffer,
    url: str,
    work: Work,
    limits: Mapping[str, float],
    *,
    ends: Ends | None,
) -> list[str]:
    """Do ``work`` on a link of its own. What the transport leaves behind: tasks, connections that
    their server (``ends``) sees open, threads, errors that nobody fetched.

    ``limits`` are those of the suite's ``timeout``, in s.
    """
    problems: list[str] = []
    unfetched: list[str] = []
    threads = set(threading.enumerate())
    watch = TransportWatch()
    gc.collect()  # what others left is not its own

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(
            lambda _, said: unfetched.append(_words(said))
        )
        before = 0 if ends is None else ends.open
        async with OwnLink(_model(make, offer, url, limits, watch), {}) as link:
            await work(LinkTrial(link=link, watch=watch, replica=Replica(url)))
        await _until(lambda: not _others() and (ends is None or ends.open <= before))
        problems.extend(watch.problems())
        if not problems and (left := _others()):
            names = sorted({_name(one) for one in left})
            problems.append(f"tasks are left running: {', '.join(names)}")
        if ends is not None and (count := ends.open - before) > 0:
            problems.append(f"connections are left open: {count}, after close() and failures")

    with _quiet():
        _run(main)
        gc.collect()
    problems += [f"the loop is told: {one}" for one in dict.fromkeys(unfetched)]
    left = [one for one in threading.enumerate() if one not in threads and not one.daemon]
    problems += [f"the thread {one.name} is left running" for one in left if one.is_alive()]
    return problems


def _model(
    make: Make, offer: BackendOffer, url: str, limits: Mapping[str, float], watch: TransportWatch
) -> Model:
    service = ServiceSettings(
        url=url, model="tiny-model", retry=Retry(attempts=1), timeout=Timeouts(**limits)
    )
    return Model(
        name="checked",
        offer=offer,
        listed=Listed(offer=offer, plugin="", dist="", version=""),
        common=service,
        settings=None,
        backend=TransportUnderWatch(make(), watch),
    )


def _run(main: Callable[[], Awaitable[None]]) -> None:
    """As asyncio.run(), which would wait for ever for a task that cannot be cancelled."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(main())
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=0.5))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        asyncio.set_event_loop(None)
        loop.close()


async def _until(done: Callable[[], bool]) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + SETTLED_SECONDS
    while not done() and loop.time() < end:
        await asyncio.sleep(0.005)


def _others() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {asyncio.current_task()}


def _name(task: asyncio.Task[Any]) -> str:
    made: Any = task.get_coro()
    return str(getattr(made, "__qualname__", made))


def _words(said: Mapping[str, Any]) -> str:
    error = said.get("exception")
    return f"{said.get('message')}" + ("" if error is None else f" ({error!r})")


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what core logs of bugs, as they are told as problems."""
    log = logging.getLogger("aisbench.engine.bugs")
    before = log.disabled
    log.disabled = True
    try:
        yield
    finally:
        log.disabled = before
