"""Sessions, users and a disaggregated deployment, over real sockets."""

from __future__ import annotations

import contextlib
import json
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from live import simulator

import aisbench
from aisbench.api import PerformanceResult, Population

pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
]


@contextlib.contextmanager
def routed(prefill: str, decode: str) -> Iterator[str]:
    """A router as those of vLLM's examples: each request asks one token of the one server, then
    all of the other."""

    class Router(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            with urllib.request.urlopen(f"{decode}{self.path}") as reply:
                self._send(reply.read())

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            first = {**body, "max_tokens": 1, "stream": False}
            first.pop("stream_options", None)
            self._ask(prefill, first)
            self._send(self._ask(decode, body))

        def _ask(self, url: str, body: dict[str, Any]) -> bytes:
            asked = urllib.request.Request(
                f"{url}{self.path}",
                json.dumps(body).encode(),
                {"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(asked) as reply:
                found: bytes = reply.read()
                return found

        def _send(self, data: bytes) -> None:
            self.send_response(200)
            kind = "text/event-stream" if data.startswith(b"data:") else "application/json"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Router)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def run(
    url: str, data: dict[str, Any], load: dict[str, Any], folder: Path
) -> tuple[PerformanceResult, aisbench.RunResult]:
    done = aisbench.run(
        {
            "suite": {"name": "s", "mode": "performance", "seed": 3},
            "models": {"one": {"backend": "vllm-chat", "url": url}},
            "datasets": {"work": data},
            "load": {"warm_up": 0, **load},
        },
        output=folder,
    )
    (found,) = done.loads
    return found, done


def part(result: PerformanceResult, name: str) -> Population:
    return next(one for one in result.populations if one.name == name)


def means(population: Population) -> dict[str, float]:
    return {one.name: one.mean for one in population.statistics}


def line(**keys: Any) -> str:
    return json.dumps({"input_tokens": 20, "output_tokens": 4, **keys})


def agents(folder: Path) -> Path:
    """Sessions of a request, two sub-agents beside each other, and a join after a tool."""
    rows = []
    for number in range(3):
        name = f"s{number}"
        rows += [
            line(id=f"{name}/plan", session=name, at_ms=20 * number),
            line(id=f"{name}/a", session=name, after=f"{name}/plan", agent="a", depth=1),
            line(id=f"{name}/b", session=name, after=f"{name}/plan", agent="b", depth=1),
            line(
                id=f"{name}/join",
                session=name,
                after=[f"{name}/a", f"{name}/b"],
                tool_ms=30,
                think_ms=20,
            ),
        ]
    file = folder / "agents.jsonl"
    file.write_text("\n".join(rows))
    return file


def test_a_deployment_of_two_roles_with_sessions(tmp_path: Path) -> None:
    flags = ("--ttft-ms", "5", "--tpot-ms", "1")
    with (
        simulator(*flags) as one,
        simulator(*flags) as two,
        routed(one.url, two.url) as url,
    ):
        data = {"dataset": "trace", "path": str(agents(tmp_path)), "unit": "words"}
        result, done = run(
            url,
            data,
            {
                "shape": "trace",
                "scrape": True,
                "scrape_interval": 0.1,
                "scrape_urls": {
                    "prefill": [f"{one.url}/metrics"],
                    "decode": [f"{two.url}/metrics"],
                },
            },
            tmp_path,
        )
    assert result.counts.success == 12
    whole = part(result, "sessions")
    assert [one.value for one in whole.figures] == [3, 3]
    found = means(whole)
    assert found["session_tools"] == pytest.approx(30, abs=0.01)
    assert found["session_thinking"] == pytest.approx(20, abs=0.01)
    parts = ("critical_path", "tools", "thinking", "delay")
    assert sum(found[f"session_{one}"] for one in parts) == pytest.approx(
        found["session_duration"]
    )
    assert found["session_waiting"] > found["session_critical_path"]
    assert [one.name for one in result.populations if one.name.startswith("step")] == [
        "step 1",
        "step 2",
        "step 3",
    ]
    labels = {one.name: {value.value for value in one.values} for one in result.labels}
    assert labels["kind"] == {"main", "sub-agent", "tool"} and labels["depth"] == {"0", "1"}

    server = result.server
    assert server is not None and server.counters is not None
    prefill, decode = server.roles["prefill"].counters, server.roles["decode"].counters
    assert prefill is not None and decode is not None
    # Both have seen each prompt, and the deployment has it once.
    assert prefill["prompt_tokens"] == decode["prompt_tokens"] == server.counters["prompt_tokens"]
    assert prefill["generation_tokens"] == 12
    assert decode["generation_tokens"] == server.counters["generation_tokens"] == 48
    series = done.series(result)
    roles = {one.role for one in series.server if one.name == "running_requests"}
    assert roles == {"prefill", "decode"}
    page = (done.path / "summary" / "report.html").read_text("utf-8")
    assert "prefill: running" in page and "decode: running" in page


@pytest.mark.slow  # the same on a made clock: core/tests/unit/loadgen/test_sessions.py
def test_users_keep_their_rate_and_say_when_they_do_not(tmp_path: Path) -> None:
    data = {
        "dataset": "synthetic-turns",
        "unit": "words",
        "rows": 2,
        "input": 20,
        "turns": 4,
        "turn_input": 5,
        "output": 4,
    }
    load = {"shape": "users", "users": 2, "rate_per_user": 10, "requests": 2}
    with simulator("--ttft-ms", "5", "--tpot-ms", "1") as quick:
        result, _ = run(quick.url, data, load, tmp_path / "a")
    found = means(part(result, "conversations"))
    assert found["turn_interval"] == pytest.approx(100, abs=8)
    assert not any("keep their rate" in one for one in result.notes)
    with simulator("--ttft-ms", "150") as slow:
        result, _ = run(slow.url, data, load, tmp_path / "b")
    assert any("6 of 6 answers" in one for one in result.notes)


@pytest.mark.parametrize(("only", "computed"), [("prefill", 1.0), ("decode", 0.1)])
def test_loads_of_one_phase(only: str, computed: float, tmp_path: Path) -> None:
    data = {"dataset": "synthetic", "unit": "words", "rows": 12, "input": 200, "output": 6}
    load = {"shape": "closed", "concurrency": 4, "only": only, "scrape": True}
    with simulator("--block-size", "16", "--ttft-ms", "2", "--tpot-ms", "1") as server:
        result, _ = run(server.url, data, load, tmp_path)
    found = result.single_phase
    assert found is not None and found.holds is True, found
    assert found.prompt_tokens is not None and found.computed_tokens is not None
    assert found.computed_tokens / found.prompt_tokens <= computed
    assert found.output_tokens == (12 if only == "prefill" else 72)
    assert result.counts.warm_up == (0 if only == "prefill" else 12)
