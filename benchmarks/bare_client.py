"""The least that a client can do, as a baseline: a bare asyncio.Protocol on uvloop.

python benchmarks/bare_client.py URL REQUESTS CONCURRENCY EVENTS [--parse]     (prints JSON)

Without --parse it counts the events of each read, and does not look into them. With it, it does
what any client must that reads tokens: each event's JSON is parsed by orjson, its text is looked
for, and each read that brought any is stamped. It keeps nothing, writes nothing, knows no errors,
and asks the same request again and again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time

import orjson
import uvloop

MS = 1e6


class Bare(asyncio.Protocol):
    """One connection: the next request goes out inside the read that ends an answer."""

    def __init__(self, load: Load) -> None:
        self._load = load

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio.Transport.
        self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment]
        self._next()

    def _next(self) -> None:
        if self._load.left:
            self._load.left -= 1
            self._begin()
            self._transport.write(self._load.wire)

    def _begin(self) -> None:
        pass


class Counting(Bare):
    """Counts events by the bytes that begin them."""

    def data_received(self, data: bytes) -> None:
        load = self._load
        load.seen += data.count(b"\ndata: ")
        if data.endswith(b"0\r\n\r\n"):
            load.seen -= 2  # usage and [DONE] are no tokens
            load.ended()
            self._next()


class Parsing(Bare):
    """Parses each event, counts those with text, and stamps."""

    def _begin(self) -> None:
        self._rest = b""
        self._first = 0
        self._sent = time.monotonic_ns()

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        load = self._load
        blocks = (self._rest + data if self._rest else data).split(b"\n\n")
        self._rest = blocks.pop()
        tokens = 0
        for block in blocks:
            # Before the event stand the length of its chunk, and the response's head.
            event = block[block.find(b"data: ") + 6 :]
            if event != b"[DONE]":
                choices = orjson.loads(event)["choices"]
                if choices and choices[0]["delta"].get("content"):
                    tokens += 1
        if tokens:
            load.seen += tokens
            self._first = self._first or now
            self._last = now
        if self._rest.endswith(b"0\r\n\r\n"):
            load.times.append((self._sent, self._first, self._last, now))
            load.ended()
            self._next()


class Load:
    """So many requests, and what came of them."""

    def __init__(self, requests: int, events: int) -> None:
        body = orjson.dumps(
            {
                "model": "fast",
                "messages": [{"role": "user", "content": "How far is it? " * 8}],
                "max_tokens": events,
                "stream": True,
            }
        )
        self.wire = (
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        self.left = requests
        self.wanted = requests * events
        self.seen = 0
        self.times: list[tuple[int, int, int, int]] = []
        """Of each answer: sent, first and last token, end (ns)."""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def ended(self) -> None:
        """An answer is whole."""
        if self.seen >= self.wanted and not self.done.done():
            self.done.set_result(None)


async def run(
    url: str, requests: int, concurrency: int, events: int, *, parse: bool
) -> dict[str, float]:
    """Ask so many answers of so many events; rate, CPU and means in ms."""
    load = Load(requests, events)
    kind = Parsing if parse else Counting
    loop = asyncio.get_running_loop()
    port = int(url.rpartition(":")[2])
    begun, cpu = time.perf_counter(), time.process_time()
    for _ in range(concurrency):
        await loop.create_connection(lambda: kind(load), "127.0.0.1", port)
    await load.done
    seconds, used = time.perf_counter() - begun, time.process_time() - cpu
    found = {"rate": load.wanted / seconds, "cpu": used / load.wanted * 1e6}
    if parse:
        count = len(load.times)
        found["ttft"] = sum(first - sent for sent, first, _, _ in load.times) / count / MS
        found["tpot"] = sum(last - first for _, first, last, _ in load.times) / count / MS
        found["tpot"] /= max(1, events - 1)
        found["e2el"] = sum(end - sent for sent, _, _, end in load.times) / count / MS
    return found


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    for name in ("requests", "concurrency", "events"):
        parser.add_argument(name, type=int)
    parser.add_argument("--parse", action="store_true")
    args = parser.parse_args()
    found = run(args.url, args.requests, args.concurrency, args.events, parse=args.parse)
    print(json.dumps(uvloop.run(found)))


if __name__ == "__main__":
    main()
