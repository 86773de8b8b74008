"""The completions endpoint, ``/v1/completions``."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from aisbench.api import Fault, HttpRequest, JsonObject, Request
from aisbench.codec import Preparation, Prepared, Wanted, refused_logprobs
from aisbench_plugin_vllm.divided import NO_IDS, divided
from aisbench_plugin_vllm.openai_service import OpenAiService
from aisbench_plugin_vllm.settings import OpenAiCompletionsSettings


class CompletionsBackend(OpenAiService):
    """See https://platform.openai.com/docs/api-reference/completions/create.

    ``prompt`` is a string, or a list of token ids, which go into the model as they are. A
    continuation is sent behind it, and its log-probabilities are read from the echo, or from
    vLLM's ``prompt_logprobs``.
    """

    open_ended = False  # 16 tokens, as OpenAI has it

    def __init__(self, settings: OpenAiCompletionsSettings) -> None:
        super().__init__(settings, settings.path, "/completions", settings.tokenize)
        self._scoring = settings.scoring
        self._least = settings.scoring_max_tokens

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return {**super().refused(generation), **refused_logprobs(generation)}

    def encode(self, request: Request) -> HttpRequest:
        prompt = request.prompt
        if prompt.messages is not None:
            raise ValueError("the completions endpoint needs a plain string or ids, not messages")
        if prompt.continuation is None:
            sent = prompt.tokens if prompt.text is None else prompt.text
            return self._http(request, {"prompt": sent}, request.generation)
        if prompt.text is None:
            raise ValueError("a continuation of token ids cannot be scored: send text")
        if prompt.length is not None:
            raise ValueError(f"{NO_IDS}: the text cannot be cut to the length that it wants")
        return self._http(request, self._asked(request), request.generation)

    def _prepared(self, request: Request) -> Preparation:
        prompt = request.prompt
        assert prompt.continuation is not None
        if prompt.text is None:
            raise ValueError("a continuation of token ids cannot be scored: send text")
        if prompt.border != "shared" or prompt.length is not None:
            return (yield from self._divided(request, prompt.text))
        known = yield from self._tokenizer.text(
            self._model(request), prompt.text.rstrip(), _special(request.generation)
        )
        if isinstance(known, Fault):
            return known
        if known is None:
            return Prepared(
                wire=self.encode(request), decoder=functools.partial(self.decoder, request)
            )
        wanted = Wanted(context=prompt.text, continuation=prompt.continuation, before=known.ids)
        keys = {**self._asked(request), "return_token_ids": True}
        return Prepared(
            wire=self._http(request, keys, request.generation),
            decoder=functools.partial(self._scorer, wanted),
        )

    def _divided(self, request: Request, context: str) -> Preparation:
        ready = yield from divided(
            request.prompt,
            context,
            _special(request.generation),
            functools.partial(self._tokenizer.text, self._model(request)),
            functools.partial(self._ids_sent, request),
            self._scorer,
        )
        if ready is None:
            return Prepared(
                wire=self.encode(request), decoder=functools.partial(self.decoder, request)
            )
        return ready

    def _ids_sent(self, request: Request, ids: Sequence[int]) -> HttpRequest:
        keys = {**self._asked(request), "prompt": ids, "return_token_ids": True}
        keys.pop("add_special_tokens", None)
        return self._http(request, keys, {})

    def _asked(self, request: Request) -> dict[str, Any]:
        prompt = request.prompt
        keys: dict[str, Any] = {
            "prompt": (prompt.text or "") + (prompt.continuation or ""),
            "max_tokens": self._least,
            "temperature": 0,
            **_special(request.generation),
        }
        if self._scoring == "echo":
            return keys | {"echo": True, "logprobs": 1}
        return keys | {"prompt_logprobs": 0, "max_tokens": max(1, self._least)}


def _special(generation: JsonObject) -> JsonObject:
    """The one setting that changes a plain prompt's tokens."""
    name = "add_special_tokens"
    return {name: generation[name]} if name in generation else {}
