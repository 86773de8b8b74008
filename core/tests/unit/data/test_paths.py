"""Paths to values inside rows: whatever a row holds can be named, and nothing else is found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.base.errors import DataError
from aisbench.data import fill_places
from aisbench.data.paths import MissingPart, quoted, read_path, value_at
from aisbench.types.sample import Sample

NAMES = st.text(st.characters(exclude_characters="'\"{}\n", exclude_categories=["Cs"]), min_size=1)
ROWS = st.dictionaries(
    NAMES,
    st.recursive(
        st.text(max_size=3) | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=8,
    ),
    min_size=1,
    max_size=4,
)


def every(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from every(item, f"{path}.{quoted(key)}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from every(item, f"{path}[{place}]")


@given(ROWS)
@settings(deadline=None)
def test_everything_in_a_row_has_a_path_and_a_place(row: dict[str, Any]) -> None:
    sample = Sample(id="x", fields=row)
    for name, top in row.items():
        for path, value in every(top, quoted(name)):
            assert value_at(read_path(path), row) == value
            assert fill_places(f"<{{{path}}}>", sample) == f"<{value}>"


@given(st.text(alphabet="ab.[]'\"0-1 ", max_size=12), ROWS)
@settings(deadline=None)
def test_any_other_text_is_an_error_in_words(text: str, row: dict[str, Any]) -> None:
    try:
        found = value_at(read_path(text), row)
    except (ValueError, MissingPart) as error:
        assert str(error)
    else:
        assert found in [value for name, top in row.items() for _, value in every(top, name)]


@given(st.text(alphabet="ab'.[]0 -_"))
@settings(deadline=None)
def test_what_might_be_a_name_never_stays_in_a_prompt(body: str) -> None:
    """Braces around a letter are filled in or refused; those without one stay."""
    sample = Sample(id="x", fields={"a": "", "_": ""})
    try:
        filled = fill_places(f"<{{{body}}}>", sample)
    except DataError:
        assert set(body) & set("ab_'")  # a name in quotes is one, too
    else:
        # Of what holds no letter, only the name "_" is a field.
        assert filled == ("<>" if "a" in body or body == "_" else f"<{{{body}}}>")


def test_all_items() -> None:
    row = {"q": {"choices": [{"text": "x", "tags": ["1", "2"]}, {"text": "y", "tags": []}]}}
    assert value_at(read_path("q.choices[*].text"), row) == ["x", "y"]
    assert value_at(read_path("q.choices[*].tags[*]"), row) == ["1", "2"]
    with pytest.raises(MissingPart, match=r"q\.choices\[0\] has no 'txt'"):
        value_at(read_path("q.choices[*].txt"), row)
