"""Messages, pictures and tools on the wire: https://docs.anthropic.com/en/api/messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aisbench.api import ContentPart, Media, Message, Prompt, ToolCall
from aisbench.codec import INVALID, loads


def system_text(messages: Iterable[Message]) -> str:
    """The system texts, which stand outside of the messages here."""
    return "\n\n".join(one.text for one in messages if one.role == "system" and one.text)


def encode_messages(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """The turns. Results of tools are the user's, and those of one turn stand together. Raises
    ValueError for sounds and films, and for calls whose arguments are no JSON object."""
    turns: list[dict[str, Any]] = []
    results = False
    for message in messages:
        if message.role == "system":
            continue
        if message.role == "tool":
            block = {
                "type": "tool_result",
                "tool_use_id": message.tool_call_id,
                "content": _content(message),
            }
            if results:
                turns[-1]["content"].append(block)
            else:
                turns.append({"role": "user", "content": [block]})
            results = True
            continue
        results = False
        turns.append({"role": message.role, "content": _turn(message)})
    return turns


def _turn(message: Message) -> Any:
    if not message.tool_calls:
        return _content(message)
    content = _content(message)
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    said = [one for one in blocks if one.get("text") != ""]
    return [*said, *map(_call, message.tool_calls)]


def _content(message: Message) -> Any:
    if isinstance(message.content, str):
        return message.content
    return [_part(one) for one in message.content]


def _part(part: ContentPart) -> dict[str, Any]:
    if part.media is None:
        return {"type": "text", "text": part.text}
    return {"type": "image", "source": _source(part.media)}


def _source(media: Media) -> dict[str, str]:
    if media.kind != "image":
        raise ValueError(f"the Messages API takes pictures, no {media.kind}")
    if media.file_id:
        return {"type": "file", "file_id": media.file_id}
    if media.is_address:
        return {"type": "url", "url": media.address}
    return {"type": "base64", "media_type": media.mime, "data": media.content}


def _call(call: ToolCall) -> dict[str, Any]:
    given = loads(call.arguments.encode("utf-8", "replace")) if call.arguments.strip() else {}
    if given is INVALID or not isinstance(given, dict):
        raise ValueError(f"the arguments of the call of {call.name} are no JSON object")
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": given}


_CHOICES = {"auto": "auto", "required": "any", "none": "none"}


def encode_tools(prompt: Prompt) -> dict[str, Any]:
    """The keys ``tools`` and ``tool_choice`` of a body; none without tools."""
    if not prompt.tools:
        return {}
    tools = []
    for tool in prompt.tools:
        one: dict[str, Any] = {"name": tool.name}
        if tool.description:
            one["description"] = tool.description
        one["input_schema"] = tool.parameters or {"type": "object", "properties": {}}
        tools.append(one)
    keys: dict[str, Any] = {"tools": tools}
    if kind := _CHOICES.get(prompt.tool_choice):
        keys["tool_choice"] = {"type": kind}
    elif prompt.tool_choice:
        keys["tool_choice"] = {"type": "tool", "name": prompt.tool_choice}
    return keys
