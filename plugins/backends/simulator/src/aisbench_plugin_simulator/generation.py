"""The endpoints that answer prompts."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from aisbench_plugin_simulator import mindie, old_vllm, responses, tgi, triton
from aisbench_plugin_simulator.dialect import Dialect, Writer
from aisbench_plugin_simulator.event_script import Script
from aisbench_plugin_simulator.failures import choose
from aisbench_plugin_simulator.journal import Record
from aisbench_plugin_simulator.parsed_request import ParsedRequest, read_request
from aisbench_plugin_simulator.prefilling import look_up, speculate
from aisbench_plugin_simulator.refusal import Refusal, simulated
from aisbench_plugin_simulator.reply import SimulatedReply, compose
from aisbench_plugin_simulator.schedule import Schedule
from aisbench_plugin_simulator.sending import abort, send_stream, send_whole
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.simulator import SIMULATOR, Simulator
from aisbench_plugin_simulator.vllm_json import VllmJson

CHAT = "/v1/chat/completions"
COMPLETIONS = "/v1/completions"


def _openai(chat: bool) -> Dialect:
    def begin(
        body: bytes, route: Mapping[str, str], settings: SimulatorSettings
    ) -> tuple[ParsedRequest, Writer]:
        asked = read_request(body, chat=chat, settings=settings)
        field = settings.reasoning.field or "reasoning"
        return asked, VllmJson(asked, field, settings.seed)

    return Dialect(begin, Refusal.body)


ROUTES: Mapping[str, Dialect] = {
    CHAT: _openai(chat=True),
    COMPLETIONS: _openai(chat=False),
    "/v1/responses": responses.RESPONSES,
    "/generate": old_vllm.GENERATE,
    "/generate_stream": tgi.STREAMED,
    "/infer": mindie.INFER,
    "/infer_token": mindie.INFER_TOKEN,
    "/v2/models/{model}/generate": triton.WHOLE,
    "/v2/models/{model}/generate_stream": triton.STREAMED,
    "/v2/models/{model}/infer": triton.INFER,
    "/v2/models/{model}/versions/{version}/generate": triton.WHOLE,
    "/v2/models/{model}/versions/{version}/generate_stream": triton.STREAMED,
    "/v2/models/{model}/versions/{version}/infer": triton.INFER,
}


def handler(dialect: Dialect) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Answers the prompts of one route."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await _generate(request, dialect)

    return handle


async def _generate(request: web.Request, dialect: Dialect) -> web.StreamResponse:
    """Answer one prompt, or fail at it as the settings say."""
    simulator = request.app[SIMULATOR]
    body = await request.read()
    arrival = time.monotonic_ns()
    digest = hashlib.sha256(body).hexdigest()
    record = simulator.journal.open(request.path, digest, arrival)
    try:
        return await _respond(request, simulator, dialect, body, record)
    except Refusal as refusal:
        record.status = refusal.status
        record.outcome = "refused"
        return web.Response(
            status=refusal.status, body=dialect.error(refusal), content_type="application/json"
        )
    except (asyncio.CancelledError, ConnectionError):
        if record.outcome == "ok":
            record.outcome = "cancelled"
        raise
    finally:
        simulator.journal.close(record)
        simulator.metrics.add(record)


async def _respond(
    request: web.Request, simulator: Simulator, dialect: Dialect, body: bytes, record: Record
) -> web.StreamResponse:
    settings = simulator.settings
    asked, wire = dialect.begin(body, request.match_info, settings)
    record.stream = asked.stream
    record.prompt_tokens = asked.prompt_tokens
    failure = choose(settings.fail, settings.seed, record.body, record.attempt)
    kind = None if failure is None else failure.kind
    delay = 0.0
    if failure is not None:
        record.outcome = failure.kind
        if failure.status is not None:
            return _error(failure.status, settings, dialect, record)
        if kind == "hang":
            await asyncio.Event().wait()
        if kind == "reset-before" or (kind == "reset" and not asked.stream):
            return abort(request)
        if kind == "slow-headers":
            delay = settings.slow_headers_ms / 1000
            await asyncio.sleep(delay)
    answer = compose(settings, simulator.book, asked, record.body)
    if kind == "empty":
        answer = SimulatedReply(verdict=answer.verdict)
    record.status = 200
    record.verdict = answer.verdict
    record.finish = answer.finish
    schedule = Schedule.of(settings, record.body, record.attempt, delay)
    schedule = speculate(simulator, asked, answer, record, schedule)
    answer, schedule = look_up(simulator, body, answer, record, schedule)
    if asked.stream:
        script = Script(wire, answer, settings.tokens_per_chunk, kind, schedule.ends)
        return await send_stream(request, script, schedule, record)
    error = dialect.error(simulated(500))
    return await send_whole(request, wire.whole(answer), error, answer.tokens, schedule, record)


def _error(
    status: int, settings: SimulatorSettings, dialect: Dialect, record: Record
) -> web.Response:
    record.status = status
    headers = {}
    if status in (429, 503) and settings.retry_after_s is not None:
        headers["Retry-After"] = f"{settings.retry_after_s:g}"
    return web.Response(
        status=status,
        body=dialect.error(simulated(status)),
        headers=headers,
        content_type="application/json",
    )
