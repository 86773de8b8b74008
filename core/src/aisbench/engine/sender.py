"""One request to its end: attempts, waits, another replica."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Sequence

import attrs
from attrs import frozen

from aisbench.config.suite import ServiceSettings
from aisbench.engine.client import AttemptResult
from aisbench.engine.diagnosis import REFUSING
from aisbench.engine.link import ServerLink
from aisbench.engine.replicas import Replica, Replicas
from aisbench.engine.retry import Backoff, is_transient, may_be_deterministic
from aisbench.engine.waiting import MOST_PAUSES, ServerWatch, Stopped, may_be_away
from aisbench.media.contents import with_contents
from aisbench.types.request import Request
from aisbench.types.response import Fault, Response
from aisbench.types.timing import Timing


@frozen(kw_only=True)
class Attempts:
    """The attempt that counted, and the ones that broke before it, each kept apart."""

    response: Response
    timing: Timing
    url: str
    failures: tuple[AttemptResult, ...] = ()


CHANCE = 1e-3
"""A row of failures that chance alone makes less likely than this is caused by the request."""


class Sender:
    """Sends requests of one model, and keeps count of how often first attempts fail."""

    def __init__(
        self,
        link: ServerLink,
        settings: ServiceSettings,
        replicas: Replicas,
        seed: int,
        stopping: asyncio.Event,
        watch: ServerWatch | None = None,
    ) -> None:
        self._link = link
        self._policy = settings.retry
        self._replicas = replicas
        self._backoff = Backoff(settings.retry, random.Random(seed))
        self._stopping = stopping
        self._watch = watch
        self._firsts = 0
        self._first_failures = 0
        self.answered = False
        """Whether any request was answered."""
        self.refused: Request | None = None
        """The first request that the server rejected (400, 422)."""

    async def send(self, request: Request) -> Attempts:
        """The answer after at most ``retry.attempts`` attempts, and the failures before it.

        An attempt that met no server does not count where the suite waits for one.

        Raises Stopped when ``stopping`` is set while it waits for another attempt, ServerError
        when a server that was waited for did not come back, or cancellation.
        """
        full = with_contents(request)
        failures: list[AttemptResult] = []
        alike = pauses = 0
        replica: Replica | None = None
        while True:
            replica = self._replicas.pick(avoid=replica if failures else None)
            attempt = await self._link.attempt(full, replica)
            fault = attempt.response.fault
            if fault is None:
                self._firsts += not failures
                self.answered = True
                return _attempts(attempt, failures)
            last = len(failures) + 1 >= self._policy.attempts
            if pauses < MOST_PAUSES and await self._away(attempt, last):
                pauses += 1
                continue
            self._note_failure(request, fault, first=not failures)
            alike = alike + 1 if _fails_like(failures, fault) else 1
            if may_be_deterministic(fault) and self._beyond_chance(alike):
                fault = attrs.evolve(fault, deterministic=True)
                response = attrs.evolve(attempt.response, fault=fault)
                return _attempts(attrs.evolve(attempt, response=response), failures)
            if last or not is_transient(fault):
                return _attempts(attempt, failures)
            failures.append(attempt)
            await self._wait(self._backoff.wait(len(failures), attempt.retry_after))

    def _note_failure(self, request: Request, fault: Fault, *, first: bool) -> None:
        self._firsts += first
        self._first_failures += first
        if fault.status in REFUSING and self.refused is None:
            self.refused = request

    async def _away(self, attempt: AttemptResult, last: bool) -> bool:
        """Whether the server was down, and is up again."""
        fault, watch = attempt.response.fault, self._watch
        if fault is None or watch is None or not may_be_away(fault):
            return False
        return await watch.was_away(attempt.timing.dispatched, last=last)

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
            raise Stopped

    def _beyond_chance(self, alike: int) -> bool:
        """Whether so many equal failures in a row are no accident on this server.

        Accidents are as frequent as failures of first attempts (one success and one failure are
        added, so that a young run concludes nothing). On a server that fails everything no
        request is ever blamed.
        """
        rate = (self._first_failures + 1) / (self._firsts + 2)
        return alike > 1 and float(rate**alike) < CHANCE


def _fails_like(failures: Sequence[AttemptResult], fault: Fault) -> bool:
    """Whether the attempt before failed in the same way."""
    before = failures[-1].response.fault if failures else None
    return before is not None and before.signature == fault.signature


def _attempts(attempt: AttemptResult, failures: list[AttemptResult]) -> Attempts:
    return Attempts(
        response=attempt.response,
        timing=attempt.timing,
        url=attempt.url,
        failures=tuple(failures),
    )
