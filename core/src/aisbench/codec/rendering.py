"""Prompts for a model in this process: ids of tokens, or a text with pictures, sounds and films.

Tokenizers and processors are those of Transformers, used without importing it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from attrs import define, field, frozen

from aisbench.base.errors import AisbenchError
from aisbench.media.delivery import WORDS
from aisbench.types.json import JsonObject
from aisbench.types.media import Media, MediaKind
from aisbench.types.prompt import Message, Prompt
from aisbench.types.tools import Tool

NO_TEMPLATE = (
    "set `chat_template` of the model's table to a Jinja file, or ask in plain text, as suits a "
    "base model (a `variant` with text in its name)"
)


class Unfit(Exception):
    """A prompt that the model cannot be given; the text says why."""


@frozen
class Rendered:
    """``ids``, or a ``text`` with ``media``, in whose places the processor puts its own tokens.
    The ids from ``scored`` on belong to the continuation; of a text with media they are ``own``,
    the last ones of what the processor makes."""

    ids: list[int] = field(factory=list)
    text: str = ""
    media: tuple[Media, ...] = ()
    scored: int = 0
    own: list[int] = field(factory=list)

    @property
    def images(self) -> list[Any]:
        """Its pictures (PIL), opened now. Raises Unfit. (1.2; ``media`` since 1.3)"""
        from aisbench.codec.opened_media import opened_picture  # which needs this module

        return [opened_picture(one) for one in self.media]


@define
class Renderer:
    """``processor`` puts pictures, sounds and films into a text; None for models that take only
    text."""

    tokenizer: Any
    processor: Any
    template: str | None
    arguments: JsonObject
    _leading: list[int] | None = field(default=None, init=False)

    def render(self, prompt: Prompt) -> Rendered:
        """Raises Unfit."""
        if prompt.tokens is not None:
            if prompt.continuation is not None:
                raise Unfit("a continuation of token ids cannot be scored: send text")
            return _not_empty(list(prompt.tokens))
        if prompt.media:
            return self._with_media(prompt)
        chat = prompt.messages is not None
        text = self._chat(prompt) if chat else prompt.text or ""
        if prompt.continuation is None:
            return _not_empty(self._ids(text, special=not chat))
        if prompt.border != "shared":
            return self._divided(text, prompt)
        if prompt.rolling and not text:
            return self._document(prompt.continuation)
        return self._scored(text, prompt.continuation, special=not chat)

    def check(self, prompt: Prompt) -> None:
        """Raises AisbenchError for what the model cannot be asked, whatever the row: a chat where
        no template writes it, or a kind of content that it does not take."""
        try:
            self._check_kinds(prompt)
        except Unfit as error:
            raise AisbenchError(
                str(error),
                hint="choose a model that does, or, for films, let `prompt.frames` show pictures",
            ) from error
        source = self.processor if prompt.media and self.processor is not None else self.tokenizer
        if prompt.messages is not None and self._lacks_template(source):
            raise AisbenchError(
                "the model has no chat template, and the prompts are chats", hint=NO_TEMPLATE
            )

    def _check_kinds(self, prompt: Prompt) -> None:
        """Raises Unfit."""
        asked = dict.fromkeys(one.kind for one in prompt.media)
        if not asked:
            return
        if self.processor is None:
            words = ", ".join(WORDS[kind] for kind in asked)
            raise Unfit(f"the model takes text alone (it has no processor), and is shown {words}")
        takes = kinds_of(self.processor)
        for kind in asked:
            if kind not in takes:
                also = ", ".join(WORDS[one] for one in WORDS if one in takes) or "text alone"
                name = type(self.processor).__name__
                raise Unfit(
                    f"the model takes no {WORDS[kind]}: its processor ({name}) takes {also}"
                )

    def _lacks_template(self, source: Any) -> bool:
        """False for tokenizers that are not Transformers': they may write chats by other means."""
        return self.template is None and not getattr(source, "chat_template", "unknown")

    def _ids(self, text: str, *, special: bool) -> list[int]:
        """The ids of a text. ``special`` adds special tokens, which chat templates write
        themselves; a text that already begins with those of the tokenizer (BOS) gets none."""
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=special)
        if special and ids:
            leading = self._leading_ids()
            count = len(leading)
            if count and ids[count : 2 * count] == leading:
                return ids[count:]
        return ids

    def _leading_ids(self) -> list[int]:
        """The tokens that the tokenizer puts before any text."""
        if self._leading is None:
            bare: list[int] = self.tokenizer.encode("a", add_special_tokens=False)
            whole: list[int] = self.tokenizer.encode("a", add_special_tokens=True)
            found = (n for n in range(len(whole)) if whole[n : n + len(bare)] == bare)
            self._leading = whole[: next(found, 0)]
        return self._leading

    def _document(self, text: str) -> Rendered:
        """A whole text, all of whose tokens are scored. The first one stands behind the token that
        begins a text (BOS, or else EOS, which ends the text before), as in
        lm-evaluation-harness (``prefix_token_id``); without either it is left out."""
        ids = self._ids(text, special=False)
        begin = self._beginning()
        if ids[:1] != begin:
            ids = [*begin, *ids]
        if len(ids) < 2:
            raise Unfit("the text has no token that could be scored")
        return Rendered(ids=ids, scored=1)

    def _divided(self, context: str, prompt: Prompt) -> Rendered:
        """A context's own tokens, and those behind them, as lm-evaluation-harness makes them for
        its models in this process (``loglikelihood``, ``_encode_pair``, ``loglikelihood_rolling``,
        whose texts have the tokenizer's special tokens too)."""
        continuation = prompt.continuation or ""
        if prompt.border == "counted":
            before = self._ids(context.rstrip(), special=True)
            rest = self._ids(context + continuation, special=True)[len(before) :]
        else:
            before = self._ids(context, special=True) if context else self._beginning()
            rest = self._ids(continuation, special=prompt.rolling and not context)
            if not prompt.rolling and rest[:1] == before:
                rest = rest[1:]
        if not before:
            raise Unfit("the prompt before the continuation has no token")
        if not rest:
            raise Unfit("the continuation adds no token to the prompt before it")
        return Rendered(ids=[*before, *rest], scored=len(before))

    def _beginning(self) -> list[int]:
        """The token that begins a text (BOS), or else the one that ends it."""
        for name in ("bos_token_id", "eos_token_id"):
            known = getattr(self.tokenizer, name, None)
            if known is not None:
                return [known]
        return []

    def _scored(self, context: str, continuation: str, *, special: bool) -> Rendered:
        """A context and its continuation. Blanks at the end of a plain context belong to the
        continuation's first token, as in lm-evaluation-harness (``_encode_pair``); those of a
        chat template do not. Without a context all tokens but the first are scored."""
        bare = context.rstrip() if special else context
        whole = self._ids(context + continuation, special=special)
        before = self._ids(bare, special=special)
        shared = 0
        for own, other in zip(whole, before, strict=False):
            if own != other:
                break
            shared += 1
        if not bare:
            # The very first token has nothing before it, and so no log-probability.
            shared = max(shared, 1)
        if shared >= len(whole):
            raise Unfit("the continuation adds no token to the prompt before it")
        if shared == 0:
            raise Unfit("the prompt before the continuation has no token")
        return Rendered(ids=whole, scored=shared)

    def _chat(self, prompt: Prompt) -> str:
        return self._template(
            self.tokenizer, prompt, [turn_json(one) for one in prompt.messages or ()]
        )

    def _template(self, source: Any, prompt: Prompt, turns: list[dict[str, Any]]) -> str:
        keys: dict[str, Any] = dict(self.arguments)
        if prompt.tools and prompt.tool_choice != "none":
            keys["tools"] = [tool_json(one) for one in prompt.tools]
        if self.template is not None:
            keys["chat_template"] = self.template
        try:
            text: str = source.apply_chat_template(
                turns, tokenize=False, add_generation_prompt=True, **keys
            )
        except Exception as error:
            # Templates may raise anything, and the library ValueError where there is none.
            if self._lacks_template(source):
                raise Unfit(f"the model has no chat template: {NO_TEMPLATE}") from error
            raise Unfit(
                f"the chat template refuses the messages: {error}; set chat_template, or use a "
                "variant of plain text"
            ) from error
        return text

    def _with_media(self, prompt: Prompt) -> Rendered:
        self._check_kinds(prompt)
        for one in prompt.media:
            _check_placed_here(one)
        text = self._template(
            self.processor, prompt, [turn_json(one, media=True) for one in prompt.messages or ()]
        )
        if prompt.continuation is None:
            return Rendered(text=text, media=prompt.media)
        if prompt.border != "shared" or prompt.rolling:
            raise Unfit(
                "continuations of prompts with pictures, sounds or films are scored with the "
                f"border 'shared' alone, and this one's is {prompt.border!r}"
            )
        whole = self._scored(text, prompt.continuation, special=False)
        own = whole.ids[whole.scored :]
        return Rendered(text=text + prompt.continuation, media=prompt.media, own=own)


