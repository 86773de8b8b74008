"""Where the part of an answer stands that was read out of it."""

from __future__ import annotations

import pytest

from aisbench.answers import read_span


@pytest.mark.parametrize(
    ("answer", "extracted", "read"),
    [
        ("so 1,234 apples, not 12", "1234", "1,234"),
        ("Answer: B, not A", "B", "B"),
        ("Because it is", "B", None),
        ("In total that is $75.", "75", "75"),
        ("12 34 56", "34", "34"),
        ("x = 3.50 in all", "3.5", "3.50"),
        ("7-3", "3", "3"),
        ("from 5 to -5", "-5", "-5"),
        ("Paris, i.e. paris.", "PARIS", "paris"),
        ("答案是42。", "42", "42"),
        ("\\frac{1}{2} it is", "\\frac{1}{2}", "\\frac{1}{2}"),
        ("nothing", "7", None),
        ("nothing", "", None),
        ("", "a", None),
        ("1" * 100_000, "7", None),
    ],
)
def test_the_last_place_is_found(answer: str, extracted: str, read: str | None) -> None:
    span = read_span(answer, extracted)
    assert (None if span is None else answer[slice(*span)]) == read


def test_of_several_places_the_last_counts() -> None:
    assert read_span("B or C? B.", "B") == (8, 9)
