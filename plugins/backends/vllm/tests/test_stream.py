"""Streams as servers that deviate send them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aisbench.api import FaultKind, FinishReason, Usage

DONE = b"data: [DONE]\n\n"


def event(choice: Any = None, **more: Any) -> bytes:
    """An event with one choice."""
    choices = {} if choice is None else {"choices": [choice]}
    return b"data: " + json.dumps({**choices, **more}).encode() + b"\n\n"


def delta(finish_reason: Any = None, index: Any = 0, **fields: Any) -> bytes:
    """A chat event."""
    return event({"index": index, "delta": fields, "finish_reason": finish_reason})


END = delta("stop")


@pytest.mark.parametrize(
    ("chunks", "text", "reasoning", "tokens"),
    [
        ([delta(content="a"), delta(content="b"), END, DONE], "ab", None, 2),
        ([delta(role="assistant", content=""), delta(content="a"), END, DONE], "a", None, 1),
        ([delta(content=None), delta(content="a"), END], "a", None, 1),
        ([delta(reasoning_content="r"), delta(content="a"), END], "a", "r", 2),
        ([delta(reasoning="r"), delta(content="a"), END], "a", "r", 2),
        ([delta(reasoning="r", reasoning_content="r"), END], "", "r", 1),
        ([delta(reasoning="r", reasoning_content=None, content=None), END], "", "r", 1),
        ([delta(reasoning="r", content="a"), END], "a", "r", 1),
        ([delta(reasoning="", content="a"), END], "a", None, 1),
        ([delta(refusal="No."), END], "", None, 1),
        ([delta(content=[{"type": "thinking", "thinking": [{"text": "r"}]}]), END], "", "r", 1),
        ([delta(reasoning_details=[{"type": "reasoning.text", "text": "r"}]), END], "", "r", 1),
        ([delta(tool_calls=[{"index": 0, "function": {"arguments": "{"}}]), END], "", None, 1),
        ([delta(tool_calls=[], function_call=None), END], "", None, 0),
        ([delta(function_call={"arguments": "{"}), END], "", None, 1),
        (
            [delta(content=[{"type": "text", "text": "a"}, {"type": "image"}, 3]), END],
            "a",
            None,
            1,
        ),
        ([event({"delta": {"content": ""}, "token_ids": [5]}), END], "", None, 1),
        ([event({"delta": {"content": ""}, "token_ids": []}), END], "", None, 0),
        ([event({"delta": {"content": "a"}}), END], "a", None, 1),  # no index
        ([delta(content="a"), delta(content="x", index=1), END], "a", None, 1),
        (
            [event({"index": 0, "text": "a"}), event({"text": "", "finish_reason": "stop"})],
            "a",
            None,
            1,
        ),
        ([event({"text": None}), END], "", None, 0),
        ([event({"message": {"content": "a"}, "finish_reason": "stop"})], "a", None, 1),
        ([b"data:" + delta(content="a")[6:], END, b"data:[DONE]\n\n"], "a", None, 1),
        ([b": ping\n\n", delta(content="a"), b": ping\n\n", END], "a", None, 1),
        ([b"id: 1\nevent: message\n" + delta(content="a"), b"retry: 5\n", END], "a", None, 1),
        ([b"event: heartbeat\ndata: now\n\n", delta(content="a"), END], "a", None, 1),
        ([b"event: ping\ndata: {}\n\n", delta(content="a"), END], "a", None, 1),
        ([b"data:\n\n", delta(content="a"), END], "a", None, 1),
        ([b"\n\n\n", delta(content="a"), b"\n\n", END], "a", None, 1),
        ([b'data: {"choices":\ndata: [{"text":"a","finish_reason":"stop"}]}\n\n'], "a", None, 1),
        ([event(choices=[], prompt_filter_results=[]), delta(content="a"), END], "a", None, 1),
        ([delta(content="a"), END, DONE, delta(content="late")], "a", None, 1),
        ([delta(content="a"), END, b"data: [DONE]"], "a", None, 1),
        ([delta(content="a"), END, b"data: [DONE]\n"], "a", None, 1),
        ([delta(content="a"), END[:-2]], "a", None, 1),
        ([delta(content="a"), END, b": bye"], "a", None, 1),
        ([b'data: {"choices":[{"text":"a","logprobs":NaN}]}\n\n', END], "a", None, 1),
    ],
)
def test_answers(
    replay: Any, chunks: list[bytes], text: str, reasoning: str | None, tokens: int
) -> None:
    for parts in (chunks, [b"".join(chunks)]):
        response, counted = replay(*parts)
        assert response.fault is None
        assert (response.text, response.reasoning, counted) == (text, reasoning, tokens)
        assert response.finish_reason is FinishReason.STOP


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("stop", FinishReason.STOP),
        ("eos_token", FinishReason.STOP),
        ("EOS", FinishReason.STOP),
        ("stop_sequence", FinishReason.STOP),
        ("length", FinishReason.LENGTH),
        ("max_tokens", FinishReason.LENGTH),
        ("tool_calls", FinishReason.TOOL_CALLS),
        ("function_call", FinishReason.TOOL_CALLS),
        ("content_filter", FinishReason.CONTENT_FILTER),
        ("repetition", FinishReason.OTHER),
        ({"type": "stop"}, FinishReason.OTHER),
        (7, FinishReason.OTHER),
    ],
)
def test_finish_reasons(replay: Any, word: Any, reason: FinishReason) -> None:
    response, _ = replay(delta(content="a"), delta(word))
    assert (response.finish_reason, response.fault) == (reason, None)


@pytest.mark.parametrize("word", ["abort", "error"])
def test_given_up(replay: Any, word: str) -> None:
    response, _ = replay(delta(content="a"), delta(word), DONE)
    assert (response.text, response.finish_reason) == ("a", FinishReason.OTHER)
    assert response.fault.kind is FaultKind.SERVER
    assert word in response.fault.message


def test_done_without_finish_reason(replay: Any) -> None:
    """vllm-mlx sends none at a natural stop (waybarrios/vllm-mlx issue 628)."""
    response, _ = replay(delta(content="a"), DONE)
    assert (response.text, response.finish_reason, response.fault) == ("a", None, None)


@pytest.mark.parametrize(
    ("usages", "expected"),
    [
        (
            [{"prompt_tokens": 3, "completion_tokens": 2}],
            Usage(prompt_tokens=3, completion_tokens=2),
        ),
        (
            [{"prompt_tokens": 3}, {"completion_tokens": 0}],
            Usage(prompt_tokens=3, completion_tokens=0),
        ),
        ([{"completion_tokens": 1}, {"completion_tokens": 2}], Usage(completion_tokens=2)),
        (
            [
                {
                    "prompt_tokens_details": {"cached_tokens": 7},
                    "completion_tokens_details": {"reasoning_tokens": 0},
                }
            ],
            Usage(cached_tokens=7, reasoning_tokens=0),
        ),
        ([{"prompt_tokens_details": None, "prompt_tokens": None}], Usage()),
        ([{"prompt_tokens": "3", "completion_tokens": True}, 5, [], None], Usage()),
        ([{"prompt_tokens": -1, "prompt_tokens_details": 4}], Usage()),
    ],
)
def test_usage(replay: Any, usages: list[Any], expected: Usage) -> None:
    parts = [event(choices=[], usage=usage) for usage in usages]
    response, tokens = replay(delta(content="a"), END, *parts, DONE)
    assert (response.usage, response.fault, tokens) == (expected, None, 1)


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "text/plain", "TEXT/EVENT-STREAM"]
)
def test_stream_under_any_content_type(replay: Any, content_type: str) -> None:
    response, tokens = replay(delta(content="a"), END, content_type=content_type)
    assert (response.text, tokens, response.fault) == ("a", 1, None)


@pytest.mark.parametrize("content_type", ["", "application/json", "text/event-stream"])
def test_json_although_a_stream_was_asked(replay: Any, content_type: str) -> None:
    body = b' \n{"choices":[{"message":{"content":"a","reasoning":"r"},"finish_reason":"stop"}]}\n'
    for parts in ([body], [body[:1], body[1:5], body[5:]], [b"\xef\xbb\xbf" + body]):
        response, tokens = replay(*parts, content_type=content_type)
        assert (response.text, response.reasoning, response.fault) == ("a", "r", None)
        assert tokens == 0


def test_surrogate_pair_in_two_events(replay: Any) -> None:
    response, tokens = replay(delta(content="\ud83d"), delta(content="\ude00"), END)
    assert (response.text, tokens) == ("😀", 2)
    response, _ = replay(delta(content="a\ud83d"), END)
    assert response.text == "a\ufffd"


STOPPED = [
    delta(content="4\n"),
    delta(content="\nQues"),
    delta(content="tion: 5"),
    delta("length"),
]


@pytest.mark.parametrize(
    ("generation", "text", "reason"),
    [
        ({}, "4\n\nQuestion: 5", FinishReason.LENGTH),
        ({"stop": "\n\nQuestion"}, "4", FinishReason.STOP),
        ({"stop": ["Question", "\n"]}, "4", FinishReason.STOP),
        ({"stop": ["x", ""]}, "4\n\nQuestion: 5", FinishReason.LENGTH),
        ({"stop": " 5"}, "4\n\nQuestion:", FinishReason.STOP),
        (
            {"stop": "\n", "include_stop_str_in_output": True},
            "4\n\nQuestion: 5",
            FinishReason.LENGTH,
        ),
        ({"stop": "\n", "no_stop_trim": True}, "4\n\nQuestion: 5", FinishReason.LENGTH),
        ({"stop": "\n", "min_tokens": 9}, "4\n\nQuestion: 5", FinishReason.LENGTH),
    ],
)
def test_text_ends_before_stop(
    replay: Any, generation: dict[str, Any], text: str, reason: FinishReason
) -> None:
    response, tokens = replay(delta(reasoning="a\n\nQuestion"), *STOPPED, generation=generation)
    assert (response.text, response.finish_reason, tokens) == (text, reason, 4)
    assert response.reasoning == "a\n\nQuestion"
