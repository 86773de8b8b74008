"""A server whose answers depend on what else is in flight, as those of batching servers do."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_PATIENCE = 0.15
"""Long enough for others to come on a busy machine, in s."""


class BatchingServer(ThreadingHTTPServer):
    """Counts the requests in flight."""

    daemon_threads = True

    def __init__(self, *, drifts: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _BatchingHandler)
        self.lock = threading.Lock()
        self.in_flight: list[threading.Event] = []
        """One for each request: set as soon as another is there with it."""
        self.answered = 0
        self.drifts = drifts
        """Whether every answer is another one, also when it is asked alone."""


class _BatchingHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: BatchingServer

    def do_GET(self) -> None:
        self._send({"object": "list", "data": [{"id": "batching"}]})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        server = self.server
        beside = threading.Event()
        with server.lock:
            server.in_flight.append(beside)
            if len(server.in_flight) > 1:
                for one in server.in_flight:
                    one.set()
            server.answered += 1
            number = server.answered
        many = beside.wait(_PATIENCE)
        with server.lock:
            server.in_flight.remove(beside)
        text = "The answer is 1"
        if many:
            text = "The answer is 2"
        if server.drifts:
            text = f"{number}: {text}"
        message = {"role": "assistant", "content": text}
        self._send(
            {
                "id": "x",
                "object": "chat.completion",
                "model": "batching",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 4, "total_tokens": 5},
            }
        )

    def _send(self, value: Any) -> None:
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@contextlib.contextmanager
def batching_server(*, drifts: bool = False) -> Iterator[str]:
    """Its url."""
    server = BatchingServer(drifts=drifts)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
