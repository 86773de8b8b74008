"""What is shown commands no terminal, and letters stay."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.base.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\rb", "a\\rb"),
        ("\x9b2J", "\\x9b2J"),
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("a\u2028b", "a\\u2028b"),
        ("\ud800", "\\ud800"),
        ("名前 é ü \U0001f600", "名前 é ü \U0001f600"),
        ("a\tb\nc", "a\tb\nc"),
        ("\0\x07\x7f", "\\x00\\x07\\x7f"),
    ],
)
def test_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_nothing_commands(text: str) -> None:
    shown = visible(text)
    assert all(unicodedata.category(one) not in ("Cc", "Cs") or one in "\t\n" for one in shown)
    assert visible(shown) == shown
    shown.encode("utf-8")
