"""The completions endpoint, ``/v1/completions``."""

from __future__ import annotations

from typing import Any

from aisbench.api import HttpRequest, Request
from aisbench_plugin_vllm.service import OpenAiService
from aisbench_plugin_vllm.settings import CompletionsSettings


class CompletionsBackend(OpenAiService):
    """See https://platform.openai.com/docs/api-reference/completions/create.

    ``prompt`` is a string, or a list of token ids, which go into the model as they are. A
    continuation is sent behind it, and its log-probabilities are read from the echo, or from
    vLLM's ``prompt_logprobs``.
    """

    def __init__(self, settings: CompletionsSettings) -> None:
        super().__init__(settings, settings.path, "/completions")
        self._scoring = settings.scoring
        self._least = settings.scoring_max_tokens

    def encode(self, request: Request) -> HttpRequest:
        prompt = request.prompt
        if prompt.messages is not None:
            raise ValueError("the completions endpoint needs a plain string or ids, not messages")
        if prompt.continuation is None:
            sent = prompt.tokens if prompt.text is None else prompt.text
            return self._http(request, {"prompt": sent}, request.generation)
        if prompt.text is None:
            raise ValueError("a continuation of token ids cannot be scored: send text")
        keys: dict[str, Any] = {
            "prompt": prompt.text + prompt.continuation,
            "max_tokens": self._least,
            "temperature": 0,
        }
        if self._scoring == "echo":
            keys |= {"echo": True, "logprobs": 1}
        else:
            keys |= {"prompt_logprobs": 0, "max_tokens": max(1, self._least)}
        return self._http(request, keys, request.generation)
