"""The names of request settings that servers of this family know.

OpenAI's reference of the three endpoints, vLLM's ``SamplingParams`` and "extra parameters",
SGLang's native sampling parameters, llama.cpp's ``/completion`` options and those of common
gateways. Servers take other names without a word, mostly, and do nothing with them: a name that
is not here is sent, with a warning to the user.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from aisbench.api import JsonObject

_NAMES = """
adapter_id add_generation_prompt add_special_tokens allowed_token_ids audio background bad_words
cache_prompt cache_salt chat_template chat_template_kwargs continue_final_message conversation
custom_logit_processor custom_params detokenize do_sample documents dry_allowed_length dry_base
dry_multiplier dry_penalty_last_n dry_sequence_breakers dynatemp_exponent dynatemp_range
early_stopping ebnf enable_thinking extra_args format frequency_penalty function_call functions
grammar guided_choice guided_decoding_backend guided_grammar guided_json guided_regex
guided_whitespace_pattern id_slot ignore_eos include include_reasoning
include_stop_str_in_output instructions json_schema keep_alive kv_transfer_params length_penalty
logit_bias logits_processors logprobs lora lora_path max_completion_tokens max_output_tokens
max_tokens max_tool_calls media_io_kwargs metadata min_keep min_p min_tokens mirostat
mirostat_eta mirostat_tau mm_processor_kwargs modalities models n_keep n_predict n_probs
no_stop_trim num_ctx options output_kind parallel_tool_calls penalize_nl plugins
post_sampling_probs prediction prefix presence_penalty previous_response_id priority
prompt_cache_key prompt_logprobs provider random_seed reasoning reasoning_budget
reasoning_effort reasoning_format regex repeat_last_n repeat_penalty repetition_penalty
request_id response_format return_hidden_states return_token_ids return_tokens_as_token_ids
route safe_prompt safety_identifier samplers separate_reasoning service_tier session_params
skip_special_tokens slot_id spaces_between_special_tokens speculative.n_max speculative.n_min
speculative.p_min stop stop_regex stop_token_ids store stream_reasoning structural_tag
structured_outputs suffix t_max_predict_ms temperature text tfs_z think thinking thinking_budget
thinking_token_budget timings_per_token tool_choice tools top_a top_k top_logprobs top_p
transforms truncate_prompt_tokens truncation typical_p use_beam_search user verbosity vllm_xargs
watermark web_search_options xtc_probability xtc_threshold
"""
KNOWN = frozenset(_NAMES.split())


def unknown(generation: JsonObject) -> Mapping[str, str]:
    """Name -> what to think of it, of those that no server of the family is known to have."""
    return {name: _meant(name) for name in generation if name not in KNOWN}


def _meant(name: str) -> str:
    near = difflib.get_close_matches(name.lower(), KNOWN, 1, 0.7)
    return f"did you mean {near[0]}?" if near else "servers mostly ignore what they do not know"
