"""The way to servers that speak HTTP: a codec's bytes, sent and read by core's client."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import attrs

from aisbench.base.clock import now_ns
from aisbench.codec import PreparingBackend, Reply, error_message
from aisbench.config.plan import Model
from aisbench.contract.service_backends import ServiceBackend, WatchedBackend
from aisbench.engine.body import BodyDecoder
from aisbench.engine.client import AttemptResult, HttpClient
from aisbench.engine.discover import DiscoveredModel, discover_model
from aisbench.engine.link import Trouble
from aisbench.engine.replicas import Replica, Replicas
from aisbench.types.http import HttpRequest
from aisbench.types.request import Request
from aisbench.types.response import Fault, FaultKind, Response
from aisbench.types.timing import Timing

PROBE_SECONDS = 10.0


class HttpLink:
    """See :class:`~aisbench.engine.link.ServerLink`."""

    def __init__(self, client: HttpClient, backend: ServiceBackend) -> None:
        self.client = client
        self._backend = backend
        self._preparing = backend if isinstance(backend, PreparingBackend) else None

    async def attempt(self, request: Request, replica: Replica) -> AttemptResult:
        """One attempt, with the questions that the backend asks before it, all to one replica. The
        times are those of the last exchange."""
        steps = None if self._preparing is None else self._preparing.prepare(request)
        if steps is None:
            return await self.client.attempt(
                self._backend.encode(request),
                self._backend.decoder(request),
                replica,
                request.stream,
            )
        question_result = AttemptResult(
            response=Response(), timing=Timing(dispatched=now_ns()), url=replica.url
        )
        try:
            question = next(steps)
            while True:
                body = BodyDecoder()
                question_result = await self.client.attempt(question, body, replica, stream=False)
                if question_result.response.fault is not None:
                    return question_result
                question = steps.send(Reply(status=body.status, body=body.data))
        except StopIteration as end:
            ready = end.value
        finally:
            steps.close()
        if isinstance(ready, Fault):
            return attrs.evolve(question_result, response=Response(fault=ready))
        return await self.client.attempt(ready.wire, ready.decoder(), replica, request.stream)

    async def trouble(self, replica: Replica) -> Trouble | None:
        """See :class:`~aisbench.engine.link.ServerLink`. A server is up when it answers the health
        question of its backend, or else the question for its models, with anything but a server
        error (5xx)."""
        for question in health_questions(self._backend):
            body = BodyDecoder()
            try:
                attempt = await asyncio.wait_for(
                    self.client.attempt(question, body, replica, stream=False), PROBE_SECONDS
                )
            except asyncio.TimeoutError:
                return Trouble(f"no answer to {question.path} within {PROBE_SECONDS:g} s")
            if fault := attempt.response.fault:
                return Trouble(fault.message, hopeless=fault.kind is FaultKind.TLS)
            if body.status >= 500 and body.status != 501:
                words = error_message(body.data)
                return Trouble(f"{body.status} {words}".strip(), loading=body.status == 503)
            if body.status < 300:
                return None
        return None  # it knows none of the questions, and answers

    async def discover(
        self, model: Model, replicas: Replicas, adapters: Sequence[str] = ()
    ) -> DiscoveredModel:
        """See :class:`~aisbench.engine.link.ServerLink`."""
        return await discover_model(model, self.client, replicas, adapters)


def health_questions(backend: ServiceBackend) -> Sequence[HttpRequest]:
    """The questions that show whether a server is up. The first that it knows is enough."""
    found = list(backend.health_requests()) if isinstance(backend, WatchedBackend) else []
    models = backend.models_request()
    found += [models] if models is not None else []
    return found or [HttpRequest(method="GET", path="/")]
