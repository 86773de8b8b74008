"""Generation settings in the words of Triton's models."""

from __future__ import annotations

from aisbench.api import JsonObject
from aisbench.codec import Names

# Inputs of the ensemble and tensorrt_llm_bls models:
# https://github.com/triton-inference-server/tensorrtllm_backend/blob/main/docs/model_config.md
TENSORRT = Names(
    protocol="Triton with TensorRT-LLM",
    known=frozenset(
        {
            "bad_words", "beam_width", "early_stopping", "embedding_bias_words",
            "embedding_bias_weights", "end_id", "frequency_penalty", "length_penalty",
            "lora_task_id", "max_tokens", "min_length", "no_repeat_ngram_size", "pad_id",
            "presence_penalty", "repetition_penalty", "runtime_top_p", "temperature", "top_k",
            "top_p",
        }
    ),
    renamed={"max_new_tokens": "max_tokens", "min_tokens": "min_length"},
    advice={
        "stop_words": "write it as `stop`",
        "random_seed": "set `seed` of [suite]: each repeat gets a seed of its own from it",
        "ignore_eos": "it has no such setting; set end_id to an id that does not occur",
        "logprobs": "its output_log_probs do not say of which tokens they are",
        "return_log_probs": "leave it out: it does not say of which tokens they are",
    },
)  # fmt: skip

# vLLM's SamplingParams, which its Triton backend builds of the text `sampling_parameters`:
# https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/vllm_backend/README.html
VLLM = Names(
    protocol="Triton with vLLM",
    known=frozenset(
        {
            "adapter_id", "allowed_token_ids", "bad_words", "detokenize", "frequency_penalty",
            "ignore_eos", "include_stop_str_in_output", "length_penalty", "logprobs",
            "max_tokens", "min_p", "min_tokens", "presence_penalty", "repetition_penalty",
            "skip_special_tokens", "spaces_between_special_tokens", "stop_token_ids",
            "temperature", "top_k", "top_p", "truncate_prompt_tokens",
        }
    ),
    renamed={"max_new_tokens": "max_tokens"},
)  # fmt: skip


class TensorrtParameters:
    """TensorRT-LLM's inputs. It knows LoRA adapters by numbers, and takes one by its number alone
    once it holds its weights:
    https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/tensorrtllm_backend/docs/lora.html."""

    def refused(self, generation: JsonObject) -> dict[str, str]:
        """See :class:`aisbench.codec.Names`."""
        known = {name: one for name, one in generation.items() if name != "adapter_id"}
        found = dict(TENSORRT.refused(known))
        adapter = generation.get("adapter_id", "0")
        if not str(adapter).isascii() or not str(adapter).isdecimal():
            found["adapter_id"] = (
                "TensorRT-LLM knows LoRA adapters by number: write the lora_task_id under which "
                'the server holds the weights, such as "7"'
            )
        return found

    def translated(self, generation: JsonObject) -> JsonObject:
        """See :class:`aisbench.codec.Names`."""
        found = dict(TENSORRT.translated(generation))
        if (adapter := found.pop("adapter_id", None)) is not None:
            found["lora_task_id"] = int(str(adapter))
        return found


class AnyParameters:
    """For models of the user's own: what they know cannot be known."""

    def refused(self, generation: JsonObject) -> dict[str, str]:
        """See :class:`aisbench.codec.Names`."""
        known = Names(protocol="Triton", known=frozenset(generation))
        found = known.refused(generation)
        for name, value in generation.items():
            if name != "stop" and isinstance(value, (list, dict)):
                found[name] = "Triton's request parameters are texts, numbers and booleans"
        if "logprobs" in generation:
            found["logprobs"] = (
                "how a model of your own tells them is not known; those of vLLM's backend are "
                'read, with triton-generate and dialect = "vllm"'
            )
        return found

    def translated(self, generation: JsonObject) -> JsonObject:
        """All but ``stop``."""
        return {name: value for name, value in generation.items() if name != "stop"}


def names_of(dialect: str) -> Names | TensorrtParameters | AnyParameters:
    """What models of a dialect know."""
    if dialect == "vllm":
        return VLLM
    return TensorrtParameters() if dialect == "tensorrtllm" else AnyParameters()
