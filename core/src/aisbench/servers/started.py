"""Programs that serve a model, started for a run and stopped after it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
from attrs import define, frozen

from aisbench.base.clock import now_ns
from aisbench.base.errors import ServerError
from aisbench.config.suite import ServerSettings
from aisbench.servers.leftovers import MARK, mark_of, note_end, note_server
from aisbench.store.files import failure, make_folder
from aisbench.store.run import RunFolder

GRACE_SECONDS = 10.0
"""Between SIGTERM and SIGKILL."""


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@define
class _Server:
    """A guardian, and what it reported about the server that it started."""

    process: subprocess.Popen[bytes]
    status: int
    """The end of a pipe from which its reports are read."""
    error: str | None = None
    """Why the program could not be started."""
    code: int | None = None
    """The server's exit code."""
    _received: bytes = b""

    def look(self) -> dict[str, Any]:
        """What it reported since the last look; nothing, if it was killed."""
        with contextlib.suppress(BlockingIOError):
            while block := os.read(self.status, 4096):
                self._received += block
        found: dict[str, Any] = {}
        *lines, self._received = self._received.split(b"\n")
        for line in lines:
            found.update(orjson.loads(line))
        self.error = found.get("error", self.error)
        self.code = found.get("code", self.code)
        if self.code is None and self.error is None and self.process.poll() is not None:
            self.code = self.process.returncode
        return found

    def let_go(self) -> None:
        """Ask the guardian to end everything, which it also does when this process dies."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            # Closing may not be enough: a process forked meanwhile may hold the pipe open.
            self.process.stdin.write(b"end\n")
            self.process.stdin.close()


class LateServer(ServerError):
    """A server that was not ready in time."""


@frozen
class WatchedServer:
    """A server that is ready, and whether it still is there."""

    url: str
    log: Path
    _server: _Server

    def code(self) -> int | None:
        """The exit code of one that has ended; None while it runs."""
        self._server.look()
        return self._server.code


@contextlib.asynccontextmanager
async def started_apart(
    name: str, settings: ServerSettings, run: RunFolder, label: str
) -> AsyncIterator[WatchedServer]:
    """One server, whose output goes to ``servers/NAME-LABEL.log``.

    Where another program took its port before it could, it is started again on another one.
    Raises ServerError when it ends before it is ready, LateServer when it is not ready in time.
    """
    log = run.path / "servers" / f"{name}-{label}.log"
    for left in reversed(range(PORT_TRIALS)):
        port = free_port()
        server = _start(_filled(settings, port), log, mark_of(run))
        try:
            await _begun(name, settings, server, run)
            try:
                await _ready(name, settings, f"http://127.0.0.1:{port}", server, log)
            except LateServer:
                raise
            except ServerError:
                if left and "{port}" in " ".join(settings.command) and _port_was_taken(log):
                    continue
                raise
            yield WatchedServer(f"http://127.0.0.1:{port}", log, server)
            return
        finally:
            server.let_go()
            await asyncio.to_thread(_ended, server)
            os.close(server.status)
            note_end(run)


PORT_TRIALS = 3


def _port_was_taken(log: Path) -> bool:
    words = "\n".join(tail_of(log, 40)).lower()
    return any(one in words for one in ("address already in use", "address in use", "eaddrinuse"))


def _filled(settings: ServerSettings, port: int) -> list[str]:
    values = {"port": str(port), "python": sys.executable}
    return [_with_values(word, values) for word in settings.command]


@contextlib.asynccontextmanager
async def started(
    wanted: Mapping[str, ServerSettings], run: RunFolder
) -> AsyncIterator[Mapping[str, str]]:
    """Start all programs, wait until each is ready; their addresses by name.

    Their output goes to ``servers/NAME.log`` of the run. Raises ServerError when one ends or is
    not ready in time. In the end, and when this process is killed, all are stopped with every
    process that they started: killed, after ten seconds.
    """
    if not wanted:
        yield {}
        return
    servers: dict[str, _Server] = {}
    urls: dict[str, str] = {}
    logs = run.path / "servers"
    mark = mark_of(run)
    try:
        for name, settings in wanted.items():
            port = free_port()
            servers[name] = _start(_filled(settings, port), logs / f"{name}.log", mark)
            urls[name] = f"http://127.0.0.1:{port}"
        for name, settings in wanted.items():
            await _begun(name, settings, servers[name], run)
        for name, settings in wanted.items():
            await _ready(name, settings, urls[name], servers[name], logs / f"{name}.log")
        yield urls
    finally:
        for server in servers.values():
            server.let_go()
        for server in servers.values():
            await asyncio.to_thread(_ended, server)
            os.close(server.status)
        note_end(run)


def _start(command: Sequence[str], log: Path, mark: str) -> _Server:
    """Start a program under a guardian. Raises StoreError."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    guardian = Path(__file__).with_name("guardian.py")
    words = [sys.executable, "-I", "-S", str(guardian), str(os.getpid()), str(writer)]
    try:
        make_folder(log.parent)
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*words, str(GRACE_SECONDS), *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(writer,),
                env={**os.environ, MARK: mark},
                # In a group of its own, so that Ctrl-C stops the run first, then the server.
                start_new_session=True,
            )
    except OSError as error:
        os.close(reader)
        raise failure(log, error) from error
    finally:
        os.close(writer)
    return _Server(process, reader)


