"""Content in parts, refusals, and what filters leave of an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.api import FaultKind, FinishReason, Response
from aisbench_plugin_vllm.content_parts import ContentParts

PARTS: list[tuple[Any, str, str, str, list[str]]] = [
    ("5 legs", "5 legs", "", "", []),
    (["5 ", "legs"], "5 legs", "", "", []),
    ([{"type": "text", "text": "5 "}, {"text": "legs"}], "5 legs", "", "", []),
    ([{"type": "output_text", "text": "5"}], "5", "", "", []),
    ([{"type": "reasoning", "text": "7?"}, {"type": "text", "text": "5"}], "5", "7?", "", []),
    ([{"type": "reasoning", "summary": [{"type": "summary_text", "text": "7?"}]}], "", "7?", "",
     []),
    ([{"type": "reasoning", "reasoning": "7?"}], "", "7?", "", []),
    ([{"type": "thinking", "thinking": "7?"}, {"type": "text", "text": "5"}], "5", "7?", "", []),
    ([{"type": "thinking", "thinking": [{"type": "text", "text": "7"}, {"text": "?"}]}], "", "7?",
     "", []),
    ([{"type": "redacted_thinking", "data": "x"}, {"type": "text", "text": "5"}], "5", "", "",
     []),
    ([{"type": "text", "text": "5"}, {"type": "reference", "reference_ids": [1]}], "5", "", "",
     []),
    ([{"type": "refusal", "refusal": "No."}], "", "", "No.", []),
    ([{"type": "text", "text": "5"}, {"type": "image_url", "image_url": {"url": "x"}}], "5", "",
     "", ["a part of type 'image_url'"]),
    ([{"type": "citation", "text": "7"}, {"type": "text", "text": "5"}], "5", "", "",
     ["a part of type 'citation'"]),
    ([7, None, {"type": 3}], "", "", "",
     ["a part that is int without a type", "a part that is NoneType without a type",
      "a part that is dict without a type"]),
    ({"text": "5"}, "", "", "", ["content that is dict, not text"]),
]  # fmt: skip


def body(message: dict[str, Any], finish: str = "stop", **more: Any) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    return json.dumps(
        {"object": "chat.completion", "model": "m", "choices": [choice | more]}
    ).encode()


def stream(*deltas: dict[str, Any], finish: str = "stop") -> bytes:
    chunks = [{"choices": [{"index": 0, "delta": one, "finish_reason": None}]} for one in deltas]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    return b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in chunks)


@pytest.mark.parametrize(("content", "text", "reasoning", "refusal", "odd"), PARTS)
def test_contents(
    replay: Any, content: Any, text: str, reasoning: str, refusal: str, odd: list[str]
) -> None:
    for sent in (body({"content": content}), stream({"content": content})):
        response: Response = replay(sent)[0]
        assert response.fault is None
        assert (response.text, response.reasoning or "") == (text, reasoning)
        assert response.refusal == (refusal or None)
        assert list(response.ignored) == odd


def test_reasoning_under_every_name_once(replay: Any) -> None:
    details = [{"type": "reasoning.text", "text": "7?"}, {"type": "reasoning.encrypted"}]
    for name, value in (
        ("reasoning_content", "7?"), ("reasoning", "7?"), ("thinking", "7?"),
        ("reasoning", [{"type": "text", "text": "7?"}]), ("reasoning_details", details),
    ):  # fmt: skip
        response = replay(body({"content": "5", name: value}))[0]
        assert (response.text, response.reasoning) == ("5", "7?")
    both = {"content": "5", "reasoning": "7?", "reasoning_details": details}
    assert replay(body(both))[0].reasoning == "7?"


def test_refusals(replay: Any) -> None:
    no = {"content": None, "refusal": "No, not even 4."}
    response = replay(body(no))[0]
    assert (response.text, response.refusal) == ("", "No, not even 4.")
    parts = replay(stream({"refusal": "No, "}, {"refusal": "not even 4."}))[0]
    assert (parts.text, parts.refusal) == ("", "No, not even 4.")
    assert replay(body({"content": "5", "refusal": None}))[0].refusal is None
    assert replay(body({"content": "5", "refusal": ""}))[0].refusal is None


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("content_filter", FinishReason.CONTENT_FILTER),
        ("content-filter", FinishReason.CONTENT_FILTER),
        ("SAFETY", FinishReason.CONTENT_FILTER),
        ("PROHIBITED_CONTENT", FinishReason.CONTENT_FILTER),
        ("sensitive", FinishReason.CONTENT_FILTER),
        ("guardrail_intervened", FinishReason.CONTENT_FILTER),
        ("refusal", FinishReason.REFUSAL),
        ("MAX_TOKENS", FinishReason.LENGTH),
        ("model_context_window_exceeded", FinishReason.LENGTH),
        ("repetition", FinishReason.OTHER),
    ],
)
def test_why_an_answer_ended(replay: Any, word: str, reason: FinishReason) -> None:
    for sent in (body({"content": "It has 4 and"}, word), stream({"content": "It"}, finish=word)):
        response = replay(sent)[0]
        assert response.fault is None
        assert response.finish_reason is reason


@pytest.mark.parametrize("word", ["abort", "error", "insufficient_system_resource"])
def test_answers_that_the_server_gave_up(replay: Any, word: str) -> None:
    assert replay(body({"content": "It has 4 and"}, word))[0].fault.kind is FaultKind.SERVER


FILTERED = {"hate": {"filtered": True, "severity": "high"}}
BLOCKED = {"error": {"code": "content_filter", "message": "Blocked by label Demo."}}


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        # Azure, of a prompt.
        ({"error": {"message": "The response was filtered due to the prompt.", "type": None,
                    "code": "content_filter", "status": 400,
                    "innererror": {"code": "ResponsibleAIPolicyViolation",
                                   "content_filter_result": FILTERED}}},
         "The response was filtered due to the prompt."),
        ({"error": {"message": "", "code": "content_filter"}}, "content_filter"),
        ({"error": {"code": "x", "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
         "ResponsibleAIPolicyViolation"),
        # A completion with status 400.
        (json.loads(body({"content": ""}, "content_filter", content_filter_results=BLOCKED)),
         "Blocked by label Demo."),
        (json.loads(body({"content": "It"}, "content_filter")), "content_filter"),
        (json.loads(body({"content": None, "refusal": "I cannot."})), "I cannot."),
    ],
)  # fmt: skip
def test_errors_of_filters(replay: Any, sent: Any, told: str) -> None:
    fault = replay(json.dumps(sent).encode(), status=400)[0].fault
    assert (fault.kind, fault.status) == (FaultKind.HTTP, 400)
    assert told in fault.message


_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "text", "thinking", "refusal", "summary", "content"])
            | st.text(max_size=2),
            inner | st.sampled_from(["text", "reasoning", "thinking", "refusal", "x"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_value)
def test_any_content_is_read_or_told(content: Any) -> None:
    parts = ContentParts()
    parts.add(content)
    parts.think(content)
    parts.decline(content)
    assert all(isinstance(one, str) for one in (*parts.text, *parts.reasoning, *parts.refusal))