def kinds_of(processor: Any) -> frozenset[MediaKind]:
    """What a processor of Transformers takes besides text."""
    parts: dict[MediaKind, tuple[str, ...]] = {
        "image": ("image_processor",),
        "video": ("video_processor",),
        "audio": ("feature_extractor", "audio_processor"),
    }
    return frozenset(
        kind
        for kind, names in parts.items()
        if any(getattr(processor, name, None) is not None for name in names)
    )


def placeholders(processor: Any, kind: MediaKind, ids: Sequence[int]) -> int | None:
    """How many tokens of a prompt stand for its contents of a kind; None where the processor does
    not say which tokens those are."""
    number = getattr(processor, f"{kind}_token_id", None)
    if number is None:
        token = getattr(processor, f"{kind}_token", None)
        number = None if token is None else processor.tokenizer.convert_tokens_to_ids(token)
    return sum(one == number for one in ids) if isinstance(number, int) else None


def sound_rate(processor: Any) -> int:
    """Samples a second that the model of a processor hears."""
    part = getattr(processor, "feature_extractor", None) or processor.audio_processor
    return int(part.sampling_rate)


def _not_empty(ids: list[int]) -> Rendered:
    if not ids:
        raise Unfit(
            "the prompt is empty: it has no token (the row has no text, or the template writes "
            "none)"
        )
    return Rendered(ids=ids)


