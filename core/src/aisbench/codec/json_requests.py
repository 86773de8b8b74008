"""HTTP requests with JSON bodies, and prompts for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aisbench.base.lenient import dumps
from aisbench.types.http import HttpRequest
from aisbench.types.request import Request

JSON = "application/json"


def get_json(path: str) -> HttpRequest:
    """A question that is answered with JSON."""
    return HttpRequest(method="GET", path=path, headers={"Accept": JSON})


def post_json(path: str, body: bytes | Mapping[str, Any], *, stream: bool = False) -> HttpRequest:
    """``body``, an object or its JSON, to ``path``; with ``stream`` server-sent events are
    accepted as well."""
    return HttpRequest(
        method="POST",
        path=path,
        body=body if isinstance(body, bytes) else dumps(body),
        headers={
            "Content-Type": JSON,
            "Accept": f"text/event-stream, {JSON}" if stream else JSON,
        },
    )


def plain_text(request: Request, needer: str) -> str:
    """The prompt as a string for the model to continue.

    Raises ValueError, which names ``needer``, for messages, token ids and scored continuations.
    """
    prompt = request.prompt
    if prompt.text is None or prompt.continuation is not None:
        raise ValueError(f"{needer} needs a plain string to go on from")
    return prompt.text
