"""aisbench from Python: in scripts, threads and notebooks, without a trace in the process."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from live import Simulator, simulator, surroundings, wait_until

import aisbench
from aisbench.runs import callbacks

# Python 3.12 says so of every fork of a process with threads, as pytest-xdist's workers are.
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")

SLOW = ("--answers", "gsm8k-demo", "--ttft-ms", "150")


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with simulator("--answers", "gsm8k-demo") as one:
        yield one


@pytest.fixture(autouse=True)
def clean_process(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Whatever a test does, the process is afterwards as it was, and nothing was printed."""

    def state() -> tuple[Any, ...]:
        root = logging.getLogger("aisbench")
        handlers = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)
        return root.level, root.propagate, root.handlers[:], handlers, limit

    before = state()
    yield
    assert state() == before
    assert capfd.readouterr() == ("", "")


def suite(tmp_path: Path, url: str, **more: Any) -> dict[str, Any]:
    return {
        "suite": {"name": "s", "output": tmp_path / "outputs", **more},
        "models": {"sim": {"backend": "vllm-chat", "url": url, "concurrency": 4}},
        "datasets": {"demo": {"dataset": "gsm8k-demo", "limit": 8}},
    }


def loads(tmp_path: Path, url: str, mode: str = "performance") -> dict[str, Any]:
    made = suite(tmp_path, url, mode=mode)
    made["load"] = {"shape": "closed", "concurrency": 2, "requests": 24, "warm_up": 2}
    return made


def same(one: aisbench.RunResult, other: aisbench.RunResult) -> list[str]:
    """The fields in which two results differ."""
    names = [field.name for field in attrs.fields(aisbench.RunResult)]
    return [name for name in names if getattr(one, name) != getattr(other, name)]


def test_a_run_of_a_mapping_and_all_that_is_known_of_it(tmp_path: Path, server: Simulator) -> None:
    told: list[str] = []
    seen: list[aisbench.RunProgress] = []
    streams = (sys.stdout, sys.stderr)
    found = aisbench.run(
        suite(tmp_path, server.url),
        limit=5,
        overrides={"datasets.demo.repeats": 2, "datasets.demo.metrics": ("accuracy", "pass@2")},
        on_message=told.append,
        on_progress=seen.append,
    )
    assert (sys.stdout, sys.stderr) == streams
    assert found.ok and found.complete and found.failed_share == 0
    accuracy = found.figure("accuracy")
    assert (accuracy.n, accuracy.value) == (5, 100.0)
    assert accuracy.low is not None and accuracy.low < 100
    assert found.scores[0].counts.right == 10
    assert found.suite["datasets"]["demo"]["limit"] == 5
    assert told[0] == f"run {found.path}"
    assert any("pass@2" in text for text in told)
    assert seen[-1].label == "sim / demo"
    assert seen[-1].finished and (seen[-1].done, seen[-1].total) == (10, 10)

    rows = list(found.samples())
    assert [row.repeat for row in rows[:2]] == [0, 1]
    assert len({row.sample.id for row in rows}) == 5
    for row in rows:
        assert row.prompt.messages is not None
        assert row.score is not None and row.score.verdict.value == "right"
        assert row.answer == row.response.text
        assert row.score.extracted in row.answer.replace(",", "")
        assert row.timings[-1].done is not None
    assert list(found.samples(model="other")) == []

    (session,) = found.sessions
    assert session.arguments == () and session.host["python"]
    assert session.started <= session.ended
    assert same(found, aisbench.load_run(found.path)) == []
    assert repr(found) == f"RunResult('{found.path}', 1 scores, 0 loads, complete=True, ok=True)"


def test_a_figure_is_one_or_an_error_says_which_there_are(
    tmp_path: Path, server: Simulator
) -> None:
    tables = suite(tmp_path, server.url)
    tables["models"]["other"] = tables["models"]["sim"]
    found = aisbench.run(tables, limit=2)
    with pytest.raises(aisbench.AisbenchError, match="sim / demo, other / demo"):
        found.figure("accuracy")
    assert found.figure("accuracy", model="other").n == 2
    with pytest.raises(aisbench.AisbenchError, match=r"'bleu'[^$]*accuracy"):
        found.figure("bleu")


