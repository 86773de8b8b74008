"""Reasons to stop, in the words of many servers."""

from __future__ import annotations

from typing import Any

from aisbench.types.response import FinishReason

_WORDS = {
    "stop": FinishReason.STOP,
    "eos": FinishReason.STOP,
    "eos_token": FinishReason.STOP,
    "stop_sequence": FinishReason.STOP,
    "stop_string": FinishReason.STOP,
    "stop_token": FinishReason.STOP,
    "end_turn": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "max_tokens": FinishReason.LENGTH,
    "max_length": FinishReason.LENGTH,
    "model_length": FinishReason.LENGTH,
    "tool_calls": FinishReason.TOOL_CALLS,
    "tool_use": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
    "content_filter": FinishReason.CONTENT_FILTER,
}

BROKEN = frozenset({"abort", "error"})
"""The server gave the request up (vLLM, SGLang): what it sent is not the model's answer."""


def finish_reason(value: Any) -> FinishReason | None:
    """``choices[].finish_reason`` in core's vocabulary; None when there was none.

    Words: `OpenAI <https://platform.openai.com/docs/api-reference/chat/object>`_, the ones of
    Text Generation Inference that gateways pass on, and Anthropic's.
    """
    if not value:
        return None
    return (
        _WORDS.get(value.lower(), FinishReason.OTHER)
        if isinstance(value, str)
        else (FinishReason.OTHER)
    )
