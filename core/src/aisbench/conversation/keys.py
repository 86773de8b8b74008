"""What identifies a request: a key of its content; and the seed that it carries."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import orjson

from aisbench.types.prompt import ContentPart, Message, Prompt


def derive_seed(seed: int, sample_id: str, repeat: int, turn: int) -> int:
    """A request's own seed. It does not depend on order, concurrency or other requests."""
    text = f"{seed}/{sample_id}/{repeat}/{turn}"
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:4], "big") >> 1  # servers take 31 bits


def request_key(parts: Any) -> str:
    """The identity of a request's content, 32 hex digits."""
    try:
        encoded = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        # Halves of surrogate pairs, numbers beyond 64 bits.
        encoded = json.dumps(parts, sort_keys=True, default=str).encode("ascii")
    return hashlib.sha256(encoded).hexdigest()[:32]


def prompt_parts(prompt: Prompt) -> Any:
    """A prompt as JSON, for the key."""
    messages = prompt.messages and [_message_parts(one) for one in prompt.messages]
    parts: list[Any] = [prompt.text, messages, prompt.stop]
    if prompt.tokens is not None:
        parts.append(prompt.tokens)
    # Later additions are part of the key only where they are used, so that keys of older answers
    # still hold.
    if prompt.tools:
        tools = [[one.name, one.description, one.parameters] for one in prompt.tools]
        parts.append({"tools": tools, "tool_choice": prompt.tool_choice})
    if prompt.continuation is not None:
        parts.append({"continuation": prompt.continuation})
    if prompt.rolling:
        parts.append({"rolling": True})
    if prompt.border != "shared":
        parts.append({"border": prompt.border})
    if prompt.length is not None:
        parts.append({"length": prompt.length})
    if prompt.texts is not None:
        parts.append({"texts": prompt.texts, "query": prompt.query})
    return parts


def _message_parts(message: Message) -> list[Any]:
    if isinstance(message.content, str):
        parts: list[Any] = [message.role, message.content]
    else:
        parts = [message.role, [_content_part(part) for part in message.content]]
    if message.tool_calls or message.tool_call_id:
        calls = [[one.id, one.name, one.arguments] for one in message.tool_calls]
        parts.append([calls, message.tool_call_id])
    return parts


def _content_part(part: ContentPart) -> Any:
    media = part.media
    if media is None:
        return part.text
    # A file is identified by its content, not by its path.
    parts = [media.kind, media.sha256 or media.address]
    made: dict[str, Any] = {"limits": media.limits, "detail": media.detail}
    if media.time is not None:
        made["time"] = str(media.time)
    if media.times:
        made["times"] = list(map(str, media.times))
    if media.soundtrack:
        made["of"] = "soundtrack"
    settings = {name: value for name, value in made.items() if value}
    return [*parts, settings] if settings else parts
