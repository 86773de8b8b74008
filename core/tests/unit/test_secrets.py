"""Secrets are hidden in text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.secrets import HIDDEN, Redactor


def redactor(*values: str) -> Redactor:
    made = Redactor()
    made.add(values)
    return made


def test_values_are_hidden_wherever_they_stand() -> None:
    text = "key sk-hunter2 is bad; sk-hunter2!"
    assert redactor("sk-hunter2").clean(text) == "key [secret] is bad; [secret]!"


def test_a_bearer_token_is_hidden_with_and_without_its_word() -> None:
    made = redactor("Bearer sk-hunter2")
    assert made.clean("got 'Bearer sk-hunter2'") == f"got '{HIDDEN}'"
    assert made.clean("got 'sk-hunter2'") == f"got '{HIDDEN}'"


def test_the_longer_of_two_that_overlap_is_hidden_whole() -> None:
    made = redactor("hunter2", "hunter2-long")
    assert made.clean("hunter2-long hunter2") == f"{HIDDEN} {HIDDEN}"


def test_very_short_values_are_left_alone() -> None:
    assert redactor("a", "12345", "").clean("a man has 12345") == "a man has 12345"
    assert redactor("123456").clean("x123456x") == f"x{HIDDEN}x"


def test_without_secrets_nothing_changes() -> None:
    assert Redactor().clean("anything") == "anything"


@given(st.lists(st.text("abc", min_size=6, max_size=9)), st.text("abc", max_size=60))
@settings(deadline=None)
def test_no_secret_is_left(values: list[str], text: str) -> None:
    cleaned = redactor(*values).clean(text)
    assert not any(value in cleaned for value in values)
