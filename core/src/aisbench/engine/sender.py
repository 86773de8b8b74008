"""One request to its end: attempts, waits, another replica."""

from __future__ import annotations

import asyncio
import contextlib
import random

import attrs
from attrs import frozen

from aisbench.base.clock import now_ns
from aisbench.codec import PreparingBackend, Reply
from aisbench.config.suite import ServiceSettings
from aisbench.contract.service_backends import ServiceBackend
from aisbench.engine.asking import Body
from aisbench.engine.client import AttemptResult, HttpClient
from aisbench.engine.diagnosis import REFUSING
from aisbench.engine.replicas import Replica, Replicas
from aisbench.engine.retry import Backoff, is_transient, may_be_deterministic
from aisbench.engine.waiting import MOST_PAUSES, Stopped, ServerWatch, may_be_away
from aisbench.media.files import with_contents
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
"""A run of failures less likely than this, were they by chance, has its cause in the request."""


class Sender:
    """Sends requests of one model, and keeps count of how often first attempts fail."""

    def __init__(
        self,
        client: HttpClient,
        backend: ServiceBackend,
        settings: ServiceSettings,
        replicas: Replicas,
        seed: int,
        stopping: asyncio.Event,
        watch: ServerWatch | None = None,
    ) -> None:
        self._client = client
        self._backend = backend
        self._preparing = backend if isinstance(backend, PreparingBackend) else None
        self._policy = settings.retry
        self._replicas = replicas
        self._backoff = Backoff(settings.retry, random.Random(seed))
        self._stopping = stopping
        self._watch = watch
        self._firsts = 0
        self._first_failures = 0
        self.answered = False
        """Whether any request was."""
        self.refused: Request | None = None
        """The first one at which the server took offence (400, 422)."""

    async def send(self, request: Request) -> Attempts:
        """The outcome after at most ``retry.attempts`` attempts.

        An attempt that met no server does not count where the suite waits for one.

        Raises Stopped when ``stopping`` is set while it waits for another attempt, ServerError
        when a server that was waited for did not come back, or cancellation.
        """
        whole = with_contents(request)
        failures: list[AttemptResult] = []
        alike = pauses = 0
        replica: Replica | None = None
        while True:
            replica = self._replicas.pick(avoid=replica if failures else None)
            attempt = await self._attempt(whole, replica)
            fault = attempt.response.fault
            last = len(failures) + 1 >= self._policy.attempts
            if fault is not None and pauses < MOST_PAUSES and await self._away(attempt, last):
                pauses += 1
                continue
            if not failures:
                self._firsts += 1
                self._first_failures += fault is not None
            if fault is None:
                self.answered = True
                return _outcome(attempt, failures)
            if fault.status in REFUSING and self.refused is None:
                self.refused = request
            before = failures[-1].response.fault if failures else None
            same = before is not None and before.signature == fault.signature
            alike = alike + 1 if same else 1
            if may_be_deterministic(fault) and self._beyond_chance(alike):
                fault = attrs.evolve(fault, deterministic=True)
                response = attrs.evolve(attempt.response, fault=fault)
                return _outcome(attrs.evolve(attempt, response=response), failures)
            if not is_transient(fault) or last:
                return _outcome(attempt, failures)
            failures.append(attempt)
            await self._wait(self._backoff.wait(len(failures), attempt.retry_after))

    async def _attempt(self, request: Request, replica: Replica) -> AttemptResult:
        """With what is asked before it, all of the same replica; the times are those of the last
        exchange."""
        steps = None if self._preparing is None else self._preparing.prepare(request)
        if steps is None:
            return await self._client.attempt(
                self._backend.encode(request),
                self._backend.decoder(request),
                replica,
                request.stream,
            )
        asked = AttemptResult(
            response=Response(), timing=Timing(dispatched=now_ns()), url=replica.url
        )
        try:
            question = next(steps)
            while True:
                body = Body()
                asked = await self._client.attempt(question, body, replica, stream=False)
                if asked.response.fault is not None:
                    return asked
                question = steps.send(Reply(status=body.status, body=body.data))
        except StopIteration as end:
            ready = end.value
        finally:
            steps.close()
        if isinstance(ready, Fault):
            return attrs.evolve(asked, response=Response(fault=ready))
        return await self._client.attempt(ready.wire, ready.decoder(), replica, request.stream)

    async def _away(self, attempt: AttemptResult, last: bool) -> bool:
        """Whether the server was not there, and is again."""
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

        The rate of accidents is that of first attempts (with one of each added, so that a young
        run concludes nothing); a server that fails everything never gets a request blamed.
        """
        rate = (self._first_failures + 1) / (self._firsts + 2)
        return alike > 1 and float(rate**alike) < CHANCE


def _outcome(attempt: AttemptResult, failures: list[AttemptResult]) -> Attempts:
    return Attempts(
        response=attempt.response,
        timing=attempt.timing,
        url=attempt.url,
        failures=tuple(failures),
    )
