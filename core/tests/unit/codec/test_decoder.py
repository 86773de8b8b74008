"""Streams cut anywhere are read alike, and it is known where they end and what is kept of them."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_collector import toy_decoder

from aisbench.api import Response
from aisbench.codec import Blocks, EventDecoder, is_error, server_fault
from aisbench.codec.faults import complaint
from aisbench.codec.numbers import MOST, count_of, number_of

PIECES = st.lists(
    st.sampled_from(
        [
            *(
                b"\n",
                b"\r",
                b"\r\n",
                b"\n\n",
                b"\r\n\r\n",
                b"a",
                b": ping",
                b"event: x",
                b"x" * 50,
            ),
            *(b'data: {"piece":"a"}', b'data:{"piece":"b"}', b"data: [DONE]", b"data: {}"),
            *(b'data: {"error":"no"}', b'data: {"detail":"no"}', b'data: {"done":1}', b"data: {"),
        ]
    ),
    max_size=12,
)
CUTS = st.lists(st.integers(0, 400), max_size=6)


def cut(body: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[a:b] for a, b in itertools.pairwise(edges) if a < b]


def read(chunks: list[bytes], **options: Any) -> tuple[EventDecoder, Response, int]:
    decoder = toy_decoder(**options)
    decoder.start(200, "text/event-stream")
    tokens = sum(map(decoder.feed, chunks))
    return decoder, decoder.finish(), tokens


@given(pieces=PIECES, places=CUTS, last=st.booleans())
def test_cuts_do_not_matter(pieces: list[bytes], places: list[int], last: bool) -> None:
    body = b"".join(pieces)
    _, *whole = read([body] if body else [], last=last)
    _, *parts = read(cut(body, places), last=last)
    _, *single = read([bytes([one]) for one in body], last=last)
    assert parts == whole
    assert single == whole


@given(pieces=PIECES, places=CUTS)
def test_blocks_are_those_of_the_whole(pieces: list[bytes], places: list[int]) -> None:
    body = b"".join(pieces)
    plain = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    blocks, found = Blocks(), []
    for chunk in cut(body, places):
        found += blocks.feed(chunk)
        assert (blocks.pending > 0) == bool(blocks.rest())
    found.append(blocks.rest())
    # A CR at the very end waits for what follows: its blank line comes with the next byte.
    assert b"\n\n".join(found) == plain


def test_what_is_kept_of_an_event_is_counted() -> None:
    decoder = toy_decoder()
    decoder.start(200, "text/event-stream")
    decoder.feed(b'data: {"piece":"')
    for _ in range(10):
        decoder.feed(b"x" * 1000)
    assert decoder.pending == 10_016
    assert decoder.feed(b'"}\n\n') == 1
    assert decoder.pending == 0


@pytest.mark.parametrize("end", ["data: [DONE]\n\n", "data:[DONE]\n\n", "data: [DONE]\n"])
def test_done_completes(end: str) -> None:
    decoder = toy_decoder()
    decoder.start(200, "text/event-stream")
    assert decoder.feed(b'data: {"piece":"a"}\n\n') == 1
    assert not decoder.complete
    decoder.feed(end.encode())
    assert decoder.complete
    assert decoder.finish().fault is None


def test_a_protocols_own_last_event_completes_where_it_is_one() -> None:
    for last in (True, False):
        decoder, response, _ = read([b'data: {"piece":"a","done":1}\n\n'], last=last)
        assert decoder.complete is last
        assert response.fault is None


@pytest.mark.parametrize(
    "value", [None, "", " ", {}, [], 0, False, "null", "None", {"message": None, "code": 0}, [{}],
              {"message": "success", "code": 0}]
)  # fmt: skip
def test_errors_that_say_nothing(value: Any) -> None:
    assert not is_error(value)


@pytest.mark.parametrize("value", ["x", 7, True, {"message": "x"}, [{"code": 5}], {"a": {"b": 1}}])
def test_errors_that_say_something(value: Any) -> None:
    assert is_error(value)


@pytest.mark.parametrize(
    ("event", "sure"),
    [
        ({"error": "x"}, True),
        ({"code": 500, "message": "x"}, True),
        ({"code": -1, "msg": "x"}, True),
        ({"type": "error"}, True),
        ({"status": "FAILED"}, True),
        ({"a": {"b": {"error": "x"}}}, True),
        ([{"error": "x"}], True),
        ({"code": 200, "message": "x"}, False),
        ({"code": 102, "message": "queued"}, False),
        ({"detail": "x"}, False),
        ("x", False),
        ({"code": 0, "message": "ok"}, None),
        ({"code": 500}, None),
        ({"type": "ping"}, None),
        ({"message": {"role": "assistant", "content": ""}}, None),
        ({}, None),
        (None, None),
        (7, None),
        ([], None),
    ],
)
def test_complaints(event: Any, sure: bool | None) -> None:
    found = complaint(event)
    assert (None if found is None else found.sure) is sure


_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["error", "Code", "message", "type", "x"]), inner),
    ),
    max_leaves=12,
)


@given(value=_VALUES)
def test_nothing_of_a_servers_raises(value: Any) -> None:
    complaint(value)
    is_error(value)
    server_fault(value, "")
    data = json.dumps(value).encode()
    read([b"data: ", data, b"\n\n"])
    count_of({"n": value}, "n")
    number_of(value)


def test_numbers_beyond_all_counts() -> None:
    assert count_of({"n": MOST}, "n") == MOST
    assert count_of({"n": MOST + 1}, "n") is None
    assert number_of(10**400) is None
    assert number_of(-(10**400)) is None
    assert number_of(3) == 3.0
