"""The endpoints beside the model: what it is, how it does, and the controls for tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

from aisbench.api import AisbenchError
from aisbench_plugin_simulator.config import plain
from aisbench_plugin_simulator.http_errors import has_key, http_error, no_key
from aisbench_plugin_simulator.simulator import SIMULATOR

CONTROL = "/simulator/"
VLLM_VERSION = "0.32.0"
"""Of vLLM, whose answers were recorded."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Ask for the key, count the request, and word aiohttp's own errors as vLLM does."""
    simulator = request.app[SIMULATOR]
    key = simulator.settings.api_key
    status = 0
    try:
        if key is not None and request.path.startswith("/v1") and not has_key(request, key):
            response: web.StreamResponse = no_key(request, simulator.settings)
        else:
            response = await handler(request)
        # After a reset there is a response object, but nothing of it was sent.
        sent = request.transport is not None and not request.transport.is_closing()
        status = response.status if sent or response.prepared else 0
    except web.HTTPException as error:
        status = error.status
        response = http_error(request, error, simulator.settings)
    finally:
        if not request.path.startswith(CONTROL):
            simulator.journal.requests[request.path][status] += 1
    return response


async def info(request: web.Request) -> web.Response:
    """GET /info, of Text Generation Inference."""
    settings = request.app[SIMULATOR].settings
    return _json(
        {
            "model_id": settings.model[0],
            "max_input_tokens": settings.max_model_len - 1,
            "max_total_tokens": settings.max_model_len,
            "version": "3.0.0",
        }
    )


async def version(request: web.Request) -> web.Response:
    """GET /version."""
    return _json({"version": VLLM_VERSION})


async def load(request: web.Request) -> web.Response:
    """GET /load."""
    return _json({"server_load": request.app[SIMULATOR].journal.in_flight})


async def health(request: web.Request) -> web.Response:
    """GET /health."""
    return web.Response()


async def metrics(request: web.Request) -> web.Response:
    """GET /metrics."""
    simulator = request.app[SIMULATOR]
    settings = simulator.settings
    text = simulator.metrics.text(settings.model[0], simulator.journal.in_flight)
    labels = f'engine="0",model_name="{settings.model[0]}"'
    more: list[str] = []
    if settings.block_size:
        more += simulator.prefixes.lines(labels)
    if settings.draft_tokens:
        more += simulator.speculation.lines(labels, settings.draft_tokens)
    if settings.adapter:
        more += simulator.adapters.lines(settings)
    text += "".join(f"{line}\n" for line in more)
    headers = {"Content-Type": "text/plain; version=1.0.0; charset=utf-8"}
    return web.Response(body=text.encode(), headers=headers)


async def stats(request: web.Request) -> web.Response:
    """GET /simulator/stats."""
    simulator = request.app[SIMULATOR]
    more: dict[str, object] = {}
    if simulator.settings.block_size:
        more["prefix_cache"] = simulator.prefixes.stats()
    if simulator.settings.draft_tokens:
        more["speculative_decoding"] = simulator.speculation.stats()
    if simulator.settings.adapter:
        more["adapters"] = simulator.adapters.stats(simulator.settings)
    return _json(simulator.journal.stats() | more)


async def log(request: web.Request) -> web.Response:
    """GET /simulator/log."""
    lines = b"".join(request.app[SIMULATOR].journal.lines())
    return web.Response(body=lines, content_type="application/x-ndjson")


async def reset(request: web.Request) -> web.Response:
    """POST /simulator/reset."""
    simulator = request.app[SIMULATOR]
    simulator.journal.reset()
    simulator.prefixes.clear_counts()
    simulator.prefixes.drop()
    simulator.speculation.reset()
    simulator.adapters.reset()
    return _json({})


async def drop_cache(request: web.Request) -> web.Response:
    """POST /reset_prefix_cache (vLLM), GET or POST /flush_cache (SGLang)."""
    request.app[SIMULATOR].prefixes.drop()
    return web.Response(text="" if request.path == "/reset_prefix_cache" else "Cache flushed.\n")


async def show(request: web.Request) -> web.Response:
    """GET /simulator/config."""
    return _json(plain(request.app[SIMULATOR].settings))


async def configure(request: web.Request) -> web.Response:
    """POST /simulator/config: a JSON object of the settings to change."""
    try:
        values = orjson.loads(await request.read())
        if not isinstance(values, dict):
            raise AisbenchError("the body must be a JSON object")
        request.app[SIMULATOR].configure(values)
    except (AisbenchError, orjson.JSONDecodeError) as error:
        return _json({"error": str(error)}, 400)
    return await show(request)


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")
