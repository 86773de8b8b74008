"""The client against servers that send exact bytes, right and wrong ones."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from raw_server import Handler, answer, read_request, serve

from aisbench.api import FaultKind, HttpRequest, Response
from aisbench.base.errors import AisbenchError
from aisbench.config.suite import ServiceSettings
from aisbench.engine.client import AttemptResult, HttpClient, reveal_headers
from aisbench.engine.connection import Connection
from aisbench.engine.exchange import Exchange
from aisbench.engine.replicas import Replica
from aisbench.settings.convert import structure


class Lines:
    """A decoder of a toy protocol: each line is a token."""

    def __init__(self) -> None:
        self.status = 0
        self.content_type = ""
        self.body = b""
        self.feeds = 0

    answer_begun = False

    def start(self, status: int, content_type: str) -> None:
        self.status = status
        self.content_type = content_type

    def feed(self, data: bytes) -> int:
        self.body += data
        self.feeds += 1
        return data.count(b"\n")

    def finish(self) -> Response:
        return Response(text=self.body.decode())


POST = HttpRequest(method="POST", path="/v1/x", body=b"hello", headers={"X-Own": "1"})


def settings(port: int, **more: Any) -> ServiceSettings:
    table = {"url": f"http://127.0.0.1:{port}", **more}
    return structure(ServiceSettings, table, Path())


async def ask(
    service: ServiceSettings, *, count: int = 1, stream: bool = False
) -> list[tuple[AttemptResult, Lines]]:
    """``count`` attempts one after the other over one client."""
    found = []
    async with HttpClient(service, reveal_headers(service)) as client:
        replica = Replica(str(service.url))
        for _ in range(count):
            decoder = Lines()
            found.append((await client.attempt(POST, decoder, replica, stream), decoder))
        assert replica.in_flight == 0
    return found


def one(handler: Handler, **more: Any) -> tuple[AttemptResult, Lines]:
    stream = more.pop("stream", False)

    async def main() -> tuple[AttemptResult, Lines]:
        async with serve(handler) as port:
            (found,) = await ask(settings(port, **more), stream=stream)
            return found

    return asyncio.run(main())


CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ((OK + b"Content-Length: 4\r\n\r\nab\nc",), "ab\nc"),
        ((OK + b"Content-Length: 4\r\n\r\na", b"b\n", b"c"), "ab\nc"),
        ((OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\na\n\r\n1\r\nb\r\n0\r\n\r\n",), "a\nb"),
        ((OK + CHUNKED + b"2\r\na", b"\n\r\n1\r", b"\nb\r\n0\r\n\r\n"), "a\nb"),
        ((OK + b"Transfer-Encoding: chunked\r\n\r\n1;x=y\r\na\r\n0\r\nTrailer: 1\r\n\r\n",), "a"),
        ((b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\na",), "a"),
        ((b"HTTP/1.1 100 Continue\r\n\r\n", OK + b"Content-Length: 1\r\n\r\na"), "a"),
        ((OK + b"Content-Length: 0\r\n\r\n",), ""),
        ((b"HTTP/1.1 204 No Content\r\n\r\n",), ""),
    ],
)  # fmt: skip
def test_bodies(pieces: tuple[bytes, ...], text: str) -> None:
    attempt, decoder = one(answer(*pieces))
    assert attempt.response.fault is None
    assert attempt.response.text == text
    assert decoder.status in (200, 204)


def test_a_body_may_end_with_the_connection() -> None:
    attempt, _ = one(answer(OK + b"\r\nab\n", b"c", times=1))
    assert attempt.response.fault is None
    assert attempt.response.text == "ab\nc"


def test_http_1_0_closes_and_the_next_request_opens_anew() -> None:
    async def main() -> list[tuple[AttemptResult, Lines]]:
        reply = b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na"
        async with serve(answer(reply, times=1)) as port:
            return await ask(settings(port), count=3)

    assert [attempt.response.text for attempt, _ in asyncio.run(main())] == ["a"] * 3


def test_connections_are_reused() -> None:
    connections = 0
    heads: list[str] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            head, body = await read_request(reader)
            heads.append(head)
            assert body == b"hello"
            writer.write(OK + b"Content-Length: 1\r\n\r\na")

    async def main() -> None:
        async with serve(handler) as port:
            await ask(settings(port, headers={"X-Mine": "2"}), count=5)

    asyncio.run(main())
    assert connections == 1
    assert heads[0].startswith("POST /v1/x HTTP/1.1\r\nHost: 127.0.0.1:")
    for line in ("X-Own: 1", "X-Mine: 2", "User-Agent: aisbench/", "Content-Length: 5"):
        assert f"\r\n{line}" in heads[0]


def test_an_idle_connection_that_the_server_closed_is_no_failure() -> None:
    """The close is noticed only when the next request has been written."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(OK + b"Content-Length: 1\r\n\r\na")
        await read_request(reader)  # the second request of this connection gets no answer

    async def main() -> list[tuple[AttemptResult, Lines]]:
        async with serve(handler) as port:
            return await ask(settings(port), count=3)

    assert [attempt.response.fault for attempt, _ in asyncio.run(main())] == [None] * 3


