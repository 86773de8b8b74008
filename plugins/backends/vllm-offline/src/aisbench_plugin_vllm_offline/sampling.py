"""Generation settings as vLLM's SamplingParams,
https://docs.vllm.ai/en/latest/api/vllm/sampling_params.html."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aisbench.api import JsonObject, JsonValue, Request
from aisbench.codec import (
    Names,
    OwnSettings,
    is_sampled,
    own_settings,
    stop_list,
    stop_strings,
    without_adapter,
)

NAMES = Names(
    protocol="vLLM",
    known=frozenset(
        {
            "allowed_token_ids", "bad_words", "do_sample", "frequency_penalty", "ignore_eos",
            "include_stop_str_in_output", "logprobs", "max_tokens", "min_p", "min_tokens",
            "presence_penalty", "repetition_penalty", "skip_special_tokens",
            "spaces_between_special_tokens", "stop_token_ids", "temperature", "top_k", "top_p",
        }
    ),
    renamed={"max_new_tokens": "max_tokens"},
    advice={
        "prompt_logprobs": "leave it out: choices ask for it by themselves",
        "truncate_prompt_tokens": "set `max_model_len` of the model's table, or shorten prompts",
    },
)  # fmt: skip

_SAME = (
    "temperature", "top_k", "top_p", "min_p", "repetition_penalty", "presence_penalty",
    "frequency_penalty",
)  # fmt: skip
"""Keys of a generation_config.json that SamplingParams has under the same name."""
HONOURED = frozenset(
    {
        *_SAME, "do_sample", "max_length", "max_new_tokens", "min_length", "min_new_tokens",
        "stop_strings", "suppress_tokens",
    }
)  # fmt: skip
DEFAULT_MAX_TOKENS = 512
"""vLLM's own default is 16, which cuts nearly every answer."""
NEVER = -100.0
"""The least bias of a logit that vLLM takes."""


def read_own(config: Mapping[str, JsonValue]) -> OwnSettings:
    """What a model's generation_config.json asks for. Bad words of one token are tokens that are
    to be suppressed."""
    found = dict(config)
    words = found.get("bad_words_ids")
    if isinstance(words, (list, tuple)):
        lone = [one[0] for one in words if isinstance(one, (list, tuple)) and len(one) == 1]
        longer = [one for one in words if not (isinstance(one, (list, tuple)) and len(one) == 1)]
        before = found.get("suppress_tokens")
        never: list[JsonValue] = [*(before if isinstance(before, (list, tuple)) else ()), *lone]
        found |= {"bad_words_ids": longer, "suppress_tokens": never}
    return own_settings(found, HONOURED)


def sampling(request: Request, own: JsonObject, width: int = 0) -> dict[str, Any]:
    """Arguments of SamplingParams for a prompt of ``width`` tokens. ``own`` is what the model's
    generation_config.json says, which holds where the suite is silent. Raises ValueError."""
    if request.prompt.continuation is not None:
        # One alternative is asked for, so that the rank of the text's own token is known.
        return {"max_tokens": 1, "temperature": 0.0, "prompt_logprobs": 1, "detokenize": False}
    given = NAMES.translated(without_adapter(request.generation))
    found: dict[str, Any] = {name: own[name] for name in _SAME if name in own}
    found |= _limits(given, own, width)
    found |= {name: value for name, value in given.items() if name != "do_sample"}
    if not is_sampled(given, own):
        found["temperature"] = 0.0
    stop = stop_strings(request)
    if "stop" not in request.generation:
        stop = list(dict.fromkeys([*stop, *(stop_list(own.get("stop_strings")) or ())]))
    if stop:
        found["stop"] = stop
    never = own.get("suppress_tokens")
    if isinstance(never, (list, tuple)):
        found["logit_bias"] = dict.fromkeys(never, NEVER)
    if request.seed is not None and found.get("temperature", 1.0) != 0:
        found["seed"] = request.seed
    return found


def _limits(given: JsonObject, own: JsonObject, width: int) -> dict[str, Any]:
    """Those of the model: of new tokens, or of prompt and answer together."""
    found: dict[str, Any] = {"max_tokens": DEFAULT_MAX_TOKENS}
    total, least = own.get("max_length"), own.get("min_length")
    if "max_new_tokens" in own:
        found["max_tokens"] = own["max_new_tokens"]
    elif isinstance(total, int) and given.get("max_tokens") is None:
        if width >= total:
            raise ValueError(
                f"the prompt has {width} tokens, and the model's generation_config.json ends "
                f"prompt and answer at max_length = {total}: set generation.max_tokens"
            )
        found["max_tokens"] = total - width
    if "min_new_tokens" in own:
        found["min_tokens"] = own["min_new_tokens"]
    elif isinstance(least, int) and least > width:
        found["min_tokens"] = least - width
    return found
