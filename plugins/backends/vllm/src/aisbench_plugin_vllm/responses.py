"""The Responses API, ``/v1/responses``: https://platform.openai.com/docs/api-reference/responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aisbench.api import HttpRequest, JsonObject, Message, Prompt, Request
from aisbench.codec import EventDecoder, asked_logprobs, post_json
from aisbench_plugin_vllm.chat_messages import sound
from aisbench_plugin_vllm.generation_keys import cut_strings, refused
from aisbench_plugin_vllm.openai_service import OpenAiService
from aisbench_plugin_vllm.responses_collector import ResponsesCollector
from aisbench_plugin_vllm.settings import OpenAiResponsesSettings

PROTOCOL = "the Responses API (/v1/responses)"
END = "a response.completed event"


class ResponsesBackend(OpenAiService):
    """Messages become items of ``input``. Nothing is stored on the server."""

    def __init__(self, settings: OpenAiResponsesSettings) -> None:
        super().__init__(settings, settings.path, "/responses")
        self._store = settings.store

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        found = dict(refused(generation))
        found.pop("max_output_tokens", None)
        if "stop" in generation:
            found["stop"] = "the Responses API has no stop strings"
        for name in ("max_completion_tokens", "input", "instructions", "store", "tools"):
            if name in generation:
                found[name] = "leave it out: it is set by what aisbench sends"
        if "max_tokens" in generation and "max_output_tokens" in generation:
            found["max_output_tokens"] = "max_tokens is given too: it is the same"
        return found

    def encode(self, request: Request) -> HttpRequest:
        prompt = request.prompt
        if prompt.messages is None or prompt.continuation is not None:
            raise ValueError("the Responses API needs messages to go on from")
        generation = dict(request.generation)
        generation.pop("adapter_id", None)
        body: dict[str, Any] = self._model(request)
        body["input"] = [item for one in prompt.messages for item in _items(one)]
        body |= _tools(prompt)
        if "max_tokens" in generation:
            generation["max_output_tokens"] = generation.pop("max_tokens")
        if (count := asked_logprobs(generation)) is not None:
            generation.pop("logprobs")
            if count:
                generation["top_logprobs"] = count
            include = generation.get("include")
            own = include if isinstance(include, (list, tuple)) else ()
            generation["include"] = [*own, "message.output_text.logprobs"]
        body |= generation
        body["stream"] = request.stream
        body["store"] = self._store
        return post_json(self._path, body, stream=request.stream)

    def decoder(self, request: Request) -> EventDecoder:
        answer = ResponsesCollector(asked_logprobs(request.generation))
        return EventDecoder(answer, PROTOCOL, END, cut_strings(request), last=True)


def _items(message: Message) -> list[dict[str, Any]]:
    if message.role == "tool":
        call = {"call_id": message.tool_call_id, "output": message.text}
        return [{"type": "function_call_output", **call}]
    items: list[dict[str, Any]] = []
    if message.content or not message.tool_calls:
        content: Any = message.content
        if not isinstance(content, str):
            content = [_part(part.text, part.media) for part in content]
        items.append({"role": message.role, "content": content})
    for one in message.tool_calls:
        call = {"call_id": one.id, "name": one.name, "arguments": one.arguments}
        items.append({"type": "function_call", **call})
    return items


def _part(text: str, media: Any) -> dict[str, Any]:
    if media is None:
        return {"type": "input_text", "text": text}
    if media.kind == "audio" and not media.is_address:
        return {"type": "input_audio", "input_audio": sound(media)}
    if media.kind != "image":
        if media.file_id:
            return {"type": "input_file", "file_id": media.file_id}
        what = "a film" if media.kind == "video" else "the address of a sound"
        raise ValueError(
            f"the Responses API takes pictures and contents of sounds, and this is {what}; show "
            "films as frames (`frames` of the prompt), or use vllm-chat"
        )
    detail = {"detail": media.detail} if media.detail else {}
    if media.file_id:
        return {"type": "input_image", "file_id": media.file_id, **detail}
    return {"type": "input_image", "image_url": media.address, **detail}


def _tools(prompt: Prompt) -> dict[str, Any]:
    """Tools are flat here, unlike in chats."""
    if not prompt.tools:
        return {}
    keys: dict[str, Any] = {
        "tools": [
            {
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
            }
            for tool in prompt.tools
        ]
    }
    if prompt.tool_choice in ("auto", "none", "required"):
        keys["tool_choice"] = prompt.tool_choice
    elif prompt.tool_choice:
        keys["tool_choice"] = {"type": "function", "name": prompt.tool_choice}
    return keys
