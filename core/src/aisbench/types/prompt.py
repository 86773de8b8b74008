"""What is put to the model: a plain string, token ids, or a list of chat messages."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

from aisbench.types.json import JsonObject
from aisbench.types.media import Media
from aisbench.types.tools import Tool, ToolCall

Role = Literal["system", "user", "assistant", "tool"]


@frozen(kw_only=True)
class ContentPart:
    """A piece of a message: text, or a picture, sound or film."""

    text: str = ""
    media: Media | None = None

    def __attrs_post_init__(self) -> None:
        if self.text and self.media is not None:
            raise ValueError("a Part holds text or media")


@frozen(kw_only=True)
class Message:
    """One turn of a chat prompt.

    ``content`` is text, or parts in their order. ``tool_calls`` are what an assistant's turn
    called; ``tool_call_id`` says which of them a turn of the role "tool" answers.
    """

    role: Role
    content: str | tuple[ContentPart, ...]
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""

    @property
    def text(self) -> str:
        """The words alone."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content if part.media is None)

    @property
    def media(self) -> tuple[Media, ...]:
        """Pictures, sounds and films, in order."""
        if isinstance(self.content, str):
            return ()
        return tuple(part.media for part in self.content if part.media is not None)


@frozen(kw_only=True)
class Prompt:
    """Exactly one of ``text`` (completion models), ``tokens`` (the same, as ids of the model's
    own tokenizer) and ``messages`` (chat models).

    ``stop`` are the strings that end the answer, which belong to the prompt's format
    (a plain-string few-shot prompt must stop at the next question). ``generation`` are sampling
    settings of this very prompt, such as a turn's ``max_tokens``; they win over the sample's.
    ``delay_ns`` is how long a user thinks before it, after the answer to the turn before; only
    performance runs wait for it.

    ``tools`` may be called by a chat model; ``tool_choice`` is "auto", "none", "required", or
    the name of the one to call; empty: the server's own choice.

    With ``continuation`` nothing is generated: the model tells the log-probability of each of
    its tokens, given the prompt; behind an empty ``text`` the first token has none, and is left
    out. ``choices`` are several continuations; core asks for them one by one, each a request (a
    turn) of its own, in their order, and then, with ``unconditional``, for each of them behind
    that text instead. ``rolling`` says that the continuation is a whole text, whose perplexity is
    wanted: a model in this process foretells its first token behind the one that begins a text,
    and a text beyond the model's context in windows; servers leave the first token out, and
    refuse what is too long.
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
    choices: tuple[str, ...] = ()
    unconditional: str = ""
    rolling: bool = False

    def __attrs_post_init__(self) -> None:
        if (self.text, self.messages, self.tokens).count(None) != 2:
            raise ValueError("a Prompt holds one of text, messages and tokens")
        if self.choices and self.continuation is not None:
            raise ValueError("a Prompt holds choices or one continuation")
        if self.continuation == "" or "" in self.choices:
            raise ValueError("a continuation of a Prompt is empty: it has no log-probability")

    @property
    def media(self) -> tuple[Media, ...]:
        """Of all messages, in order."""
        return tuple(one for message in self.messages or () for one in message.media)

    @property
    def words(self) -> str:
        """Its text, or that of all messages: without what a chat template adds."""
        if self.messages is not None:
            return "\n".join(one.text for one in self.messages)
        return self.text or ""
