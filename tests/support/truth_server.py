"""A streaming server that writes down what it did, with every oddity that a client must survive.

Run as a program: prints its port; GET /log returns its log as JSON lines. Which oddity a request
meets is told by the word in its prompt: plain, role, usage, several, fail, reset, flaky; whole and
coarse as a gateway passes answers on that buffers, empty, short, and long, which takes seconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

TTFT = 0.06
GAP = 0.02
TOKENS = 6

LOG: list[dict[str, Any]] = []
SEEN: dict[str, int] = {}


def event(delta: dict[str, Any] | None, usage: int | None = None) -> bytes:
    """One chunk of the HTTP body with one server-sent event."""
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": None}]
    body: dict[str, Any] = {"object": "chat.completion.chunk", "choices": choices}
    if usage is not None:
        body["usage"] = {"prompt_tokens": 11, "completion_tokens": usage}
    return chunk(b"data: " + json.dumps(body).encode() + b"\n\n")


def chunk(data: bytes) -> bytes:
    """HTTP chunked coding."""
    return b"%x\r\n%b\r\n" % (len(data), data)


FINISH = chunk(
    b'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{},'
    b'"finish_reason":"stop"}]}\n\n'
)


async def answer(kind: str, writer: asyncio.StreamWriter, row: dict[str, Any]) -> bool:
    """Send one answer; False when the connection is gone."""
    if kind == "fail" or (kind == "flaky" and row["attempt"] == 1):
        body = b'{"error": {"message": "made to fail", "code": 500}}'
        writer.write(b"HTTP/1.1 500 No\r\nContent-Type: application/json\r\n"
                     b"Content-Length: %d\r\n\r\n%b" % (len(body), body))  # fmt: skip
        row.update(outcome="failed", end=time.monotonic_ns())
        return True
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    if kind == "role":
        # A first token to clients that count events.
        writer.write(event({"role": "assistant", "content": ""}))
    start = row["arrival"] / 1e9
    per_event = 2 if kind == "several" else 1
    tokens = {"empty": 0, "short": 2, "long": 75}.get(kind, TOKENS)
    row["times"] = times = []
    held, hold = b"", {"whole": TOKENS, "coarse": 3}.get(kind, 1)
    for number in range(tokens // per_event):
        await asyncio.sleep(max(0.0, start + TTFT + number * GAP - time.monotonic()))
        if kind == "reset" and number == 2:
            writer.transport.abort()
            row.update(outcome="failed", end=time.monotonic_ns())
            return False
        held += event({"content": " word" * per_event})
        times.append(time.monotonic_ns())
        if (number + 1) % hold == 0:
            writer.write(held)
            held = b""
            if kind == "long":
                await writer.drain()  # who is cut is told
    writer.write(FINISH)
    if kind == "usage":
        # Another last token to clients that count events.
        await asyncio.sleep(2 * GAP)
    row.update(outcome="success", tokens=tokens, end=time.monotonic_ns())
    writer.write(event(None, tokens))
    writer.write(chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")
    return True


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = 0
            for line in head.split("\r\n"):
                name, _, value = line.partition(":")
                if name.lower() == "content-length":
                    length = int(value)
            body = await reader.readexactly(length)
            if head.startswith("GET"):
                found = "\n".join(map(json.dumps, LOG)) if "/log" in head else '{"data": []}'
                text = found.encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(text) + text)
                continue
            arrival = time.monotonic_ns()
            prompt = json.loads(body)["messages"][-1]["content"]
            kind, _, name = prompt.partition(" ")
            SEEN[name] = SEEN.get(name, 0) + 1
            row = {"kind": kind, "name": name, "arrival": arrival, "attempt": SEEN[name]}
            LOG.append(row)
            if not await answer(kind, writer, row):
                return
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    """Listen until killed."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
