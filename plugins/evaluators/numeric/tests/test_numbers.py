"""Literals: values, signs, what is no number at all."""

from __future__ import annotations

from decimal import Decimal

import pytest

from aisbench_plugin_numeric.characters import prepare
from aisbench_plugin_numeric.exact import canonical
from aisbench_plugin_numeric.numbers import find_numbers, parse_number


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("16-3", ["16", "3"]),
        ("16 -3", ["16", "3"]),
        ("x = - 5", ["-5"]),
        ("(-5)", ["-5"]),
        ("5-7", ["5", "7"]),
        ("COVID-19", ["19"]),
        ("a negative 5", ["-5"]),
        ("16 minus 3", ["16", "3"]),
        ("负5", ["-5"]),
        ("$-5", ["-5"]),
        ("-\\$5", ["-5"]),
        ("10,20,30", ["10", "20", "30"]),
        ("1,2345", []),
        ("1,234,567.89", ["1234567.89"]),
        ("1'234", ["1234"]),
        ("1 234", ["1234"]),
        ("US$18 or USD 18", ["18", "18"]),
        ("2x", ["2"]),
        ("km2, H2O, x^2, m^{2}, mp3", []),
        ("3:30, 3/4/2020", []),
        ("1/0", []),
        ("...5", ["5"]),
        ("2.5 million", ["2500000"]),
        ("1.2e-2", ["0.012"]),
        ("1e999", []),
        ("9" * 100, []),
    ],
)
def test_literals(text: str, values: list[str]) -> None:
    found = [number.value for number in find_numbers(prepare(text))]
    assert [canonical(value) for value in found if value is not None] == values


@pytest.mark.parametrize("text", ["the 3rd", "2x + y", "1. Compute", "Step 3: go", "第3天"])
def test_numbers_that_count_or_scale_are_weak(text: str) -> None:
    assert [number.weak for number in find_numbers(text)] == [True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("18", "18"),
        ("18.00", "18"),
        ("-0.0", "0"),
        ("70,000", "70000"),
        ("1e3", "1000"),
        (" +5 ", "5"),
        ("0.50", "0.5"),
        ("100", "100"),
    ],
)
def test_canonical_form(text: str, expected: str) -> None:
    value = parse_number(text)
    assert value is not None
    assert canonical(value) == expected


@pytest.mark.parametrize("text", ["", "NULL", "18 eggs", "--5", "nan", "inf"])
def test_what_is_not_one_number(text: str) -> None:
    assert parse_number(text) is None


def test_a_scale_word_keeps_the_written_number() -> None:
    (number,) = find_numbers("$4 million")
    assert (number.value, number.written) == (Decimal(4_000_000), Decimal(4))
