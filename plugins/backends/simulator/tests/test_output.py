"""How long an answer is, where it stops, and where reasoning goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def text_of(events: list[Any]) -> str:
    return "".join(
        choice.get("text") or choice.get("delta", {}).get("content") or ""
        for event in events
        for choice in event["choices"]
    )


def test_length(serve: Callable[..., Any]) -> None:
    api = serve(output_tokens="20-30")
    lengths = {api.chat(f"Question {n}").json["usage"]["completion_tokens"] for n in range(50)}
    assert lengths <= set(range(20, 31))
    assert len(lengths) > 5
    # vLLM takes 16 for a completion that does not say.
    assert api.text().json["usage"]["completion_tokens"] == 16
    forced = api.chat(max_tokens=200, ignore_eos=True).json
    assert forced["usage"]["completion_tokens"] == 200
    assert forced["choices"][0]["finish_reason"] == "length"
    assert api.text(max_tokens=99, min_tokens=40).json["usage"]["completion_tokens"] == 40
    assert api.chat(max_completion_tokens=7).json["usage"]["completion_tokens"] == 7


def test_the_same_request_gets_the_same_answer(serve: Callable[..., Any]) -> None:
    api = serve()
    first, again, other = (api.chat(seed=n).json["choices"][0]["message"] for n in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize("stream", [True, False])
def test_stop(serve: Callable[..., Any], stream: bool) -> None:
    api = serve()
    body: dict[str, Any] = {"max_tokens": 40, "ignore_eos": True, "stream": stream}

    def answer(**more: object) -> tuple[str, Any, int]:
        reply = api.text(**body, **more)
        if stream:
            choices = [event["choices"][0] for event in reply.events if event["choices"]]
            return text_of(reply.events), choices[-1], len(reply.events)
        choice = reply.json["choices"][0]
        return choice["text"], choice, reply.json["usage"]["completion_tokens"]

    # "e" is in the fill text of any request.
    whole, last, _ = answer(stop=["#"])
    assert last["finish_reason"] == "length"
    assert last["stop_reason"] is None
    assert whole
    cut, last, tokens = answer(stop="e")
    assert "e" not in cut
    assert (last["finish_reason"], last["stop_reason"]) == ("stop", "e")
    assert tokens < 40
    kept, last, _ = answer(stop=["#", "e"], include_stop_str_in_output=True)
    assert kept.endswith("e")
    assert kept.count("e") == 1


def test_chunks_of_several_tokens(serve: Callable[..., Any]) -> None:
    api = serve(tokens_per_chunk=4)
    options = {"continuous_usage_stats": True}
    events = api.text(max_tokens=10, stream=True, stream_options=options).events
    assert [event["usage"]["completion_tokens"] for event in events] == [1, 5, 9, 10]


def test_no_chunk_is_lost(serve: Callable[..., Any]) -> None:
    api = serve(tokens_per_chunk=3, tpot_ms=1)
    events = api.chat(max_tokens=50, ignore_eos=True, stream=True).events
    assert len(text_of(events).split()) == 50


@pytest.mark.parametrize(
    ("mode", "key"), [("field", "reasoning"), ("field-content", "reasoning_content")]
)
def test_reasoning_in_its_field(serve: Callable[..., Any], mode: str, key: str) -> None:
    api = serve(reasoning=mode, reasoning_tokens="6", output_tokens="4")
    message = api.chat().json["choices"][0]["message"]
    assert len(message[key].split()) == 6
    assert len(message["content"].split()) == 4
    events = api.chat(stream=True, stream_options={"include_usage": True}).events
    deltas = [event["choices"][0]["delta"] for event in events if event["choices"]]
    assert [next(iter(delta)) for delta in deltas[1:]] == [key] * 6 + ["content"] * 5
    assert events[-1]["usage"]["completion_tokens"] == 10
    cut = api.chat(max_tokens=3).json["choices"][0]
    assert cut["message"]["content"] == ""
    assert cut["finish_reason"] == "length"
    # A completion has no such field.
    assert api.text().json["choices"][0]["text"].startswith("<think>\n")


def test_reasoning_in_the_text(serve: Callable[..., Any]) -> None:
    def text(mode: str) -> str:
        api = serve(reasoning=mode, reasoning_tokens="6", output_tokens="4")
        message = api.chat().json["choices"][0]["message"]
        assert message["reasoning"] is None
        return str(message["content"])

    opened, _, rest = text("inline").partition("\n")
    inside, _, answer = rest.partition("\n</think>\n")
    assert (opened, len(inside.split()), len(answer.split())) == ("<think>", 6, 4)
    missing = text("inline-open-missing")
    assert "<think>" not in missing
    assert missing.count("\n</think>\n") == 1
    unfinished = text("unfinished")
    assert unfinished.startswith("<think>\n")
    assert "</think>" not in unfinished


def test_some_answers_have_reasoning(serve: Callable[..., Any]) -> None:
    api = serve(reasoning="field", reasoning_share=0.5)
    have = [
        api.chat(f"Question {n}").json["choices"][0]["message"]["reasoning"] is not None
        for n in range(60)
    ]
    assert 15 < sum(have) < 45
