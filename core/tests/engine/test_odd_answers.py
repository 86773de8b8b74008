"""What servers send that no specification foresees: each answer is read as it was sent, or failed
with a reason, and nothing else suffers."""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from raw_server import Handler, answer, read_request, serve
from toy_collector import toy_decoder

from aisbench.api import FaultKind, HttpRequest, Response
from aisbench.codec import count_of
from aisbench.config.suite import ServiceSettings
from aisbench.engine import connection, exchange
from aisbench.engine.client import AttemptResult, HttpClient, reveal_headers
from aisbench.engine.replicas import Replica
from aisbench.settings.convert import structure

POST = HttpRequest(method="POST", path="/v1/x", body=b"hello")
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CHUNKED = STREAM + b"Transfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
PIECE = b'data: {"piece":"a"}\n\n'
DONE = b"data: [DONE]\n\n"


def settings(port: int, **more: Any) -> ServiceSettings:
    table = {"url": f"http://127.0.0.1:{port}", **more}
    return structure(ServiceSettings, table, Path())


def ask(handler: Handler, count: int = 1, **more: Any) -> list[AttemptResult]:
    """``count`` attempts one after the other."""

    async def main() -> list[AttemptResult]:
        async with serve(handler) as port:
            service = settings(port, **more)
            async with HttpClient(service, reveal_headers(service)) as client:
                replica = Replica(str(service.url))
                return [
                    await client.attempt(POST, toy_decoder(), replica, stream=True)
                    for _ in range(count)
                ]

    return asyncio.run(main())


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def connections(*rounds: tuple[bytes, float], after: float = 0) -> tuple[Handler, list[int]]:
    """Each request is answered with pieces and pauses; how many requests each connection had."""
    counts: list[int] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        place = len(counts)
        counts.append(0)
        while True:
            await read_request(reader)
            counts[place] += 1
            for data, pause in rounds:
                writer.write(data)
                await writer.drain()
                await asyncio.sleep(pause)

    return handler, counts


# -- the end of an answer


def test_done_ends_an_answer_whose_message_never_ends() -> None:
    handler, counts = connections((CHUNKED + chunk(PIECE) + chunk(DONE), 60))
    begun = time.monotonic()
    attempts = ask(handler, 5, timeout={"total": 30})
    assert time.monotonic() - begun < 5
    for attempt in attempts:
        assert attempt.response.fault is None
        assert attempt.response.text == "a"
        timing = attempt.timing
        assert timing.done is not None
        assert timing.first_byte is not None
        assert timing.done - timing.first_byte < 50_000_000  # when it was read, not let go
    assert counts == [1] * 5  # none can be used again


def test_a_server_that_never_ends_its_messages_is_not_waited_for() -> None:
    handler, _ = connections((CHUNKED + chunk(PIECE) + chunk(DONE), 60))
    begun = time.monotonic()
    ask(handler, 40, timeout={"total": 30})
    assert time.monotonic() - begun < 40 * connection.LINGER_SECONDS


def test_the_end_of_the_message_may_come_after_that_of_the_answer() -> None:
    handler, counts = connections((CHUNKED + chunk(PIECE) + chunk(DONE), 0.02), (END, 0))
    attempts = ask(handler, 4)
    assert [one.response.text for one in attempts] == ["a"] * 4
    assert counts == [4]  # one connection for all


def test_what_follows_done_is_no_part_of_the_answer() -> None:
    more = chunk(b'data: {"piece":"b"}\n\n')
    handler, _ = connections((CHUNKED + chunk(PIECE) + chunk(DONE) + more, 0.01), (more, 60))
    (attempt,) = ask(handler)
    assert (attempt.response.text, attempt.response.fault) == ("a", None)


def test_a_connection_that_breaks_behind_done_breaks_nothing() -> None:
    (attempt,) = ask(answer(CHUNKED + chunk(PIECE) + chunk(DONE), times=1))
    assert (attempt.response.text, attempt.response.fault) == ("a", None)


def test_a_length_that_was_promised_and_not_kept() -> None:
    body = PIECE + DONE
    head = STREAM + b"Content-Length: %d\r\n\r\n" % (len(body) + 9)
    (attempt,) = ask(answer(head + body, times=1))
    assert attempt.response.fault is not None
    assert attempt.response.fault.kind is FaultKind.CUT


def test_without_done_an_open_message_is_waited_for() -> None:
    handler, _ = connections((CHUNKED + chunk(PIECE), 60))
    (attempt,) = ask(handler, timeout={"total": 0.3})
    assert attempt.response.fault is not None
    assert attempt.response.fault.kind is FaultKind.TIMEOUT


