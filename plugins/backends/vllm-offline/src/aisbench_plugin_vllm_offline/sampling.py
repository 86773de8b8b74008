"""Generation settings as vLLM's SamplingParams,
https://docs.vllm.ai/en/latest/api/vllm/sampling_params.html."""

from __future__ import annotations

from typing import Any

from aisbench.api import Request
from aisbench.codec import Names, stop_strings

NAMES = Names(
    protocol="vLLM",
    known=frozenset(
        {
            "allowed_token_ids", "bad_words", "frequency_penalty", "ignore_eos",
            "include_stop_str_in_output", "max_tokens", "min_p", "min_tokens",
            "presence_penalty", "repetition_penalty", "skip_special_tokens",
            "spaces_between_special_tokens", "stop_token_ids", "temperature", "top_k", "top_p",
        }
    ),
    renamed={"max_new_tokens": "max_tokens"},
    advice={
        "logprobs": "leave it out: nothing would read it",
        "prompt_logprobs": "leave it out: choices ask for it by themselves",
        "truncate_prompt_tokens": "set `max_model_len` of the model's table, or shorten prompts",
    },
)  # fmt: skip

DEFAULT_MAX_TOKENS = 512
"""vLLM's own default is 16, which cuts nearly every answer."""


def sampling(request: Request) -> dict[str, Any]:
    """Arguments of SamplingParams."""
    if request.prompt.continuation is not None:
        # One alternative is asked for, so that the rank of the text's own token is told.
        return {"max_tokens": 1, "temperature": 0.0, "prompt_logprobs": 1, "detokenize": False}
    found: dict[str, Any] = {"max_tokens": DEFAULT_MAX_TOKENS}
    found |= NAMES.translated(request.generation)
    if stop := stop_strings(request):
        found["stop"] = stop
    if request.seed is not None and found.get("temperature", 1.0) != 0:
        found["seed"] = request.seed
    return found
