"""Messages, pictures, tools on the wire of the chat endpoint."""

from __future__ import annotations

from typing import Any, Literal

from aisbench.api import ContentPart, Media, Message, Prompt, Tool

AudioForm = Literal["input_audio", "audio_url"]


def encode_message(message: Message, audio: AudioForm) -> dict[str, Any]:
    """See https://platform.openai.com/docs/api-reference/chat/create, ``messages``."""
    content: Any = message.content
    if not isinstance(content, str):
        content = [encode_part(part, audio) for part in content]
    turn: dict[str, Any] = {"role": message.role, "content": content}
    if message.tool_calls:
        turn["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
    if message.tool_call_id:
        turn["tool_call_id"] = message.tool_call_id
    return turn


def encode_part(part: ContentPart, audio: AudioForm) -> dict[str, Any]:
    """A piece of content. Films, and sounds by address, are vLLM's extensions, see
    https://docs.vllm.ai/en/latest/features/multimodal_inputs.html; SGLang has the same. What was
    uploaded is named as OpenAI names files."""
    media = part.media
    if media is None:
        return {"type": "text", "text": part.text}
    if media.file_id:
        return {"type": "file", "file": {"file_id": media.file_id}}
    if media.kind == "audio" and audio == "input_audio" and not media.is_address:
        return {"type": "input_audio", "input_audio": sound(media)}
    name = f"{media.kind}_url"
    detail = {"detail": media.detail} if media.detail else {}
    return {"type": name, name: {"url": media.address, **detail}}


def sound(media: Media) -> dict[str, str]:
    """A sound's content. ``format`` is "wav" or "mp3" at OpenAI; vLLM takes what its libraries
    read."""
    form = media.mime.partition("/")[2].removeprefix("x-") or "wav"
    return {"data": media.content, "format": {"mpeg": "mp3"}.get(form, form)}


def encode_tools(prompt: Prompt) -> dict[str, Any]:
    """The keys ``tools`` and ``tool_choice`` of a body; none without tools."""
    if not prompt.tools:
        return {}
    keys: dict[str, Any] = {"tools": [_function(tool) for tool in prompt.tools]}
    choice = prompt.tool_choice
    if choice in ("auto", "none", "required"):
        keys["tool_choice"] = choice
    elif choice:
        keys["tool_choice"] = {"type": "function", "function": {"name": choice}}
    return keys


def _function(tool: Tool) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    if tool.parameters:
        function["parameters"] = tool.parameters
    return {"type": "function", "function": function}
