"""The endpoints that answer prompts."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from aisbench_plugin_simulator import anthropic, mindie, old_vllm, responses, tgi, triton
from aisbench_plugin_simulator.admission import in_batch
from aisbench_plugin_simulator.asking import read_request
from aisbench_plugin_simulator.choices import (
    ChoicesScript,
    ManyWriter,
    compose_all,
    look_up_all,
)
from aisbench_plugin_simulator.dialect import Dialect, PromptCounting, Writer
from aisbench_plugin_simulator.event_script import Script
from aisbench_plugin_simulator.failures import Failure, choose
from aisbench_plugin_simulator.journal import Record
from aisbench_plugin_simulator.media_reading import with_media
from aisbench_plugin_simulator.parsed_request import ParsedRequest
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
        return asked, VllmJson(asked, settings)

    return Dialect(begin, Refusal.body, openai=True)


ROUTES: Mapping[str, Dialect] = {
    CHAT: _openai(chat=True),
    COMPLETIONS: _openai(chat=False),
    "/v1/responses": responses.RESPONSES,
    "/v1/messages": anthropic.MESSAGES,
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
    settings = simulator.settings
    body = await request.read()
    arrival = time.monotonic_ns()
    digest = hashlib.sha256(body).hexdigest()
    record = simulator.journal.open(request.path, digest, arrival)
    try:
        if not (settings.max_num_seqs or settings.batch_ms or settings.adapter):
            return await _respond(request, simulator, dialect, body, record)
        async with (
            simulator.seats.taken(settings, record),
            simulator.adapters.used(settings, body, record),
        ):
            return await _respond(request, simulator, dialect, body, record)
    except Refusal as refusal:
        record.status = refusal.status
        record.outcome = "refused"
        return web.Response(
            status=refusal.status,
            body=dialect.error_of(refusal, settings),
            content_type="application/json",
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
    if asked.media:
        asked = await with_media(simulator, asked, record)
        if isinstance(wire, PromptCounting):
            wire.counted(asked)
    record.prompt_tokens = asked.prompt_tokens + sum(one.prompt_tokens for one in asked.others)
    failure = choose(settings.fail, settings.seed, record.body, record.attempt)
    kind, delay = None, 0.0
    if failure is not None:
        kind = record.outcome = failure.kind
        ended = await _failed(request, dialect, failure, asked.stream, settings, record)
        if ended is not None:
            return ended
        if kind == "slow-headers":
            delay = settings.slow_headers_ms / 1000
            await asyncio.sleep(delay)
    record.status = 200
    schedule = Schedule.of(settings, record.body, record.attempt, delay)
    schedule = in_batch(settings, schedule, record)
    if asked.choices > 1 and isinstance(wire, ManyWriter):
        return await _several(request, simulator, dialect, asked, wire, body, record, schedule)
    answer = compose(settings, simulator.book, asked, record.body)
    if kind == "empty":
        answer = SimulatedReply(verdict=answer.verdict)
    record.verdict = answer.verdict
    record.finish = answer.finish
    schedule = speculate(simulator, asked, answer, record, schedule)
    answer, schedule = look_up(simulator, body, answer, record, schedule)
    if asked.stream:
        script = Script(wire, answer, settings.tokens_per_chunk, kind, schedule.ends)
        return await send_stream(request, script, schedule, record)
    data = _whole(wire.whole(answer), dialect, settings, record)
    return await send_whole(request, data, answer.tokens, schedule, record)


async def _failed(
    request: web.Request,
    dialect: Dialect,
    failure: Failure,
    stream: bool,
    settings: SimulatorSettings,
    record: Record,
) -> web.StreamResponse | None:
    """What a failure makes of a request before it is answered; None where it is answered."""
    if failure.status is not None:
        return _error(failure.status, settings, dialect, record)
    if failure.kind == "hang":
        await asyncio.Event().wait()
    if failure.kind == "reset-before" or (failure.kind == "reset" and not stream):
        return abort(request)
    return None


def _whole(data: bytes, dialect: Dialect, settings: SimulatorSettings, record: Record) -> bytes:
    """A body, or the error that comes in its place."""
    if record.outcome != "error-in-stream":
        return data
    return dialect.error_of(simulated(500), settings)


async def _several(
    request: web.Request,
    simulator: Simulator,
    dialect: Dialect,
    asked: ParsedRequest,
    wire: ManyWriter,
    body: bytes,
    record: Record,
    schedule: Schedule,
) -> web.StreamResponse:
    """Answer with several choices, whose tokens come beside each other."""
    settings = simulator.settings
    choices = compose_all(simulator, asked, record.body)
    if record.outcome == "empty":
        choices = [(one, SimulatedReply(verdict=answer.verdict)) for one, answer in choices]
    record.verdict, *more = [answer.verdict for _, answer in choices]
    record.more_verdicts = tuple(more)
    record.finish = choices[0][1].finish
    choices, schedule = look_up_all(simulator, asked, body, choices, record, schedule)
    if asked.stream:
        script = ChoicesScript(wire, choices, settings.tokens_per_chunk, record.outcome)
        return await send_stream(request, script, schedule, record)
    longest = max(answer.tokens for _, answer in choices)
    data = _whole(wire.whole_of(choices), dialect, settings, record)
    response = await send_whole(request, data, longest, schedule, record)
    if record.tokens:
        record.tokens = sum(answer.tokens for _, answer in choices)
    return response


def _error(
    status: int, settings: SimulatorSettings, dialect: Dialect, record: Record
) -> web.Response:
    record.status = status
    headers = {}
    if status in (429, 503) and settings.retry_after_s is not None:
        headers["Retry-After"] = f"{settings.retry_after_s:g}"
    return web.Response(
        status=status,
        body=dialect.error_of(simulated(status), settings),
        headers=headers,
        content_type="application/json",
    )
