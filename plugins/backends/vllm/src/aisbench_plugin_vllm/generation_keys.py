"""Generation settings: which are not the suite's to say, and the stop strings among them."""

from __future__ import annotations

from collections.abc import Mapping

from aisbench.api import JsonObject, Request
from aisbench.codec import refused_logprobs, stop_list, stop_strings

_PROMPT = "the data set's prompt is sent; change it with the data set's `variant` and `prompt`"
_REPEATS = "set `repeats` of the data set: each answer is a request of its own"

REFUSED: Mapping[str, str] = {
    "model": "set `model` of the model's table, outside of generation",
    "messages": _PROMPT,
    "prompt": _PROMPT,
    "stream": "set `stream` of the model's table, outside of generation",
    "stream_options": "set `usage` of the model's table: it asks for token counts",
    "n": _REPEATS,
    "best_of": _REPEATS,
    "seed": "set `seed` of [suite]: each repeat gets a seed of its own from it",
    "echo": "leave it out: the answer would begin with the prompt",
    # Names of other protocols. vLLM ignores names that it does not know, so that a limit written
    # like this would silently not hold.
    "max_new_tokens": "this protocol calls it max_tokens",
    "max_output_tokens": "only the Responses API has it: this protocol calls it max_tokens",
    "stop_sequences": "this protocol calls it stop",
    "until": "this protocol calls it stop",
    "do_sample": "leave it out: temperature = 0 is greedy, and anything above draws",
    "extra_body": "write its keys directly into generation",
}

_STOP_FORM = "write `stop` as a string or a list of strings"


def refused(generation: JsonObject) -> dict[str, str]:
    """The keys that cannot be sent, with what to do instead."""
    found = {key: advice for key, advice in REFUSED.items() if key in generation}
    if stop_list(generation.get("stop")) is None:
        found["stop"] = _STOP_FORM
    return found | refused_logprobs(generation, switch=True)


def cut_strings(request: Request) -> tuple[str, ...]:
    """The strings before which an answer's text ends, whatever the server did with them.

    None where the suite asked for text that holds them: ``include_stop_str_in_output`` (vLLM),
    ``no_stop_trim`` (SGLang), and ``min_tokens``, before which vLLM looks for no stop string.
    """
    generation = request.generation
    if any(generation.get(key) for key in _KEEPERS):
        return ()
    return tuple(stop for stop in stop_strings(request) if stop)


_KEEPERS = ("include_stop_str_in_output", "no_stop_trim", "min_tokens")
