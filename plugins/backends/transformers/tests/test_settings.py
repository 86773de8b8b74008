"""What needs no torch: settings of generation."""

from __future__ import annotations

from typing import Any

import pytest

from aisbench.api import JsonObject, Prompt, Request
from aisbench.codec import own_settings
from aisbench_plugin_transformers.sampling import HONOURED, NAMES, read_sampling

GREEDY: JsonObject = {}
WARM: JsonObject = {"do_sample": True, "temperature": 0.6, "top_p": 0.9, "top_k": 20}


def request(**generation: Any) -> Request:
    return Request(
        key="k", sample_id="1", repeat=0, turn=0, model="m", prompt=Prompt(text="x", stop=("Q",)),
        generation=generation, stream=False, seed=7,
    )  # fmt: skip


def test_the_models_own_settings_hold_where_the_suite_is_silent() -> None:
    sampling, limits = read_sampling(request(), WARM)
    assert (sampling.temperature, sampling.top_p, sampling.top_k) == (0.6, 0.9, 20)
    assert limits.max_tokens == 512
    assert limits.stop == ("Q",)
    assert limits.seed == 7
    assert read_sampling(request(), GREEDY)[0].temperature == 0
    assert read_sampling(request(top_p=0.5), WARM)[0].top_p == 0.5


def test_a_temperature_asks_for_sampling_and_0_for_greedy_search() -> None:
    assert read_sampling(request(temperature=0.5), GREEDY)[0].temperature == 0.5
    assert read_sampling(request(temperature=0.0), WARM)[0].temperature == 0
    assert read_sampling(request(do_sample=False), WARM)[0].temperature == 0
    assert read_sampling(request(do_sample=True), GREEDY)[0].temperature == 1.0
    # Greedy answers share a batch, whatever else is said of sampling.
    assert (
        read_sampling(request(temperature=0, top_p=0.5), WARM)[0]
        == (read_sampling(request(temperature=0), WARM)[0])
    )


def test_limits_do_not_part_batches() -> None:
    one, other = (read_sampling(request(max_new_tokens=n, min_tokens=1), GREEDY) for n in (3, 9))
    assert one[0] == other[0]
    assert (one[1].max_tokens, other[1].max_tokens, other[1].min_tokens) == (3, 9, 1)


@pytest.mark.parametrize("generation", [{"temperature": -1}, {"max_tokens": "9"}, {"top_k": True}])
def test_values_that_cannot_be(generation: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be a number"):
        read_sampling(request(temperature=1.0, **generation) if "temperature" not in generation
                      else request(**generation), GREEDY)  # fmt: skip


def test_unknown_names_are_refused() -> None:
    refused = NAMES.refused({"num_beams": 3, "guidance_scale": 2, "temperature": 1})
    assert set(refused) == {"num_beams", "guidance_scale"}
    assert "it knows bad_words_ids" in refused["guidance_scale"]


def test_all_that_a_generation_config_asks_for_is_done() -> None:
    own = own_settings(
        {
            "max_new_tokens": 40, "min_new_tokens": 3, "repetition_penalty": 1.3,
            "no_repeat_ngram_size": 2, "suppress_tokens": [9, 4], "begin_suppress_tokens": [7],
            "bad_words_ids": [[5], [3, 4]], "sequence_bias": [[[1, 2], -0.5]],
            "stop_strings": ["END"], "do_sample": True, "typical_p": 0.7, "epsilon_cutoff": 0.001,
            "eta_cutoff": 0.002, "min_p": 0.1, "eos_token_id": [1, 2], "use_cache": False,
            "transformers_version": "5.0", "num_beams": 1, "top_p": 1.0,
        },
        HONOURED,
    ).values  # fmt: skip
    sampling, limits = read_sampling(request(), own)
    assert (limits.max_tokens, limits.min_tokens, limits.stop) == (40, 3, ("Q", "END"))
    assert (sampling.repetition_penalty, sampling.no_repeat_ngram_size) == (1.3, 2)
    assert (sampling.suppressed, sampling.begin_suppressed) == ((4, 9), (7,))
    assert sampling.bad_words == ((3, 4), (5,))
    assert sampling.biases == (((1, 2), -0.5),)
    assert (sampling.typical_p, sampling.epsilon_cutoff, sampling.eta_cutoff) == (0.7, 1e-3, 2e-3)
    assert (sampling.temperature, sampling.min_p) == (1.0, 0.1)
    # What the suite says wins, an empty list included.
    said, least = read_sampling(
        request(
            max_tokens=7, min_tokens=0, repetition_penalty=1.0, suppress_tokens=[], stop="X",
            no_repeat_ngram_size=0, temperature=0,
        ),
        own,
    )  # fmt: skip
    assert (least.max_tokens, least.min_tokens, least.stop) == (7, 0, ("X", "Q"))
    assert (said.repetition_penalty, said.suppressed, said.no_repeat_ngram_size) == (1.0, (), 0)
    assert (said.temperature, said.typical_p) == (0.0, 1.0)
    assert said.begin_suppressed == (7,)


def test_a_length_of_prompt_and_answer_together() -> None:
    own: JsonObject = {"max_length": 30, "min_length": 12}
    _, limits = read_sampling(request(), own)
    assert (limits.behind(10).max_tokens, limits.behind(10).min_tokens) == (20, 2)
    for said in ({"max_tokens": 9}, {"max_new_tokens": 9}):
        assert read_sampling(request(**said), own)[1].behind(10).max_tokens == 9
    # The number of new tokens counts where the file has both, as in Transformers.
    both = read_sampling(request(), {**own, "max_new_tokens": 5})[1]
    assert both.behind(10).max_tokens == 5


@pytest.mark.parametrize(
    "generation",
    [
        {"suppress_tokens": 4}, {"suppress_tokens": ["a"]}, {"bad_words_ids": [4]},
        {"suppress_tokens": [-1]}, {"do_sample": "yes"}, {"ignore_eos": 1},
        {"presence_penalty": "high"}, {"suppress_tokens": [True]},
    ],
)  # fmt: skip
def test_lists_that_cannot_be(generation: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(generation))):
        read_sampling(request(**generation), GREEDY)
