"""Stream events a second and truth of time stamps of the engine, beside a bare Protocol client.

python benchmarks/stream_events.py [--requests 4000] [--runs 5]        (needs a C compiler, Linux)

Against benchmarks/stream_server.c (one send an event, an absolute schedule, its own log), each
client in a process of its own on uvloop:

1. throughput: 64 in flight, 64 events an answer, no delay. The bare client is an asyncio.Protocol
   that counts events and parses nothing; the engine's client decodes every event with the
   OpenAI codec and stamps it.
2. fidelity: 200 in flight, TTFT 50 ms, 10 ms an event, 32 events: TTFT and E2EL as the engine
   stamped them (first_token - sent, done - sent) beside the server's log.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent


@contextmanager
def server(binary: Path, ttft_ms: float, tpot_ms: float) -> Iterator[str]:
    """The address of a stream server."""
    process = subprocess.Popen(
        [binary, "0", str(ttft_ms), str(tpot_ms)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().split()[-1]}"
    finally:
        process.kill()
        process.wait()


def run_engine(url: str, requests: int, concurrency: int, events: int) -> dict[str, float]:
    """The engine's client with the OpenAI codec."""
    import uvloop

    from aisbench.api import Message, Prompt, Request
    from aisbench.config.planner import make_plan
    from aisbench.config.source import Override, read_source
    from aisbench.engine.client import Client
    from aisbench.engine.replicas import Replica
    from aisbench.plugins import discover

    model = {"backend": "vllm-chat", "url": url, "model": "fast"}
    overrides = [
        Override(path=("models", "m"), value=model, origin="benchmark"),
        Override(path=("datasets", "d"), value={"dataset": "gsm8k-demo"}, origin="benchmark"),
    ]
    made = make_plan(read_source(None, overrides), discover()).models[0]
    request = Request(
        key="k", sample_id="s", repeat=0, turn=0, model="fast", stream=True, seed=1,
        prompt=Prompt(messages=(Message(role="user", content="How far is it? " * 8),)),
        generation={"max_tokens": events},
    )  # fmt: skip
    ttft: list[int] = []
    e2el: list[int] = []

    async def main() -> dict[str, float]:
        async with Client(made.service, {}) as client:
            replica = Replica(url)
            left = iter(range(requests))

            async def worker() -> None:
                for _ in left:
                    decoder = made.backend.decoder(request)
                    wire = made.backend.encode(request)
                    attempt = await client.attempt(wire, decoder, replica, True)
                    assert attempt.response.fault is None, attempt.response.fault
                    assert attempt.response.usage.completion_tokens == events
                    timing = attempt.timing
                    assert timing.sent and timing.first_token and timing.done
                    ttft.append(timing.first_token - timing.sent)
                    e2el.append(timing.done - timing.sent)

            begun, cpu = time.perf_counter(), time.process_time()
            await asyncio.gather(*(worker() for _ in range(concurrency)))
            seconds, used = time.perf_counter() - begun, time.process_time() - cpu
        return {**rates(requests * events, seconds, used), **spread(ttft, "ttft"),
                **spread(e2el, "e2el")}  # fmt: skip

    return uvloop.run(main())


def run_bare(url: str, requests: int, concurrency: int, events: int) -> dict[str, float]:
    """An asyncio.Protocol that finds the end of each answer and counts its events."""
    import uvloop

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

    async def main() -> dict[str, float]:
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
        return rates(requests * events, time.perf_counter() - begun, time.process_time() - cpu)

    return uvloop.run(main())


def rates(events: int, seconds: float, cpu: float) -> dict[str, float]:
    """Events a second and CPU ms per 1000 events."""
    return {"rate": events / seconds, "cpu": cpu / events * 1e6}


def spread(values: list[int], name: str) -> dict[str, float]:
    """Mean and 99th percentile in ms of times in ns."""
    ordered = sorted(values)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return {f"{name}_mean": statistics.fmean(ordered) / 1e6, f"{name}_p99": p99 / 1e6}


def measure(
    client: str, url: str, requests: int, concurrency: int, events: int
) -> dict[str, float]:
    """Run one client in a process of its own."""
    words = [sys.executable, __file__, "--one", client, url, str(requests), str(concurrency)]
    output = subprocess.run([*words, str(events)], check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(output.stdout)
    return found


def throughput(binary: Path, requests: int, runs: int) -> None:
    """Interleaved runs of both clients."""
    print(f"throughput: 64 in flight, {requests} answers of 64 events, no delay, {runs} runs each")
    found: dict[str, list[dict[str, float]]] = {"bare Protocol": [], "aisbench engine": []}
    for _ in range(runs):
        for name, results in found.items():
            with server(binary, 0, 0) as url:
                results.append(measure(name.split()[0], url, requests, 64, 64))
    medians = {}
    for name, results in found.items():
        speeds = sorted(result["rate"] for result in results)
        medians[name] = statistics.median(speeds)
        cpu = statistics.median(result["cpu"] for result in results)
        print(
            f"  {name:<16} {medians[name] / 1000:6.0f} thousand events/s (from "
            f"{speeds[0] / 1000:.0f} to {speeds[-1] / 1000:.0f})  {cpu:.2f} ms CPU per 1000 events"
        )
    print(f"  ratio            {medians['aisbench engine'] / medians['bare Protocol']:6.2f}\n")


def fidelity(binary: Path, runs: int) -> None:
    """What the engine stamped beside what the server did."""
    print("fidelity: 200 in flight, 1000 answers of 32 events, TTFT 50 ms, 10 ms an event")
    for _ in range(runs):
        with server(binary, 50, 10) as url:
            found = measure("aisbench", url, 1000, 200, 32)
            with urllib.request.urlopen(f"{url}/log", timeout=10) as reply:
                rows = [[int(word) for word in line.split()] for line in reply.read().splitlines()]
        truth = {
            **spread([first - arrival for arrival, first, _, _ in rows], "ttft"),
            **spread([last - arrival for arrival, _, last, _ in rows], "e2el"),
        }
        parts = [
            f"{name} {found[name]:.2f} ms (server {truth[name]:.2f})"
            for name in ("ttft_mean", "ttft_p99", "e2el_mean", "e2el_p99")
        ]
        print(f"  {', '.join(parts)}")


def main() -> None:
    """Build the server and print both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--one", nargs=5, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        client, url, *numbers = args.one
        run = run_engine if client == "aisbench" else run_bare
        print(json.dumps(run(url, *map(int, numbers))))
        return
    with tempfile.TemporaryDirectory() as folder:
        binary = Path(folder) / "stream_server"
        subprocess.run(["cc", "-O2", "-o", binary, HERE / "stream_server.c"], check=True)
        throughput(binary, args.requests, args.runs)
        fidelity(binary, min(args.runs, 3))


if __name__ == "__main__":
    main()
