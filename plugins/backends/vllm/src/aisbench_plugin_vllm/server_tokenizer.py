"""What the server's tokenizer makes of the text before a continuation.

vLLM's ``/tokenize`` and ``/detokenize``, see
https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html. SGLang has the first for
texts. They cost no pass through the model, and all choices of a prompt share one answer.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from typing import Any

from attrs import define, field, frozen

from aisbench.api import Fault, HttpRequest, JsonObject
from aisbench.codec import ABSENT, Remembered, Reply, dumps, loads, post_json
from aisbench_plugin_vllm.continuation_logprobs import ids_of

log = logging.getLogger(__name__)

Asking = Generator[HttpRequest, Reply, "ContextTokens | Fault | None"]


@frozen
class ContextTokens:
    """Ids of a context's tokens. ``text`` is what a chat's template made of its messages; None
    where the server does not tell it, or it is not what these ids stand for."""

    ids: tuple[int, ...]
    text: str | None = None


@define(eq=False)
class ServerTokenizer:
    """Asks, and remembers. ``route`` is that of ``/tokenize``; empty: nothing is asked."""

    _route: str
    _known: Remembered[ContextTokens | None] = field(init=False, factory=Remembered)
    _absent: bool = field(init=False, default=False)

    @property
    def offered(self) -> bool:
        """False once the server has shown that it does not tell ids."""
        return bool(self._route) and not self._absent

    def text(self, model: JsonObject, text: str, special: JsonObject) -> Asking:
        """The ids of a plain text; ``special`` is ``add_special_tokens``, or empty. None where the
        server does not tell."""
        body = dumps({**model, "prompt": text, **special})
        if found := self._known.find(body):
            return found[0]
        ids = yield from self._tokenize(body)
        if isinstance(ids, Fault):
            return ids
        if text and ids == ():
            self._give_up("no ids of a text that is not empty")
            ids = None
        return self._known.keep(body, None if ids is None else ContextTokens(ids))

    def chat(self, model: JsonObject, chat: dict[str, Any], *, rendered: bool) -> Asking:
        """The ids of a chat up to where the assistant's turn begins, and with ``rendered`` the
        text that they stand for. None where the server does not tell."""
        body = dumps({**model, "add_generation_prompt": True, **chat})
        if found := self._known.find(body):
            return found[0]
        ids = yield from self._tokenize(body)
        if isinstance(ids, Fault):
            return ids
        if not ids:
            return self._known.keep(body, None)
        text: str | Fault | None = None
        if rendered:
            text = yield from self._rendered(model, ids)
        if isinstance(text, Fault):
            return text
        return self._known.keep(body, ContextTokens(ids, text))

    def _rendered(
        self, model: JsonObject, ids: tuple[int, ...]
    ) -> Generator[HttpRequest, Reply, str | Fault | None]:
        """The text of ``ids``, if they are in turn the ids of this text."""
        route = self._route.rpartition("/")[0] + "/detokenize"
        reply = yield post_json(route, {**model, "tokens": ids})
        if fault := reply.fault:
            return fault
        answer = loads(reply.body) if reply.status == 200 else None
        text = answer.get("prompt") if isinstance(answer, dict) else None
        if not isinstance(text, str):
            return None
        again = yield from self._tokenize(
            dumps({**model, "prompt": text, "add_special_tokens": False})
        )
        if isinstance(again, Fault):
            return again
        return text if again == ids else None

    def _tokenize(
        self, body: bytes
    ) -> Generator[HttpRequest, Reply, tuple[int, ...] | Fault | None]:
        reply = yield post_json(self._route, body)
        if fault := reply.fault:
            return fault
        if reply.status in ABSENT:
            self._give_up(f"status {reply.status}")
            return None
        if reply.status != 200:
            return None  # It refuses this text: so will the route that scores, in its own words.
        answer = loads(reply.body)
        ids = ids_of(answer.get("tokens")) if isinstance(answer, dict) else None
        if ids is None:
            self._give_up("no list of ids")
            return None
        return tuple(ids)

    def _give_up(self, why: str) -> None:
        if not self._absent:
            log.warning(
                "%s does not tell ids of tokens (%s): continuations are found by the tokens' "
                "texts, and fail where characters that span tokens hide their beginning",
                self._route,
                why,
            )
        self._absent = True
