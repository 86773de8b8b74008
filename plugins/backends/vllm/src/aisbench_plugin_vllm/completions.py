"""The completions endpoint, ``/v1/completions``."""

from __future__ import annotations

from aisbench.api import HttpRequest, Request
from aisbench_plugin_vllm.service import OpenAiService
from aisbench_plugin_vllm.settings import CompletionsSettings


class CompletionsBackend(OpenAiService):
    """See https://platform.openai.com/docs/api-reference/completions/create."""

    def __init__(self, settings: CompletionsSettings) -> None:
        super().__init__(settings, settings.path, "/completions")

    def encode(self, request: Request) -> HttpRequest:
        prompt = request.prompt.text
        if prompt is None:
            raise ValueError("the completions endpoint needs a plain string, not messages")
        return self._http(request, {"prompt": prompt}, request.generation)
