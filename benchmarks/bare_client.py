"""The least that a client can do: an asyncio.Protocol that counts events and parses nothing.

python benchmarks/bare_client.py URL REQUESTS CONCURRENCY EVENTS     (prints JSON)
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import uvloop


def main(url: str, requests: int, concurrency: int, events: int) -> dict[str, float]:
    """Ask so many answers of so many events; rate and CPU."""
    body = json.dumps(
        {
            "model": "fast",
            "messages": [{"role": "user", "content": "How far is it? " * 8}],
            "max_tokens": events,
            "stream": True,
        },
        separators=(",", ":"),
    ).encode()
    port = int(url.rpartition(":")[2])
    wire = (
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    left = [requests]
    seen = [0]

    async def run() -> dict[str, float]:
        loop = asyncio.get_running_loop()
        done = loop.create_future()

        class Bare(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                self.transport = transport
                self.next()

            def next(self) -> None:
                if left[0] > 0:
                    left[0] -= 1
                    self.transport.write(wire)  # type: ignore[attr-defined]

            def data_received(self, data: bytes) -> None:
                seen[0] += data.count(b"\ndata: ")
                if data.endswith(b"0\r\n\r\n"):
                    seen[0] -= 2  # usage and [DONE] are no tokens
                    if seen[0] >= requests * events and not done.done():
                        done.set_result(None)
                    self.next()

        begun, cpu = time.perf_counter(), time.process_time()
        for _ in range(concurrency):
            await loop.create_connection(Bare, "127.0.0.1", port)
        await done
        seconds, used = time.perf_counter() - begun, time.process_time() - cpu
        total = requests * events
        return {"rate": total / seconds, "cpu": used / total * 1e6}

    return uvloop.run(run())


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], *map(int, sys.argv[2:5]))))
