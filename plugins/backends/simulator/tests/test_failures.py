from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from aisbench_plugin_simulator.failures import KINDS, Failure, choose


def test_shares_are_what_was_asked_for() -> None:
    failures = [Failure("500", 0.2), Failure("hang", 0.1), Failure("429", 0.1, sticky=True)]
    seen = [choose(failures, 3, f"body {n}", 0) for n in range(5000)]
    kinds = [failure.kind if failure else "none" for failure in seen]
    assert kinds.count("429") == pytest.approx(500, abs=80)
    assert kinds.count("500") == pytest.approx(900, abs=100)
    assert kinds.count("hang") == pytest.approx(450, abs=80)


def test_another_attempt_may_succeed_unless_sticky() -> None:
    passing = [choose([Failure("500", 0.5)], 0, "body", attempt) for attempt in range(50)]
    assert 10 < passing.count(None) < 40
    for body in map(str, range(20)):
        sticky = {choose([Failure("500", 0.5, True)], 0, body, attempt) for attempt in range(9)}
        assert len(sticky) == 1


@pytest.mark.parametrize("text", ["500:0.05", "hang:1", "reset-before:0.25:sticky"])
def test_is_written_as_it_is_read(text: str) -> None:
    assert str(Failure.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "500", "200:0.1", "600:0.1", "crash:0.1", "500:2", "500:x", "500:0.1:often"]
)
def test_what_is_no_failure(text: str) -> None:
    with pytest.raises(ValueError, match=r"kind|share|sticky"):
        Failure.parse(text)


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_status(serve: Callable[..., Any], status: int, stream: bool) -> None:
    reply = serve(fail=f"{status}:1", retry_after_s=2).chat(stream=stream)
    assert reply.status == status
    assert reply.json["error"]["code"] == status
    assert reply.headers["retry-after"] == ("2" if status in (429, 503) else None)


def test_sticky_and_passing_on_the_wire(serve: Callable[..., Any]) -> None:
    api = serve(fail=["500:0.4:sticky"])
    first = [api.chat(f"Question {n}").status for n in range(30)]
    assert first == [api.chat(f"Question {n}").status for n in range(30)]
    assert 3 < first.count(500) < 25
    api = serve(fail=["500:0.4"])
    assert {api.chat().status for _ in range(30)} == {200, 500}
    # The journal's attempts decide, so that a reset repeats the same course.
    course = [api.chat("again").status for _ in range(20)]
    api.send("POST", "/simulator/reset")
    assert [api.chat("again").status for _ in range(20)] == course


@pytest.mark.parametrize("kind", ["reset", "reset-before"])
@pytest.mark.parametrize("stream", [True, False])
def test_reset(serve: Callable[..., Any], kind: str, stream: bool) -> None:
    api = serve(fail=f"{kind}:1", ttft_ms=1, tpot_ms=1)
    connection = http.client.HTTPConnection("127.0.0.1", api.served.port, timeout=5)
    body = json.dumps({"prompt": "a", "max_tokens": 8, "stream": stream})
    got = b""
    try:
        connection.request("POST", "/v1/completions", body)
        with pytest.raises(ConnectionResetError):
            response = connection.getresponse()
            while part := response.read1():
                got += part
    finally:
        connection.close()
    assert got.count(b"data: ") == (4 if stream and kind == "reset" else 0)
    stats = api.stats()
    assert stats["outcomes"] == {kind: 1}
    status = "200" if stream and kind == "reset" else "0"
    assert stats["requests"]["/v1/completions"] == {status: 1}


def test_hang(serve: Callable[..., Any]) -> None:
    api = serve(fail="hang:1")
    with pytest.raises(TimeoutError):
        api.chat(timeout=0.2)
    deadline = time.monotonic() + 5
    while api.stats()["in_flight"]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert api.stats()["outcomes"] == {"hang": 1}


def test_malformed(serve: Callable[..., Any]) -> None:
    api = serve(fail="malformed:1")
    data = api.text(max_tokens=6, stream=True).data
    assert len(data) == 7
    with pytest.raises(json.JSONDecodeError):
        json.loads(data[3])
    assert data[-1] == "[DONE]"
    with pytest.raises(json.JSONDecodeError):
        _ = api.text(max_tokens=6).json
    with pytest.raises(json.JSONDecodeError):
        _ = api.text(max_tokens=1, stream=True).events


def test_slow_headers(serve: Callable[..., Any]) -> None:
    api = serve(fail="slow-headers:1", slow_headers_ms=60)
    start = time.monotonic()
    assert len(api.text(max_tokens=6, stream=True).events) == 6
    assert time.monotonic() - start >= 0.06
    (record,) = api.log()
    assert record["outcome"] == "slow-headers"
    assert record["first_token_ns"] - record["arrival_ns"] >= 60_000_000


def test_error_in_the_stream(serve: Callable[..., Any]) -> None:
    api = serve(fail="error-in-stream:1")
    events = api.text(max_tokens=6, stream=True).events
    assert len(events) == 4
    assert set(events[-1]) == {"error"}
    assert events[-1]["error"]["type"] == "InternalServerError"
    whole = api.text(max_tokens=6)
    assert (whole.status, set(whole.json)) == (200, {"error"})


def test_empty(serve: Callable[..., Any]) -> None:
    api = serve(fail="empty:1")
    reply = api.chat().json
    assert reply["choices"][0]["message"]["content"] == ""
    assert reply["choices"][0]["finish_reason"] == "stop"
    assert reply["usage"]["completion_tokens"] == 0
    opening, end = api.chat(stream=True).events
    assert opening["choices"][0]["delta"]["role"] == "assistant"
    assert end["choices"][0]["delta"] == {"content": ""}
    assert end["choices"][0]["finish_reason"] == "stop"


def test_truncate(serve: Callable[..., Any]) -> None:
    api = serve(fail="truncate:1")
    data = api.text(max_tokens=6, stream=True).data
    assert len(data) == 3
    assert all(json.loads(item)["choices"][0]["finish_reason"] is None for item in data)
    with pytest.raises(http.client.IncompleteRead):
        api.text(max_tokens=6)


def test_refused_requests_do_not_fail(serve: Callable[..., Any]) -> None:
    assert serve(fail="500:1").text("").status == 400


@pytest.mark.parametrize("kind", KINDS)
def test_the_server_lives_on(serve: Callable[..., Any], kind: str) -> None:
    api = serve(fail=f"{kind}:1", slow_headers_ms=1)
    for stream in (True, False):
        try:
            api.chat(stream=stream, timeout=0.05)
        except (OSError, http.client.HTTPException):
            assert kind in ("reset", "reset-before", "hang", "truncate")
    assert api.send("POST", "/simulator/config", b'{"fail": []}').status == 200
    assert api.chat().status == 200
