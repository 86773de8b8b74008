"""Tests of LiveCodeBench unpacked, and outputs compared as its authors compare them."""

from __future__ import annotations

import base64
import json
import os
import pickle
import zlib
from typing import Any

import pytest

from aisbench.api import DataError
from aisbench_plugin_code.packed import (
    IoTest,
    output_fault,
    pickled_text,
    read_tests,
    value_fault,
)

ROWS = [{"input": "1\n", "output": "é😀\n", "testtype": "stdin"}]


def packed(value: object, protocol: int = 4) -> str:
    return base64.b64encode(zlib.compress(pickle.dumps(value, protocol))).decode()


@pytest.mark.parametrize("protocol", range(1, 6))
@pytest.mark.parametrize("size", [1, 300, 70_000])
def test_texts_of_all_lengths_and_protocols(protocol: int, size: int) -> None:
    text = "aé😀"[:size] + "x" * (size - 3)
    assert pickled_text(pickle.dumps(text, protocol)) == text


def test_all_forms() -> None:
    expected = [IoTest("1\n", "é😀\n")]
    assert read_tests(ROWS) == expected
    assert read_tests(json.dumps(ROWS)) == expected
    assert read_tests(packed(json.dumps(ROWS))) == expected
    assert read_tests("") == []


class Runs:
    def __reduce__(self) -> Any:
        return os.system, ("touch /tmp/aisbench-unpickled",)


@pytest.mark.parametrize("value", [Runs(), [1], 7, None, b"x", ("a", "b"), {"a": "b"}])
@pytest.mark.parametrize("protocol", range(6))
def test_nothing_but_a_text_is_unpickled(value: object, protocol: int) -> None:
    with pytest.raises(DataError, match="a pickle of something else than one text"):
        pickled_text(pickle.dumps(value, protocol))


@pytest.mark.parametrize(
    "broken",
    ["!", packed("x")[:-8], base64.b64encode(b"no zlib").decode(), packed("{"), packed("[1]")],
)
def test_what_cannot_be_unpacked(broken: str) -> None:
    with pytest.raises(DataError):
        read_tests(broken)


def test_a_pickle_cut_anywhere() -> None:
    content = pickle.dumps("a text", 4)
    for end in range(len(content)):
        with pytest.raises(DataError):
            pickled_text(content[:end])


@pytest.mark.parametrize(
    ("expected", "output", "right"),
    [
        ("3\n", "3", True),
        ("1 2\n3\n", " 1 2 \n3\n\n", True),
        ("1 2\n", "1  2\n", True),  # as numbers
        ("0.5", "0.50", True),
        ("1e3", "1000", True),
        ("50000000000000000", "50000000000000001", False),
        ("a b", "a  b", False),
        ("YES", "yes", False),
        ("1\n2", "1 2", False),
        ("1\n\n2", "1\n2", False),
        ("0.333333", "0.333334", False),  # without a tolerance
        ("nan", "x", False),
        ("1", "", False),
        ("", "", True),
        ("1", "9" * 100_000, False),
        ("2", "2e999999999", False),
    ],
)
def test_outputs(expected: str, output: str, right: bool) -> None:
    assert (output_fault(expected, output) == "") is right


@pytest.mark.parametrize(
    ("expected", "value", "right"),
    [
        ("[1, 2]", "[1,2]", True), ("true", "1", True), ("1", "1.0", True), ('"a"', '"b"', False),
        ("[1]", '{"": "set"}', False), ("1", "", False), ("1", "9" * 5000, False),
    ],
)  # fmt: skip
def test_values(expected: str, value: str, right: bool) -> None:
    assert (value_fault(expected, value) == "") is right
