"""What a run keeps of lm-eval's values is what they were."""

from __future__ import annotations

import datetime
import json
import math
from typing import Any

import numpy
import orjson
import pytest

from aisbench_plugin_lm_eval.plain import plain, value_of

VALUES: list[Any] = [
    {"a": [1, "b", None, True, 0.1 + 0.2]},
    ("reference", "answer"),
    (-3.0000000000000004, 17),
    {1: "number as a key", "$": "the key that marks kinds"},
    {"deep": ({"x": (1,)}, [math.inf])},
    2**70,
    datetime.datetime(2026, 1, 2, 3, 4, 5),
    datetime.date(2026, 1, 2),
    b"\x00\xff",
    {3, 4},
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    stored = orjson.loads(orjson.dumps(plain(value)))
    assert value_of(stored) == value
    assert type(value_of(stored)) is type(value)


def test_numbers_of_numpy_keep_their_kind_and_every_digit() -> None:
    for value in (numpy.float64(0.1) * 3, numpy.float32(0.1), numpy.int64(7), numpy.bool_(True)):
        back = value_of(json.loads(json.dumps(plain(value))))
        assert back == value
        assert back.dtype == value.dtype
    array = numpy.array([0.1, 0.2 + 0.1])
    assert (value_of(plain(array)) == array).all()


def test_nan_is_kept() -> None:
    assert math.isnan(value_of(plain(math.nan)))


def test_a_picture_is_refused() -> None:
    with pytest.raises(TypeError, match="a object cannot be kept in a run"):
        plain({"picture": object()})
