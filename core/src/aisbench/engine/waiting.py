"""Waiting for a server whose model is still loading, or that was restarted during a run."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from attrs import define

from aisbench.base.clock import now_ns
from aisbench.base.errors import ServerError
from aisbench.config.durations import seconds_of
from aisbench.config.plan import Model
from aisbench.engine.link import ServerLink, Trouble
from aisbench.engine.replicas import Replica, Replicas
from aisbench.types.response import Fault, FaultKind

log = logging.getLogger(__name__)

LOADING_SECONDS = 60.0
"""How long to wait at the start for a server that says it is loading (503), if the suite does not
set it."""
LOOK_SECONDS = 0.25
LONGEST_LOOK = 5.0
DYING_SECONDS = 1.5
"""For so long a server that is going down may still answer health questions."""
MOST_PAUSES = 10
"""Of one request: one that crashes its server each time is not sent for ever."""
_AWAY = frozenset({FaultKind.CONNECT, FaultKind.CUT, FaultKind.TIMEOUT})


class Stopped(Exception):
    """The run ends while a request waits. The request is left for a resume."""


def may_be_away(fault: Fault) -> bool:
    """Whether such a failure can mean that the server is down, or not up yet."""
    if fault.kind is FaultKind.HTTP:
        return (fault.status or 0) >= 500
    return fault.kind in _AWAY or fault.kind is FaultKind.SERVER


@define(eq=False)
class ServerWatch:
    """Waits for the server of one model, all its requests together."""

    model: Model
    link: ServerLink
    replicas: Replicas
    tell: Callable[[str], None]
    """Prints a line for the user."""
    stopped: Callable[[], bool] = lambda: False
    look_seconds: float = LOOK_SECONDS
    _pause: asyncio.Task[bool] | None = None
    _back: int = 0
    """When the server was last found up again after a pause."""

    @property
    def patience(self) -> float | None:
        """Seconds, as the suite says; None when it does not."""
        text = self.model.service.wait_for_server
        return seconds_of(text) if text else None

    async def ready(self) -> None:
        """Wait at the start until every replica is up.

        Returns at once where the suite asks for no waiting and no server says that it is loading:
        the first question then finds what is wrong. Raises ServerError, Stopped.
        """
        begun, announced, pause = now_ns(), False, self.look_seconds
        while True:
            found = await self._troubles()
            bad = [(one, why) for one, why in found if why is not None]
            limit = self.patience
            if limit is None:
                limit = LOADING_SECONDS if all(why.loading for _, why in bad) else 0.0
            if not bad or any(why.hopeless for _, why in bad) or (not limit and not announced):
                if announced and not bad:
                    self._say(f"{self._where(found)} is there")
                return
            waited = (now_ns() - begun) / 1e9
            replica, trouble = bad[0]
            if waited >= limit:
                raise ServerError(
                    f"models.{self.model.name}: {replica.url} is not ready after "
                    f"{waited:.0f} s: {trouble.why}",
                    hint=f'set models.{self.model.name}.wait_for_server = "10m" to wait longer',
                )
            if not announced:
                self._say(
                    f"waiting for {replica.url} ({trouble.why}), up to {limit:g} s "
                    "(wait_for_server)"
                )
                announced = True
            await self._sleep(pause)
            pause = min(pause * 1.5, LONGEST_LOOK)

    async def was_away(self, since: int, *, last: bool = False) -> bool:
        """Whether a request that was sent at ``since`` (ns) failed because the server was down.
        Returns True once the server is up again.

        ``last``: no further attempt would follow, so a server that is just going down is given
        time to do so. False where the suite asks for no waiting. Raises ServerError when it did
        not come back, Stopped.
        """
        if not self.patience:
            return False
        if self._pause is None:
            if since < self._back:
                return True
            if not await self._is_down() and not (last and await self._goes_down()):
                return since < self._back
        if self._pause is None:
            self._pause = asyncio.ensure_future(self._until_back())
            self._pause.add_done_callback(self._over)
        return await asyncio.shield(self._pause)

    def _over(self, pause: asyncio.Task[bool]) -> None:
        self._pause = None
        if not pause.cancelled():
            pause.exception()  # retrieved: it is raised where the pause is awaited

    async def _goes_down(self) -> bool:
        await self._sleep(DYING_SECONDS)
        return await self._is_down()

    async def _is_down(self) -> bool:
        """Whether no replica is up."""
        return all(why is not None for _, why in await self._troubles())

    async def _until_back(self) -> bool:
        limit, begun, pause = self.patience or 0.0, now_ns(), self.look_seconds
        announced = False
        while True:
            found = await self._troubles()
            why = next((why.why for _, why in found if why is not None), "")
            if any(one is None for _, one in found):
                self._back = now_ns()
                if announced:
                    waited = (self._back - begun) / 1e9
                    self._say(f"{self._where(found)} is back after {waited:.0f} s: going on")
                return True
            if not announced:
                self._say(
                    f"{self._where(found)} is gone ({why}): waiting up to {limit:g} s for it "
                    "(wait_for_server)"
                )
                announced = True
            if (now_ns() - begun) / 1e9 >= limit:
                raise ServerError(
                    f"models.{self.model.name}: {self._where(found)} did not come back within "
                    f"{limit:g} s (wait_for_server): {why}",
                    hint="what was answered is stored: continue with --resume when it is up",
                )
            await self._sleep(pause)
            pause = min(pause * 1.5, LONGEST_LOOK)

    async def _troubles(self) -> list[tuple[Replica, Trouble | None]]:
        replicas = self.replicas.all
        found = await asyncio.gather(*map(self.link.trouble, replicas))
        return list(zip(replicas, found, strict=True))

    def _where(self, found: Sequence[tuple[Replica, Trouble | None]]) -> str:
        return ", ".join(replica.url for replica, _ in found)

    def _say(self, text: str) -> None:
        log.info("models.%s: %s", self.model.name, text)
        self.tell(f"{self.model.name}: {text}")

    async def _sleep(self, seconds: float) -> None:
        end = now_ns() + int(seconds * 1e9)
        while (left := end - now_ns()) > 0:
            if self.stopped():
                raise Stopped
            await asyncio.sleep(min(left / 1e9, LOOK_SECONDS))
        if self.stopped():
            raise Stopped
