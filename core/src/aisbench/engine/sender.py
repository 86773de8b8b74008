"""One request to its end: attempts, waits, another replica."""

from __future__ import annotations

import asyncio
import random

import attrs
from attrs import frozen

from aisbench.config.suite import ServiceSettings
from aisbench.contract import ServiceBackend
from aisbench.engine.client import Attempt, Client
from aisbench.engine.replicas import Replica, Replicas
from aisbench.engine.retry import Backoff, is_transient, may_be_deterministic
from aisbench.types.request import Request
from aisbench.types.response import Response
from aisbench.types.timing import Timing


@frozen(kw_only=True)
class Outcome:
    """The attempt that counted, and the ones that broke before it, each kept apart."""

    response: Response
    timing: Timing
    url: str
    failures: tuple[Attempt, ...] = ()


class Sender:
    """Sends requests of one model. Keeps count of what succeeded, to judge failures by."""

    def __init__(
        self,
        client: Client,
        backend: ServiceBackend,
        settings: ServiceSettings,
        replicas: Replicas,
        seed: int,
    ) -> None:
        self._client = client
        self._backend = backend
        self._policy = settings.retry
        self._replicas = replicas
        self._backoff = Backoff(settings.retry, random.Random(seed))
        self.successes = 0
        self.retried = 0

    async def send(self, request: Request) -> Outcome:
        """The outcome after at most ``retry.attempts`` attempts. Only cancellation is raised."""
        wire = self._backend.encode(request)
        failures: list[Attempt] = []
        replica: Replica | None = None
        successes_at_failure = 0
        while True:
            replica = self._replicas.pick(avoid=replica if failures else None)
            attempt = await self._client.attempt(
                wire, self._backend.decoder(request), replica, request.stream
            )
            fault = attempt.response.fault
            if fault is None:
                self.successes += 1
                return self._outcome(attempt, failures)
            if (
                failures
                and may_be_deterministic(fault)
                and (before := failures[-1].response.fault) is not None
                and before.signature == fault.signature
                and self.successes > successes_at_failure
            ):
                # The server answered others meanwhile: the cause is this request.
                fault = attrs.evolve(fault, deterministic=True)
                response = attrs.evolve(attempt.response, fault=fault)
                return self._outcome(attrs.evolve(attempt, response=response), failures)
            if not is_transient(fault) or len(failures) + 1 >= self._policy.attempts:
                return self._outcome(attempt, failures)
            failures.append(attempt)
            successes_at_failure = self.successes
            self.retried += 1
            await asyncio.sleep(self._backoff.wait(len(failures), attempt.retry_after))

    def _outcome(self, attempt: Attempt, failures: list[Attempt]) -> Outcome:
        return Outcome(
            response=attempt.response,
            timing=attempt.timing,
            url=attempt.url,
            failures=tuple(failures),
        )
