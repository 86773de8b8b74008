"""Endpoints that generate nothing, or only write down a sound: what they have in common."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from attrs import frozen

from aisbench_plugin_simulator import classify, embeddings, ranking, transcribing
from aisbench_plugin_simulator.endpoint_reply import EndpointReply, openai_error
from aisbench_plugin_simulator.event_script import Script
from aisbench_plugin_simulator.failures import choose
from aisbench_plugin_simulator.journal import Record
from aisbench_plugin_simulator.refusal import Refusal, simulated
from aisbench_plugin_simulator.schedule import Schedule
from aisbench_plugin_simulator.sending import abort, send_stream, send_whole
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.simulator import SIMULATOR, Simulator

Errors = Callable[[Refusal, SimulatorSettings], bytes]


Answerer = Callable[[bytes, Simulator], EndpointReply]
"""Answers the body of a request. Raises Refusal."""


@frozen
class Endpoint:
    """One route: how it answers, and the body of its errors."""

    answer: Answerer
    error: Errors = openai_error


ENDPOINTS: dict[str, Endpoint] = {
    "/v1/embeddings": Endpoint(embeddings.openai),
    "/embed": Endpoint(embeddings.tei, embeddings.tei_error),
    "/rerank": Endpoint(ranking.rerank, ranking.error_of_rerank),
    "/v1/rerank": Endpoint(ranking.rerank),
    "/v2/rerank": Endpoint(ranking.rerank),
    "/score": Endpoint(ranking.score),
    "/v1/score": Endpoint(ranking.score),
    "/classify": Endpoint(classify.vllm),
    "/predict": Endpoint(classify.tei, embeddings.tei_error),
    "/v1/audio/transcriptions": Endpoint(transcribing.answer),
    "/v1/audio/translations": Endpoint(transcribing.answer),
}


def add_routes(app: web.Application) -> None:
    """Serve all of them."""
    for path, endpoint in ENDPOINTS.items():
        app.router.add_post(path, _handler(endpoint))


def _handler(endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await _serve(request, endpoint)

    return handle


async def _serve(request: web.Request, endpoint: Endpoint) -> web.StreamResponse:
    """Answer one request, or fail at it as the settings say."""
    simulator = request.app[SIMULATOR]
    body = await request.read()
    arrival = time.monotonic_ns()
    record = simulator.journal.open(request.path, hashlib.sha256(body).hexdigest(), arrival)
    try:
        return await _respond(request, simulator, endpoint, body, record)
    except Refusal as refusal:
        record.status, record.outcome = refusal.status, "refused"
        return _json(refusal.status, endpoint.error(refusal, simulator.settings))
    except (asyncio.CancelledError, ConnectionError):
        if record.outcome == "ok":
            record.outcome = "cancelled"
        raise
    finally:
        simulator.journal.close(record)
        simulator.metrics.add(record)


async def _respond(
    request: web.Request, simulator: Simulator, endpoint: Endpoint, body: bytes, record: Record
) -> web.StreamResponse:
    settings = simulator.settings
    made = endpoint.answer(body, simulator)
    record.prompt_tokens = made.prompt_tokens
    record.stream = made.writer is not None
    failure = choose(settings.fail, settings.seed, record.body, record.attempt)
    delay = 0.0
    kind = None if failure is None else failure.kind
    if failure is not None:
        record.outcome = failure.kind
        if failure.status is not None:
            record.status = failure.status
            return _refused(endpoint, failure.status, settings)
        if kind == "hang":
            await asyncio.Event().wait()
        if kind == "reset-before" or (kind == "reset" and made.writer is None):
            return abort(request)
        if kind == "slow-headers":
            delay = settings.slow_headers_ms / 1000
            await asyncio.sleep(delay)
    record.status, record.verdict = 200, made.verdict
    schedule = Schedule.of(settings, record.body, record.attempt, delay)
    if made.writer is not None and made.reply is not None:
        record.finish = made.reply.finish
        script = Script(made.writer, made.reply, settings.tokens_per_chunk, kind)
        return await send_stream(request, script, schedule, record)
    failed = kind == "error-in-stream"
    data = endpoint.error(simulated(500), settings) if failed else made.body
    kind_of_text = "application/json" if failed else made.content_type
    sent = await send_whole(request, data, made.steps, schedule, record, kind_of_text)
    record.tokens = made.tokens if record.tokens else 0
    return sent


def _refused(endpoint: Endpoint, status: int, settings: SimulatorSettings) -> web.Response:
    headers: dict[str, Any] = {}
    if status in (429, 503) and settings.retry_after_s is not None:
        headers["Retry-After"] = f"{settings.retry_after_s:g}"
    return _json(status, endpoint.error(simulated(status), settings), headers)


def _json(status: int, body: bytes, headers: dict[str, Any] | None = None) -> web.Response:
    return web.Response(status=status, body=body, headers=headers, content_type="application/json")
