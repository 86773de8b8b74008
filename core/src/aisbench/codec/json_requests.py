"""HTTP requests with JSON bodies, and prompts for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aisbench.base.lenient import dumps
from aisbench.types.http import HttpRequest
from aisbench.types.prompt import ContentPart
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


def parts_in_a_row(request: Request, needer: str) -> list[ContentPart]:
    """The parts of all turns of a chat, one after the other, a blank line between two turns: for
    protocols that take texts with pictures, and no chats.

    Raises ValueError, which names ``needer``, for a prompt that is no chat.
    """
    messages = request.prompt.messages
    if messages is None or request.prompt.continuation is not None:
        raise ValueError(f"{needer} needs messages")
    parts: list[ContentPart] = []
    for message in messages:
        if parts:
            parts.append(ContentPart(text="\n\n"))
        content = message.content
        parts += [ContentPart(text=content)] if isinstance(content, str) else content
    return parts
