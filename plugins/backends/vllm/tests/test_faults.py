"""What becomes of answers that are none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aisbench.api import FaultKind

PART = b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n'
END = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error":{"message":"no such model","code":404}}', "no such model"),
        (b'{"error":"busy"}', "busy"),
        (b'{"error":{"message":"","type":"overloaded"}}', "overloaded"),
        (b'{"error":{"error":{"message":"deep"}}}', "deep"),
        (b'{"detail":"Not Found"}', "Not Found"),
        (
            b'{"detail":[{"loc":["body","n"],"msg":"bad"},{"loc":["x"],"msg":"worse"}]}',
            "body.n: bad; x: worse",
        ),
        (b'{"object":"error","message":"old vLLM","type":"BadRequest"}', "old vLLM"),
        (b'{"message":"gateway"}', "gateway"),
        (b'data: {"error":{"message":"as a stream"}}\n\n', "as a stream"),
        (b"  Internal Server Error\n", "Internal Server Error"),
        (
            b"<html><head><title>502 Bad\n Gateway &amp; co</title></head></html>",
            "502 Bad Gateway & co",
        ),
        (b"<html>", "HTML page"),
        (b"", "Bad Gateway"),
        (b"{}", "Bad Gateway"),
        (b"null", "Bad Gateway"),
        (b'{"error":' * 900 + b"1" + b"}" * 900, "Bad Gateway"),
    ],
)
def test_http_errors(replay: Any, body: bytes, message: str) -> None:
    response, tokens = replay(body, status=502, content_type="application/json")
    fault = response.fault
    assert (fault.kind, fault.status, fault.message, tokens) == (FaultKind.HTTP, 502, message, 0)
    text = body.decode()
    assert fault.body == (text if len(text) <= 2000 else text[:1999] + "…")


def test_unknown_status(replay: Any) -> None:
    assert replay(status=599)[0].fault.message == "status 599"


def test_long_bodies_are_shortened(replay: Any) -> None:
    fault = replay(b"x " * 2500, status=500)[0].fault
    assert len(fault.body) == 2000
    assert len(fault.message) == 500


def test_pictures_that_a_server_repeats_are_not_kept(replay: Any) -> None:
    said = "cannot read data:image/png;base64," + "iVBORw0KGgo/" * 500 + "==, sorry"
    for body in (said, json.dumps({"error": {"message": said}})):
        fault = replay(body.encode(), status=400)[0].fault
        assert "<6002 characters of base64>, sorry" in fault.body
        assert "<6002 characters of base64>, sorry" in fault.message


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (b'data: {"error":{"message":"out of memory","code":500}}\n\n', "out of memory"),
        (b'data: {"error":"out of memory"}\n\n', "out of memory"),
        (b'data: {"object":"error","message":"out of memory"}\n\n', "out of memory"),
        (b'event: error\ndata: {"message":"out of memory"}\n\n', "out of memory"),
        (b"event: error\ndata: out of memory\n\n", "out of memory"),
        (b'error: {"code":500,"message":"out of memory"}\n\n', "out of memory"),
        (b'\nerror: {"message":"out of memory"}\n\n', "out of memory"),
        (b'data: {"error":7}\n\n', "the server reported an error without saying which"),
        (b'data: {"error":"out of memory"}', "out of memory"),
    ],
)
@pytest.mark.parametrize("done", [b"", b"data: [DONE]\n\n"])
def test_error_inside_a_stream(replay: Any, error: bytes, message: str, done: bytes) -> None:
    if done and not error.endswith(b"\n"):
        return
    for start in (b"", PART):
        response, tokens = replay(start + error + done)
        assert (response.fault.kind, response.fault.message) == (FaultKind.SERVER, message)
        assert (response.text, tokens) == (("a", 1) if start else ("", 0))
        assert response.fault.status is None
        assert response.fault.body


COMPLAINTS = [
    {"code": 500, "message": "engine died"},
    {"code": "500", "msg": "engine died"},
    {"detail": "engine died"},
    {"detail": [{"msg": "engine died"}]},
    {"message": "engine died"},
    {"type": "error", "message": "engine died"},
    {"error_code": 336100, "error_msg": "engine died"},
    {"Error": {"Message": "engine died"}},
    {"result": {"error": {"message": "engine died"}}},
    {"data": {"detail": "engine died"}},
    {"choices": [], "code": 500, "message": "engine died"},
    {"choices": None, "base_resp": {"status_code": 1013, "status_msg": "engine died"}},
    {"choices": [{"index": 0, "delta": {"content": ""}, "error": {"message": "engine died"}}]},
    {"success": False, "reason": "engine died"},
    [{"error": {"message": "engine died"}}],
    "engine died",
]


@pytest.mark.parametrize("complaint", COMPLAINTS, ids=json.dumps)
@pytest.mark.parametrize("done", [b"", b"data: [DONE]\n\n"])
@pytest.mark.parametrize("start", [b"", PART, PART * 3])
def test_errors_under_any_name(replay: Any, complaint: Any, done: bytes, start: bytes) -> None:
    error = b"data: " + json.dumps(complaint).encode() + b"\n\n"
    fault = replay(start + error + done)[0].fault
    assert (fault.kind, fault.message) == (FaultKind.SERVER, "engine died")
    assert "engine died" in fault.body


@pytest.mark.parametrize(
    "odd",
    [
        {"error": None},
        {"error": {"message": None, "code": None}},
        {"error": {"code": 0, "message": ""}},
        {"message": "queued", "code": 100},
        {"detail": "waiting for a slot"},
        {"type": "ping"},
        {"choices": [], "prompt_filter_results": [{"prompt_index": 0}]},
        {"x_metrics": {"message": "all is well"}},
        "hello",
        [],
        None,
        {},
    ],
    ids=json.dumps,
)
def test_what_is_no_error_in_an_answer_that_ends_well(replay: Any, odd: Any) -> None:
    event = b"data: " + json.dumps(odd).encode() + b"\n\n"
    response, tokens = replay(event + PART + event + END + event + b"data: [DONE]\n\n")
    assert (response.fault, response.text, tokens) == (None, "a", 1)


def test_errors_that_are_null_in_each_event(replay: Any) -> None:
    body = (PART + END).replace(b'{"choices"', b'{"error":null,"choices"')
    assert replay(body)[0].fault is None
    assert replay(PART + b"data: [DONE]\n\n")[0].fault is None


def test_the_first_error_counts(replay: Any) -> None:
    body = b'data: {"error":"one"}\n\ndata: {"error":"two"}\n\n'
    assert replay(body)[0].fault.message == "one"


@pytest.mark.parametrize(
    "body", [b'{"error":{"message":"x"}}', b'{"object":"error","message":"x"}']
)
def test_error_as_a_whole_body(replay: Any, body: bytes) -> None:
    fault = replay(body, content_type="application/json")[0].fault
    assert (fault.kind, fault.message) == (FaultKind.SERVER, "x")


def test_event_that_is_no_json(replay: Any) -> None:
    response, tokens = replay(PART + b'data: {"choices":[}\n\n' + PART + END)
    assert response.fault.kind is FaultKind.PROTOCOL
    assert '{"choices":[}' in response.fault.message
    assert (response.text, tokens) == ("a", 1)


def test_event_with_broken_utf8(replay: Any) -> None:
    fault = replay(b'data: {"choices":[{"text":"\xff"}]}\n\n')[0].fault
    assert fault.kind is FaultKind.PROTOCOL


@pytest.mark.parametrize(
    "body",
    [
        PART,
        PART + b"\n",
        PART + b": ping\n\n",
        PART + END + b'data: {"choices":[],"us',
        PART + END + b"data: [DO",
        PART + END + b"data:",
        PART + END + b"dat",
        PART + END[:-30],
        PART + b"event: message\n",
        b": ping\n\n",
        b"",
        b'{"choices":[{"mess',
    ],
)
def test_cut(replay: Any, body: bytes) -> None:
    response, tokens = replay(body)
    assert response.fault.kind is FaultKind.CUT
    assert (response.text, tokens) == (("a", 1) if body.startswith(PART) else ("", 0))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<!DOCTYPE html><title>Login</title>"),
        (200, b"<html></html>"),
        (200, b"Welcome!"),
        (200, b'{"text_output":"a"}'),
        (200, b'{"choices":[]}'),
        (200, b'{"detail":"?"}'),
        (200, b"[]"),
        (200, b"{broken}"),
        (200, b'data: {"text_output":"a"}\n\n'),
        (200, b"data: 5\n\n"),
        (200, b"data: [DONE]\n\n"),
        (202, b""),
        (204, b""),
        (206, b"<html>"),
    ],
)
@pytest.mark.parametrize("content_type", ["text/html", "application/json", ""])
def test_not_the_api(replay: Any, status: int, body: bytes, content_type: str) -> None:
    fault = replay(body, status=status, content_type=content_type)[0].fault
    assert fault.kind is FaultKind.PROTOCOL
    assert fault.status == status
    assert "does not look like an OpenAI-compatible API" in fault.message


def test_page_title_is_named(replay: Any) -> None:
    fault = replay(b"<title>Log in</title>", content_type="text/html")[0].fault
    assert "'Log in'" in fault.message


def test_any_2xx_with_an_answer(replay: Any) -> None:
    """Gateways exist that answer POST with 201."""
    body = json.dumps({"choices": [{"text": "a", "finish_reason": "stop"}]}).encode()
    response, _ = replay(body, status=201, content_type="application/json")
    assert (response.text, response.fault) == ("a", None)


def test_empty_answer_is_an_answer(replay: Any) -> None:
    response, tokens = replay(END)
    assert (response.text, response.reasoning, response.fault, tokens) == ("", None, None, 0)
    whole = b'{"choices":[{"message":{"content":null},"finish_reason":"stop"}]}'
    assert replay(whole)[0].fault is None