def test_resume_takes_what_is_stored(tmp_path: Path, server: Simulator) -> None:
    tables = suite(tmp_path, server.url)
    begun = aisbench.run(tables, limit=3)
    told: list[str] = []
    asked = server.stats()["requests"]["/v1/chat/completions"]["200"]
    by_word = aisbench.run(tables, limit=5, resume="latest", on_message=told.append)
    assert by_word.path == begun.path
    assert any("3 answers of earlier sessions used again" in text for text in told)
    assert server.stats()["requests"]["/v1/chat/completions"]["200"] - asked == 2
    by_path = aisbench.run(resume=begun.path, overrides={"datasets.demo.limit": 6})
    assert by_path.figure("accuracy").n == 6
    assert len(by_path.sessions) == 3
    assert aisbench.run(tables).path != begun.path


def test_scored_again_with_other_settings(tmp_path: Path, server: Simulator) -> None:
    found = aisbench.run(suite(tmp_path, server.url), overrides={"datasets.demo.repeats": 2})
    told: list[str] = []
    changes = {
        "datasets.demo.metrics": ("avg@2",),
        "datasets.demo.evaluation": {"rule": "aisbench"},
    }
    again = aisbench.evaluate(found, changes, on_message=told.append)
    assert [figure.name for figure in again.scores[0].figures] == ["avg@2"]
    assert again.warnings == (
        'evaluated with datasets.demo.metrics=["avg@2"]',
        'evaluated with datasets.demo.evaluation={rule = "aisbench"}',
    )
    assert any("avg@2" in text for text in told)
    assert (found.path / "earlier" / "001" / "sim" / "demo.json").is_file()
    assert aisbench.load_run(found.path).scores == again.scores


def test_loads_are_measured_reported_and_tabled(tmp_path: Path, server: Simulator) -> None:
    seen: list[aisbench.RunProgress] = []
    found = aisbench.run(loads(tmp_path, server.url, "both"), on_progress=seen.append)
    (load,) = found.loads
    assert found.complete and load.counts.success == 24
    assert seen[-1].finished and seen[-1].done == seen[-1].total == 24
    assert same(found, aisbench.load_run(found.path)) == []
    assert "right answers" in [figure.name for figure in found.scores[0].figures]

    requests = found.requests(load)
    assert len(requests) == 26
    assert requests.column("outcome").to_pylist() == ["success"] * 26
    columns = found.columns("requests")
    assert columns["load"] == [load.load] * 26
    assert columns["done_ns"] == requests.column("done_ns").to_pylist()
    metrics = found.request_metrics(load)
    told = {one.name: one for one in load.populations[0].statistics}
    assert len(metrics["ttft"]) == 24  # without the two of the warm-up
    assert metrics["ttft"].mean() == pytest.approx(told["ttft"].mean)
    assert metrics["e2el"].max() == pytest.approx(told["e2el"].max)
    assert (np.diff(metrics["started"]) >= 0).all()
    assert found.environment["seed"] == found.suite["suite"]["seed"]
    assert len(list(found.samples(load=load.load))) == 24
    assert {row.score.verdict.value for row in found.samples() if row.score} == {"right"}

    again = aisbench.report(found, percentiles=[42.5], slo={"ttft_ms": 1e6})
    (ttft,) = [s for s in again.loads[0].populations[0].statistics if s.name == "ttft"]
    assert list(ttft.percentiles) == ["p42.5"]
    assert aisbench.load_run(found.path).loads == again.loads
    (summary,) = found.path.glob("performance/sim/demo/*/summary.json")
    summary.unlink()
    killed = aisbench.load_run(found.path)
    assert killed.loads == () and not killed.complete
    assert any("has not been measured" in one for one in killed.warnings)
    assert aisbench.report(killed).complete

    with pytest.raises(aisbench.AisbenchError, match="percentiles"):
        aisbench.report(found, percentiles=[100])
    with pytest.raises(aisbench.AisbenchError, match="slo"):
        aisbench.report(found, slo={"speed": 1})


