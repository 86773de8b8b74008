"""What a model is asked: a plain string, token ids, chat messages, or a batch of texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from attrs import field, frozen

from aisbench.types.json import JsonObject
from aisbench.types.labels import checked_labels
from aisbench.types.media import Media
from aisbench.types.tools import Tool, ToolCall

Role = Literal["system", "user", "assistant", "tool"]
Border = Literal["shared", "counted", "apart"]


@frozen(kw_only=True)
class ContentPart:
    """A piece of a message: text, or a picture, sound or film."""

    text: str = ""
    media: Media | None = None

    def __attrs_post_init__(self) -> None:
        if self.text and self.media is not None:
            raise ValueError("a ContentPart holds text or media")


@frozen(kw_only=True)
class Message:
    """One turn of a chat prompt.

    ``content`` is text, or parts in order. ``tool_calls`` are those of an assistant's turn;
    ``tool_call_id`` says which of them a turn of the role "tool" answers.
    """

    role: Role
    content: str | tuple[ContentPart, ...]
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""

    @property
    def text(self) -> str:
        """The text without media."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content if part.media is None)

    @property
    def media(self) -> tuple[Media, ...]:
        """Pictures, sounds and films, in order."""
        if isinstance(self.content, str):
            return ()
        return tuple(part.media for part in self.content if part.media is not None)


@frozen
class Choice:
    """One answer to choose from: a text that may follow the prompt.

    ``context`` is what stands before it, in place of the prompt's ``text`` or of the text of its
    last message, where the choices differ in what they follow; None: the prompt's own.
    """

    continuation: str
    context: str | None = None


def _choices(given: Iterable[Choice | str]) -> tuple[Choice, ...]:
    return tuple(Choice(one) if isinstance(one, str) else one for one in given) if given else ()


@frozen(kw_only=True)
class Prompt:
    """Exactly one of ``text`` (completion models), ``tokens`` (the same, as ids of the model's
    own tokenizer), ``messages`` (chat models, and models that hear a sound) and ``texts``.

    ``texts`` are a batch for a model that generates nothing: it makes a vector of each, or gives
    each a label, or says how well each fits the ``query``, where there is one. (1.3)

    ``stop`` are strings that end the answer and belong to the prompt's format (a few-shot prompt
    in plain text must stop at the next question). ``generation`` are sampling settings of this
    prompt alone, such as a turn's ``max_tokens``; they win over the sample's. ``delay_ns`` is how
    long a user thinks before it, after the answer to the turn before; only performance runs wait
    for it.

    A chat model may call ``tools``; ``tool_choice`` is "auto", "none", "required", or the name of
    the one to call. Empty leaves it to the server.

    With ``continuation`` nothing is generated: the model returns the log-probability of each of
    its tokens, given the prompt. Behind an empty ``text`` the first token has none, and is left
    out. ``choices`` are several continuations (strings become a :class:`Choice`), which core
    requests one by one, each as a turn, in their order and behind its own context, and with
    ``unconditional`` once more behind that text instead; such a request's prompt has its
    ``continuation``, the number of the ``choice`` (from 0), and ``unconditional`` where it stands
    behind that text. ``rolling`` says
    that the continuation is a whole text whose perplexity is wanted: a model in this process
    predicts its first token behind the one that begins a text, and scores a text longer than its
    context in windows; servers leave the first token out, and refuse texts that are too long.

    ``border`` says which tokens are the continuation's. "shared": those of the whole text behind
    the ones that it has in common with the context's; a token that reaches across the border is
    one of them. "counted", as lm-evaluation-harness has it (``_encode_pair``): of the whole text
    those behind as many as the context has, and the model is given the context's own tokens
    before them. "apart": those of the continuation alone, behind the context's own; without a
    context a model in this process is given the token that begins a text. ``length`` is the
    context, in tokens, that the model is taken to have, where that is less than its own: what
    stands before a continuation is then cut on the left, and a ``rolling`` text is scored in
    windows, by servers too. A backend that cannot do as these two say fails the request.

    ``labels`` are those of this prompt's request alone: they add to the sample's and win over
    them. (1.3)
    """

    text: str | None = None
    messages: tuple[Message, ...] | None = None
    stop: tuple[str, ...] = ()
    tokens: tuple[int, ...] | None = None
    generation: JsonObject = field(factory=dict, hash=False)
    delay_ns: int = 0
    tools: tuple[Tool, ...] = ()
    tool_choice: str = ""
    continuation: str | None = None
    choices: tuple[Choice, ...] = field(default=(), converter=_choices)
    unconditional: str = ""
    rolling: bool = False
    choice: int | None = None
    border: Border = "shared"
    length: int | None = None
    texts: tuple[str, ...] | None = None
    query: str | None = None
    labels: Mapping[str, str] = field(factory=dict, converter=checked_labels, hash=False)

    def __attrs_post_init__(self) -> None:
        if (self.text, self.messages, self.tokens, self.texts).count(None) != 3:
            raise ValueError("a Prompt holds one of text, messages, tokens and texts")
        if self.texts is not None and not self.texts:
            raise ValueError("a Prompt with texts has at least one")
        if self.query is not None and self.texts is None:
            raise ValueError("a Prompt has a query beside texts alone")
        if self.choices and self.continuation is not None:
            raise ValueError("a Prompt holds choices or one continuation")
        if self.continuation == "" or (
            self.choices and not all(one.continuation for one in self.choices)
        ):
            raise ValueError("a continuation of a Prompt is empty: it has no log-probability")

    @property
    def media(self) -> tuple[Media, ...]:
        """Of all messages, in order."""
        return tuple(one for message in self.messages or () for one in message.media)

    @property
    def words(self) -> str:
        """Its text, or that of all messages, without what a chat template adds."""
        if self.messages is not None:
            return "\n".join(one.text for one in self.messages)
        if self.texts is not None:
            return "\n".join((*(() if self.query is None else (self.query,)), *self.texts))
        return self.text or ""
