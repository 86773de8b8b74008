"""Replays what real servers sent, whole and cut in every way."""

from __future__ import annotations

import random
from typing import Any

import pytest

from aisbench.api import Fault, FaultKind, FinishReason, Usage

LENGTH, STOP = FinishReason.LENGTH, FinishReason.STOP

# name -> text, events with tokens, finish_reason, prompt tokens, completion tokens
ANSWERS: dict[str, tuple[str, int, FinishReason, int | None, int | None]] = {
    "vllm-chat: non-streaming": (" impliedea cases we", 0, LENGTH, 16, 4),
    "vllm-chat: streaming": (" impliedea cases", 3, LENGTH, None, None),
    "vllm-chat: streaming include_usage": (" impliedea cases", 3, LENGTH, 16, 3),
    "vllm-chat: streaming logprobs": (" impliedea", 2, LENGTH, None, None),
    "vllm-chat: n=2 streaming": (" cont sub", 2, LENGTH, None, None),
    "vllm-chat-tools: tools named tool_choice, streaming": ("", 5, LENGTH, 16, 40),
    "vllm-chat-tools: tools named, max_tokens 60 (complete call)": ("", 0, STOP, 16, 42),
    "vllm-completions: non-streaming": ("ajoramhave anything we", 0, LENGTH, 4, 5),
    "vllm-completions: streaming": ("ajoramhave", 3, LENGTH, None, None),
    "vllm-completions: streaming include_usage": ("ajoramhave", 3, LENGTH, 4, 3),
    "vllm-completions: streaming include_usage + continuous_usage_stats": (
        ("ajoramhave", 3, LENGTH, 4, 3)
    ),
    "vllm-completions: n=2": ("jor own", 0, LENGTH, 3, 4),
    "vllm-completions: stop": ("ajoramhav", 0, STOP, 4, 3),
    "transformers-chat: chat, streaming": ("\x1a infringe id modify", 4, LENGTH, 16, 4),
    "transformers-chat: chat, stop": ("\x1a infring", 0, STOP, 16, 2),
    "transformers-completions: completions, streaming + include_usage": (
        ("\ufffd some peer", 2, LENGTH, 4, 3)
    ),
    "transformers-completions: completions, stop string": ("\ufffd som", 0, STOP, 4, 2),
    "llamacpp-chat: streaming": (" impliedea cases", 3, LENGTH, None, None),
    "llamacpp-chat: non-streaming": (" impliedea cases we", 0, LENGTH, 15, 4),
    "llamacpp-completions: streaming include_usage": ("ajoramhave", 3, LENGTH, None, None),
    "llamacpp-completions: stop": ("ajoramhav", 0, STOP, 4, 3),
}

# name -> status, message
ERRORS = {
    "vllm-chat: empty messages": (
        (400, "Cannot apply chat template to an empty conversation. Provide at least one message.")
    ),
    "vllm-completions-errors: unknown model": (
        (404, "The model `nosuch` does not exist. Valid aliases: tiny.")
    ),
    "transformers-chat: chat, unknown model": (
        (400, "Server is pinned to 'TINY_MODEL'; requested 'nosuch'.")
    ),
    "transformers-chat: chat, bad json": (422, "body.9: JSON decode error"),
    "transformers-chat: chat, missing messages": (500, "Internal Server Error"),
    "llamacpp-completions: too long": (500, "internal_server_error"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answer(name: str, recordings: Any, replay: Any) -> None:
    text, events, reason, prompt, completion = ANSWERS[name]
    response, tokens = replay.recorded(recordings[name])
    assert response.fault is None
    assert (response.text, tokens, response.finish_reason) == (text, events, reason)
    assert response.usage == Usage(prompt_tokens=prompt, completion_tokens=completion)
    assert response.model in ("tiny", "TINY_MODEL@main", None)
    assert response.reasoning is None


@pytest.mark.parametrize("name", ERRORS)
def test_error(name: str, recordings: Any, replay: Any) -> None:
    status, message = ERRORS[name]
    recording = recordings[name]
    response, tokens = replay.recorded(recording)
    assert tokens == 0
    assert response.fault == Fault(
        kind=FaultKind.HTTP,
        message=message,
        status=status,
        body=recording.body.decode(),
    )


def test_every_recording_is_an_answer_or_an_http_error(answer: Any, replay: Any) -> None:
    response, _ = replay.recorded(answer)
    if answer.status == 200:
        assert response.fault is None
        assert response.finish_reason is not None
    else:
        assert response.fault.kind is FaultKind.HTTP


def test_cut_into_two_anywhere(answer: Any, replay: Any) -> None:
    expected = replay.recorded(answer)
    body = answer.body
    for at in range(len(body) + 1):
        assert replay.recorded(answer, body[:at], body[at:]) == expected, at


@pytest.mark.parametrize("line_end", [b"\r\n", b"\r"])
def test_other_line_ends(stream: Any, replay: Any, line_end: bytes) -> None:
    expected = replay.recorded(stream)
    body = stream.body.replace(b"\n", line_end)
    for at in range(len(body) + 1):
        assert replay.recorded(stream, body[:at], body[at:]) == expected, at


def test_cut_into_many(stream: Any, replay: Any) -> None:
    expected = replay.recorded(stream)
    source = random.Random(7)
    for _ in range(30):
        for body in (
            stream.body,
            stream.body.replace(b"\n", b"\r\n"),
            b"\xef\xbb\xbf" + stream.body,
        ):
            chunks = []
            while body:
                size = source.choice((1, 1, 2, 7, 60, 300))
                chunks.append(body[:size])
                body = body[size:]
            assert replay.recorded(stream, *chunks) == expected


def test_content_type_does_not_matter(answer: Any, replay: Any) -> None:
    if answer.status != 200:
        return
    expected, tokens = replay.recorded(answer)
    stop = (answer.sent or {}).get("stop")
    for content_type in ("", "application/json", "text/event-stream", "text/plain"):
        assert replay(
            answer.body, content_type=content_type, generation={"stop": stop} if stop else None
        ) == (expected, tokens)


def test_stream_that_ends_early_is_cut(stream: Any, replay: Any) -> None:
    """Every proper prefix is a cut answer, until the finish_reason and its event are whole."""
    # Every recorded stream ends at its limit of tokens.
    end = stream.body.index(b'"length"')
    whole, _ = replay.recorded(stream)
    for at in range(1, end):
        response, _ = replay.recorded(stream, stream.body[:at])
        assert response.fault is not None
        assert response.fault.kind is FaultKind.CUT, at
        assert whole.text.startswith(response.text)


def test_models(recordings: Any, chat: Any) -> None:
    assert chat.parse_models(recordings["vllm-misc: GET v1/models"].body) == ["tiny"]
    empty = recordings["transformers-misc: models, with HF_HOME/hub existing"]
    assert chat.parse_models(empty.body) == []
    with pytest.raises(ValueError, match="not an OpenAI list"):
        chat.parse_models(recordings["transformers-misc: models"].body)
