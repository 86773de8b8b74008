"""The endpoints beside the model: what it is, how it does, and the controls for tests."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

from aisbench.api import AisbenchError
from aisbench_plugin_simulator.config import plain
from aisbench_plugin_simulator.simulator import SIMULATOR

CONTROL = "/simulator/"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Ask for the key, count the request, and word aiohttp's own errors as vLLM does."""
    simulator = request.app[SIMULATOR]
    key = simulator.settings.api_key
    status = 0
    try:
        if (
            key is not None
            and request.path.startswith("/v1")
            and request.headers.get("Authorization") != f"Bearer {key}"
        ):
            response: web.StreamResponse = _json({"error": "Unauthorized"}, 401)
        else:
            response = await handler(request)
        # After a reset there is a response object, but nothing of it was sent.
        sent = request.transport is not None and not request.transport.is_closing()
        status = response.status if sent or response.prepared else 0
    except web.HTTPException as error:
        status = error.status
        response = _json({"detail": error.reason}, status)
    finally:
        if not request.path.startswith(CONTROL):
            simulator.journal.requests[request.path][status] += 1
    return response


async def models(request: web.Request) -> web.Response:
    """GET /v1/models."""
    settings = request.app[SIMULATOR].settings
    data: list[dict[str, object]] = [
        {
            "id": name,
            "object": "model",
            "created": int(time.time()),
            "owned_by": "aisbench",
            "root": name,
            "parent": None,
            "max_model_len": settings.max_model_len,
            "permission": [],
        }
        for name in settings.model
    ]
    return _json({"object": "list", "data": data})


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
