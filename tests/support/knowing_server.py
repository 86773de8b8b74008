"""A chat server that answers questions with given texts, word for word."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Server(ThreadingHTTPServer):
    """Takes all connections of a run at once: five, the default, are few, and the sixth waits for
    TCP to try again."""

    request_queue_size = 512


@contextlib.contextmanager
def knowing_server(answers: Mapping[str, str | Mapping[str, Any]]) -> Iterator[str]:
    """Its address. ``answers``: what it says to a last turn that begins with, or is, a key: a
    text, or a choice (``message``, ``finish_reason``) with the ``status`` that it is sent with.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._send({"object": "list", "data": [{"id": "knowing", "object": "model"}]})

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            text = asked["messages"][-1]["content"]
            said = answers.get(text)
            if said is None:
                said = next(one for key, one in answers.items() if text.startswith(key))
            if isinstance(said, str):
                said = {"message": {"content": said}}
            choice = {"index": 0, "finish_reason": "stop", **said}
            status = choice.pop("status", 200)
            choice["message"] = {"role": "assistant", "content": None, **choice["message"]}
            self._send(
                {
                    "id": "1",
                    "object": "chat.completion",
                    "model": "knowing",
                    "choices": [choice],
                    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
                },
                status,
            )

        def _send(self, document: object, status: int = 200) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
