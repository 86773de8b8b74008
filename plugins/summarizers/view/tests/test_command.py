"""The command: what it takes, what it refuses, and the pages as files."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from stored_run import stored_run

from aisbench import AisbenchError
from aisbench_plugin_view.command import main
from aisbench_plugin_view.pages import ORDER, script

STATIC = Path(__file__).parents[1] / "src/aisbench_plugin_view/static"


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    stored_run(tmp_path / "runs" / "s" / "20260101_000000", 30, models=("a", "b"))
    return tmp_path / "runs"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere"], "nowhere: is not a folder"),
        (["--host", "0.0.0.0"], "ssh -L"),
        (["--host", "example.org"], "not of this machine alone"),
        (["--answers", "3"], "is for --export"),
    ],
)
def test_what_it_refuses(outputs: Path, words: list[str], told: str) -> None:
    given = words if words == ["nowhere"] else [str(outputs), *words]
    with pytest.raises(AisbenchError) as raised:
        main(given)
    assert told in str(raised.value)


@pytest.mark.parametrize("port", ["70000", "x", "-1", "²"])
def test_a_port_that_is_none(outputs: Path, port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([str(outputs), f"--port={port}"])
    assert "is no port" in capsys.readouterr().err


def test_a_port_that_is_taken(outputs: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AisbenchError, match=f"--port {port}: is taken") as raised:
            main([str(outputs), "--no-browser", "--port", str(port)])
    assert "leave it out" in raised.value.hint


def test_pages_as_files(outputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "pages"
    assert main([str(outputs), "--export", str(target), "--answers", "20"]) == 0
    assert "1 runs, 40 answers" in capsys.readouterr().out
    data = {one.stem: one.read_text() for one in (target / "data").glob("*.js")}
    runs = json.loads(data["runs"].removeprefix('aisbench_data("runs",').removesuffix(");\n"))
    assert str(tmp_path) not in data["runs"]
    run = runs["runs"][0]["id"]
    task = json.loads(data[f"task-{run}-0"].partition(",")[2].removesuffix(");\n"))
    assert (task["left_out"], task["row_files"], task["answer_files"]) == (10, 1, 1)
    again = main([str(outputs), "--export", str(target)])
    assert again == 0
    assert "1 runs, 60 answers" in capsys.readouterr().out


def test_an_export_replaces_nothing_but_an_export(outputs: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("x")
    for target, told in (
        (tmp_path / "mine", "holds files that are no export"),
        (outputs / "pages", "lies in the folder of the runs"),
        (outputs, "lies in the folder of the runs"),
    ):
        with pytest.raises(AisbenchError) as raised:
            main([str(outputs), "--export", str(target)])
        assert told in str(raised.value)
    assert [one.name for one in (tmp_path / "mine").iterdir()] == ["thesis.tex"]


def test_the_modules_of_the_page_become_one_script() -> None:
    assert {f"{name}.js" for name in ORDER} == {one.name for one in STATIC.glob("*.js")}
    names: list[str] = []
    for at, name in enumerate(ORDER):
        text = (STATIC / f"{name}.js").read_text()
        needed = re.findall(r'from "\./(\w+)\.js"', text)
        assert set(needed) <= set(ORDER[:at]), name  # behind what it imports
        names += re.findall(
            r"^(?:export )?(?:async )?(?:function|const|let) (\w+)", text, re.MULTILINE
        )
    assert len(names) == len(set(names))
    assert not re.search(r"^(import|export)\b", script(), re.MULTILINE)


def test_every_text_of_the_page_has_its_chinese() -> None:
    known = json.loads((STATIC.parent / "texts.zh.json").read_text())
    asked = {
        json.loads(one)
        for file in STATIC.glob("*.js")
        for one in re.findall(r'\bt\(\s*("(?:[^"\\]|\\.)*")', file.read_text())
    }
    assert asked - set(known) == set()
    for english, chinese in known.items():
        assert set(re.findall(r"\{\w+\}", english)) == set(re.findall(r"\{\w+\}", chinese))


@pytest.mark.not_quick
def test_as_a_user_starts_it(outputs: Path) -> None:
    words = [sys.executable, "-m", "aisbench", "view", str(outputs), "--no-browser", "--port=0"]
    environment = {**os.environ, "SSH_CONNECTION": "1.2.3.4 1 5.6.7.8 22", "AISBENCH_LANG": "en"}
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        first, tunnel, end = (process.stdout.readline() for _ in range(3))
        address = first.split()[-1]
        port = address.split(":")[2].split("/")[0]
        assert f"ssh -L {port}:127.0.0.1:{port}" in tunnel
        assert "Ctrl-C" in end
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with opener.open(address, timeout=20) as response:
            assert b"aisbench view" in response.read()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert "Traceback" not in process.stderr.read()
