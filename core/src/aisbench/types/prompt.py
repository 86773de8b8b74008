"""What is put to the model: a plain string, token ids, or a list of chat messages."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

from aisbench.types.json import JsonObject

Role = Literal["system", "user", "assistant"]


@frozen(kw_only=True)
class Message:
    """One turn of a chat prompt."""

    role: Role
    content: str


@frozen(kw_only=True)
class Prompt:
    """Exactly one of ``text`` (completion models), ``tokens`` (the same, as ids of the model's
    own tokenizer) and ``messages`` (chat models).

    ``stop`` are the strings that end the answer, which belong to the prompt's format
    (a plain-string few-shot prompt must stop at the next question). ``generation`` are sampling
    settings of this very prompt, such as a turn's ``max_tokens``; they win over the sample's.
    ``delay_ns`` is how long a user thinks before it, after the answer to the turn before; only
    performance runs wait for it.
    """

    text: str | None = None
    messages: tuple[Message, ...] | None = None
    stop: tuple[str, ...] = ()
    tokens: tuple[int, ...] | None = None
    generation: JsonObject = field(factory=dict, hash=False)
    delay_ns: int = 0

    def __attrs_post_init__(self) -> None:
        if (self.text, self.messages, self.tokens).count(None) != 2:
            raise ValueError("a Prompt holds one of text, messages and tokens")
