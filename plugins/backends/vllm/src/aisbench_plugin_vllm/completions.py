"""The completions endpoint, ``/v1/completions``."""

from __future__ import annotations

from aisbench.api import HttpRequest, Request
from aisbench_plugin_vllm.service import OpenAiService
from aisbench_plugin_vllm.settings import CompletionsSettings


class CompletionsBackend(OpenAiService):
    """See https://platform.openai.com/docs/api-reference/completions/create.

    ``prompt`` is a string, or a list of token ids, which go into the model as they are.
    """

    def __init__(self, settings: CompletionsSettings) -> None:
        super().__init__(settings, settings.path, "/completions")

    def encode(self, request: Request) -> HttpRequest:
        prompt = request.prompt
        if prompt.messages is not None:
            raise ValueError("the completions endpoint needs a plain string or ids, not messages")
        sent = prompt.tokens if prompt.text is None else prompt.text
        return self._http(request, {"prompt": sent}, request.generation)
