"""Requests that a backend signs just before each attempt, checked by a server that recomputes the
signatures and takes none twice."""

from __future__ import annotations

import itertools
import json
import os
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar

import pytest
from knowing_server import Server
from live import Project, Result

pytestmark = pytest.mark.not_quick

SOURCE = Path(__file__).parent / "third_party" / "aisbench-plugin-sealed" / "src"
KEY = "wJalrXUtnFEMI-bPxRfiCY"

SUITE = """
[suite]
name = "sealed"
mode = "{mode}"
[models.m]
backend = "sealed"
url = "{url}/gate"
model = "m"
stream = false
access_key = "AKIDEXAMPLE"
secret_key = "env:SEALED_KEY"
retry = {{ attempts = 2, backoff = 0.01 }}
[datasets.d]
dataset = "custom"
path = "rows.jsonl"
evaluator = "numeric"
template = "text"
prompt = {{ question = "{{question}}" }}
"""
LOAD = """
[load]
shape = "closed"
concurrency = 4
requests = 24
warm_up = 0
attempts = 3
"""


class _Gate(BaseHTTPRequestHandler):
    """Answers 7 to what is signed well, but for one request, which it fails."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[set[str]] = set()
    wrong: ClassVar[list[str]] = []
    numbers: ClassVar[Iterator[int]] = itertools.count()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        problem = self._problem(body)
        status, answer = (200, {"answer": "7"}) if not problem else (403, {"error": problem})
        if problem:
            self.wrong.append(problem)
        elif next(self.numbers) == 3:
            status, answer = 503, {"error": "try again"}
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _problem(self, body: bytes) -> str:
        from aisbench_plugin_sealed.signature import signature

        told = dict(
            one.partition("=")[::2]
            for one in self.headers["Authorization"].partition(" ")[2].split(", ")
        )
        signed = {name: self.headers[name] for name in told["SignedHeaders"].split(";")}
        region = told["Credential"].split("/")[2]
        names, wanted = signature(KEY, region, self.command, self.path, signed, body)
        if (names, wanted) != (told["SignedHeaders"], told["Signature"]):
            return "the signature does not match"
        if wanted in self.seen:
            return "the signature was used before"
        self.seen.add(wanted)
        return ""

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(sys, "path", [*sys.path, str(SOURCE)])
    _Gate.seen.clear()
    _Gate.wrong.clear()
    _Gate.numbers = itertools.count()
    server = Server(("127.0.0.1", 0), _Gate)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def run(project: Project, url: str, mode: str, *words: str, key: str = KEY) -> Result:
    told = project.path / "site" / "aisbench_plugin_sealed-0.1.dist-info"
    told.mkdir(parents=True, exist_ok=True)
    (told / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: aisbench-plugin-sealed\nVersion: 0.1\n"
    )
    (told / "entry_points.txt").write_text("[aisbench]\nsealed = aisbench_plugin_sealed.plugin\n")
    rows = [{"question": f"What is {place}?", "answer": "7"} for place in range(12)]
    project.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    text = SUITE.format(url=url, mode=mode) + (LOAD if mode == "performance" else "")
    project.write("s.toml", text)
    path = os.pathsep.join([str(told.parent), str(SOURCE)])
    return project.run("run", "s.toml", *words, PYTHONPATH=path, SEALED_KEY=key)


def kept(project: Project) -> bytes:
    return b"".join(one.read_bytes() for one in project.path.rglob("*") if one.is_file())


def test_each_attempt_is_signed_anew(project: Project, gate: str) -> None:
    done = run(project, gate, "accuracy")
    assert done.code == 0, done.out + done.err
    assert _Gate.wrong == []
    assert len(_Gate.seen) == 13  # one was sent again
    assert KEY.encode() not in kept(project)
    assert not any(one.encode() in kept(project) for one in _Gate.seen)


def test_in_the_workers_of_a_load(project: Project, gate: str) -> None:
    done = run(project, gate, "performance")
    assert done.code == 0, done.out + done.err
    assert _Gate.wrong == []
    assert len(_Gate.seen) == 25
    assert KEY.encode() not in kept(project)


def test_a_wrong_key_and_none(project: Project, gate: str) -> None:
    done = run(project, gate, "accuracy", key="another-key-1234")
    assert done.code == 1
    assert "the signature does not match" in done.out
    assert "another-key-1234" not in done.out + done.err
    done = run(project, gate, "accuracy", "--dry-run")
    assert "(and what sealed signs it with, when it is sent)" in done.out
    assert KEY not in done.out
