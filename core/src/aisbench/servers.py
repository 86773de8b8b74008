"""Programs that serve a model, started for a run and stopped after it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from aisbench.clock import now_ns
from aisbench.config.suite import ServerSettings
from aisbench.errors import ServerError


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def started(
    wanted: Mapping[str, ServerSettings], logs: Path
) -> AsyncIterator[Mapping[str, str]]:
    """Start all programs, wait until each is ready; their addresses by name.

    Their output goes to ``logs/NAME.log``. Raises ServerError when one ends or is not ready in
    time. All are stopped in the end, the hard way after ten seconds.
    """
    processes: dict[str, subprocess.Popen[bytes]] = {}
    urls: dict[str, str] = {}
    try:
        for name, settings in wanted.items():
            port = free_port()
            words = {"port": str(port), "python": sys.executable}
            command = [_fill(part, words) for part in settings.command]
            logs.mkdir(parents=True, exist_ok=True)
            with (logs / f"{name}.log").open("wb") as output:
                try:
                    # A group of its own: Ctrl-C stops the run first, then the server.
                    processes[name] = subprocess.Popen(
                        command,
                        stdin=subprocess.DEVNULL,
                        stdout=output,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                    )
                except OSError as error:
                    raise ServerError(
                        f"servers.{name}: {command[0]} cannot be started: {error.strerror}",
                        hint="check servers.NAME.command",
                    ) from error
            urls[name] = f"http://127.0.0.1:{port}"
        for name, settings in wanted.items():
            await _ready(name, settings, urls[name], processes[name], logs)
        yield urls
    finally:
        for process in processes.values():
            _signal(process, signal.SIGTERM)
        for process in processes.values():
            try:
                await asyncio.to_thread(process.wait, 10)
            except subprocess.TimeoutExpired:
                _signal(process, signal.SIGKILL)
                process.wait()


def _fill(part: str, words: Mapping[str, str]) -> str:
    for name, value in words.items():
        part = part.replace("{" + name + "}", value)
    return part


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)


async def _ready(
    name: str,
    settings: ServerSettings,
    url: str,
    process: subprocess.Popen[bytes],
    logs: Path,
) -> None:
    import aiohttp

    log = logs / f"{name}.log"
    deadline = now_ns() + int(settings.timeout * 1e9)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        while True:
            if (code := process.poll()) is not None:
                raise ServerError(
                    f"servers.{name}: ended with code {code} before it was ready:\n{_tail(log)}",
                    hint=f"its output is in {log}",
                )
            with contextlib.suppress(aiohttp.ClientError, OSError, asyncio.TimeoutError):
                async with session.get(url + settings.ready) as reply:
                    if reply.status == 200:
                        return
            if now_ns() > deadline:
                raise ServerError(
                    f"servers.{name}: not ready within {settings.timeout:g} s:\n{_tail(log)}",
                    hint=f"raise servers.{name}.timeout, or look at {log}",
                )
            # Nothing tells when a foreign program is ready: this is the one place that polls.
            await asyncio.sleep(0.05)


def _tail(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-8:]
    return "\n".join(f"    {line}" for line in lines)