def test_an_accuracy_run_has_no_load_to_report(tmp_path: Path, server: Simulator) -> None:
    found = aisbench.run(suite(tmp_path, server.url), limit=1)
    assert aisbench.report(found).scores == found.scores
    with pytest.raises(aisbench.AisbenchError, match="holds no load"):
        aisbench.report(found.path, window=1)


@pytest.mark.parametrize("made", [suite, loads])
def test_in_a_thread(tmp_path: Path, server: Simulator, made: Callable[..., Any]) -> None:
    found: list[aisbench.RunResult] = []
    thread = threading.Thread(
        target=lambda: found.append(aisbench.run(made(tmp_path, server.url), limit=3))
    )
    thread.start()
    thread.join()
    assert found[0].ok and found[0].complete


@pytest.mark.parametrize("made", [suite, loads])
def test_where_an_event_loop_runs(
    tmp_path: Path, server: Simulator, made: Callable[..., Any]
) -> None:
    async def cell() -> aisbench.RunResult:
        return aisbench.run(made(tmp_path, server.url), limit=3)

    found = asyncio.run(cell())
    assert found.ok and found.complete


def test_two_calls_at_once_are_refused(tmp_path: Path, server: Simulator) -> None:
    def nested(_: str) -> None:
        aisbench.run(suite(tmp_path, server.url))

    with pytest.raises(aisbench.AisbenchError, match="at work in this process"):
        aisbench.run(suite(tmp_path, server.url), on_message=nested)
    assert aisbench.run(suite(tmp_path, server.url), limit=1).ok


@pytest.mark.parametrize("in_loop", [False, True])
def test_what_a_callback_raises_stops_the_run_in_good_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_loop: bool
) -> None:
    class Enough(Exception):
        pass

    def stop(progress: aisbench.RunProgress) -> None:
        if progress.done:
            raise Enough(progress.label)

    monkeypatch.setattr(callbacks, "PERIOD_SECONDS", 0.02)
    with simulator(*SLOW) as slow:
        tables = suite(tmp_path, slow.url)
        tables["datasets"]["demo"]["limit"] = 20

        async def cell() -> None:
            aisbench.run(tables, on_progress=stop)

        with pytest.raises(Enough, match="sim / demo") as caught:
            if in_loop:
                asyncio.run(cell())
            else:
                aisbench.run(tables, on_progress=stop)
        assert isinstance(caught.value.__cause__, aisbench.AbortError)
        assert "aisbench.run(resume=" in caught.value.__cause__.hint
        (path,) = (tmp_path / "outputs" / "s").iterdir()
        stopped = aisbench.load_run(path)
        answered = list(stopped.samples())
        assert 4 <= len(answered) < 20 and all(one.score is None for one in answered)
        assert not stopped.complete and stopped.scores == ()
        assert stopped.sessions[0].ended == ""
        whole = aisbench.run(tables, resume=path)
    assert whole.complete and whole.figure("accuracy").n == 20


SCRIPT = """\
import asyncio, signal, sys
import aisbench

def work():
    tables = {{
        "suite": {{"name": "s", "output": {output!r}, "mode": {mode!r}}},
        "models": {{"sim": {{"backend": "vllm-chat", "url": {url!r}, "concurrency": 4}}}},
        "datasets": {{"demo": {{"dataset": "gsm8k-demo", "limit": 25}}}},
    }}
    if {mode!r} == "performance":
        tables["load"] = {{"shape": "closed", "concurrency": 2, "duration": 60}}
    try:
        aisbench.run(tables)
    except aisbench.AbortError as error:
        print(error)

async def cell():
    work()

asyncio.run(cell()) if {loop} else work()
print("handler as before:", signal.getsignal(signal.SIGINT) is signal.default_int_handler)
"""


