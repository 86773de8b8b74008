"""The answers have the shape of vLLM's, as recorded from vLLM 0.32."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

CHAT = (
    '{"id":"chatcmpl-af9c0b319bd5146b","object":"chat.completion","created":1795207196,'
    '"model":"tiny","choices":[{"index":0,"message":{"role":"assistant","content":" implied",'
    '"refusal":null,"annotations":null,"audio":null,"function_call":null,"reasoning":null},'
    '"logprobs":null,"finish_reason":"length","stop_reason":null,"token_ids":null,'
    '"routed_experts":null}],"service_tier":null,"system_fingerprint":"vllm-0.32.0-7363b138",'
    '"usage":{"prompt_tokens":16,"total_tokens":20,"completion_tokens":4,'
    '"prompt_tokens_details":null,"completion_tokens_details":null},"prompt_logprobs":null,'
    '"prompt_token_ids":null,"prompt_text":null,"kv_transfer_params":null,'
    '"ec_transfer_params":null,"metrics":null}'
)
TEXT = (
    '{"id":"cmpl-9f6376a7f9879375","object":"text_completion","created":1795207170,'
    '"model":"tiny","choices":[{"index":0,"text":"ajoramhave anything we","logprobs":null,'
    '"finish_reason":"length","stop_reason":null,"token_ids":null,"prompt_logprobs":null,'
    '"prompt_token_ids":null,"routed_experts":null}],"service_tier":null,'
    '"system_fingerprint":"vllm-0.32.0-7363b138","usage":{"prompt_tokens":4,"total_tokens":9,'
    '"completion_tokens":5,"prompt_tokens_details":null,"completion_tokens_details":null},'
    '"kv_transfer_params":null,"ec_transfer_params":null,"metrics":null}'
)
CHAT_STREAM = (
    '{"id":"x","object":"chat.completion.chunk","created":1,"model":"tiny","choices":[{"index":0,'
    '"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],'
    '"prompt_token_ids":null,"prompt_text":null}',
    '{"id":"x","object":"chat.completion.chunk","created":1,"model":"tiny","choices":[{"index":0,'
    '"delta":{"content":" implied"},"logprobs":null,"finish_reason":null,"token_ids":null}]}',
    '{"id":"x","object":"chat.completion.chunk","created":1,"model":"tiny","choices":[{"index":0,'
    '"delta":{"content":" cases"},"logprobs":null,"finish_reason":"length","stop_reason":null,'
    '"token_ids":null}],"system_fingerprint":"vllm-0.32.0-7363b138"}',
)
CHAT_USAGE = (
    '{"id":"x","object":"chat.completion.chunk","created":1,"model":"tiny","choices":[{"index":0,'
    '"delta":{"content":" cases"},"logprobs":null,"finish_reason":"length","stop_reason":null,'
    '"token_ids":null}]}',
    '{"id":"x","object":"chat.completion.chunk","created":1,"model":"tiny","choices":[],'
    '"usage":{"prompt_tokens":16,"total_tokens":19,"completion_tokens":3},'
    '"system_fingerprint":"vllm-0.32.0-7363b138"}',
)
TEXT_STREAM = (
    '{"id":"x","object":"text_completion","created":1,"model":"tiny","choices":[{"index":0,'
    '"text":"ajor","logprobs":null,"finish_reason":null,"stop_reason":null,'
    '"prompt_token_ids":null,"token_ids":null}]}',
    '{"id":"x","object":"text_completion","created":1,"model":"tiny","choices":[{"index":0,'
    '"text":"have","logprobs":null,"finish_reason":"length","stop_reason":null,'
    '"prompt_token_ids":null,"token_ids":null}],"system_fingerprint":"vllm-0.32.0-7363b138"}',
)
TEXT_CONTINUOUS = (
    '{"id":"x","object":"text_completion","created":1,"model":"tiny","choices":[{"index":0,'
    '"text":"am","logprobs":null,"finish_reason":null,"stop_reason":null,"prompt_token_ids":null,'
    '"token_ids":null}],"usage":{"prompt_tokens":4,"total_tokens":6,"completion_tokens":2}}'
)


def shape(value: Any) -> Any:
    """The keys in their order and the types, without the values."""
    if isinstance(value, dict):
        return [(key, shape(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


def recorded(text: str) -> Any:
    return shape(json.loads(text))


def test_chat(serve: Callable[..., Any]) -> None:
    reply = serve().chat(max_tokens=4)
    assert shape(reply.json) == recorded(CHAT)
    assert reply.headers["content-type"] == "application/json"
    assert reply.json["usage"] == {
        "prompt_tokens": 2, "total_tokens": 6, "completion_tokens": 4,
        "prompt_tokens_details": None, "completion_tokens_details": None,
    }  # fmt: skip


def test_completion(serve: Callable[..., Any]) -> None:
    reply = serve().text(max_tokens=5)
    assert shape(reply.json) == recorded(TEXT)
    assert reply.json["choices"][0]["finish_reason"] == "length"


def test_chat_stream(serve: Callable[..., Any]) -> None:
    reply = serve().chat(max_tokens=3, stream=True)
    first, one, two, last = reply.events
    assert reply.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert reply.headers["transfer-encoding"] == "chunked"
    assert [shape(first), shape(one), shape(last)] == [recorded(text) for text in CHAT_STREAM]
    assert shape(two) == shape(one)
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert len({event["id"] for event in reply.events}) == 1


def test_chat_stream_with_usage(serve: Callable[..., Any]) -> None:
    reply = serve().chat(max_tokens=3, stream=True, stream_options={"include_usage": True})
    assert [shape(event) for event in reply.events[-2:]] == [recorded(text) for text in CHAT_USAGE]
    assert reply.events[-1]["usage"]["completion_tokens"] == 3


def test_completion_stream(serve: Callable[..., Any]) -> None:
    events = serve().text(max_tokens=3, stream=True).events
    assert [shape(events[0]), shape(events[-1])] == [recorded(text) for text in TEXT_STREAM]
    assert len(events) == 3


def test_usage_in_every_event(serve: Callable[..., Any]) -> None:
    options = {"include_usage": True, "continuous_usage_stats": True}
    api = serve()
    events = api.text(max_tokens=3, stream=True, stream_options=options).events
    assert shape(events[1]) == recorded(TEXT_CONTINUOUS)
    assert [event["usage"]["completion_tokens"] for event in events] == [1, 2, 3, 3]
    events = api.chat(max_tokens=3, stream=True, stream_options=options).events
    assert [event["usage"]["completion_tokens"] for event in events] == [0, 1, 2, 3, 3]


@pytest.mark.parametrize("chat", [True, False])
def test_stream_and_whole_are_equally_long(serve: Callable[..., Any], chat: bool) -> None:
    api = serve(output_tokens="5")
    ask = api.chat if chat else api.text
    events = ask(stream=True, max_tokens=9).events
    assert events[-1]["choices"][0]["finish_reason"] == "stop"
    whole = ask(max_tokens=9).json
    assert whole["choices"][0]["finish_reason"] == "stop"
    assert whole["usage"]["completion_tokens"] == 5
    assert len(events) == (7 if chat else 6)


def test_models_and_health(serve: Callable[..., Any]) -> None:
    api = serve(model=["tiny", "small"], max_model_len=2048)
    models = api.get("/v1/models").json
    assert [(item["id"], item["max_model_len"]) for item in models["data"]] == [
        ("tiny", 2048),
        ("small", 2048),
    ]
    assert api.get("/health").status == 200
    assert api.chat(model="small").json["model"] == "small"
    assert api.chat().json["model"] == "tiny"
    missing = api.get("/v1/nosuch")
    assert (missing.status, missing.json["detail"]) == (404, "Not Found")
    assert missing.json["error"]["code"] == "unknown_url"
    other = api.get("/v1/completions")
    assert (other.status, other.json["detail"]) == (405, "Method Not Allowed")
    assert other.json["error"]["code"] == "method_not_supported"
    assert other.headers["allow"] == "POST"
