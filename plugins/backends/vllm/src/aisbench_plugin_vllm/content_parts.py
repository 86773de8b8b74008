"""Content that comes as a list of parts: which of them are the answer, and which are not."""

from __future__ import annotations

from typing import Any

from attrs import define, field

TEXT = frozenset(("text", "output_text", "input_text"))
REASONING = frozenset(
    ("reasoning", "thinking", "reasoning_text", "summary_text", "reasoning.text", "thought")
)
_WITHOUT_TEXT = frozenset(("reference", "redacted_thinking", "reasoning.encrypted", "signature"))
"""Parts that hold nothing of an answer: places of sources, and what nobody can read."""
_DEEPEST = 8


@define(eq=False)
class ContentParts:
    """What contents hold, by kind. ``odd`` names what could not be taken for any of them.

    Types: `OpenAI's <https://platform.openai.com/docs/api-reference/chat/object>`_ and those of
    its Responses API, `Mistral's <https://docs.mistral.ai/capabilities/reasoning/>`_ ``thinking``,
    whose text is a list of parts again, and OpenRouter's ``reasoning.text``.
    """

    text: list[str] = field(factory=list)
    reasoning: list[str] = field(factory=list)
    refusal: list[str] = field(factory=list)
    odd: dict[str, None] = field(factory=dict)

    def add(self, content: Any) -> None:
        """Take what stands under ``content``: text, or a list of parts."""
        if type(content) is str:
            self.text.append(content)
        elif type(content) is list:
            for part in content:
                self._part(part)
        elif content is not None:
            self.odd[f"content that is {type(content).__name__}, not text"] = None

    def think(self, content: Any) -> None:
        """Take what stands under ``reasoning``: all of it is."""
        self.reasoning += _texts(content)

    def decline(self, refusal: Any) -> None:
        """Take what stands under ``refusal``."""
        self.refusal += _texts(refusal)

    def _part(self, part: Any) -> None:
        if type(part) is str:
            self.text += _texts(part)
            return
        kind = part.get("type", "text") if type(part) is dict else None
        if not isinstance(kind, str):
            self.odd[f"a part that is {type(part).__name__} without a type"] = None
        elif kind in TEXT:
            self.text += _texts(part.get("text"))
        elif kind in REASONING:
            self.reasoning += _texts(part)
        elif kind == "refusal":
            self.refusal += _texts(part.get("refusal"))
        elif kind not in _WITHOUT_TEXT:
            self.odd[f"a part of type {kind[:40]!r}"] = None


def _texts(value: Any, depth: int = _DEEPEST) -> list[str]:
    """All texts of a part of reasoning, in their order."""
    if type(value) is str:
        return [value] if value else []
    if type(value) is list and depth:
        return [text for one in value for text in _texts(one, depth - 1)]
    if type(value) is dict and depth:
        for key in ("text", "thinking", "reasoning", "summary", "content"):
            if found := _texts(value.get(key), depth - 1):
                return found
    return []
