"""The chat endpoint, ``/v1/chat/completions``."""

from __future__ import annotations

from typing import Any

from aisbench.api import HttpRequest, JsonObject, Message, Request
from aisbench_plugin_vllm.messages import encode_message, encode_tools
from aisbench_plugin_vllm.service import OpenAiService
from aisbench_plugin_vllm.settings import ChatSettings

_COMPLETION_LIMIT = "max_completion_tokens"


class ChatBackend(OpenAiService):
    """See https://platform.openai.com/docs/api-reference/chat/create.

    A continuation is scored as vLLM does it: as the beginning of the assistant's turn, with
    ``continue_final_message`` and ``prompt_logprobs``.
    """

    def __init__(self, settings: ChatSettings) -> None:
        super().__init__(settings, settings.path, "/chat/completions")
        self._limit = settings.max_tokens_name
        self._audio = settings.audio_form

    def refused(self, generation: JsonObject) -> dict[str, str]:
        found = dict(super().refused(generation))
        if "max_tokens" in generation and _COMPLETION_LIMIT in generation:
            found[_COMPLETION_LIMIT] = (
                "max_tokens is given too; the setting max_tokens_name says how it is sent"
            )
        return found

    def encode(self, request: Request) -> HttpRequest:
        prompt = request.prompt
        messages = prompt.messages
        if messages is None:
            raise ValueError("the chat endpoint needs messages, not a plain string")
        keys: dict[str, Any] = {}
        if prompt.continuation is not None:
            messages = (*messages, Message(role="assistant", content=prompt.continuation))
            keys = {
                "add_generation_prompt": False,
                "continue_final_message": True,
                "prompt_logprobs": 0,
                self._limit: 1,
                "temperature": 0,
            }
        turns = [encode_message(message, self._audio) for message in messages]
        generation: dict[str, Any] = dict(request.generation)
        if "max_tokens" in generation:
            generation[self._limit] = generation.pop("max_tokens")
        return self._http(request, {"messages": turns, **encode_tools(prompt), **keys}, generation)
