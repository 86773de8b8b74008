"""A server that does not limit the client: fixed OpenAI answers from a bare asyncio.Protocol.

python fast_server.py PORT EVENTS   (EVENTS content events per streamed answer)
"""

from __future__ import annotations

import asyncio
import json
import sys

import uvloop

ANSWER = "Each box holds 6 pears, so 3 boxes hold 3 * 6 = 18 pears.\n#### 18"


def _whole() -> bytes:
    body = json.dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "fast",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": ANSWER},
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 60, "completion_tokens": 24, "total_tokens": 84},
        }
    ).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _stream(events: int) -> bytes:
    def event(choices: list[object], **more: object) -> bytes:
        data = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "fast",
            "choices": choices,
            **more,
        }
        content = b"data: " + json.dumps(data).encode() + b"\n\n"
        return b"%x\r\n%s\r\n" % (len(content), content)

    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    size = max(1, len(ANSWER) // events)
    pieces = [ANSWER[i * size : (i + 1) * size if i < events - 1 else None] for i in range(events)]
    parts = [event([{"index": 0, "delta": {"role": "assistant", "content": ""}}])]
    parts += [event([{"index": 0, "delta": {"content": piece}}]) for piece in pieces]
    parts.append(event([{"index": 0, "delta": {}, "finish_reason": "stop"}]))
    usage = {"prompt_tokens": 60, "completion_tokens": events, "total_tokens": 60 + events}
    parts.append(event([], usage=usage))
    done = b"data: [DONE]\n\n"
    return head + b"".join(parts) + b"%x\r\n%s\r\n0\r\n\r\n" % (len(done), done)


MODELS = json.dumps({"object": "list", "data": [{"id": "fast", "object": "model"}]}).encode()
MODELS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(MODELS),
    MODELS,
)


class Server(asyncio.Protocol):
    """Answers whole requests; a body is skipped by its Content-Length."""

    def __init__(self, whole: bytes, stream: bytes) -> None:
        self._whole = whole
        self._stream = stream
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio.Transport.
        self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        while (head := buffer.find(b"\r\n\r\n")) >= 0:
            lower = buffer[:head].lower()
            length = 0
            if (at := lower.find(b"content-length:")) >= 0:
                length = int(lower[at + 15 :].split(b"\r\n", 1)[0])
            end = head + 4 + length
            if len(buffer) < end:
                break
            if buffer.startswith(b"GET"):
                self._transport.write(MODELS)
            elif b'"stream":true' in buffer[head:end]:
                self._transport.write(self._stream)
            else:
                self._transport.write(self._whole)
            buffer = buffer[end:]
        self._buffer = buffer


async def main(port: int, events: int) -> None:
    """Serve until killed."""
    whole, stream = _whole(), _stream(events)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Server(whole, stream), "127.0.0.1", port, backlog=4096
    )
    print(f"listening on {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2])))
