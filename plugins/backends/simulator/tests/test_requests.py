"""Requests that are refused, in the words of vLLM 0.32 where they were recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CHAT = "/v1/chat/completions"
TEXT = "/v1/completions"

RECORDED = [
    (
        TEXT,
        b'{"model":"nosuch","prompt":"x"}',
        b'{"error":{"message":"The model `nosuch` does not exist. Valid aliases: tiny.",'
        b'"type":"NotFoundError","param":"model","code":404}}',
    ),
    (
        TEXT,
        b'{"model":',
        b"{\"error\":{\"message\":\"1 validation error:\\n  {'type': 'json_invalid', 'loc': "
        b"'body.9', 'msg': 'JSON decode error', 'input': '<dict of 0 items>', 'ctx': {'error': "
        b'\'Expecting value\'}}","type":"Bad Request","param":"body.9","code":400}}',
    ),
    (
        TEXT,
        b'{"model":"tiny","prompt":"Hello there","max_tokens":5000}',
        b'{"error":{"message":"max_tokens=5000 cannot be greater than max_model_len=2048. Please '
        b'request fewer output tokens. (parameter=max_tokens, value=5000)",'
        b'"type":"BadRequestError","param":"max_tokens","code":400}}',
    ),
    (
        TEXT,
        b'{"model":"tiny","prompt":"Hello there","max_tokens":5,"temperature":-1}',
        b'{"error":{"message":"temperature must be non-negative, got -1.0. '
        b'(parameter=temperature, value=-1.0)","type":"BadRequestError","param":"temperature",'
        b'"code":400}}',
    ),
    (
        TEXT,
        b'{"model":"tiny","max_tokens":5}',
        b'{"error":{"message":"Either prompt or prompt_embeds must be provided and non-empty. '
        b'(parameter=prompt)","type":"BadRequestError","param":"prompt","code":400}}',
    ),
    (
        CHAT,
        b'{"model":"tiny","messages":[],"max_tokens":2}',
        b'{"error":{"message":"Cannot apply chat template to an empty conversation. Provide at '
        b'least one message.","type":"BadRequestError","param":null,"code":400}}',
    ),
]


@pytest.fixture
def api(serve: Callable[..., Any]) -> Any:
    return serve(model="tiny", max_model_len=2048)


def test_words_of_the_recording(api: Any) -> None:
    for path, body, said in RECORDED:
        reply = api.send("POST", path, body)
        assert reply.body == said
        assert reply.status == reply.json["error"]["code"]
        assert reply.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        (CHAT, {}, "body.messages"),
        (CHAT, {"messages": "Hello"}, "body.messages"),
        (CHAT, {"messages": ["Hello"]}, "body.messages.0"),
        (CHAT, {"messages": [{"role": "user"}], "n": 0}, "n"),
        (CHAT, {"messages": [{"role": "user"}], "max_completion_tokens": 0},
         "max_completion_tokens"),
        (CHAT, {"messages": [{"role": "user"}], "tools": [{}]}, "body.tools.0.function"),
        (CHAT, {"messages": [{"role": "user"}], "logprobs": 3}, "body.logprobs"),
        (CHAT, {"messages": [{"role": "user"}], "top_logprobs": 3}, "top_logprobs"),
        (TEXT, [], "body"),
        (TEXT, {"prompt": ""}, "prompt"),
        (TEXT, {"prompt": 5}, "body.prompt"),
        (TEXT, {"prompt": ["a", {}]}, "body.prompt.1"),
        (TEXT, {"prompt": "a", "logprobs": 21}, "logprobs"),
        (TEXT, {"prompt": "a", "max_tokens": "five"}, "body.max_tokens"),
        (TEXT, {"prompt": "a", "max_tokens": [5]}, "body.max_tokens"),
        (TEXT, {"prompt": "a", "stop": 5}, "body.stop"),
        (TEXT, {"prompt": "a", "temperature": "hot"}, "body.temperature"),
        (TEXT, {"prompt": "a", "stream_options": {"include_usage": True}}, "stream_options"),
        (TEXT, {"prompt": "a b " * 1100}, None),
        (TEXT, {"prompt": "a b " * 1000, "max_tokens": 100}, None),
    ],
)  # fmt: skip
def test_refused(api: Any, path: str, body: object, param: str | None) -> None:
    reply = api.post(path, body)
    assert reply.status == 400
    error = reply.json["error"]
    assert (error["param"], error["code"]) == (param, 400)
    assert set(error) == {"message", "type", "param", "code"}


def test_what_is_not_json_at_all(api: Any) -> None:
    for body in (b"", b"\xff\xfe", b'{"prompt": NaN}', b"[" * 100_000):
        assert api.send("POST", TEXT, body).status == 400


def test_forms_of_a_prompt(api: Any) -> None:
    assert api.text(["Hello there"]).json["usage"]["prompt_tokens"] == 2
    assert api.text([44, 73, 80]).json["usage"]["prompt_tokens"] == 3
    assert api.text("Hello", foo=1).status == 200
    parts = [{"type": "text", "text": "Hello"}, {"type": "text", "text": " there"}]
    messages = [{"role": "system", "content": "Be brief"}, {"role": "user", "content": parts}]
    reply = api.post(CHAT, {"messages": messages})
    assert reply.json["usage"]["prompt_tokens"] == 5


def test_key(serve: Callable[..., Any]) -> None:
    api = serve(api_key="sesame")
    for headers in ({}, {"Authorization": "Bearer open"}, {"Authorization": "sesame"}):
        reply = api.post(TEXT, {"prompt": "a"}, **headers)
        assert (reply.status, reply.json) == (401, {"error": "Unauthorized"})
    assert api.get("/v1/models").status == 401
    assert api.post(TEXT, {"prompt": "a"}, Authorization="Bearer sesame").status == 200
    assert api.get("/health").status == 200
    assert api.get("/simulator/config").json["api_key"] == "(set)"
    assert b"sesame" not in api.get("/simulator/config").body