def turn_json(message: Message, *, media: bool = False) -> dict[str, Any]:
    """A message as chat templates read it."""
    content: Any = message.text
    if media and not isinstance(message.content, str):
        content = [
            {"type": "text", "text": part.text}
            if part.media is None
            else {"type": part.media.kind}
            for part in message.content
        ]
    turn: dict[str, Any] = {"role": message.role, "content": content}
    if message.tool_calls:
        turn["tool_calls"] = [
            {
                "type": "function",
                "id": call.id,
                "function": {"name": call.name, "arguments": _arguments(call.arguments)},
            }
            for call in message.tool_calls
        ]
    if message.tool_call_id:
        turn["tool_call_id"] = message.tool_call_id
    return turn


def _arguments(text: str) -> Any:
    """Templates write the arguments as JSON themselves."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def tool_json(tool: Tool) -> dict[str, Any]:
    """A tool as chat templates read it."""
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
    }
    return {"type": "function", "function": function}


def _check_placed_here(media: Media) -> None:
    """Raises Unfit."""
    if media.url:
        raise Unfit(
            f"{WORDS[media.kind]} must be files here: nothing is fetched for a local model"
        )
    if media.detail:
        raise Unfit(
            "a model in this process knows no `detail` of pictures: set max_pixels instead"
        )
