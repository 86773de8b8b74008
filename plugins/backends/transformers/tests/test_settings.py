"""What needs no torch: settings of generation."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from aisbench.api import Prompt, Request
from aisbench_plugin_transformers.sampling import NAMES, read_sampling

GREEDY = SimpleNamespace(do_sample=False, temperature=None)
WARM = SimpleNamespace(do_sample=True, temperature=0.6, top_p=0.9, top_k=20, min_p=None)


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
    refused = NAMES.refused({"num_beams": 3, "presence_penalty": 1, "temperature": 1})
    assert set(refused) == {"num_beams", "presence_penalty"}
    assert "it knows do_sample" in refused["presence_penalty"]