def _ended(server: _Server) -> None:
    """Wait for the guardian. One that is stuck or stopped is killed, and the server with it."""
    try:
        server.process.wait(GRACE_SECONDS + 5)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()


async def _begun(name: str, settings: ServerSettings, server: _Server, run: RunFolder) -> None:
    """Wait until the guardian has started the program, and write its process down."""
    while True:
        report = server.look()
        if "pid" in report:
            note_server(run, name, report["pid"], report["started"])
            return
        if server.error is not None or server.code is not None:
            why = server.error or f"its guardian ended with code {server.code}"
            raise ServerError(
                f"servers.{name}: {settings.command[0]} cannot be started: {why}",
                hint="check servers.NAME.command",
            )
        await asyncio.sleep(0.005)


def _with_values(word: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        word = word.replace("{" + name + "}", value)
    return word


async def _ready(
    name: str,
    settings: ServerSettings,
    url: str,
    server: _Server,
    log: Path,
) -> None:
    import aiohttp

    last = "nothing answers"
    deadline = now_ns() + int(settings.timeout * 1e9)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        while True:
            server.look()
            if server.code is not None:
                raise ServerError(
                    f"servers.{name}: ended with code {server.code} before it was ready:\n"
                    f"{_tail(log)}",
                    hint=f"its output is in {log}",
                )
            with contextlib.suppress(aiohttp.ClientError, OSError, asyncio.TimeoutError):
                if not settings.ready:
                    await _connected(url)
                    return
                async with session.get(url + settings.ready) as reply:
                    if reply.status == 200:
                        return
                    last = f"GET {settings.ready} is answered with {reply.status}"
            if now_ns() > deadline:
                raise LateServer(
                    f"servers.{name}: not ready within {settings.timeout:g} s: {last}\n"
                    f"{_tail(log)}",
                    hint=f"raise servers.{name}.timeout, set servers.{name}.ready to a path that "
                    f'answers 200 (or to ""), or look at {log}',
                )
            # A foreign program does not announce that it is ready: it has to be polled.
            await asyncio.sleep(0.05)


async def _connected(url: str) -> None:
    """Raises OSError where nothing takes connections."""
    address = urlsplit(url)
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.close()
    await writer.wait_closed()


def _tail(path: Path) -> str:
    return "\n".join(f"    {line}" for line in tail_of(path))


def tail_of(path: Path, lines: int = 8) -> list[str]:
    """The last lines of a file, however large it is; none where there is no file."""
    if not path.exists():
        return []
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - lines * 4096))
        return file.read().decode("utf-8", errors="replace").splitlines()[-lines:]
