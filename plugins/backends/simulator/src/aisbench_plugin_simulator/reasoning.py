"""Where the simulated model puts its reasoning."""

from __future__ import annotations

import enum


class ReasoningMode(str, enum.Enum):
    """The ways in which servers send a model's reasoning."""

    NONE = "none"
    FIELD_CONTENT = "field-content"
    """In ``reasoning_content``, as DeepSeek's API, SGLang and older vLLM do."""
    FIELD = "field"
    """In ``reasoning``, as newer vLLM does."""
    INLINE = "inline"
    """In the text, between ``<think>`` and ``</think>``."""
    INLINE_OPEN_MISSING = "inline-open-missing"
    """In the text, with ``</think>`` alone: the chat template had opened it."""
    UNFINISHED = "unfinished"
    """In the text, opened and never closed: no answer follows."""

    @property
    def field(self) -> str | None:
        """The key of the message or delta, or None when the reasoning is in the text."""
        return {"field-content": "reasoning_content", "field": "reasoning"}.get(self.value)


def inline(mode: ReasoningMode, reasoning: str, answer: str) -> str:
    """The text that holds both. No blank line: a few-shot prompt may stop at one."""
    if mode is ReasoningMode.UNFINISHED:
        return f"<think>\n{reasoning}"
    opening = "" if mode is ReasoningMode.INLINE_OPEN_MISSING else "<think>\n"
    return f"{opening}{reasoning}\n</think>\n{answer}"
