from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench_plugin_simulator.filler import filler
from aisbench_plugin_simulator.length import Length
from aisbench_plugin_simulator.tokens import count_tokens, split_tokens


@given(st.text())
def test_tokens_join_to_the_text(text: str) -> None:
    tokens = split_tokens(text)
    assert "".join(tokens) == text
    assert all(tokens)
    assert count_tokens(text) == len(tokens)


def test_tokens_are_word_pieces() -> None:
    assert split_tokens("Unbelievable: 1234 eggs\n\n") == [
        "Unbeli", "evable", ":", " 123", "4", " eggs", "\n\n",
    ]  # fmt: skip


@given(st.integers(0, 9000), st.integers(0, 2**64 - 1))
def test_filler_has_exactly_its_length(tokens: int, chance: int) -> None:
    text = "".join(filler(tokens, chance))
    assert count_tokens(text) == tokens
    assert not any(letter.isdigit() for letter in text)


def test_length_of_a_range_takes_each_value() -> None:
    length = Length.parse("3-5")
    assert {length.pick(n / 100) for n in range(100)} == {3, 4, 5}
    assert length.pick(1.0) == 5
    assert str(length) == "3-5"
    assert str(Length.parse("7")) == "7"


@pytest.mark.parametrize("text", ["", "x", "5-3", "-1", "1-2-3"])
def test_length_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"range|number"):
        Length.parse(text)
