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
    "complete": FinishReason.STOP,
    "completed": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "max_tokens": FinishReason.LENGTH,
    "max_output_tokens": FinishReason.LENGTH,
    "max_length": FinishReason.LENGTH,
    "model_length": FinishReason.LENGTH,
    "model_context_window_exceeded": FinishReason.LENGTH,
    "tool_calls": FinishReason.TOOL_CALLS,
    "tool_use": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
    "content_filter": FinishReason.CONTENT_FILTER,
    "content_filtered": FinishReason.CONTENT_FILTER,
    "guardrail_intervened": FinishReason.CONTENT_FILTER,
    "sensitive": FinishReason.CONTENT_FILTER,
    "safety": FinishReason.CONTENT_FILTER,
    "image_safety": FinishReason.CONTENT_FILTER,
    "recitation": FinishReason.CONTENT_FILTER,
    "blocklist": FinishReason.CONTENT_FILTER,
    "prohibited_content": FinishReason.CONTENT_FILTER,
    "spii": FinishReason.CONTENT_FILTER,
    "error_toxic": FinishReason.CONTENT_FILTER,
    "refusal": FinishReason.REFUSAL,
}

BROKEN = frozenset({"abort", "error", "insufficient_system_resource", "network_error"})
"""Reasons with which a server gives a request up (vLLM, SGLang; DeepSeek; Zhipu): what it sent is
not the model's answer."""


def finish_reason(value: Any) -> FinishReason | None:
    """``choices[].finish_reason`` in core's vocabulary; None when there was none.

    Words: `OpenAI <https://platform.openai.com/docs/api-reference/chat/object>`_, and those that
    gateways pass on: of Text Generation Inference, Anthropic, Bedrock, Cohere, Gemini, Zhipu.
    Case does not matter, and ``-`` stands for ``_``.
    """
    if not value:
        return None
    if not isinstance(value, str):
        return FinishReason.OTHER
    return _WORDS.get(value.lower().replace("-", "_"), FinishReason.OTHER)
