"""The chat endpoint, ``/v1/chat/completions``."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from aisbench.api import Fault, HttpRequest, JsonObject, Message, Prompt, Request
from aisbench.codec import Preparation, Prepared, Wanted
from aisbench_plugin_vllm.chat_messages import encode_message, encode_tools
from aisbench_plugin_vllm.continuation_logprobs import missing
from aisbench_plugin_vllm.divided import BARE, NO_IDS, divided
from aisbench_plugin_vllm.openai_service import OpenAiService
from aisbench_plugin_vllm.settings import OpenAiChatSettings

_COMPLETION_LIMIT = "max_completion_tokens"
_SCORED = {"prompt_logprobs": 0, "max_tokens": 1, "temperature": 0, "return_token_ids": True}


class ChatBackend(OpenAiService):
    """See https://platform.openai.com/docs/api-reference/chat/create.

    A continuation is scored as plain text behind the chat, as the model's template writes it: the
    server's tokenizer gives that text, and the completions endpoint scores it. So it is whole
    whatever the template does to an assistant's turn (take blanks away, put an empty thought
    before it). Where the server does not tell the text (pictures, tokenizers that do not give
    their own text back) the continuation is the beginning of the assistant's turn, with
    ``continue_final_message``, and must be found whole behind the chat's tokens.
    """

    chats = True

    def __init__(self, settings: OpenAiChatSettings) -> None:
        super().__init__(settings, settings.path, "/chat/completions", settings.tokenize)
        self._limit = settings.max_tokens_name
        self._audio = settings.audio_form
        route = "/chat/completions"
        self._plain_path = (
            settings.path.removesuffix(route) + "/completions"
            if settings.path.endswith(route)
            else None
        )

    def refused(self, generation: JsonObject) -> dict[str, str]:
        found = dict(super().refused(generation))
        if "max_tokens" in generation and _COMPLETION_LIMIT in generation:
            found[_COMPLETION_LIMIT] = (
                "max_tokens is given too; the setting max_tokens_name says how it is sent"
            )
        if "top_logprobs" in generation and generation.get("logprobs") is not True:
            found["top_logprobs"] = "write the count as `logprobs`: logprobs = 5"
        return found

    def encode(self, request: Request) -> HttpRequest:
        prompt = request.prompt
        messages = prompt.messages
        if messages is None:
            raise ValueError("the chat endpoint needs messages, not a plain string")
        if prompt.continuation is not None:
            return self._continued(request, messages)
        generation: dict[str, Any] = dict(request.generation)
        if "max_tokens" in generation:
            generation[self._limit] = generation.pop("max_tokens")
        if type(count := generation.get("logprobs")) is int:
            generation |= logprob_switch(count)
        keys = {"messages": self._turns(messages), **encode_tools(prompt)}
        return self._http(request, keys, generation)

    def _continued(
        self, request: Request, messages: Sequence[Message], **more: bool
    ) -> HttpRequest:
        continuation = request.prompt.continuation or ""
        turns = self._turns((*messages, Message(role="assistant", content=continuation)))
        keys: dict[str, Any] = {
            "messages": turns,
            **encode_tools(request.prompt),
            **_shaping(request.generation),
            "add_generation_prompt": False,
            "continue_final_message": True,
            "prompt_logprobs": 0,
            self._limit: 1,
            "temperature": 0,
            **more,
        }
        return self._http(request, keys, {})

    def _prepared(self, request: Request) -> Preparation:
        prompt = request.prompt
        messages = prompt.messages
        if messages is None:
            raise ValueError("the chat endpoint needs messages, not a plain string")
        assert prompt.continuation is not None
        model = self._model(request)
        chat = {
            "messages": self._turns(messages),
            **_tools(prompt),
            **_for_template(_shaping(request.generation)),
        }
        rendered = not prompt.media and self._plain_path is not None
        known = yield from self._tokenizer.chat(model, chat, rendered=rendered)
        if isinstance(known, Fault):
            return known
        if known is None:
            return Prepared(
                wire=self.encode(request), decoder=functools.partial(self.decoder, request)
            )
        if prompt.border != "shared" or prompt.length is not None:
            return (yield from self._divided(request, known.text))
        if known.text is None:
            wanted = Wanted(
                context=None, continuation=prompt.continuation, before=known.ids, exact=True
            )
            wire = self._continued(request, messages, return_token_ids=True)
        else:
            wanted = Wanted(
                context=known.text, continuation=prompt.continuation, before=known.ids, chat=True
            )
            keys: dict[str, Any] = {
                "prompt": known.text + prompt.continuation,
                "add_special_tokens": False,
                **_SCORED,
            }
            wire = self._http(request, keys, {}, path=self._plain_path)
        return Prepared(wire=wire, decoder=functools.partial(self._scorer, wanted))

    def _divided(self, request: Request, text: str | None) -> Preparation:
        if text is None:
            return missing(
                "the server does not tell what text a chat is, and the prompt wants its tokens "
                "apart from the continuation's",
                "ask in plain text",
            )
        ready = yield from divided(
            request.prompt,
            text,
            BARE,
            functools.partial(self._tokenizer.text, self._model(request)),
            functools.partial(self._ids_sent, request),
            self._scorer,
        )
        return missing(NO_IDS, "ask in plain text") if ready is None else ready

    def _ids_sent(self, request: Request, ids: Sequence[int]) -> HttpRequest:
        return self._http(request, {"prompt": ids, **_SCORED}, {}, path=self._plain_path)

    def _turns(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        return [encode_message(message, self._audio) for message in messages]


# Of vLLM's settings those that decide what a chat looks like to the model.
_SHAPING = (
    "add_special_tokens", "chat_template", "chat_template_kwargs", "documents",
    "media_io_kwargs", "mm_processor_kwargs", "reasoning_effort",
)  # fmt: skip
_ARGUMENTS = ("documents", "reasoning_effort")
"""Those that ``/tokenize`` knows only as arguments of the template, which they become anyway."""


def logprob_switch(count: int) -> dict[str, Any]:
    """Here it is a switch, and the count beside it. Of a count 0 llama.cpp would tell nothing, and
    without one all tell the chosen token."""
    return {"logprobs": True, **({"top_logprobs": count} if count else {})}


def _shaping(generation: JsonObject) -> dict[str, Any]:
    return {key: generation[key] for key in _SHAPING if key in generation}


def _for_template(keys: dict[str, Any]) -> dict[str, Any]:
    arguments = {key: keys[key] for key in _ARGUMENTS if key in keys}
    if not arguments:
        return keys
    given = keys.get("chat_template_kwargs")
    found = {key: value for key, value in keys.items() if key not in arguments}
    found["chat_template_kwargs"] = {**arguments, **(given if isinstance(given, dict) else {})}
    return found


def _tools(prompt: Prompt) -> dict[str, Any]:
    found = encode_tools(prompt)
    found.pop("tool_choice", None)
    return found
