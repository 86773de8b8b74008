"""What attacks on runs share: a server that counts, runs of aisbench, what is compared."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field

MARK = "AISBENCH_ATTACKED"
"""Variable by which the processes of one attack are found, forked ones among them."""
SLOW_SECONDS = 120
"""A run that takes longer hangs."""


class CountingServer:
    """A chat server of 127.0.0.1 in a thread: answers depend on the request alone."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.asked: Counter[str] = Counter()
        """Requests by a hash of their body."""
        self._loop = asyncio.new_event_loop()
        ready: list[int] = []
        up = threading.Event()

        async def serve() -> None:
            server = await asyncio.start_server(self._talk, "127.0.0.1", 0, limit=1 << 22)
            ready.append(server.sockets[0].getsockname()[1])
            up.set()

        def main() -> None:
            asyncio.set_event_loop(self._loop)
            self._loop.run_until_complete(serve())
            self._loop.run_forever()

        self._thread = threading.Thread(target=main, daemon=True)
        self._thread.start()
        up.wait(10)
        self.url = f"http://127.0.0.1:{ready[0]}"

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = head.partition("content-length:")[2].partition("\r\n")[0].strip()
                body = await reader.readexactly(int(length or 0))
                if head.startswith("get"):
                    self._send(writer, {"data": [{"id": "mock", "object": "model"}]})
                    continue
                self.asked[hashlib.sha256(body).hexdigest()] += 1
                await asyncio.sleep(self.delay)
                self._answer(writer, json.loads(body))
        writer.close()

    def _answer(self, writer: asyncio.StreamWriter, body: dict[str, Any]) -> None:
        words = json.dumps(body["messages"])
        number = int.from_bytes(hashlib.sha256(words.encode()).digest()[:4], "big")
        judging = "rating" in words
        text = f"Fine. Rating: [[{number % 10 + 1}]]" if judging else f"So #### {number % 30}"
        usage = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
        if not body.get("stream"):
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "finish_reason": "stop", "message": message}
            self._send(writer, {"id": "x", "choices": [choice], "usage": usage})
            return
        events = [{"delta": {"content": f"{word} "}, "index": 0} for word in text.split()]
        events.append({"delta": {}, "index": 0, "finish_reason": "stop"})
        lines = [json.dumps({"id": "x", "choices": [one]}) for one in events]
        lines += [json.dumps({"id": "x", "choices": [], "usage": usage}), "[DONE]"]
        data = "".join(f"data: {line}\n\n" for line in lines).encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n%b"
            % (len(data), data)
        )

    @staticmethod
    def _send(writer: asyncio.StreamWriter, document: Mapping[str, Any]) -> None:
        data = json.dumps(document).encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (len(data), data)
        )


@define
class Place:
    """A folder in which aisbench is run, and what it said there."""

    path: Path
    name: str
    """Of the suite."""
    said: str = ""
    mark: str = ""
    _number: int = 0
    notes: list[str] = field(factory=list)
    """What went wrong in this attack."""

    def start(self, *words: str, around: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        """Start ``aisbench WORDS``, in a session of its own."""
        self._number += 1
        self.mark = f"{os.getpid()}-{self.path.name}-{self._number}"
        with (self.path / "said").open("wb") as output:
            return subprocess.Popen(
                [*around, sys.executable, "-m", "aisbench", *words],
                cwd=self.path,
                env={**os.environ, MARK: self.mark, "HOME": str(self.path)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self, process: subprocess.Popen[bytes]) -> int:
        """Its exit code; one that hangs is a fault, and ended."""
        try:
            process.wait(SLOW_SECONDS)
        except subprocess.TimeoutExpired:
            self.notes.append("hangs")
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.said = (self.path / "said").read_text(encoding="utf-8", errors="replace")
        # Ctrl-C before Python has read the program is Python's to tell.
        early = self.said.rstrip().endswith("KeyboardInterrupt") and "run " not in self.said
        if "Traceback" in self.said and not early:
            self.notes.append(f"traceback: ...{self.said[-300:]!r}")
        return process.returncode

    def run(self, *words: str, around: Sequence[str] = ()) -> int:
        return self.wait(self.start(*words, around=around))

    @property
    def folder(self) -> Path | None:
        """The run directory, once it can be resumed."""
        found = sorted(self.path.glob(f"outputs/{self.name}/*/suite.toml"))
        return found[-1].parent if found else None

    def resume(self) -> list[str]:
        """Words that begin the run, or go on with it."""
        return ["run", "s.toml", *(["--resume"] if self.folder else [])]

    def orphans(self) -> None:
        """Note processes that outlive the one that was killed."""
        deadline = time.monotonic() + 15
        while left := _marked(self.mark):
            if time.monotonic() > deadline:
                self.notes.append(f"left behind: {left}")
                for pid in left:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                return
            time.sleep(0.05)


def _marked(mark: str) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"{MARK}={mark}".encode() in (path / "environ").read_bytes().split(b"\0"):
                found.append(int(path.name))
    return found


def figures(run: Path | None) -> dict[str, Any]:
    """Everything that a disturbance must not change: figures, counts, every score, every load's
    counts and how much was recorded of it."""
    found: dict[str, Any] = {}
    if run is None:
        return found
    for path in sorted(run.glob("results/**/*.json")):
        document = json.loads(path.read_bytes())
        kept = ("figures", "counts", "complete", "samples", "tokens")
        found[str(path.relative_to(run))] = [document[name] for name in kept]
    for path in sorted(run.glob("results/**/*.scores.jsonl")):
        rows = sorted(path.read_bytes().splitlines())
        found[str(path.relative_to(run))] = hashlib.sha256(b"\n".join(rows)).hexdigest()
    for path in sorted(run.glob("performance/*/*/*/summary.json")):
        document = json.loads(path.read_bytes())
        counts = {name: count for name, count in document["counts"].items() if count}
        found[str(path.relative_to(run))] = [counts, document["complete"]]
    return found


def without_speed(found: Mapping[str, Any]) -> dict[str, Any]:
    """The same without what is measured in seconds, which is of its own in every run."""
    return {
        name: [[one for one in value[0] if one.get("unit") != "/s"], *value[1:]]
        if name.startswith("results") and name.endswith(".json")
        else value
        for name, value in found.items()
    }


def differences(want: Mapping[str, Any], got: Mapping[str, Any]) -> str:
    """What differs, in short; empty when nothing does."""
    names = [name for name in sorted({*want, *got}) if want.get(name) != got.get(name)]
    return "; ".join(
        f"{name}: {str(got.get(name))[:200]} instead of {str(want.get(name))[:200]}"
        for name in names[:3]
    )


def copied(source: Path, target: Path) -> None:
    """A fresh copy of a prepared folder."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