def test_stamps_and_tokens() -> None:
    pieces = (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", b"2\r\na\n\r\n",
              b"4\r\nb\nc\n\r\n", b"0\r\n\r\n")  # fmt: skip
    attempt, decoder = one(answer(*pieces, pause=0.02), stream=True)
    timing = attempt.timing
    stamps = [timing.dispatched, timing.sent, timing.first_byte, timing.first_token,
              timing.last_token, timing.done]  # fmt: skip
    assert all(isinstance(stamp, int) for stamp in stamps)
    assert stamps == sorted(stamps)  # type: ignore[type-var]
    assert timing.first_token - timing.first_byte > 30_000_000  # type: ignore[operator]
    assert timing.last_token - timing.first_token > 15_000_000  # type: ignore[operator]
    assert decoder.feeds == 3


def test_several_chunks_of_one_read_are_one_feed() -> None:
    body = b"".join(b"2\r\n%d\n\r\n" % (n % 10) for n in range(50))
    reply = OK + b"Transfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n\r\n"
    attempt, decoder = one(answer(reply))
    assert decoder.feeds == 1
    assert attempt.response.text.count("\n") == 50


@pytest.mark.parametrize(
    ("handler", "kind", "said"),
    [
        (answer(OK + b"Content-Length: 9\r\n\r\nab", times=1), FaultKind.CUT, "ended during"),
        (answer(OK + CHUNKED + b"5\r\nab", times=1), FaultKind.CUT, "during"),
        (answer(b"", times=1), FaultKind.CUT, "ended before"),
        (answer(b"SSH-2.0-OpenSSH_9.2\r\n"), FaultKind.PROTOCOL, "not HTTP/1.1"),
        (answer(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), FaultKind.PROTOCOL, "not HTTP"),
        (answer(OK + b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\nab"), FaultKind.PROTOCOL,
         "compressed (br)"),
    ],
)  # fmt: skip
def test_broken_answers(handler: Handler, kind: FaultKind, said: str) -> None:
    attempt, _ = one(handler)
    assert attempt.response.fault is not None
    assert attempt.response.fault.kind is kind
    assert said in attempt.response.fault.message


def test_what_came_before_the_cut_is_kept() -> None:
    attempt, _ = one(answer(OK + b"Content-Length: 9\r\n\r\nab\n", times=1))
    assert attempt.response.text == "ab\n"


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    await asyncio.sleep(30)


async def _slow_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(OK + b"Content-Length: 9\r\n\r\nab\n")
    await asyncio.sleep(30)


@pytest.mark.parametrize(
    ("handler", "stream", "said"),
    [
        (_silent, True, "no first token within 0.2 s (timeout.first_token)"),
        (_slow_end, True, "no end within 0.4 s (timeout.total)"),
        (_silent, False, "no end within 0.4 s (timeout.total)"),
    ],
)
def test_time_outs(handler: Handler, stream: bool, said: str) -> None:
    attempt, _ = one(handler, stream=stream, timeout={"first_token": 0.2, "total": 0.4})
    assert attempt.response.fault is not None
    assert attempt.response.fault.kind is FaultKind.TIMEOUT
    assert attempt.response.fault.message == said


def test_nobody_listens() -> None:
    async def main() -> tuple[AttemptResult, Replica]:
        service = settings(9)
        replica = Replica(str(service.url))
        async with HttpClient(service, {}) as client:
            return await client.attempt(POST, Lines(), replica, stream=False), replica

    attempt, replica = asyncio.run(main())
    assert attempt.response.fault is not None
    assert attempt.response.fault.kind is FaultKind.CONNECT
    assert replica.down_since is not None
    assert attempt.timing.sent is None


def test_cancelling_closes_the_connection() -> None:
    closed = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await reader.read()
        closed.set()

    async def main() -> None:
        async with serve(handler) as port:
            service = settings(port)
            replica = Replica(str(service.url))
            async with HttpClient(service, {}) as client:
                task = asyncio.create_task(client.attempt(POST, Lines(), replica, stream=False))
                await asyncio.sleep(0.1)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                await asyncio.wait_for(closed.wait(), 5)
                assert replica.in_flight == 0

    asyncio.run(main())


@pytest.mark.parametrize("where", ["start", "feed", "finish"])
def test_a_codecs_bug_fails_its_answer_alone(where: str, caplog: pytest.LogCaptureFixture) -> None:
    def broken(self: Lines, *arguments: Any) -> Any:
        raise KeyError("choices")

    buggy = type("Buggy", (Lines,), {where: broken})

    async def main() -> list[AttemptResult]:
        async with serve(answer(OK + b"Content-Length: 1\r\n\r\na")) as port:
            service = settings(port)
            async with HttpClient(service, {}) as client:
                replica = Replica(str(service.url))
                kinds = (buggy, buggy, buggy, Lines)
                return [await client.attempt(POST, one(), replica, stream=False) for one in kinds]

    attempts = asyncio.run(main())
    for attempt in attempts[:3]:
        assert attempt.response.fault is not None
        assert attempt.response.fault.kind is FaultKind.BUG
        assert "KeyError: 'choices' (test_client.py:" in attempt.response.fault.message
    assert attempts[3].response.text == "a"
    told = [record for record in caplog.records if record.name == "aisbench.engine.bugs"]
    first, count = told  # the traceback once, and how often at the end
    assert first.exc_info is not None
    assert "3 answers" in count.getMessage()


def test_what_is_no_response_fails_its_answer_alone() -> None:
    class Odd(Lines):
        def finish(self) -> Any:
            return None

    async def main() -> AttemptResult:
        async with serve(answer(OK + b"Content-Length: 1\r\n\r\na")) as port:
            service = settings(port)
            async with HttpClient(service, {}) as client:
                return await client.attempt(POST, Odd(), Replica(str(service.url)), stream=False)

    fault = asyncio.run(main()).response.fault
    assert fault is not None
    assert fault.kind is FaultKind.BUG


def test_redirects_are_not_followed() -> None:
    attempt, decoder = one(answer(b"HTTP/1.1 307 X\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n"))
    assert decoder.status == 307
    assert attempt.response.fault is None  # what a status means is the codec's matter


def test_retry_after_reaches_the_sender() -> None:
    attempt, _ = one(answer(b"HTTP/1.1 429 X\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"))
    assert attempt.retry_after == 7.0


def test_plain_http_through_a_proxy() -> None:
    seen: list[str] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, _ = await read_request(reader)
        seen.append(head)
        writer.write(OK + b"Content-Length: 1\r\n\r\na")

    async def main() -> None:
        async with serve(proxy) as port:
            service = structure(
                ServiceSettings,
                {"url": "http://model.invalid:81/base", "proxy": f"http://me:pw@127.0.0.1:{port}"},
                Path(),
            )
            (found,) = await ask(service)
            assert found[0].response.text == "a"

    asyncio.run(main())
    assert seen[0].startswith("POST http://model.invalid:81/base/v1/x HTTP/1.1\r\n")
    secret = base64.b64encode(b"me:pw").decode()
    assert f"\r\nProxy-Authorization: Basic {secret}\r\n" in seen[0]


def test_https_through_a_tunnel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("model.invalid").configure_cert(context)
    seen: list[str] = []

    def tunnel(target: int) -> Callable[..., Awaitable[None]]:
        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head, _ = await read_request(reader)
            seen.append(head)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            there, out = await asyncio.open_connection("127.0.0.1", target)

            async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
                while data := await source.read(65536):
                    sink.write(data)

            pumps = [
                asyncio.create_task(pump(reader, out)),
                asyncio.create_task(pump(there, writer)),
            ]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for task in pumps:
                task.cancel()
            out.close()
            await out.wait_closed()

        return handler

    async def main() -> None:
        reply = answer(OK + b"Content-Length: 1\r\n\r\na")
        async with serve(reply, context) as target, serve(tunnel(target)) as port:
            monkeypatch.setenv("HTTPS_PROXY", f"http://me:secret@127.0.0.1:{port}")
            monkeypatch.delenv("NO_PROXY", raising=False)
            monkeypatch.delenv("no_proxy", raising=False)
            service = structure(
                ServiceSettings,
                {
                    "url": "https://model.invalid",
                    "proxy": "environment",
                    "tls": {"ca": str(tmp_path / "ca.pem")},
                },
                Path(),
            )
            for attempt, _ in await ask(service, count=2):
                assert attempt.response.fault is None, attempt.response.fault
                assert attempt.response.text == "a"

    asyncio.run(main())
    assert len(seen) == 1
    assert seen[0].startswith("CONNECT model.invalid:443 HTTP/1.1\r\n")
    secret = base64.b64encode(b"me:secret").decode()
    assert f"Proxy-Authorization: Basic {secret}" in seen[0]


def test_a_proxy_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
        async with serve(answer(refusal, times=1)) as port:
            table = {"url": "https://model.invalid", "proxy": f"http://127.0.0.1:{port}"}
            (found,) = await ask(structure(ServiceSettings, table, Path()))
            fault = found[0].response.fault
            assert fault is not None
            assert fault.kind is FaultKind.CONNECT
            assert "407" in fault.message

    asyncio.run(main())


def test_proxies_of_the_environment_are_ignored_unless_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    attempt, _ = one(answer(OK + b"Content-Length: 1\r\n\r\na"))
    assert attempt.response.text == "a"


def test_an_unset_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with pytest.raises(AisbenchError, match="NO_SUCH_KEY is not set"):
        reveal_headers(settings(1, api_key="env:NO_SUCH_KEY"))
    monkeypatch.setenv("NO_SUCH_KEY", "a\r\nX: y")
    with pytest.raises(AisbenchError, match="line break"):
        reveal_headers(settings(1, headers={"X-Key": {"env": "NO_SUCH_KEY"}}))


def test_a_connection_that_goes_while_it_is_taken_fails_its_request_and_no_run() -> None:
    """uvloop's transports raise when they are written to after their end was seen."""

    class Closing:
        def is_closing(self) -> bool:
            return True

        def write(self, data: bytes) -> None:
            raise RuntimeError("the handler is closed")

    async def main() -> None:
        ended: list[Exchange] = []
        connection = Connection()
        connection._transport = Closing()  # type: ignore[assignment]
        exchange = Exchange(Lines(), ended.append)
        connection.send(exchange, b"x")
        assert not ended
        connection.connection_lost(None)
        assert ended[0].fault is not None
        assert ended[0].fault.kind is FaultKind.CUT

    asyncio.run(main())
