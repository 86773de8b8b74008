"""Servers that a run starts: none of their processes outlives it, whatever ends it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from aisbench.base.errors import ServerError
from aisbench.config.suite import ServerSettings
from aisbench.servers.leftovers import MARK, end_leftovers, mark_of
from aisbench.servers.started import started
from aisbench.store.run import RunFolder

pytestmark = pytest.mark.not_quick

SERVER = """
import http.server, os, signal, subprocess, sys
how = sys.argv[2]
if "daemon" in how:  # as vllm's workers, which leave the group
    subprocess.Popen(["sleep", "60"], start_new_session=True)
if "stubborn" in how:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    if os.fork() == 0:
        os.setsid()
        signal.pause()
    os._exit(0)
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if "busy" in how else 200)
        self.end_headers()
if "never" in how:
    signal.pause()
print("up", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""

OWNER = """
import asyncio, sys
from pathlib import Path
from aisbench.config.suite import ServerSettings
from aisbench.servers.started import started
from aisbench.store.run import RunFolder

async def main():
    command = (sys.executable, "-c", sys.argv[2], "{port}", sys.argv[3])
    async with started({"s": ServerSettings(command=command)}, RunFolder(Path(sys.argv[1]))):
        print("ready", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    return run


def settings(how: str = "daemon", **more: Any) -> ServerSettings:
    return ServerSettings(command=(sys.executable, "-c", SERVER, "{port}", how), **more)


def living(mark: str) -> list[str]:
    """The commands of all processes that carry the run's mark."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"{MARK}={mark}".encode() in (path / "environ").read_bytes().split(b"\0"):
                found.append((path / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:60])
    return found


def gone(mark: str, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while living(mark):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@contextlib.contextmanager
def owned(run: RunFolder, how: str = "daemon") -> Iterator[subprocess.Popen[str]]:
    """A process that started a server."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(run.path), SERVER, how],
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_all_processes_end_with_the_run(run: RunFolder) -> None:
    async def use() -> None:
        async with started({"s": settings()}, run) as urls:
            assert urls["s"].startswith("http://127.0.0.1:")
            # Guardian, server, the child of a fork of a fork, and one of another session.
            assert len(living(mark)) == 4, living(mark)

    mark = mark_of(run)
    asyncio.run(use())
    assert living(mark) == []
    assert not (run.path / "servers" / "running.json").exists()
    assert (run.path / "servers" / "s.log").read_text().startswith("up")


@pytest.mark.parametrize("ended_by", ["kill", "group"])
def test_a_killed_run_leaves_none(run: RunFolder, ended_by: str) -> None:
    mark = mark_of(run)
    with owned(run) as process:
        assert len(living(mark)) == 4
        if ended_by == "kill":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
        assert gone(mark), living(mark)


def test_what_the_guardian_could_not_end_is_ended_by_the_next_session(run: RunFolder) -> None:
    mark = mark_of(run)
    with owned(run) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        os.kill(int(children), signal.SIGKILL)
        process.kill()
        deadline = time.monotonic() + 10
        while len(living(mark)) > 2 and time.monotonic() < deadline:
            time.sleep(0.05)  # the server itself is killed with its guardian
        assert len(living(mark)) == 2, living(mark)
    document = orjson.loads((run.path / "servers" / "running.json").read_bytes())
    assert document["servers"]["s"]["pid"] > 1
    assert document["servers"]["s"]["started"] > 0
    (sentence,) = end_leftovers(run)
    assert "were still running and were ended: s (processes " in sentence
    assert living(mark) == []
    assert list(end_leftovers(run)) == []


def test_a_session_of_another_machine_is_told(run: RunFolder) -> None:
    mark_of(run)
    path = run.path / "servers" / "running.json"
    document = orjson.loads(path.read_bytes())
    path.write_bytes(orjson.dumps({**document, "host": "elsewhere", "servers": {"s": {"pid": 7}}}))
    (sentence,) = end_leftovers(run)
    assert sentence.startswith("servers.s was started on elsewhere")
    assert "process 7" in sentence


@pytest.mark.slow
def test_one_that_heeds_no_sigterm(run: RunFolder) -> None:
    mark = mark_of(run)
    with owned(run, "stubborn") as process:
        process.kill()
        assert gone(mark, 25), living(mark)


def wait(wanted: ServerSettings, run: RunFolder) -> str:
    async def use() -> None:
        async with started({"s": wanted}, run):
            raise AssertionError

    with pytest.raises(ServerError) as caught:
        asyncio.run(use())
    return str(caught.value)


def test_a_program_that_is_not_there(run: RunFolder) -> None:
    said = wait(ServerSettings(command=("no-such-program",)), run)
    assert "servers.s: no-such-program cannot be started: No such file or directory" in said


def test_a_program_that_ends(run: RunFolder) -> None:
    command = (sys.executable, "-c", "print('out of memory'); raise SystemExit(7)")
    said = wait(ServerSettings(command=command), run)
    assert "servers.s: ended with code 7 before it was ready" in said
    assert "out of memory" in said


def test_one_that_is_never_ready(run: RunFolder) -> None:
    mark = mark_of(run)
    said = wait(settings("never daemon", timeout=0.5), run)
    assert "not ready within 0.5 s: nothing answers" in said
    assert living(mark) == []


def test_one_whose_path_answers_otherwise(run: RunFolder) -> None:
    said = wait(settings("busy daemon", timeout=2), run)
    assert "not ready within 2 s: GET /health is answered with 503" in said


def test_a_port_that_takes_connections_is_enough_where_no_path_is_named(run: RunFolder) -> None:
    async def use() -> str:
        async with started({"s": settings("busy daemon", timeout=5, ready="")}, run) as urls:
            return urls["s"]

    assert asyncio.run(use()).startswith("http://127.0.0.1:")
