"""Server-sent events against the HTML standard, section 9.2.6."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aisbench.base.sse import SseEvent, SseParser


def reference(body: bytes) -> list[SseEvent]:
    """The standard's algorithm over a whole body; a block without its blank line is dropped."""
    body = body.removeprefix(b"\xef\xbb\xbf")
    lines = re.split(rb"\r\n|\n|\r", body)
    lines.pop()  # what follows the last line end is no line
    events = []
    data, event = b"", ""
    for line in lines:
        if not line:
            if data:
                events.append(SseEvent(data.removesuffix(b"\n"), event or "message"))
            data, event = b"", ""
        elif line.startswith(b":"):
            continue
        else:
            field, value = line, b""
            if b":" in line:
                field, value = line.split(b":", 1)
                value = value.removeprefix(b" ")
            if field == b"data":
                data += value + b"\n"
            elif field == b"event":
                event = value.decode("utf-8", "replace")
    return events


def parse(chunks: list[bytes]) -> list[SseEvent]:
    """Everything that feeding gives; a CR at the very end, which waits for an LF, is ended."""
    parser = SseParser()
    events = [event for chunk in chunks for event in parser.feed(chunk)]
    if b"".join(chunks).endswith(b"\r"):
        # The byte that ends the wait must not itself end an event.
        events += parser.feed(b":")
    return events


def cut(body: bytes, places: list[int]) -> list[bytes]:
    """``body`` in pieces."""
    edges = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[a:b] for a, b in itertools.pairwise(edges)]


LINES = st.one_of(
    st.sampled_from(
        [
            b"",
            b"data",
            b"data:",
            b"data: ",
            b"data:  two",
            b"data: x",
            b"data:y:z",
            b": comment",
            b":",
            b"event: ping",
            b"event:",
            b"event: \xff\xc3",
            b"id: 7",
            b"retry: 10",
            b"Data: no",
            b" data: no",
            b"data : no",
            b"datax",
            "data: né \u2028 ü".encode(),
            b"data: \xef\xbb\xbf",
            b"\xef\xbb\xbfdata: late",
        ]
    ),
    st.binary(max_size=6).map(lambda raw: b"data:" + re.sub(rb"[\r\n]", b"", raw)),
)
BODIES = st.builds(
    lambda bom, lines, ends: bom + b"".join(a + b for a, b in zip(lines, ends, strict=False)),
    st.sampled_from([b"", b"\xef\xbb\xbf", b"\xef\xbb", b"\xef\xbb\xbf\xef\xbb\xbf"]),
    st.lists(LINES, max_size=12),
    st.lists(st.sampled_from([b"\n", b"\n\n", b"\r\n", b"\r\n\r\n", b"\r", b"\r\r"]), max_size=13),
)


@given(BODIES, st.lists(st.integers(0, 1000), max_size=8))
@example(b"data: x\r\n\r\n", [8, 9, 10])
@settings(deadline=None, max_examples=400)
def test_any_body_cut_anywhere(body: bytes, places: list[int]) -> None:
    assert parse(cut(body, places)) == reference(body)


@given(BODIES)
@settings(deadline=None, max_examples=60)
def test_byte_by_byte(body: bytes) -> None:
    assert parse([bytes([one]) for one in body]) == reference(body)


@given(st.binary(), st.lists(st.integers(0, 1000), max_size=4))
@settings(deadline=None)
def test_any_bytes(body: bytes, places: list[int]) -> None:
    assert parse(cut(body, places)) == reference(body)


@pytest.mark.parametrize(
    ("body", "events"),
    [
        # The standard's own examples.
        (
            b"data: YHOO\ndata: +2\ndata: 10\n\n",
            [SseEvent(b"YHOO\n+2\n10")],
        ),
        (
            b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\n"
            b"data:  third event\n\n",
            [SseEvent(b"first event"), SseEvent(b"second event"), SseEvent(b" third event")],
        ),
        (b"data\n\ndata\ndata\n\ndata:", [SseEvent(b""), SseEvent(b"\n")]),
        (b"data:test\n\ndata: test\n\n", [SseEvent(b"test"), SseEvent(b"test")]),
        # A name without data is no event, and does not reach the next one.
        (b"event: ping\n\ndata: x\n\n", [SseEvent(b"x")]),
        (b"event: ping\ndata: x\n\ndata: y\n\n", [SseEvent(b"x", "ping"), SseEvent(b"y")]),
    ],
)
def test_known_bodies(body: bytes, events: list[SseEvent]) -> None:
    assert SseParser().feed(body) == events
    assert reference(body) == events


def test_events_come_as_soon_as_they_are_whole() -> None:
    parser = SseParser()
    assert parser.feed(b"data: a\n") == []
    assert parser.feed(b"\n") == [SseEvent(b"a")]
    assert parser.feed(b"data: b\r\n\r\nda") == [SseEvent(b"b")]
    assert parser.feed(b"ta: c\r\n") == []
    assert parser.feed(b"\r\n") == [SseEvent(b"c")]


def test_events_with_cr_line_ends_come_as_soon_as_they_are_whole() -> None:
    parser = SseParser()
    assert parser.feed(b"data: a\r\r") == [SseEvent(b"a")]
    assert not parser.pending


def test_pending_tells_a_cut_event() -> None:
    parser = SseParser()
    assert not parser.pending
    parser.feed(b"data: a\n")
    assert parser.pending
    parser.feed(b"\n")
    assert not parser.pending
    parser.feed(b"dat")
    assert parser.pending
    parser.feed(b"a: b\r\n\r\n")
    assert not parser.pending


def test_an_event_that_has_only_its_name_is_pending() -> None:
    parser = SseParser()
    parser.feed(b"event: error\n")
    assert parser.pending


@pytest.mark.parametrize(
    ("body", "events"),
    [
        (b"data: a", [SseEvent(b"a")]),
        (b"data: a\n", [SseEvent(b"a")]),
        (b"data: a\r", [SseEvent(b"a")]),
        (b"data: a\r\r", []),
        (b"event: e\ndata: a\ndata: b", [SseEvent(b"a\nb", "e")]),
        (b"data: a\n\n", []),
        (b": comment", []),
        (b"", []),
        (b"\xef\xbb", []),
    ],
)
def test_flush_gives_what_a_missing_blank_line_kept(body: bytes, events: list[SseEvent]) -> None:
    parser = SseParser()
    parser.feed(body)
    assert parser.flush() == events
    assert parser.flush() == []
    assert not parser.pending
