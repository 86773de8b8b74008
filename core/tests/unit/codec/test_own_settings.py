"""The one rule for what a suite does not say."""

from __future__ import annotations

from typing import Any

import pytest

from aisbench.codec import is_sampled, own_settings, rule_of

HONOURED = frozenset({"do_sample", "temperature", "top_p", "top_k", "repetition_penalty"})


def test_what_changes_nothing_is_no_setting() -> None:
    found = own_settings(
        {
            "temperature": 1.0, "top_p": 1, "top_k": 0, "repetition_penalty": 1.0,
            "num_beams": 1, "do_sample": False, "eos_token_id": [1, 2], "bos_token_id": 0,
            "transformers_version": "4.51.0", "use_cache": True, "guidance_scale": None,
            "bad_words_ids": [], "_from_model_config": True, "num_return_sequences": 1,
            "renormalize_logits": True, "num_assistant_tokens": 4,
        },
        HONOURED,
    )  # fmt: skip
    assert found.values == {}
    assert found.refused == {}
    assert found.warnings("hf") == []


def test_what_cannot_be_done_is_warned_of_by_name_and_value() -> None:
    config = {
        "top_k": 20, "do_sample": True, "num_beams": 4, "guidance_scale": 1.5, "top_h": 0.3,
        "watermarking_config": {"bias": 2.5}, "something_new": 7, "forced_eos_token_id": 2,
    }  # fmt: skip
    found = own_settings(config, HONOURED)
    assert found.values == {"top_k": 20, "do_sample": True}
    told = found.warnings("hf")
    assert len(told) == 6
    for name in ("num_beams = 4", "guidance_scale = 1.5", "something_new = 7", "top_h = 0.3"):
        assert any(name in one and "left out" in one for one in told), name


def test_a_temperature_without_do_sample_is_told() -> None:
    (told,) = own_settings({"temperature": 0.6, "top_p": 0.9}, HONOURED).warnings("hf")
    assert "temperature, top_p without do_sample" in told
    assert own_settings({"temperature": 0.6, "do_sample": True}, HONOURED).warnings("hf") == []


@pytest.mark.parametrize(
    ("given", "own", "drawn"),
    [
        # Nobody says anything: greedy, on every backend.
        ({}, {}, False),
        ({}, {"temperature": 0.6}, False),
        ({}, {"do_sample": True}, True),
        ({}, {"do_sample": True, "temperature": 0.0}, False),
        ({"temperature": 0}, {"do_sample": True}, False),
        ({"temperature": 0.7}, {}, True),
        ({"top_p": 0.5}, {}, False),
        ({"do_sample": False}, {"do_sample": True}, False),
        ({"do_sample": True}, {}, True),
        ({"do_sample": False, "temperature": 0.7}, {}, False),
        ({"do_sample": True, "temperature": 0.0}, {}, False),
    ],
)
def test_whether_an_answer_is_drawn(
    given: dict[str, Any], own: dict[str, Any], drawn: bool
) -> None:
    assert is_sampled(given, own) is drawn


def test_a_do_sample_that_is_none() -> None:
    with pytest.raises(ValueError, match="do_sample must be true or false, not 'no'"):
        is_sampled({"do_sample": "no"}, {})


def test_the_record_says_what_a_silent_suite_gets() -> None:
    assert "answers are greedy: generation_config.json says nothing" in rule_of({})
    warm = rule_of({"do_sample": True, "temperature": 0.6, "repetition_penalty": 1.1})
    assert "drawn with repetition_penalty = 1.1, temperature = 0.6, as generation_config" in warm
    # What counts only for drawn answers is not said of greedy ones.
    assert "temperature" not in rule_of({"temperature": 0.6, "repetition_penalty": 1.1})
