"""What is sent to a server of the Messages API, and what is made of its answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import (
    AisbenchError,
    ContentPart,
    FaultKind,
    FinishReason,
    HttpRequest,
    Media,
    Message,
    Prompt,
    Request,
    Response,
    Secret,
    Tool,
    ToolCall,
)
from aisbench_plugin_anthropic.backend import MessagesBackend
from aisbench_plugin_anthropic.settings import AnthropicSettings

USER = Message(role="user", content="Weather?")


def asked(prompt: Prompt | None = None, *, stream: bool = False, **generation: Any) -> Request:
    return Request(
        key="k", sample_id="1", repeat=0, turn=0, model="m", generation=generation, stream=stream,
        prompt=prompt or Prompt(messages=(USER,)), seed=7,
    )  # fmt: skip


def body(request: Request, **settings: Any) -> dict[str, Any]:
    wire = MessagesBackend(AnthropicSettings(**settings)).encode(request)
    assert wire.headers["anthropic-version"] == "2023-06-01"
    made: dict[str, Any] = json.loads(wire.body)
    return made


def read(data: bytes, *, stream: bool, cuts: int = 0) -> tuple[Response, int]:
    decoder = MessagesBackend(AnthropicSettings()).decoder(asked(stream=stream))
    decoder.start(200, "text/event-stream" if stream else "application/json")
    step = cuts or len(data) or 1
    events = sum(decoder.feed(data[at : at + step]) for at in range(0, len(data), step))
    return decoder.finish(), events


def sse(*events: dict[str, Any]) -> bytes:
    return b"".join(
        f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in events
    )


def test_a_chat_with_tools_and_pictures() -> None:
    call = ToolCall(id="t1", name="weather", arguments='{"city": "Bern"}')
    other = ToolCall(id="t2", name="weather", arguments="")
    prompt = Prompt(
        messages=(
            Message(role="system", content="Be short."),
            Message(
                role="user",
                content=(
                    ContentPart(media=Media(kind="image", base64="iVBO", mime="image/png")),
                    ContentPart(media=Media(kind="image", url="https://example.com/a.png")),
                    ContentPart(text="Where?"),
                ),
            ),
            Message(role="assistant", content="I look.", tool_calls=(call, other)),
            Message(role="tool", content="It rains.", tool_call_id="t1"),
            Message(role="tool", content="It snows.", tool_call_id="t2"),
            USER,
        ),
        tools=(Tool(name="weather", description="Tells it.", parameters={"type": "object"}),),
        tool_choice="required",
        stop=("\n\n", "END"),
    )
    made = body(asked(prompt, stream=True, temperature=0.5))
    assert made["system"] == "Be short."
    assert made["max_tokens"] == 4096
    assert made["stop_sequences"] == ["END"]
    assert (made["temperature"], made["stream"], made["model"]) == (0.5, True, "m")
    assert made["tools"][0]["input_schema"] == {"type": "object"}
    assert made["tool_choice"] == {"type": "any"}
    first, second, third, last = made["messages"]
    assert [one["source"]["type"] for one in first["content"][:2]] == ["base64", "url"]
    assert first["content"][0]["source"]["media_type"] == "image/png"
    assert [one["type"] for one in second["content"]] == ["text", "tool_use", "tool_use"]
    assert [one["input"] for one in second["content"][1:]] == [{"city": "Bern"}, {}]
    assert [one["tool_use_id"] for one in third["content"]] == ["t1", "t2"]
    assert last == {"role": "user", "content": "Weather?"}


def test_what_cannot_be_sent() -> None:
    backend = MessagesBackend(AnthropicSettings())
    sound = ContentPart(media=Media(kind="audio", base64="UklG", mime="audio/wav"))
    for prompt in (
        Prompt(text="a"),
        Prompt(messages=(USER,), continuation="b"),
        Prompt(messages=(Message(role="user", content=(sound,)),)),
        Prompt(messages=(Message(role="assistant", content="", tool_calls=(
            ToolCall(id="1", name="f", arguments="[1]"),)),)),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"Messages API|no JSON object"):
            backend.encode(asked(prompt))
    assert set(backend.refused({"stop": ["\n"], "seed": 1, "logprobs": 2, "min_tokens": 3})) == {
        "stop", "seed", "logprobs", "min_tokens",
    }  # fmt: skip
    assert not backend.refused({"max_tokens": 5, "thinking": {"type": "disabled"}, "stop": "x"})


def test_the_key_goes_to_the_wire_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = MessagesBackend(AnthropicSettings(key=Secret("OUR_KEY"), beta=("a", "b")))
    wire = backend.encode(asked())
    assert wire.headers["anthropic-beta"] == "a,b"
    assert "x-api-key" not in wire.headers
    ask = HttpRequest(method="GET", path="/")
    monkeypatch.setenv("OUR_KEY", "secret")
    assert backend.sign(ask, "http://x/") == {"x-api-key": "secret"}
    monkeypatch.delenv("OUR_KEY")
    with pytest.raises(AisbenchError, match="OUR_KEY is not set"):
        backend.sign(ask, "http://x/")


STREAM = sse(
    {"type": "message_start", "message": {"type": "message", "content": [], "model": "m",
     "usage": {"input_tokens": 9, "cache_creation_input_tokens": 100,
               "cache_read_input_tokens": 2000, "output_tokens": 1}}},
    {"type": "ping"},
    {"type": "content_block_start", "index": 0,
     "content_block": {"type": "thinking", "thinking": "", "signature": ""}},
    {"type": "content_block_delta", "index": 0,
     "delta": {"type": "thinking_delta", "thinking": "A city."}},
    {"type": "content_block_delta", "index": 0,
     "delta": {"type": "signature_delta", "signature": "c2ln"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "I "}},
    {"type": "content_block_start", "index": 2,
     "content_block": {"type": "tool_use", "id": "t1", "name": "weather", "input": {}}},
    {"type": "content_block_delta", "index": 2,
     "delta": {"type": "input_json_delta", "partial_json": ""}},
    {"type": "content_block_delta", "index": 2,
     "delta": {"type": "input_json_delta", "partial_json": '{"city": '}},
    {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "look."}},
    {"type": "content_block_delta", "index": 2,
     "delta": {"type": "input_json_delta", "partial_json": '"Bern"}'}},
    {"type": "content_block_stop", "index": 1},
    {"type": "content_block_start", "index": 3,
     "content_block": {"type": "tool_use", "id": "t2", "name": "time", "input": {}}},
    {"type": "message_delta", "delta": {"stop_reason": "tool_use"},
     "usage": {"output_tokens": 33}},
    {"type": "message_stop"},
)  # fmt: skip


@pytest.mark.parametrize("cuts", [0, 1, 7, 100])
def test_a_stream_of_thinking_text_and_calls(cuts: int) -> None:
    response, events = read(STREAM, stream=True, cuts=cuts)
    assert response.fault is None
    assert events == 5
    assert (response.text, response.reasoning) == ("I look.", "A city.")
    assert response.tool_calls == (
        ToolCall(id="t1", name="weather", arguments='{"city": "Bern"}'),
        ToolCall(id="t2", name="time", arguments="{}"),
    )
    usage = response.usage
    assert (usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens) == (2109, 2000, 33)
    assert response.finish_reason is FinishReason.TOOL_CALLS


def test_the_answer_begins_behind_the_thinking() -> None:
    decoder = MessagesBackend(AnthropicSettings()).decoder(asked(stream=True))
    decoder.start(200, "text/event-stream")
    at = STREAM.index(b'"index": 1')
    decoder.feed(STREAM[: STREAM.rindex(b"event: content_block_start", 0, at)])
    assert not decoder.answer_begun
    decoder.feed(STREAM[STREAM.rindex(b"event: content_block_start", 0, at) :])
    assert decoder.answer_begun
    assert decoder.complete


def test_answers_that_break() -> None:
    response, _ = read(STREAM[: STREAM.index(b"event: message_stop")], stream=True)
    assert response.fault is not None
    assert response.fault.kind is FaultKind.CUT
    assert response.text == "I look."
    failed = sse({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
    response, _ = read(STREAM[: STREAM.index(b"event: ping")] + failed, stream=True)
    assert response.fault is not None
    assert (response.fault.kind, response.fault.message) == (FaultKind.SERVER, "Overloaded")
    response, _ = read(b'{"choices": [{"text": "no"}]}', stream=False)
    assert response.fault is not None
    assert response.fault.kind is FaultKind.PROTOCOL


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("end_turn", FinishReason.STOP),
        ("stop_sequence", FinishReason.STOP),
        ("max_tokens", FinishReason.LENGTH),
        ("model_context_window_exceeded", FinishReason.LENGTH),
        ("refusal", FinishReason.REFUSAL),
        ("something new", FinishReason.OTHER),
    ],
)
def test_why_it_stopped(told: str, reason: FinishReason) -> None:
    message = {"type": "message", "content": [{"type": "text", "text": "x"}], "stop_reason": told}
    response, events = read(json.dumps(message).encode(), stream=False)
    assert (response.text, response.finish_reason, events) == ("x", reason, 0)
    assert response.usage.prompt_tokens is None


def test_the_recorded_whole_message() -> None:
    data = (Path(__file__).parent / "recorded" / "message.json").read_bytes()
    response, _ = read(data, stream=False)
    assert (response.text, response.reasoning) == ("Grüße", "A greeting.")
    assert response.usage.prompt_tokens == 2109
