"""The items of a response: reasoning, a message, calls of functions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from attrs import frozen

from aisbench_plugin_simulator.logprobs import made
from aisbench_plugin_simulator.parsed_request import ParsedRequest
from aisbench_plugin_simulator.reply import SimulatedReply


@frozen(kw_only=True)
class Item:
    """One item; ``name`` is that of a function that is called, ``first`` how many tokens were made
    before its own."""

    id: str
    tokens: Sequence[str]
    first: int = 0
    reasoning: bool = False
    name: str = ""
    call_id: str = ""
    alternatives: int | None = None
    """To each token's log-probability; None where they are not asked for."""
    seed: int = 0

    @property
    def call(self) -> bool:
        """It is a call of a function."""
        return bool(self.name)

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.tokens)

    @property
    def delta(self) -> str:
        """The type of the events with its text."""
        return f"response.{self._kind}.delta"

    @property
    def done(self) -> str:
        """The type of the event with the whole of its text."""
        return f"response.{self._kind}.done"

    @property
    def _kind(self) -> str:
        if self.call:
            return "function_call_arguments"
        return "reasoning_text" if self.reasoning else "output_text"

    def logprobs(self, tokens: Sequence[str], first: int) -> list[dict[str, Any]] | None:
        """Of some of its tokens."""
        if self.alternatives is None:
            return None
        return made(self.seed, tokens, first, self.alternatives)

    def told(self) -> list[dict[str, Any]] | None:
        """The log-probabilities of all of its tokens, where they are asked for."""
        return None if self.reasoning else self.logprobs(self.tokens, self.first)

    def part(self, text: str, told: list[dict[str, Any]] | None) -> dict[str, Any]:
        """Its content, of which there is one part."""
        if self.reasoning:
            return {"type": "reasoning_text", "text": text}
        return {"annotations": [], "text": text, "type": "output_text", "logprobs": told}

    def begun(self) -> dict[str, Any]:
        """The item as it is when nothing of it is there yet."""
        return self._item("in_progress", "", [])

    def whole(self) -> dict[str, Any]:
        """The finished item."""
        content = [] if self.call else [self.part(self.text, self.told())]
        return self._item("completed", self.text, content)

    def _item(self, status: str, text: str, content: list[dict[str, Any]]) -> dict[str, Any]:
        if self.call:
            return {
                "type": "function_call",
                "id": self.id,
                "call_id": self.call_id,
                "name": self.name,
                "arguments": text,
                "status": status,
            }
        if self.reasoning:
            return {
                "type": "reasoning",
                "id": self.id,
                "summary": [],
                "content": content,
                "encrypted_content": None,
                "status": status,
            }
        return {
            "type": "message",
            "id": self.id,
            "content": content,
            "role": "assistant",
            "status": status,
            "phase": None,
        }


def items_of(answer: SimulatedReply, asked: ParsedRequest, seed: int) -> list[Item]:
    """The items of an answer: at least one."""
    found = []
    first = len(answer.reasoning)
    if first:
        found.append(Item(id=_id("rs"), tokens=answer.reasoning, reasoning=True))
    for call in answer.calls:
        found.append(
            Item(
                id=_id("fc"),
                tokens=call.arguments,
                name=call.name,
                call_id=_id("call"),
            )
        )
    if not answer.calls and (answer.content or not found):
        found.append(
            Item(
                id=_id("msg"),
                tokens=answer.content,
                first=first,
                alternatives=asked.own_logprobs,
                seed=seed,
            )
        )
    return found


def _id(kind: str) -> str:
    return f"{kind}_{os.urandom(8).hex()}"
