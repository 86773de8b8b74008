"""A simulator on a free port of the loopback, and a plain HTTP client for it."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from attrs import frozen

from aisbench_plugin_simulator.config import change
from aisbench_plugin_simulator.server import Served, run_in_thread
from aisbench_plugin_simulator.settings import SimulatorSettings

CHAT = "/v1/chat/completions"
TEXT = "/v1/completions"


@frozen
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> list[str]:
        """What follows "data: " in each event."""
        parts = self.body.decode().split("\n\n")
        return [part.removeprefix("data: ") for part in parts if part]

    @property
    def events(self) -> list[Any]:
        """The events of a complete stream."""
        assert self.status == 200
        assert self.data[-1] == "[DONE]"
        return [json.loads(item) for item in self.data[:-1]]


@frozen
class Api:
    served: Served
    tls: ssl.SSLContext | None = None

    def send(
        self, method: str, path: str, body: bytes = b"", timeout: float = 10, **headers: str
    ) -> Reply:
        host, port = "127.0.0.1", self.served.port
        connection = (
            http.client.HTTPSConnection(host, port, timeout=timeout, context=self.tls)
            if self.tls
            else http.client.HTTPConnection(host, port, timeout=timeout)
        )
        try:
            connection.request(method, path, body, headers)
            with connection.getresponse() as response:
                return Reply(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: Any) -> Reply:
        return self.send("GET", path, **headers)

    def post(self, path: str, value: object, timeout: float = 10, **headers: Any) -> Reply:
        return self.send("POST", path, json.dumps(value).encode(), timeout, **headers)

    def chat(self, text: str = "Hello there", timeout: float = 10, **more: Any) -> Reply:
        messages = [{"role": "user", "content": text}]
        return self.post(CHAT, {"messages": messages, **more}, timeout)

    def text(self, prompt: object = "Hello there", **more: object) -> Reply:
        return self.post(TEXT, {"prompt": prompt, **more})

    def stats(self) -> Any:
        return self.get("/simulator/stats").json

    def log(self) -> list[Any]:
        return [json.loads(line) for line in self.get("/simulator/log").body.splitlines()]


@pytest.fixture
def serve() -> Iterator[Callable[..., Api]]:
    """Starts a simulator with the given settings, which may be written as in TOML."""
    with ExitStack() as stack:

        def start(**settings: object) -> Api:
            made = change(SimulatorSettings(), settings)
            return Api(stack.enter_context(run_in_thread(made)))

        yield start
