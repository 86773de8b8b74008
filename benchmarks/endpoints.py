"""What a load of embeddings costs the client, beside a bare aiohttp client.

python benchmarks/endpoints.py [--runs 3] [--requests 400] [--concurrency 8] [--width 1024]
                               [--batch 32]

Both ask a server of this program, which sends one prepared answer again and again: vectors of
``width`` random numbers, ``batch`` of them, as base64 or as JSON numbers. The bare client does
what any client must that wants the numbers: it posts, reads, parses the JSON with orjson, turns
each vector into numbers in single precision, and takes three times. It checks nothing, keeps
nothing, and writes nothing. Printed are medians of all runs, taken in turn: CPU time a request of
the process that asks (user and system), requests in a second, and their ratios. Client and server
share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import multiprocessing
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import numpy as np
import orjson
import uvloop

TEXT = "How far is it from here to the sea, and who walks there? " * 4


@dataclass
class Cost:
    """Of one load: CPU time a request (ms), requests in a second."""

    cpu: float
    rate: float


def answer(width: int, batch: int, encoding: str) -> bytes:
    """A body as OpenAI's servers send it; numbers as Python writes those of single precision."""
    rows = np.random.default_rng(7).standard_normal((batch, width), dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    data = [
        {
            "object": "embedding",
            "index": place,
            "embedding": base64.b64encode(row.astype("<f4").tobytes()).decode()
            if encoding == "base64"
            else row.tolist(),
        }
        for place, row in enumerate(rows)
    ]
    usage = {"prompt_tokens": 64 * batch, "total_tokens": 64 * batch}
    return json.dumps({"object": "list", "data": data, "model": "m", "usage": usage}).encode()


class Prepared(asyncio.Protocol):
    """Answers each whole request by one of two bodies, as its encoding_format asks."""

    def __init__(self, bodies: dict[str, bytes]) -> None:
        self._answers = {name: _response(body) for name, body in bodies.items()}
        self._models = _response(b'{"object": "list", "data": [{"id": "m", "object": "model"}]}')
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio.Transport.
        self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, ended, body = self._data.partition(b"\r\n\r\n")
        if not ended:
            return
        if head.startswith(b"GET"):
            self._send(self._models)
            return
        name = b"content-length:"
        at = head.lower().index(name) + len(name)
        if len(body) >= int(head[at:].split(b"\r\n", 1)[0]):
            float_asked = b'"encoding_format":"float"' in body
            self._send(self._answers["float" if float_asked else "base64"])

    def _send(self, response: bytes) -> None:
        self._data = b""
        self._transport.write(response)


def _response(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


def serve(port: int, width: int, batch: int) -> None:
    """Answer until the process is ended."""
    bodies = {name: answer(width, batch, name) for name in ("base64", "float")}

    async def forever() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Prepared(bodies), "127.0.0.1", port)
        await server.serve_forever()

    uvloop.run(forever())


@contextlib.contextmanager
def serving(width: int, batch: int) -> Iterator[str]:
    """The server's address, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(port, width, batch))
    process.start()
    try:
        until = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            if time.monotonic() > until:
                raise SystemExit("the server did not start")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.join()


async def bare(url: str, encoding: str, requests: int, concurrency: int, batch: int) -> Cost:
    """So many requests from so many tasks on one event loop."""
    body = orjson.dumps({"model": "m", "input": [TEXT] * batch, "encoding_format": encoding})
    left = requests
    times: list[tuple[int, int, int]] = []

    async def ask(session: aiohttp.ClientSession) -> None:
        nonlocal left
        while left:
            left -= 1
            sent = time.monotonic_ns()
            async with session.post(url + "/v1/embeddings", data=body) as response:
                first = time.monotonic_ns()
                read = await response.read()
            times.append((sent, first, time.monotonic_ns()))
            for entry in orjson.loads(read)["data"]:
                value = entry["embedding"]
                if encoding == "base64":
                    np.frombuffer(base64.b64decode(value), "<f4")
                else:
                    np.array(value, "<f4")

    headers = {"Content-Type": "application/json"}
    connector = aiohttp.TCPConnector(limit=concurrency)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        begun, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(ask(session) for _ in range(concurrency)))
    used, took = time.process_time() - cpu, time.perf_counter() - begun
    assert len(times) == requests
    return Cost(used * 1000 / requests, requests / took)


def ours(url: str, encoding: str, requests: int, concurrency: int, batch: int) -> Cost:
    """A load of `aisbench run`, of its own files: what its worker spent, and how fast it was."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = [TEXT] * batch
        (folder / "rows.jsonl").write_text(json.dumps({"texts": texts}) + "\n")
        (folder / "s.toml").write_text(
            f"""
            [suite]
            name = "b"
            mode = "performance"
            [models.m]
            backend = "openai-embeddings"
            url = "{url}"
            encoding = "{encoding}"
            [datasets.d]
            dataset = "custom"
            kind = "batch"
            path = "rows.jsonl"
            [load]
            shape = "closed"
            concurrency = {concurrency}
            requests = {requests}
            warm_up = {concurrency}
            """
        )
        done = subprocess.run(
            [sys.executable, "-m", "aisbench", "run", "s.toml"],
            cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
        (path,) = folder.glob("outputs/b/*/performance/m/d/load")
        summary = json.loads((path / "summary.json").read_text())
        document = json.loads((path / "load.json").read_text())
    assert summary["counts"]["success"] == requests
    cpu = sum(one["cpu_ns"] for one in document["counters"]) / 1e6
    (figures,) = (one for one in summary["populations"] if one["name"] == "run")
    (rate,) = (one["value"] for one in figures["figures"] if one["name"] == "request_throughput")
    return Cost(cpu / requests, rate)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser()
    for name, usual in (
        ("runs", 3), ("requests", 400), ("concurrency", 8), ("width", 1024), ("batch", 32),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=usual)
    args = parser.parse_args()
    print(
        f"{args.requests} requests, {args.concurrency} in flight, {args.batch} vectors of "
        f"{args.width} numbers each; medians of {args.runs} runs in turn"
    )
    given = (args.requests, args.concurrency, args.batch)
    with serving(args.width, args.batch) as url:
        for encoding in ("base64", "float"):
            kept: dict[str, list[Cost]] = {"aisbench": [], "bare": []}
            for _ in range(args.runs):
                kept["bare"].append(uvloop.run(bare(url, encoding, *given)))
                kept["aisbench"].append(ours(url, encoding, *given))
            size = len(answer(args.width, args.batch, encoding))
            report(encoding, size, kept["aisbench"], kept["bare"])


def report(encoding: str, size: int, found: list[Cost], baseline: list[Cost]) -> None:
    """One line for each figure: aisbench, baseline, ratio."""

    def middle(costs: list[Cost], key: str) -> float:
        return float(statistics.median(getattr(one, key) for one in costs))

    print(f"{encoding} (answers of {size:,} bytes)")
    for key, what in (("cpu", "ms CPU a request"), ("rate", "requests/s")):
        one, other = middle(found, key), middle(baseline, key)
        print(f"   {what:<17} {one:8.2f}   bare aiohttp {other:8.2f}   ratio {one / other:.2f}")


if __name__ == "__main__":
    main()
