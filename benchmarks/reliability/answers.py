"""Odd answers: over sockets in accuracy runs and in loads, and straight into the decoders.

A server of 127.0.0.1 answers each request as its number says (`odd_answers.py`). Bad is: a run
that ends otherwise than by its exit code, a request that is lost or counted twice, an answer that
is neither read as it was sent nor failed, an error whose words were lost, memory that grows.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from answer_protocols import PROTOCOLS, Protocol
from odd_answers import ANY, FAILED, KINDS, SAME, Case, make
from tally import Row

MOST_RSS = 400 << 20
"""Bytes of a client's largest process: bounds of a few MB, 32 requests at once."""
LONGEST = 300.0
_LIMITS = "limits = { head = 0.2, event = 2, body = 4 }"
_SOCKET_ONLY = frozenset(
    {"message that stays open", "another answer behind", "idle connection dropped", "no http",
     "never ends", "connection broken", "interim answers", "framings", "odd headers",
     "compressed", "status"}
)  # fmt: skip
_NUMBER = re.compile(rb"item number (\d+)")


def run(seeds: Sequence[int], quick: bool) -> list[Row]:
    rows = []
    for protocol in PROTOCOLS:
        for stream in (True, False) if protocol.streams else (False,):
            rows.append(decoders(protocol, stream, seeds, 300 if quick else 3000))
            for mode in ("accuracy", "both"):
                rows.append(sockets(protocol, stream, mode, seeds, 30 if quick else 200))
    return rows


# -- the verdict


def judged(case: Case, text: str, fault: Any) -> str:
    """What is wrong with how a case was read, or ""."""
    if case.right == ANY:
        return ""
    if fault is None and text != case.text and case.right != FAILED:
        return f"read as {text[:60]!r}"
    if fault is None and case.right == FAILED:
        return f"not failed, and read as {text[:60]!r}"
    if fault is not None and case.right == SAME:
        return f"failed: {fault['message'][:120]}"
    if fault is not None and case.words and case.words not in json.dumps(fault):
        return f"the server's words were lost: {fault['message'][:120]}"
    return ""


# -- in the process


def decoders(protocol: Protocol, stream: bool, seeds: Sequence[int], count: int) -> Row:
    import orjson

    from aisbench.api import Response
    from aisbench.config.suite import ServiceSettings
    from aisbench.conversation.read_answer import understood
    from aisbench.engine.bugs import sound
    from aisbench.store.rows import converter

    kinds = [name for name in KINDS if name not in _SOCKET_ONLY]
    service = ServiceSettings(url="http://x")
    faults = []
    fresh = _decoder_of(protocol, stream)
    for seed in seeds:
        for number in range(count):
            case = make(protocol, stream, seed, number, kinds)
            try:
                decoder = fresh()
                decoder.start(int(case.status.split()[0]), _content_type(stream))
                for part in _cut(case):
                    decoder.feed(part)
                    assert decoder.answer_begun in (True, False)
                response = sound(decoder.finish())
                understood(response, service)
                row = orjson.dumps(converter().unstructure(response))
                read = converter().structure(orjson.loads(row), Response)
                fault = (
                    None
                    if read.fault is None
                    else {"message": read.fault.message, "body": read.fault.body}
                )
                wrong = judged(case, read.text, fault)
            except Exception as error:  # noqa: BLE001 - that is what is looked for
                wrong = f"raised {error!r:.120}"
            if wrong:
                faults.append(f"{case.kind}, seed {seed}, case {number}: {wrong}")
    name = f"decoder of {protocol.backend}, {'streams' if stream else 'whole'}"
    return Row("answers", name, count * len(seeds), len(faults), faults=tuple(faults[:20]))


def _content_type(stream: bool) -> str:
    return "text/event-stream" if stream else "application/json"


def _cut(case: Case) -> Iterator[bytes]:
    place = 0
    while place < len(case.body):
        whole = case.chance.random() < 0.3
        step = len(case.body) if whole else case.chance.randint(1, case.step or 300)
        yield case.body[place : place + step]
        place += step