def test_a_servers_words_come_before_how_the_connection_ended() -> None:
    error = chunk(b'data: {"error":"engine died"}\n\n')
    (attempt,) = ask(answer(CHUNKED + chunk(PIECE) + error, times=1))
    fault = attempt.response.fault
    assert fault is not None
    assert (fault.kind, fault.message) == (FaultKind.SERVER, "engine died")


# -- two answers at once


OTHER = CHUNKED + chunk(b'data: {"piece":"wrong"}\n\n') + chunk(DONE) + END


@pytest.mark.parametrize(
    "surplus", [OTHER, OTHER[:60], b"garbage", b"\r\nHTTP/1.1 500 X\r\n\r\n", b"\0"]
)
def test_what_follows_an_answer_in_its_read_belongs_to_no_request(surplus: bytes) -> None:
    whole = CHUNKED + chunk(PIECE) + chunk(DONE) + END
    handler, counts = connections((whole + surplus, 0))
    attempts = ask(handler, 3)
    assert [(one.response.text, one.response.fault) for one in attempts] == [("a", None)] * 3
    assert counts == [1, 1, 1]


def test_the_same_without_done_and_with_a_length() -> None:
    body = PIECE + b'data: {"done":1}\n\n'
    whole = STREAM + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    handler, counts = connections((whole + OTHER, 0))
    attempts = ask(handler, 2)
    assert [(one.response.text, one.response.fault) for one in attempts] == [("a", None)] * 2
    assert counts == [1, 1]


def test_interim_answers_are_none() -> None:
    hints = (
        b"HTTP/1.1 100 Continue\r\n\r\n" + b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 3
    )
    handler, counts = connections((hints + CHUNKED + chunk(PIECE) + chunk(DONE) + END, 0))
    attempts = ask(handler, 2)
    assert [(one.response.text, one.response.fault) for one in attempts] == [("a", None)] * 2
    assert counts == [2]


# -- connections that the server dropped


def dropping(how: str, served: int) -> tuple[Handler, list[int]]:
    """A connection serves ``served`` requests and is dropped when the next one comes."""
    sent: list[int] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(served):
            await read_request(reader)
            sent.append(1)
            writer.write(CHUNKED + chunk(PIECE) + chunk(DONE) + END)
        await read_request(reader)
        if how == "rst":
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        elif how == "late":
            await asyncio.sleep(1.2)
        elif how == "half":
            writer.write(b"HTTP/1.1 200 OK\r\n")
            await writer.drain()

    return handler, sent


@pytest.mark.parametrize("how", ["fin", "rst"])
def test_a_dropped_connection_is_replaced(how: str) -> None:
    handler, sent = dropping(how, 2)
    attempts = ask(handler, 5)
    assert [one.response.fault for one in attempts] == [None] * 5
    assert len(sent) == 5


@pytest.mark.parametrize(("how", "said"), [("late", "before"), ("half", "before")])
def test_nothing_is_sent_twice_that_a_server_had_taken(
    how: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "DROP_NS", 500_000_000)
    handler, _ = dropping(how, 1)
    first, second = ask(handler, 2)
    assert first.response.fault is None
    assert second.response.fault is not None
    assert second.response.fault.kind is FaultKind.CUT
    assert said in second.response.fault.message


# -- bounds


def endless(begin: bytes, more: bytes) -> tuple[Handler, list[int]]:
    sent = [0]

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(begin)
        while True:
            writer.write(more)
            sent[0] += len(more)
            await writer.drain()

    return handler, sent


@pytest.mark.parametrize(
    ("begin", "more", "key"),
    [
        (b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536, "limits.head"),
        (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 8192, "limits.head"),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 1000, "limits.head"),
        (STREAM + b"\r\ndata: ", b"x" * 65536, "limits.event"),
        (STREAM + b"\r\ndata: a\n", b"data: b\n" * 8192, "limits.event"),
        (STREAM + b"\r\n", b"\r\n" * 8192, "limits.body"),
        (STREAM + b"\r\n", b" " * 8192, "limits.body"),
        (STREAM + b"\r\n", b": ping\n\n" * 8192, "limits.body"),
        (STREAM + b"\r\n", PIECE * 1000, "limits.body"),
        (b"HTTP/1.1 200 OK\r\n\r\n{", b" " * 65536, "limits.body"),
        (b"HTTP/1.1 500 Broken\r\n\r\n", b"x" * 65536, "limits.body"),
        (CHUNKED + chunk(b"data: {}\n\n") + b"0\r\n", b"X-Trailer: 1\r\n" * 4096, "limits.body"),
    ],
)
def test_endless_answers_are_given_up(begin: bytes, more: bytes, key: str) -> None:
    handler, sent = endless(begin, more)
    (attempt,) = ask(handler, limits={"head": 0.2, "event": 1, "body": 3}, timeout={"total": 30})
    fault = attempt.response.fault
    assert fault is not None
    assert fault.kind is FaultKind.PROTOCOL
    assert key in fault.message
    assert sent[0] < 12_000_000  # what lay in buffers included


