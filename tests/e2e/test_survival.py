"""What happens around a run: signals, terminals that close, outputs that are full or gone."""

from __future__ import annotations

import json
import os
import pty
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live import Project, Simulator, figures, simulator, surroundings, wait_until

SUITE = """
[suite]
name = "r"
[models.sim]
backend = "vllm-chat"
url = "{url}"
concurrency = 8
[datasets.demo]
dataset = "gsm8k-demo"
repeats = 4
"""
ASKED = 28 * 4
SLOW_SERVER = """
[servers.slow]
command = ["{python}", "-c", "import time; print('loading', flush=True); time.sleep(60)"]
"""
LOAD = """
[suite]
name = "r"
mode = "performance"
[models.sim]
backend = "vllm-chat"
server = "slow"
[datasets.demo]
dataset = "gsm8k-demo"
[load]
shape = "closed"
concurrency = 4
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with simulator("--answers", "gsm8k-demo", "--ttft-ms", "100") as server:
        yield server


def rows(project: Project) -> list[dict[str, Any]]:
    found = list(project.path.glob("outputs/r/*/predictions/sim/demo.jsonl"))
    lines = found[-1].read_bytes().split(b"\n")[:-1] if found else []
    return [json.loads(line) for line in lines]


def launched(project: Project, *words: str, **how: Any) -> subprocess.Popen[bytes]:
    """aisbench with the standard files of one's choice."""
    return subprocess.Popen(
        project.command(*words), cwd=project.path, env=surroundings(project.path / "home"), **how
    )


def ends_whole(project: Project, stored: int) -> None:
    """Resumed, the run asks what is missing and nothing else."""
    done = project.run("run", "s.toml", "--resume")
    assert done.code == 0, done.out + done.err
    assert f"{stored} answers of earlier sessions used again" in done.out
    assert figures(project.result("r", "sim", "demo"))["accuracy"]["value"] == 100.0
    assert len(rows(project)) == ASKED


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_finishes_what_is_in_flight(
    project: Project, server: Simulator, number: signal.Signals
) -> None:
    project.write("s.toml", SUITE.format(url=server.url))
    process = project.start("run", "s.toml")
    wait_until(lambda: len(rows(project)) >= 8)
    process.send_signal(number)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 3, out
    assert "stopped before the end" in out
    assert "--resume" in out
    stored = rows(project)
    assert all("fault" not in row["response"] for row in stored)
    ends_whole(project, len(stored))


def test_nohup_stays(project: Project, server: Simulator) -> None:
    project.write("s.toml", SUITE.format(url=server.url))
    process = launched(
        project, "run", "s.toml", stdout=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )  # fmt: skip
    wait_until(lambda: len(rows(project)) >= 8)
    process.send_signal(signal.SIGHUP)
    assert process.wait(60) == 0
    assert len(rows(project)) == ASKED


def test_a_terminal_that_is_closed(project: Project, server: Simulator) -> None:
    project.write("s.toml", SUITE.format(url=server.url))
    pid, terminal = pty.fork()
    if pid == 0:  # the child, whose terminal it is
        os.chdir(project.path)
        os.execve(
            sys.executable, project.command("run", "s.toml"), surroundings(project.path / "home")
        )
    wait_until(lambda: len(rows(project)) >= 8)
    os.close(terminal)
    deadline = time.monotonic() + 30
    while (ended := os.waitpid(pid, os.WNOHANG))[0] == 0:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert os.waitstatus_to_exitcode(ended[1]) == 3
    ends_whole(project, len(rows(project)))


@pytest.mark.parametrize("mode", ["accuracy", "performance"])
def test_sigterm_while_servers_start(project: Project, mode: str) -> None:
    suite = SUITE.replace('url = "{url}"', 'server = "slow"') if mode == "accuracy" else LOAD
    project.write("s.toml", (suite if mode != "accuracy" else suite.format()) + SLOW_SERVER)
    process = project.start("run", "s.toml")
    logs = "outputs/r/*/servers/slow.log"
    wait_until(lambda: any("loading" in log.read_text() for log in project.path.glob(logs)))
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=20)
    assert time.monotonic() - begun < 8
    assert process.returncode == 3, out
    assert "Traceback" not in out
    assert "--resume" in out
    assert not list(project.path.glob("outputs/r/*/servers/running.json"))


def test_a_reader_that_goes_away_ends_nothing(project: Project, server: Simulator) -> None:
    """`aisbench run ... | head -1`."""
    project.write("s.toml", SUITE.format(url=server.url))
    process = launched(project, "run", "s.toml", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith(b"run ")
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 0, said
    assert said == b""
    assert len(rows(project)) == ASKED
    assert figures(project.result("r", "sim", "demo"))["accuracy"]["value"] == 100.0


def test_without_standard_files(project: Project, server: Simulator) -> None:
    """`<&- >&- 2>&-`: no file of the run gets their numbers, and nothing is printed into it."""
    project.write("s.toml", SUITE.format(url=server.url))
    process = launched(
        project, "run", "s.toml", preexec_fn=lambda: [os.close(number) for number in (0, 1, 2)]
    )
    assert process.wait(60) == 0
    assert len(rows(project)) == ASKED  # and each line is a row
    assert project.run("report", str(project.last_run("r"))).code == 0


def test_an_output_that_is_full_is_told(project: Project, server: Simulator) -> None:
    project.write("s.toml", SUITE.format(url=server.url))
    for words in (["run", "s.toml"], ["report"]):
        if words == ["report"]:
            words = ["report", str(project.last_run("r"))]
        with Path("/dev/full").open("wb") as full:
            process = launched(project, *words, stdout=full, stderr=subprocess.PIPE)
            _, said = process.communicate(timeout=60)
        assert process.returncode == 3, said
        assert said == b"error: standard output: No space left on device\n"
    assert len(rows(project)) == ASKED
    assert project.run("report", str(project.last_run("r"))).code == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_run_that_cannot_be_written(project: Project, server: Simulator) -> None:
    project.write("s.toml", SUITE.format(url=server.url))
    (project.path / "outputs").mkdir()
    (project.path / "outputs").chmod(0o500)
    done = project.run("run", "s.toml")
    assert done.code == 3
    assert "no run directory can be made there: Permission denied" in done.err


@pytest.mark.parametrize("files", [20, 64, 73])
def test_too_few_files_may_be_open(project: Project, server: Simulator, files: int) -> None:
    project.write("s.toml", SUITE.format(url=server.url))
    process = launched(
        project, "run", "s.toml", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)),
    )  # fmt: skip
    out, _ = process.communicate(timeout=60)
    assert b"Traceback" not in out
    if files < 72:
        assert process.returncode == 2, out
        assert b"8 requests in flight need 72 open files" in out
        return
    assert process.returncode == 0, out
    assert len(rows(project)) == ASKED
