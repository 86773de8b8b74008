"""What lint finds beside ruff and mypy: what is written twice, and what nothing uses."""

from __future__ import annotations

import ast
from typing import cast

import pytest

from tools import duplicates

ONE = '''
def first(values, limit):
    """Takes those below a limit."""
    found = []
    for value in values:
        if value < limit and value not in found:
            found.append(value * 2)
    return sorted(found, key=lambda one: -one)
'''
RENAMED = """
def second(numbers, most):
    kept = []
    for number in numbers:
        if number < most and number not in kept:
            kept.append(number * 2)
    return sorted(kept, key=lambda entry: -entry)
"""


def form(text: str) -> str | None:
    return duplicates.form(cast("ast.FunctionDef", ast.parse(text).body[0]))


def test_other_names_are_no_other_function() -> None:
    assert form(ONE) is not None
    assert form(ONE) == form(RENAMED)


@pytest.mark.parametrize(
    ("old", "new"), [("* 2", "* 3"), ("sorted", "list"), ("value < limit", "limit < value")]
)
def test_another_function_is_another(old: str, new: str) -> None:
    assert old in ONE
    assert form(ONE.replace(old, new)) != form(ONE)


def test_short_functions_are_left_alone() -> None:
    assert form("def first(a):\n    return a.b + 1\n") is None
