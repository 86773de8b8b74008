"""A viewer that serves a folder, in a thread of the test's process."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from attrs import define

from aisbench_plugin_view.folder import OutputsFolder
from aisbench_plugin_view.server import ViewServer
from aisbench_plugin_view.viewer import Viewer


@define
class Served:
    """A viewer at work, and a client that knows its token."""

    address: str
    cookie: str
    server: ViewServer

    def raw(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        """One request as it stands: no path is made shorter, no header is added but Host."""
        to = urlsplit(self.address)
        connection = http.client.HTTPConnection("127.0.0.1", to.port, timeout=30)
        connection.request(
            method, path, body=body, headers={"Cookie": self.cookie, **(headers or {})}
        )
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response.status, content, response.headers

    def ask(self, path: str) -> Any:
        """The JSON at ``path``."""
        status, body, _ = self.raw(path)
        assert status == 200, body
        return json.loads(body)

    def indexed(self, path: str) -> Any:
        """The JSON at ``path`` once its index is whole, which takes a busy machine a while."""
        while True:
            found = self.ask(path)
            if found["progress"]["searchable"] == found["progress"]["indexed"] == 1:
                return self.ask(path)
            time.sleep(0.05)

    def run_id(self, path: str) -> str:
        """Of the run at ``path`` in the folder."""
        runs = self.ask("/api/runs")["runs"]
        return str(next(one["id"] for one in runs if one["path"] == path))


@contextlib.contextmanager
def served(outputs: Path) -> Iterator[Served]:
    """Serve the folder."""
    server = ViewServer(Viewer(OutputsFolder.open(outputs)), language="en")
    loop = asyncio.new_event_loop()
    ready, ended = threading.Event(), asyncio.Event()
    told: list[str] = []

    async def serve() -> None:
        async with server.serving(0) as address:
            told.append(address)
            ready.set()
            await ended.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(30)
        cookie = f"{server.guard.cookie}={server.guard.token}"
        yield Served(told[0], cookie, server)
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(30)
        loop.close()


@pytest.fixture(scope="session")
def serve() -> Callable[[Path], contextlib.AbstractContextManager[Served]]:
    """The function itself: tests of this folder cannot import each other."""
    return served