def test_an_endless_stream_behind_done_is_not_read() -> None:
    handler, _ = endless(CHUNKED + chunk(PIECE) + chunk(DONE), chunk(PIECE * 1000))
    (attempt,) = ask(handler, limits={"body": 1, "event": 1}, timeout={"total": 30})
    assert (attempt.response.text, attempt.response.fault) == ("a", None)


# -- large events


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[place : place + size] for place in range(0, len(data), size))


def seconds(pieces: Iterable[bytes], content_type: str) -> tuple[float, Response]:
    pieces = list(pieces)
    begun = time.process_time()
    reader = toy_decoder()
    reader.start(200, content_type)
    for piece in pieces:
        reader.feed(piece)
    response = reader.finish()
    return time.process_time() - begun, response


@pytest.mark.parametrize("size", [1000, 65536, 1 << 30])
def test_a_large_event_costs_what_a_body_costs(size: int) -> None:
    """In proportion to its bytes, however they are cut."""
    big = b'{"piece":"%b","done":1}' % (b"x" * 20_000_000)
    body, whole = seconds(cut(big, size), "application/json")
    event, streamed = seconds(cut(b"data: " + big + b"\n\n", size), "text/event-stream")
    assert whole.fault is None
    assert streamed.fault is None
    assert len(streamed.text) == len(whole.text) == 20_000_000
    assert event < 4 * body + 0.3


@pytest.mark.parametrize("begin", [b"data: ", b": ", b"", b"event: x\n", b"data: a\ndata: "])
def test_lines_that_never_end_cost_what_they_hold(begin: bytes) -> None:
    pieces = itertools.chain([begin], itertools.repeat(b"y" * 1000, 20_000))
    spent, response = seconds(pieces, "text/event-stream")
    assert response.fault is not None
    assert spent < 2


# -- headers


def test_a_header_of_ours_goes_out_as_utf_8() -> None:
    heads: list[str] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, _ = await read_request(reader)
        heads.append(head)
        writer.write(CHUNKED + chunk(PIECE) + chunk(DONE) + END)

    (attempt,) = ask(handler, headers={"X-Team": "研发 é"})
    assert attempt.response.fault is None
    (line,) = [one for one in heads[0].split("\r\n") if one.startswith("X-Team")]
    assert line.encode("latin-1").decode() == "X-Team: 研发 é"


@pytest.mark.parametrize("name", ["X-Odd", "Content-Type", "Retry-After"])
@pytest.mark.parametrize("value", [b"\xff\xfe\xb2", "研发".encode(), b"", b"x" * 70000])
def test_a_header_of_theirs_may_hold_any_bytes(name: str, value: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\n%b: %b\r\nTransfer-Encoding: chunked\r\n\r\n"
    data = head % (name.encode(), value) + chunk(PIECE) + chunk(DONE) + END
    (attempt,) = ask(answer(data))
    assert (attempt.response.text, attempt.response.fault) == ("a", None)
    assert attempt.retry_after is None


# -- what codecs let through


@pytest.mark.parametrize("count", [10**30, -1, 1.5, float("nan"), "9", True])
def test_counts_that_are_none(count: Any) -> None:
    assert count_of({"n": count}, "n") is None


def test_what_no_file_can_hold_is_mended() -> None:
    class Odd:
        answer_begun = False

        def start(self, status: int, content_type: str) -> None:
            pass

        def feed(self, data: bytes) -> int:
            return 0

        def finish(self) -> Response:
            from aisbench.api import Fault, Scored, ToolCall, Usage

            half = "\ud83d"
            return Response(
                text=f"a{half}", reasoning=half, refusal=half, model=half,
                tool_calls=(ToolCall(name=half, arguments=half, id=half),),
                scored=Scored(logprobs=(0.0,), tokens=(half,)),
                usage=Usage(prompt_tokens=10**40, completion_tokens=7),
                ignored=(half,),
                fault=Fault(kind=FaultKind.SERVER, message=half, body=half),
            )  # fmt: skip

    async def main() -> AttemptResult:
        async with serve(answer(CHUNKED + END)) as port:
            service = settings(port)
            async with HttpClient(service, {}) as client:
                return await client.attempt(POST, Odd(), Replica(str(service.url)), stream=False)

    import orjson

    from aisbench.store.rows import converter

    response = asyncio.run(main()).response
    assert response.text == "a\ufffd"
    assert (response.usage.prompt_tokens, response.usage.completion_tokens) == (None, 7)
    row = orjson.dumps(converter().unstructure(response))
    assert converter().structure(orjson.loads(row), Response) == response