@pytest.mark.parametrize("mode", ["accuracy", "performance"])
@pytest.mark.parametrize("loop", [False, True])
def test_ctrl_c_ends_a_run_as_on_the_command_line(tmp_path: Path, mode: str, loop: bool) -> None:
    with simulator(*SLOW) as slow:
        output = str(tmp_path / "outputs")
        script = SCRIPT.format(output=output, url=slow.url, mode=mode, loop=loop)
        process = subprocess.Popen(
            [sys.executable, "-c", script],
            env=surroundings(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        wait_until(lambda: slow.stats()["requests"].get("/v1/chat/completions", {}).get("200"))
        wait_until(lambda: slow.stats()["in_flight"] > 0)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 0, out
    assert "stopped before the end" in out
    assert "aisbench.run(resume='" in out
    assert "Traceback" not in out
    assert "handler as before: True" in out
    (path,) = (Path(output) / "s").iterdir()
    assert not aisbench.load_run(path).complete


def test_a_bad_suite_is_told_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(
        '[suite]\nname = "s"\n\n[models.m]\nbackend = "vllm-chat"\nurl = "http://127.0.0.1:9"\n'
        'concurency = 4\n\n[datasets.d]\ndataset = "gsm8k-demo"\n'
    )
    with pytest.raises(aisbench.ConfigError, match=r"bad\.toml:7: models\.m\.concurency"):
        aisbench.run(path)
    with pytest.raises(aisbench.ConfigError, match=r"suite: models\.m\.url: NoneType"):
        aisbench.run({"suite": {"name": "s"}, "models": {"m": {"url": None}}})
    with pytest.raises(aisbench.ConfigError, match=r"override models\.m\.concurrency"):
        aisbench.run(str(path), overrides={"models.m.concurrency": "many"})
    with pytest.raises(aisbench.ConfigError, match="tomllib"):
        aisbench.run(path.read_text())
    with pytest.raises(aisbench.ConfigError, match="no suite is given"):
        aisbench.run()
    with pytest.raises(aisbench.AisbenchError, match="is not a run directory"):
        aisbench.load_run(tmp_path)
    assert not (tmp_path / "outputs").exists() and not Path("outputs").exists()


class Echo(BaseHTTPRequestHandler):
    """Refuses every request, and says with what it was asked."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        words = f'{{"error": {{"message": "bad key {self.headers["Authorization"]}"}}}}'.encode()
        self.send_response(400)
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)

    def do_GET(self) -> None:
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_secrets_are_hidden_in_errors_and_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "sk-live-4fGh92kLmQw8ZtY1uVx3"
    monkeypatch.setenv("LIBRARY_KEY", key)
    http = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    told: list[str] = []
    try:
        tables = suite(tmp_path, f"http://127.0.0.1:{http.server_port}", abort_after=3)
        tables["models"]["sim"].update(api_key="env:LIBRARY_KEY", model="m")
        with pytest.raises(aisbench.AbortError, match="bad key Bearer") as caught:
            aisbench.run(tables, on_message=told.append)
        (path,) = (tmp_path / "outputs" / "s").iterdir()
        aisbench.evaluate(path, on_message=told.append)
    finally:
        http.shutdown()
        http.server_close()
    assert key[:8] not in str(caught.value) + repr(caught.value) + "".join(told)
    assert aisbench.load_run(path).failed_share == 1
    for file in path.rglob("*"):
        assert not file.is_file() or key.encode() not in file.read_bytes(), file


def test_too_many_failed_samples_are_no_error(tmp_path: Path) -> None:
    with simulator("--answers", "gsm8k-demo", "--fail", "400:1") as failing:
        found = aisbench.run(suite(tmp_path, failing.url, abort_after=1000))
    assert not found.ok and found.failed_share == 1 and found.complete
    assert aisbench.load_run(found.path).ok is False
    assert {row.response.fault is not None for row in found.samples()} == {True}


def test_damage_of_a_stored_run_is_told(tmp_path: Path, server: Simulator) -> None:
    found = aisbench.run(suite(tmp_path, server.url), limit=2)
    journal = found.path / "predictions" / "sim" / "demo.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    os.truncate(journal, len(lines[0]))
    with pytest.raises(aisbench.DamageError, match=r"demo\.jsonl"):
        aisbench.load_run(found.path)
