"""What is put to the model: a plain string, or a list of chat messages."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

Role = Literal["system", "user", "assistant"]


@frozen(kw_only=True)
class Message:
    """One turn of a chat prompt."""

    role: Role
    content: str


@frozen(kw_only=True)
class Prompt:
    """Exactly one of ``text`` (completion models) and ``messages`` (chat models).

    ``stop`` are the strings that end the answer, which belong to the prompt's format
    (a plain-string few-shot prompt must stop at the next question).
    """

    text: str | None = None
    messages: tuple[Message, ...] | None = None
    stop: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if (self.text is None) == (self.messages is None):
            raise ValueError("a Prompt holds either text or messages, and not both")
