"""Properties that hold for any bytes."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aisbench.api import Response, SseEvent, SseParser
from aisbench.codec import Blocks
from aisbench_plugin_vllm.openai_collector import OpenAiCollector

pytestmark = pytest.mark.not_quick

# Fixtures here hold no state, so that all examples may share them.
calm = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400, deadline=None
)

_KEYS = [
    "choices", "delta", "message", "content", "text", "index", "finish_reason", "usage", "error",
    "model", "object", "reasoning", "reasoning_content", "tool_calls", "token_ids", "refusal",
    "prompt_tokens", "prompt_tokens_details", "cached_tokens", "detail", "type", "loc", "msg",
]  # fmt: skip
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(_KEYS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)
_value = st.one_of(
    _json,
    st.lists(_json, max_size=2).map(lambda some: {"choices": some}),
    _json.map(lambda one: {"choices": [{"delta": {"content": one, "reasoning": one}}]}),
    _json.map(lambda one: {"choices": [{"finish_reason": one, "text": "t"}], "usage": one}),
)
_maybe = st.sampled_from([None, 0, 1, "", "stop", [], {}, {"prompt_tokens": 1}])
_content = st.sampled_from(["ab", "", None, ["x"], [{"type": "text", "text": "t"}]])
_choice = st.fixed_dictionaries(
    {},
    optional={
        "index": _maybe,
        "finish_reason": _maybe,
        "text": _content,
        "delta": st.dictionaries(
            st.sampled_from(["content", "role", "reasoning", "tool_calls"]), _content, max_size=2
        )
        | _maybe,
        "message": st.just({"content": "m"}),
    },
)
_events = st.lists(
    st.fixed_dictionaries(
        {"choices": st.lists(_choice | _maybe, max_size=2) | _maybe},
        optional={"usage": _maybe, "error": _maybe, "model": st.sampled_from([None, "m", "n"])},
    )
    | _value,
    max_size=6,
)


@calm
@given(events=_events)
def test_the_quick_way_reads_what_the_long_one_reads(events: Any) -> None:
    one, other = OpenAiCollector(), OpenAiCollector()
    assert [one.take(event) for event in events] == [other._take(event) for event in events]
    assert (one.answering, one.alien, one.reason) == (other.answering, other.alien, other.reason)
    assert one.response((), None) == other.response((), None)


_data = _value.map(lambda value: b"data: " + json.dumps(value).encode() + b"\n\n")
_piece = st.one_of(
    st.binary(max_size=12),
    _data,
    _value.map(lambda value: json.dumps(value).encode()),
    st.sampled_from(
        [
            b"\n", b"\r", b"\r\n", b"\n\n", b"data:", b"data: x", b"data: [DONE]\n\n", b":",
            b": ping\n\n", b"event: error\n", b"event: x\n", b"id: 1\n", b"error: {}\n\n",
            b"\xef\xbb\xbf", b" ", b"{", b"<title>x</title>",
            b'data: {"choices":[{"delta":{"content":"ab"},"finish_reason":"stop"}]}\n\n',
        ]
    ),
)  # fmt: skip
_body = st.lists(_piece, max_size=8).map(b"".join)
_cuts = st.lists(st.integers(0, 400), max_size=6)


def _chunks(body: bytes, cuts: list[int]) -> list[bytes]:
    ends = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    return [body[start:end] for start, end in pairwise(ends)] if body else []


@calm
@given(
    body=_body,
    cuts=_cuts,
    status=st.sampled_from([200, 200, 200, 201, 204, 301, 404, 500, 0, 999]),
    content_type=st.sampled_from(["", "text/event-stream", "application/json", "text/html"]),
)
def test_never_raises_and_cuts_do_not_matter(
    replay: Any, body: bytes, cuts: list[int], status: int, content_type: str
) -> None:
    generation = {"stop": ["b", "\n"]}
    options = {"status": status, "content_type": content_type, "generation": generation}
    whole: tuple[Response, int] = replay(body, **options)
    assert replay(*_chunks(body, cuts), **options) == whole
    response, tokens = whole
    assert tokens >= 0
    # Whatever came can be written to a file.
    fault = response.fault
    for text in (
        response.text,
        response.reasoning or "",
        response.model or "",
        *((fault.message, fault.body or "") if fault else ()),
    ):
        text.encode("utf-8")


@calm
@given(value=_value)
def test_never_raises_on_any_event(replay: Any, value: Any) -> None:
    text = json.dumps(value).encode()
    for body in (b"data: " + text + b"\n\n", text):
        for status in (200, 400):
            assert isinstance(replay(body, status=status)[0], Response)


@pytest.mark.parametrize("key", ["error", "choices", "delta", "detail", "usage", "model"])
@pytest.mark.parametrize("depth", [200, 300, 900, 1000, 5000, 100_000])
def test_never_raises_on_deep_nesting(replay: Any, key: str, depth: int) -> None:
    start = f'{{"{key}":'.encode()
    for text in (start * depth + b"1" + b"}" * depth, start + b"[" * depth + b"]" * depth + b"}"):
        for body in (b"data: " + text + b"\n\n", b"event: error\ndata: " + text + b"\n\n", text):
            for status in (200, 400):
                assert replay(body, status=status)[0].fault is not None


@calm
@given(pieces=st.lists(_piece, max_size=10), cuts=_cuts)
def test_blocks_are_the_parsers_events(pieces: list[bytes], cuts: list[int]) -> None:
    """The fast path sees what core's parser sees; a byte-order mark is the decoder's matter."""
    body = b"\n" + b"".join(pieces)
    slow = SseParser()
    expected = slow.feed(body)
    expected += slow.flush()
    blocks = Blocks()
    found: list[SseEvent] = []
    for chunk in _chunks(body, cuts):
        for block in blocks.feed(chunk):
            found += blocks.events(block)
    found += blocks.events(blocks.rest())
    assert found == expected