def _decoder_of(protocol: Protocol, stream: bool) -> Any:
    """Fresh decoders, from the backend that a suite would get by its name."""
    from aisbench.api import BackendOffer, Message, Prompt, Request
    from aisbench.plugins.discovery import discover
    from aisbench.plugins.targets import construct, settings_class

    _, listed = discover().find(BackendOffer, protocol.backend)
    made = settings_class(listed)
    backend = construct(listed, made() if made else None)
    prompt = (
        Prompt(messages=(Message(role="user", content="q"),))
        if protocol.chat
        else Prompt(text="q")
    )
    request = Request(
        key="k", sample_id="s", repeat=0, turn=0, model="m", prompt=prompt, generation={},
        stream=stream, seed=0,
    )  # fmt: skip
    return lambda: backend.decoder(request)


# -- over sockets


class OddServer:
    """Answers a request for item N with case N, in a thread."""

    def __init__(self, protocol: Protocol, stream: bool, seed: int, kinds: Sequence[str]) -> None:
        self._make = lambda number: make(protocol, stream, seed, number, kinds)
        self.asked: Counter[int] = Counter()
        self._loop = asyncio.new_event_loop()
        self._up = threading.Event()
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._main, daemon=True)
        self._thread.start()
        self._up.wait(10)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _main(self) -> None:
        async def begin() -> None:
            self._server = server = await asyncio.start_server(
                self._talk, "127.0.0.1", 0, limit=1 << 22, backlog=1000
            )
            self.port = server.sockets[0].getsockname()[1]
            self._up.set()

        asyncio.set_event_loop(self._loop)
        self._loop.create_task(begin())
        self._loop.run_forever()
        if self._server is not None:
            self._server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        for writer in self._writers:
            writer.transport.abort()
        self._loop.run_until_complete(asyncio.sleep(0.01))
        self._loop.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served = 0
        self._writers.add(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: (\d+)", head)
                body = await reader.readexactly(int(length[1])) if length else b""
                found = _NUMBER.search(body)
                if found is None:
                    writer.write(_models(head))
                    continue
                case = self._make(int(found[1]))
                if case.end.startswith("drop") and served:
                    return _drop(writer, case.end)
                self.asked[int(found[1])] += 1
                served += 1
                if not await self._answer(case, writer):
                    return None
        except (asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
            return None
        finally:
            writer.close()
            self._writers.discard(writer)

    async def _answer(self, case: Case, writer: asyncio.StreamWriter) -> bool:
        """Send it; whether the connection goes on."""
        data = case.bytes()
        step = max(case.step, len(data) // 200) if case.step else len(data)
        for place in range(0, len(data), max(step, 1)):
            writer.write(data[place : place + step])
            if case.step:
                await writer.drain()
                await asyncio.sleep(0)
        while case.endless:
            writer.write(case.endless * 8)
            await writer.drain()
            await asyncio.sleep(0.001)  # others have their turn
        await writer.drain()
        if case.end == "open":
            await asyncio.sleep(60)
        elif case.end == "late":
            await asyncio.sleep(0.02)
            chunked = (case.framing or ("chunked" if case.stream else "length")) == "chunked"
            writer.write(b"0\r\n\r\n" if chunked else b" " * 10)
        elif case.end == "rst":
            _drop(writer, "rst")
        return case.end not in ("fin", "rst", "open")


def _drop(writer: asyncio.StreamWriter, how: str) -> None:
    if how.endswith("rst"):
        own = writer.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _models(head: bytes) -> bytes:
    body = b'{"object":"list","data":[{"id":"m"}],"model_id":"m"}'
    if b"repository" in head:
        body = b'[{"name":"m","version":"1","state":"READY"}]'
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


SUITE = """
[suite]
name = "odd"
mode = "{mode}"
output = "out"
abort_after = 1000000
max_failed = 1.0
[models.m]
backend = "{backend}"
url = "http://127.0.0.1:{port}"
model = "m"
concurrency = 32
stream = {stream}
timeout = {{ connect = 30, first_token = 12, total = 12 }}
retry = {{ attempts = 1 }}
{limits}
[datasets.d]
dataset = "custom"
path = "rows.jsonl"
evaluator = "exact"
template = "{template}"
prompt = {{ {key} = "{{question}}" }}
"""
LOAD = """
[load]
concurrency = 32
requests = {count}
warm_up = 0
"""


def sockets(protocol: Protocol, stream: bool, mode: str, seeds: Sequence[int], count: int) -> Row:
    kinds = list(KINDS)
    faults: list[str] = []
    for seed in seeds:
        random.Random(seed).shuffle(kinds)
        server = OddServer(protocol, stream, seed, kinds)
        try:
            with tempfile.TemporaryDirectory() as folder:
                found = _attacked(protocol, stream, mode, count, server, Path(folder))
                cases = [make(protocol, stream, seed, number, kinds) for number in range(count)]
                for number, wrong in _compared(found, cases, server, mode):
                    kind = "the run" if number is None else cases[number].kind
                    faults.append(f"{kind}, seed {seed}, case {number}: {wrong}")
        finally:
            server.close()
    what = "accuracy" if mode == "accuracy" else "load"
    name = f"{what} of {protocol.backend}, {'streams' if stream else 'whole'}"
    return Row("answers", name, count * len(seeds), len(faults), faults=tuple(faults[:20]))


def _attacked(
    protocol: Protocol, stream: bool, mode: str, count: int, server: OddServer, folder: Path
) -> dict[str, Any]:
    """What a run left: its end, its rows, its largest process."""
    rows = [
        {"id": str(number), "question": f"item number {number} ?", "answer": "x"}
        for number in range(count)
    ]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    suite = SUITE.format(
        mode=mode, backend=protocol.backend, port=server.port, stream=str(stream).lower(),
        limits=_LIMITS, template="chat" if protocol.chat else "text",
        key="user" if protocol.chat else "question",
    )  # fmt: skip
    if mode == "both":
        suite += LOAD.format(count=count)
    (folder / "suite.toml").write_text(suite)
    command = [str(Path(sys.executable).with_name("aisbench")), "run", "suite.toml"]
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
        clock = threading.Timer(LONGEST, process.kill)
        clock.start()
        _, status, used = os.wait4(process.pid, 0)
        clock.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
    return {
        "code": process.returncode,
        "said": (folder / "said").read_text(errors="replace"),
        "rss": used.ru_maxrss * 1024,
        "answers": _answers(folder),
        "figures": _figures(folder),
    }


def _answers(folder: Path) -> dict[int, list[Any]]:
    """The answers in the journals, by the number of their row."""
    found: dict[int, list[Any]] = {}
    paths = {*folder.glob("out/**/predictions/**/*.jsonl"), *folder.glob("out/**/answers*.jsonl")}
    for path in paths:
        for line in path.read_bytes().splitlines():
            row = json.loads(line)
            found.setdefault(int(row["sample"]), []).append(row["response"])
    return found


def _figures(folder: Path) -> dict[str, float]:
    for path in folder.glob("out/**/performance/**/summary.json"):
        population = json.loads(path.read_bytes())["populations"][0]
        return {one["name"]: one["value"] for one in population["figures"]}
    return {}


def _compared(
    found: dict[str, Any], cases: Sequence[Case], server: OddServer, mode: str
) -> Iterator[tuple[int | None, str]]:
    if found["code"] not in (0, 1) or "Traceback" in found["said"]:
        yield None, f"exit code {found['code']}: {found['said'][-300:]!r}"
    if found["rss"] > MOST_RSS:
        yield None, f"{found['rss'] >> 20} MB of memory"
    figures = found["figures"]
    if mode == "both":
        ended = figures.get("success_requests", 0) + figures.get("failed_requests", 0)
        if ended != len(cases):
            yield None, f"{ended:g} of {len(cases)} requests in the figures"
    for number, case in enumerate(cases):
        answers = found["answers"].get(number, [])
        if len(answers) != 1:
            yield number, f"{len(answers)} answers in the journal"
            continue
        if server.asked[number] > 1 and case.bytes():
            yield number, f"asked {server.asked[number]} times"
        if wrong := judged(case, answers[0].get("text", ""), answers[0].get("fault")):
            yield number, wrong
