from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench_plugin_simulator.filler import filler
from aisbench_plugin_simulator.length import Length
from aisbench_plugin_simulator.tokens import (
    count_tokens,
    fragments,
    id_of,
    shown,
    split_tokens,
    text_of,
)


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


@given(st.text())
def test_fragments_join_to_the_text_and_have_ids(text: str) -> None:
    found = fragments(text)
    assert b"".join(found).decode() == text
    assert all(found)
    ids = [id_of(token) for token in found]
    assert text_of(ids) == text
    assert all(0 < one < 2**57 for one in ids)
    assert len(set(ids)) == len(set(found))
    assert len(shown(found)) == len(found)


@given(st.text(), st.text())
def test_what_follows_changes_no_token_before_a_line_break(text: str, more: str) -> None:
    before = fragments(text + "a")
    assert fragments(text + "a\n" + more)[: len(before)] == before


@pytest.mark.parametrize(
    ("text", "tokens", "texts"),
    [
        ("Hello there", [b"Hello", b" there"], ["Hello", " there"]),
        ("\N{GRINNING FACE}", [b"\xf0\x9f", b"\x98\x80"], ["", "\N{GRINNING FACE}"]),
        (" 世界", [b" \xe4", b"\xb8\x96\xe7", b"\x95\x8c"], ["", "", " 世界"]),
        ("Grüße", [b"Gr", b"\xc3\xbc\xc3", b"\x9fe"], ["Gr", "", "\ufffde"]),
    ],
)
def test_characters_span_tokens_and_are_shown_as_vllm_does(
    text: str, tokens: list[bytes], texts: list[str]
) -> None:
    assert fragments(text) == tokens
    assert shown(tokens) == texts


@pytest.mark.parametrize("one", [0, -1, 255, 0x0248])
def test_numbers_that_are_no_tokens(one: int) -> None:
    assert text_of([one]) is None


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
