"""A chat server that a test programs: what it answers, and when it is there."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any] | None
"""A status with a JSON value; 200 with None streams a chat; None drops the connection."""


@dataclass
class PlainServer:
    """``answer`` says what a path and a body get."""

    answer: Callable[[str, dict[str, Any]], Answer]
    port: int = 0
    bodies: list[dict[str, Any]] = field(default_factory=list)
    """Of the requests to the model, in the order of their coming."""
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen, on the same port as before."""
        mine = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                pass

            def do_GET(self) -> None:
                self.reply({})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                mine.bodies.append(body)
                self.reply(body)

            def reply(self, body: dict[str, Any]) -> None:
                found = mine.answer(self.path, body)
                if found is None:
                    self.close_connection = True
                    return
                status, value = found
                streamed = status == 200 and value is None
                data = chat(body) if streamed else json.dumps(value).encode()
                self.send_response(status)
                kind = "text/event-stream" if streamed else "application/json"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections from now on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


def chat(body: dict[str, Any]) -> bytes:
    """A stream of as many tokens as were asked for, at most 8."""
    count = min(body.get("max_tokens") or 8, 8)
    texts = [" tok"] * (count - 1)
    events: list[Any] = [{"choices": [{"index": 0, "delta": {"content": one}}]} for one in texts]
    last = {"index": 0, "delta": {"content": " 1"}, "finish_reason": "length"}
    prompt = sum(len(one["content"].split()) for one in body["messages"])
    usage = {"prompt_tokens": prompt, "completion_tokens": count, "total_tokens": prompt + count}
    events += [{"choices": [last]}, {"choices": [], "usage": usage}]
    lines = [*(json.dumps(one) for one in events), "[DONE]"]
    return "".join(f"data: {line}\n\n" for line in lines).encode()


@contextlib.contextmanager
def serving(answer: Callable[[str, dict[str, Any]], Answer]) -> Iterator[PlainServer]:
    """A server while the block runs."""
    server = PlainServer(answer)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def models(*names: str, **more: Any) -> Answer:
    """What /v1/models tells."""
    return 200, {"object": "list", "data": [{"id": name, **more} for name in names]}
