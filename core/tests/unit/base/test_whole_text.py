"""Texts with halves of surrogate pairs become texts that can be sent and written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aisbench.codec import whole


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_can_be_sent(text: str) -> None:
    made = whole(text)
    made.encode()
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert made == text


def test_halves_are_joined_or_replaced() -> None:
    assert whole("fine \ud83d\ude00") == "fine 😀"
    assert whole("fine \ud83d") == "fine \ufffd"
