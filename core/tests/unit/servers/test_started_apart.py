"""A server by itself: a port that another program took, one that is late, one that ends."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from aisbench.base.errors import ServerError
from aisbench.config.suite import ServerSettings
from aisbench.servers import started as module
from aisbench.servers.started import LateServer, started_apart, tail_of
from aisbench.store.run import RunFolder

SERVE = "import sys; from http.server import *; "
HTTP = SERVE + (
    "HTTPServer(('127.0.0.1', int(sys.argv[1])), SimpleHTTPRequestHandler).serve_forever()"
)


def settings(code: str, ready: str = "/", timeout: float = 20.0) -> ServerSettings:
    command = ("{python}", "-c", code, "{port}")
    return ServerSettings(command=command, ready=ready, timeout=timeout)


async def served(folder: Path, wanted: ServerSettings) -> tuple[str, int | None]:
    async with started_apart("s", wanted, RunFolder(folder), "point=1") as server:
        return server.url, server.code()


def test_a_taken_port_is_another_port_s_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        number = taken.getsockname()[1]
        free = module.free_port()
        ports = iter([number, free])
        monkeypatch.setattr(module, "free_port", lambda: next(ports))
        url, code = asyncio.run(served(tmp_path, settings(HTTP, ready="/")))
    assert (url, code) == (f"http://127.0.0.1:{free}", None)


def test_a_port_that_is_always_taken_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        number = taken.getsockname()[1]
        monkeypatch.setattr(module, "free_port", lambda: number)
        with pytest.raises(ServerError, match="ended with code 1 before it was ready"):
            asyncio.run(served(tmp_path, settings(HTTP)))
    assert "Address already in use" in tail_of(tmp_path / "servers" / "s-point=1.log")[-1]


def test_one_that_is_late_and_one_that_ends(tmp_path: Path) -> None:
    sleeping = settings("import time; time.sleep(60)", timeout=0.3)
    with pytest.raises(LateServer, match=r"not ready within 0\.3 s"):
        asyncio.run(served(tmp_path, sleeping))
    with pytest.raises(ServerError, match="ended with code 3"):
        asyncio.run(served(tmp_path, settings("print('why'); raise SystemExit(3)")))
    assert tail_of(tmp_path / "servers" / "s-point=1.log") == ["why"]
    assert tail_of(tmp_path / "nothing") == []
