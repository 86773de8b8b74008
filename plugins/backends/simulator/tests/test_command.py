"""The command as a user or another test starts it: a process of its own."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aisbench_plugin_simulator.command import main

pytestmark = pytest.mark.not_quick

COMMAND = [sys.executable, "-m", "aisbench_plugin_simulator"]


@contextmanager
def started(*argv: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*COMMAND, *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_starts_and_stops(tmp_path: Path, number: signal.Signals) -> None:
    config, port_file = tmp_path / "simulator.toml", tmp_path / "port"
    config.write_text('model = "tiny"\noutput_tokens = "7"\nfail = ["hang:0"]\n', "utf-8")
    argv = ["--config", str(config), "--port", "0", "--port-file", str(port_file)]
    with started(*argv, "--output-tokens", "3", "--ttft-ms", "60000") as process:
        line = line_of(process)
        port = int(port_file.read_text("ascii"))
        assert line == f"listening on http://127.0.0.1:{port}\n"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/simulator/config")
        settings = json.loads(connection.getresponse().read())
        assert settings["model"] == ["tiny"]
        assert settings["output_tokens"] == "3"
        # A request in flight does not hold it up.
        connection.request("POST", "/v1/completions", '{"prompt": "a", "stream": true}')
        time.sleep(0.05)
        start = time.monotonic()
        process.send_signal(number)
        assert process.wait(10) == 0
        assert time.monotonic() - start < 2
        connection.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
        assert [path.name for path in tmp_path.iterdir() if path.name != config.name] == ["port"]


def test_a_taken_port_is_an_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*COMMAND, "--port", str(port)], capture_output=True, text=True, check=False
        )
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--accuracy", "2"], "accuracy must be between 0 and 1"),
        (["--fail", "crash:0.1"], '"crash" is not a kind of failure'),
        (["--output-tokens", "x"], 'output_tokens: "x" is neither'),
        (["--answers", "nowhere.jsonl"], "nowhere.jsonl: No such file"),
        (["--config", "nowhere.toml"], "nowhere.toml: No such file"),
        (["--tls-cert", "a.pem", "--tls-key", "b.pem"], "a.pem"),
        (["--port", "0", "--port-file", "nowhere/port"], "nowhere/port"),
    ],
)
def test_errors_are_told(
    argv: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(argv) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("aisbench simulate: error: ")
    assert said in captured.err
    assert captured.out == ""


@pytest.mark.parametrize("argv", [["--nosuch"], ["--port", "x"], ["--reasoning", "loud"]])
def test_a_wrong_command_line(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2
    assert "usage: aisbench simulate" in capsys.readouterr().err


def test_a_file_that_is_not_toml(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.toml"
    path.write_text("model = \n", "utf-8")
    assert main(["--config", str(path)]) == 2
    path.write_text("modell = 'x'\n", "utf-8")
    assert main(["--config", str(path)]) == 2
    assert "is it model?" in capsys.readouterr().err


def test_help_names_all_failures(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    assert "error-in-stream" in said
    assert "--port-file" in said
