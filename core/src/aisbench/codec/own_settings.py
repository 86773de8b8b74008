"""A model's own ``generation_config.json``, and the rule by which its settings apply.

The rule, for every backend that loads a model itself:

1. Settings of the suite win (those of its data sets and rows included).
2. Others come from the model's ``generation_config.json``, as they do by default in Transformers
   and ``vllm serve``: so the answers are those that users of the model get.
3. The rest is off: greedy decoding, no top-k, top-p or min-p, no penalty.

Whether answers are sampled follows the same rule: it depends on a temperature of the suite, else
on its ``do_sample``, else on the model's ``do_sample``, which is false where the file does not set
it, as in Transformers. (``vllm serve`` does not know ``do_sample``: it samples at the file's
temperature, or at 1.0 without one.)
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from aisbench.types.json import JsonObject, JsonValue

_NEUTRAL: Mapping[str, tuple[JsonValue, ...]] = {
    "temperature": (1,),
    "top_k": (0, -1),
    "top_p": (1,),
    "min_p": (0,),
    "typical_p": (1,),
    "epsilon_cutoff": (0,),
    "eta_cutoff": (0,),
    "repetition_penalty": (1,),
    "encoder_repetition_penalty": (1,),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "no_repeat_ngram_size": (0,),
    "encoder_no_repeat_ngram_size": (0,),
    "min_length": (0,),
    "min_new_tokens": (0,),
    "num_beams": (1,),
    "num_beam_groups": (1,),
    "num_return_sequences": (1,),
    "guidance_scale": (1,),
    "do_sample": (False,),
    "diversity_penalty": (0,),
    "penalty_alpha": (0,),
}
"""Values with which a setting changes nothing."""
_DECIDES_NOTHING = frozenset(
    {
        # Special tokens: the ends of answers are read elsewhere, the rest is the tokenizer's.
        "bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id",
        # How answers are computed and returned, not what they are.
        "use_cache", "cache_implementation", "cache_config", "max_cache_len",
        "return_legacy_cache", "output_attentions", "output_hidden_states", "output_scores",
        "output_logits",
        "return_dict_in_generate", "compile_config", "disable_compile", "low_memory",
        "continuous_batching_config", "prefill_chunk_size", "use_mtp",
        # Speculative decoding, which changes no distribution.
        "is_assistant", "num_assistant_tokens", "num_assistant_tokens_schedule",
        "assistant_confidence_threshold", "assistant_early_exit", "assistant_lookbehind",
        "target_lookbehind", "prompt_lookup_num_tokens", "max_matching_ngram_size",
        "assistant_ensemble_weight", "speculation_type",
        # Details of the last step of sampling, and of beam search, which is not used.
        "renormalize_logits", "remove_invalid_values", "early_stopping", "length_penalty",
        # Notes of the file itself.
        "transformers_version", "trust_remote_code", "generation_kwargs", "chat_format",
    }
)  # fmt: skip
_WARM = frozenset(
    {
        "temperature", "top_k", "top_p", "min_p", "top_h", "typical_p", "epsilon_cutoff",
        "eta_cutoff",
    }
)  # fmt: skip
"""Settings that matter only where answers are sampled."""


@frozen(kw_only=True)
class OwnSettings:
    """``values`` are what the backend does where a suite sets nothing, in the file's names;
    ``refused`` are settings that it cannot follow."""

    values: JsonObject
    refused: JsonObject

    def warnings(self, backend: str) -> list[str]:
        """A sentence for each setting that is not followed."""
        found = [
            f"generation_config.json asks for {name} = {_shown(value)}, which {backend} does not "
            "do: it is left out"
            for name, value in self.refused.items()
        ]
        cold = sorted(_WARM & self.values.keys())
        if cold and not self.values.get("do_sample"):
            found.append(
                f"generation_config.json has {', '.join(cold)} without do_sample: where the suite "
                "sets no temperature, answers are greedy, as in Transformers"
            )
        return found


def own_settings(config: JsonObject, honoured: frozenset[str]) -> OwnSettings:
    """Sort the content of a ``generation_config.json``. ``honoured`` are the names that the
    backend supports. Neutral values and keys without influence on answers are left out."""
    values: dict[str, JsonValue] = {}
    refused: dict[str, JsonValue] = {}
    for name, value in config.items():
        nothing = value is None or value in ([], {}, "") or name.startswith("_")
        if nothing or name in _DECIDES_NOTHING or _is_neutral(name, value):
            continue
        (values if name in honoured else refused)[name] = value
    return OwnSettings(values=values, refused=refused)


def is_sampled(given: JsonObject, own: JsonObject) -> bool:
    """Whether an answer is sampled, by the rule above. ``given`` are the suite's settings, whose
    temperature 0 always means greedy. Raises ValueError for a ``do_sample`` that is not true or
    false."""
    chosen = given.get("do_sample")
    if chosen is not None and not isinstance(chosen, bool):
        raise ValueError(f"generation.do_sample must be true or false, not {chosen!r}")
    temperature = given.get("temperature")
    if temperature == 0:
        return False
    if chosen is not None:
        return chosen
    if temperature is not None:
        return True
    return own.get("do_sample") is True and own.get("temperature", 1.0) != 0


def rule_of(own: JsonObject) -> str:
    """What applies where a suite sets nothing, as a sentence of the run's record."""
    named = {name: value for name, value in own.items() if name != "do_sample"}
    sampled = is_sampled({}, own)
    listed = ", ".join(
        f"{name} = {_shown(value)}"
        for name, value in sorted(named.items())
        if sampled or name not in _WARM
    )
    how = "answers are drawn" if sampled else "answers are greedy"
    if not own:
        return f"where the suite is silent, {how}: generation_config.json says nothing of it"
    whence = f" with {listed}" if listed else ""
    return f"where the suite is silent, {how}{whence}, as generation_config.json has it"


def _is_neutral(name: str, value: JsonValue) -> bool:
    neutral = _NEUTRAL.get(name, ())
    return any(
        value == one and isinstance(value, bool) is isinstance(one, bool) for one in neutral
    )


def _shown(value: JsonValue) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
