"""A server that speaks as vLLM does, whose every answer follows from its prompt alone.

Its tokens are words with the blank before them. The log-probability of a token follows from
all before it, with all digits of a float, so that a sum in another order would show.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BEGIN, END = "<bos>", "<eos>"
_PIECES = re.compile(rf"{BEGIN}|{END}|\s?\w+|\s|[^\w\s]")
ANSWERS = (
    "The answer is 4.",
    "I think so.\n#### 7",
    "12 and then 7, so 4",
    "B",
    "(A) because of that",
    "yes",
    "the cat sat on the mat",
    "a dog ran over the hill END and back",
    "Paris",
    "no idea",
)


def _number(*words: str) -> float:
    digest = hashlib.sha256("\x1f".join(words).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


class Words:
    """The vocabulary: a number for each token, by when it was first seen."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._ids: dict[str, int] = {}
        self._lock = threading.Lock()

    def encode(self, text: str) -> list[int]:
        with self._lock:
            found = []
            for piece in _PIECES.findall(text):
                if piece not in self._ids:
                    self._ids[piece] = len(self._texts)
                    self._texts.append(piece)
                found.append(self._ids[piece])
            return found

    def texts(self, ids: list[int]) -> list[str]:
        return [self._texts[one] for one in ids]


def _scored(texts: list[str]) -> dict[str, Any]:
    """``logprobs`` of an echo with one token behind it."""
    values: list[float | None] = [None]
    tops: list[dict[str, float] | None] = [None]
    before = texts[0]
    for own in [*texts[1:], END]:
        value = -8 * _number(before, own)
        other = f"{own}?"
        better = _number(own, before) < 0.3
        before = str(value)  # which all that stands before has made
        values.append(value)
        tops.append({own: value, **({other: value / 2} if better else {})})
    tokens = [*texts, END]
    offsets = [sum(map(len, tokens[:place])) for place in range(len(tokens))]
    return {
        "tokens": tokens,
        "token_logprobs": values,
        "top_logprobs": tops,
        "text_offset": offsets,
    }


def _answer(prompt: str, asked: dict[str, Any]) -> str:
    place = int(_number(prompt) * len(ANSWERS))
    text = ANSWERS[place]
    for stop in asked.get("stop") or ():
        text = text.split(stop)[0]
    return " ".join(text.split(" ")[: asked["max_tokens"]])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet
    words: Words
    asked: list[dict[str, Any]]

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/tokenizer_info":
            self._send({"bos_token": BEGIN, "eos_token": END})
        elif self.path == "/v1/models":
            self._send({"object": "list", "data": [{"id": "words", "object": "model"}]})
        else:
            self._send({"error": "not here"}, 404)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/tokenize":
            ids = self.words.encode(body["prompt"])
            self._send({"tokens": ids, "count": len(ids), "max_model_len": 4096})
        elif self.path == "/v1/completions":
            self._send(self._completion(body))
        elif self.path == "/v1/chat/completions":
            self.asked.append(body)
            text = _answer(json.dumps(body["messages"]), body)
            message = {"role": "assistant", "content": text}
            self._send(_reply({"message": message, "finish_reason": "stop"}, 1))
        else:
            self._send({"error": "not here"}, 404)

    def _completion(self, body: dict[str, Any]) -> dict[str, Any]:
        prompt = body["prompt"]
        if isinstance(prompt, list) and isinstance(prompt[0], list):
            (prompt,) = prompt
        ids = self.words.encode(prompt) if isinstance(prompt, str) else prompt
        texts = self.words.texts(ids)
        self.asked.append({**body, "prompt": "".join(texts)})
        choice: dict[str, Any] = {"finish_reason": "stop", "prompt_token_ids": ids}
        if body.get("echo"):
            choice |= {"text": "".join(texts), "logprobs": _scored(texts)}
        else:
            choice["text"] = _answer("".join(texts), body)
        return _reply(choice, len(ids))

    def _send(self, content: Any, status: int = 200) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _reply(choice: dict[str, Any], prompt_tokens: int) -> dict[str, Any]:
    usage = {"prompt_tokens": prompt_tokens, "completion_tokens": 1, "total_tokens": 1}
    return {"id": "1", "model": "words", "choices": [{"index": 0, **choice}], "usage": usage}


@contextlib.contextmanager
def word_server() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Its url, and the bodies that it was sent."""
    asked: list[dict[str, Any]] = []
    handler = type("Handler", (_Handler,), {"words": Words(), "asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
