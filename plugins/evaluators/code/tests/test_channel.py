"""What crosses between the sandboxes: data comes through as it was, and nothing else comes."""

from __future__ import annotations

import math
import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench_plugin_code.inside.channel import Channel, Garbled, Gone, TreeEncoder, parse, text_of
from aisbench_plugin_code.inside.compact import dumps, loads
from aisbench_plugin_code.inside.link import Link
from aisbench_plugin_code.inside.rebuilding import TreeDecoder
from aisbench_plugin_code.inside.remote import Remote

pytestmark = pytest.mark.not_quick

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**60), max_value=10**60)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=()))
    | st.binary()
    | st.complex_numbers(allow_nan=False)
)
KEYS = st.recursive(SCALARS, lambda one: st.tuples(one, one) | st.frozensets(one), max_leaves=4)
DATA = st.recursive(
    SCALARS,
    lambda one: (
        st.lists(one)
        | st.tuples(one)
        | st.dictionaries(KEYS, one)
        | st.sets(KEYS)
        | st.builds(bytearray, st.binary())
    ),
    max_leaves=20,
)


def link() -> Link:
    return Link(Channel(-1, -1))


def crossed(value: Any) -> Any:
    return TreeDecoder(link()).value(parse(text_of(TreeEncoder(link()).tree(value))))


def exactly(value: Any) -> str:
    """Tells 1, 1.0 and True apart."""
    if isinstance(value, (set, frozenset)):
        return f"{type(value).__name__}{sorted(map(exactly, value))}"
    if isinstance(value, dict):
        return f"{[(exactly(key), exactly(one)) for key, one in value.items()]}"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}{[exactly(one) for one in value]}"
    return f"{type(value).__name__} {value!r}"


@settings(max_examples=60, deadline=None)
@given(DATA)
def test_data_comes_through(value: Any) -> None:
    assert exactly(crossed(value)) == exactly(value)


def test_numbers_that_are_none() -> None:
    assert math.isnan(crossed(float("nan")))
    assert crossed([float("inf"), -0.0, float("-inf")]) == [math.inf, 0.0, -math.inf]


def test_what_is_one_stays_one() -> None:
    row: list[Any] = [0]
    value = {"a": row, "b": (row, row)}
    row.append(value)
    got = crossed(value)
    assert got["a"] is got["b"][0] is got["b"][1]
    assert got["a"][1] is got


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 70000)
    | st.floats()
    | st.sampled_from(
        ["l", "t", "d", "r", "a", "h", "H", "g", "o", "n", "np", "q", "D", "v", "e", "E", "i", "b",
         "B", "c", "s", "f", "R", "S", "m", "from", "k", "it", "exception", "coroutine", "module",
         "object", "builtins", "Exception", "SystemExit", "math", "os", "system", "__class__",
         "type", "eval", "Decimal", "date", "timedelta", "Counter", "<f8", "O", "|O", "__dict__"]
    ),
    lambda one: st.lists(one, max_size=6) | st.dictionaries(st.text(max_size=2), one, max_size=2),
    max_leaves=12,
)  # fmt: skip
PLAIN = (
    type(None), bool, int, float, str, bytes, bytearray, complex, list, tuple, dict, set,
    frozenset, range, slice, Remote,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_no_tree_does_harm(tree: Any) -> None:
    """It is data, an object of the program, or refused."""
    try:
        value = TreeDecoder(link()).value(tree)
    except Garbled:
        return
    if type(value).__module__ not in ("collections", "datetime", "decimal", "numpy", "coroutine"):
        allowed = (*PLAIN, type, type(NotImplemented), type(...), type({}.keys()),
                   type({}.values()), type({}.items()))  # fmt: skip
        assert isinstance(value, allowed) or type(value).__name__ == "coroutine"
        if isinstance(value, type):
            assert value.__module__ in ("builtins", "program")
    if type(value).__name__ == "coroutine":
        value.close()


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["value", "error", "back", "picked", "x"]), JSON)
def test_no_answer_does_harm(head: str, answer: Any) -> None:
    """Whatever a program sends: a value, an error of Python's own, or the end of belief."""
    mine, theirs = os.pipe(), os.pipe()
    tests, program = Channel(mine[0], theirs[1]), Channel(theirs[0], mine[1])
    try:
        program.send([head, 0], dumps(answer))
        os.close(mine[1])
        asked = Link(tests)
        try:
            asked.ask(["name", "f"])
        except (Garbled, Gone):
            assert asked.lost
        except BaseException as error:  # noqa: BLE001 - SystemExit is one of them
            assert asked.raised(error)
            assert type(error).__module__ in ("builtins", "program", "re", "math", "os")
    finally:
        for descriptor in (mine[0], *theirs):
            os.close(descriptor)


@pytest.mark.parametrize(
    "frame",
    [
        b"\xff" * 8,
        b"\x02\0\0\0\0\0\0\0{}",
        b"\x02\0\0\0\0\0\0\0[]",
        b"\x04\0\0\0\0\0\0\0[17]",
        b"\x05\0\0\0\0\0\0\0[\"x\"" + b"\xff",
        b"\x05\0\0\0\x01\0\0\0[\"x\"]\xff",
        b"[" * 8,
        (60000).to_bytes(4, "little") + bytes(4) + b"[" * 60000,
    ],
)  # fmt: skip
def test_frames_that_are_none(frame: bytes) -> None:
    read, write = os.pipe()
    os.write(write, frame)
    os.close(write)
    with pytest.raises(Garbled):
        Channel(read, -1).receive()
    os.close(read)


def test_a_frame_that_breaks_off() -> None:
    read, write = os.pipe()
    os.write(write, b'\x05\0\0\0\0\0\0\0["x')
    os.close(write)
    with pytest.raises(Gone):
        Channel(read, -1).receive()
    os.close(read)


@settings(max_examples=80, deadline=None)
@given(JSON)
def test_compact_json_is_json(value: Any) -> None:
    import json

    text = dumps(value)
    assert json.dumps(json.loads(text)) == json.dumps(value) == json.dumps(loads(text))


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet='[]{}",:0123.eE-+ntrufalsINy \\', max_size=12))
def test_compact_json_refuses_what_json_refuses(text: str) -> None:
    import json

    def read(reader: Any) -> Any:
        try:
            return repr(reader(text))
        except ValueError:
            return "refused"

    # Blanks around a text are never sent.
    if text == text.strip():
        assert read(loads) == read(json.loads)
