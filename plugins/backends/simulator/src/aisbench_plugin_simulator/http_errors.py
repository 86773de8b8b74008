"""Errors that come before any route: wrong paths, methods and keys."""

from __future__ import annotations

import orjson
from aiohttp import web

from aisbench_plugin_simulator.refusal import ErrorForm, OpenaiError, Refusal
from aisbench_plugin_simulator.settings import SimulatorSettings


def http_error(
    request: web.Request, error: web.HTTPException, settings: SimulatorSettings
) -> web.Response:
    """The answer to a path that is not there, a method that it does not have, a body that is too
    large. vLLM says ``{"detail": ...}``; for OpenAI's clients its ``error`` stands beside that."""
    refusal = Refusal(error.status, error.reason, openai=_openai(request, error))
    body: dict[str, object] = {"error": refusal.openai_error()}
    if settings.errors is ErrorForm.VLLM:
        body["detail"] = error.reason
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return web.Response(
        body=orjson.dumps(body),
        status=error.status,
        headers=headers,
        content_type="application/json",
    )


def _openai(request: web.Request, error: web.HTTPException) -> OpenaiError | None:
    if error.status == 404:
        return OpenaiError(
            f"Unknown request URL: {request.method} {request.path}. Please check the URL for "
            "typos, or see the docs at https://platform.openai.com/docs/api-reference/.",
            "unknown_url",
        )
    if error.status == 405:
        return OpenaiError(
            f"Not allowed to {request.method} on {request.path}. (HINT: Perhaps you meant to use "
            "a different HTTP method?)",
            "method_not_supported",
        )
    return None


def has_key(request: web.Request, key: str) -> bool:
    """Whether the request has the key, as OpenAI's clients send it, or as Anthropic's do."""
    headers = request.headers
    return headers.get("Authorization") == f"Bearer {key}" or headers.get("x-api-key") == key


def no_key(request: web.Request, settings: SimulatorSettings) -> web.Response:
    """The answer to a request without the key."""
    if settings.errors is ErrorForm.VLLM:
        body: dict[str, object] = {"error": "Unauthorized"}
    else:
        said = OpenaiError("Incorrect API key provided.", "invalid_api_key")
        if "Authorization" not in request.headers:
            said = OpenaiError(
                "You didn't provide an API key. You need to provide your API key in an "
                "Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
            )
        body = {"error": Refusal(401, said.message, openai=said).openai_error()}
    return web.Response(body=orjson.dumps(body), status=401, content_type="application/json")
