"""Answers that nobody foresees, in whole runs: each fails alone, and the run ends as it should."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import tomli_w
from live import ROOT, Project

sys.path.insert(0, str(ROOT / "benchmarks" / "reliability"))

import answers
from answer_protocols import PROTOCOLS, Protocol

FORMS = [
    pytest.param(one, stream, id=f"{one.backend}-{'stream' if stream else 'whole'}")
    for one in PROTOCOLS
    for stream in ((True, False) if one.streams else (False,))
]

BROKEN = """
from aisbench_plugin_vllm.openai_collector import OpenAiCollector
true = OpenAiCollector.take
def take(self, event):
    if "boom" in str(event):
        raise RuntimeError("a bug of the backend")
    return true(self, event)
OpenAiCollector.take = take
"""


class _Boom(BaseHTTPRequestHandler):
    """Says "boom" to every third question."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        said = "boom" if "third" in body else "fine"
        choice = {"index": 0, "message": {"content": said}, "finish_reason": "stop"}
        self._send({"model": "m", "choices": [choice]})

    def do_GET(self) -> None:
        self._send({"data": [{"id": "m"}]})

    def _send(self, value: Any) -> None:
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Boom)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("mode", ["accuracy", "performance"])
def test_a_backend_that_breaks_on_an_answer(tmp_path: Any, url: str, mode: str) -> None:
    project = Project(tmp_path)
    project.write("broken/sitecustomize.py", BROKEN)
    rows = [
        {"id": str(n), "question": "third" if n % 3 == 0 else "first", "answer": "fine"}
        for n in range(30)
    ]
    project.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    suite: dict[str, Any] = {
        "suite": {"name": "odd", "mode": mode, "abort_after": 1000},
        "models": {
            "m": {"backend": "vllm-chat", "url": url, "stream": False, "retry": {"attempts": 1}}
        },
        "datasets": {
            "d": {
                "dataset": "custom", "path": "rows.jsonl", "evaluator": "exact",
                "template": "chat", "prompt": {"user": "{question}"},
            }
        },
    }  # fmt: skip
    if mode == "performance":
        suite["load"] = {"concurrency": 4, "requests": 30, "warm_up": 0}
    project.write("s.toml", tomli_w.dumps(suite))
    done = project.run("run", "s.toml", PYTHONPATH=str(project.path / "broken"))
    assert done.code == 1, done.out + done.err  # samples failed, and nothing else
    (run,) = project.path.glob("outputs/odd/*")
    told = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    bugs = [one for one in told if one["logger"] == "aisbench.engine.bugs"]
    traced = [one for one in bugs if "Traceback" in json.dumps(one)]
    assert 1 <= len(traced) <= 2  # once in each worker, and not once for each answer
    assert len(bugs) <= 2 * len(traced)
    if mode == "accuracy":
        lines = (run / "predictions" / "m" / "d.jsonl").read_text().splitlines()
        faults = [json.loads(line)["response"].get("fault") for line in lines]
    else:
        (path,) = run.glob("performance/m/d/*/failures.jsonl")
        faults = [json.loads(line) for line in path.read_text().splitlines()]
    broken = [one for one in faults if one is not None]
    assert len(broken) == 10
    assert {one["kind"] for one in broken} == {"bug"}


@pytest.mark.parametrize(("protocol", "stream"), FORMS)
def test_decoders(protocol: Protocol, stream: bool) -> None:
    row = answers.decoders(protocol, stream, [5], 80)
    assert not row.faults


@pytest.mark.slow
def test_a_load() -> None:
    row = answers.sockets(PROTOCOLS[0], True, "both", [5], 60)
    assert not row.faults


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["accuracy", "both"])
@pytest.mark.parametrize(("protocol", "stream"), FORMS)
def test_sockets(protocol: Protocol, stream: bool, mode: str) -> None:
    row = answers.sockets(protocol, stream, mode, [6], 120)
    assert not row.faults
