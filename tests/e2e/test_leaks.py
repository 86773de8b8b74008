# ruff: noqa: E501 - odd answers, one a line
"""No secret of a run is in any of its files or in its output, however a server repeats it."""

from __future__ import annotations

import base64
import contextlib
import html
import json
import re
import socket
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from live import Project

from aisbench.cli import main

KEY = "sk-live-4fGh92kLmQw8ZtY1uVx3"
TEAM = 'tm"9/q+R~x&7<k\\Wz5=n2'
USER, PASSWORD = "gateway", "pX7-dwarf-Lantern-29"
SECRETS = (KEY, TEAM, PASSWORD)
BASIC = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

SUITE = """\
[suite]
name = "leaks"
mode = "{mode}"
max_failed = 1.0
abort_after = 1000
[models.m]
backend = "vllm-chat"
url = "{url}"
{more}
api_key = "env:LEAK_KEY"
stream = {stream}
retry = {{ attempts = 2, backoff = 0.01 }}
headers = {{ X-Team = {{ env = "LEAK_TEAM" }}, X-Login = {{ env = "LEAK_LOGIN" }} }}
[datasets.d]
dataset = "gsm8k-demo"
limit = 14
{load}
"""
LOAD = '[load]\nshape = "closed"\nconcurrency = 2\nwarm_up = {warm_up}\nkeep_answers = true\nscrape = true\n'


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def forms(secret: str) -> list[str]:
    """How a server may repeat a secret."""
    return [
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(json.dumps(secret))[1:-1],
        html.escape(secret),
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote_plus(secret),
        b64(secret),
        b64(f"{USER}:{secret}"),
        b64(f"x{secret}yz"),
    ]


def traces(secret: str) -> set[bytes]:
    """Eight characters in a row of any form are a leak."""
    found = {secret, json.dumps(secret)[1:-1], urllib.parse.quote(secret, safe="")}
    found |= {html.escape(secret), b64(secret)[:-4]}
    found |= {b64("x" * skip + secret)[4:-4] for skip in range(3)}
    return {form[at : at + 8].encode() for form in found for at in range(len(form) - 7)}


COMMANDS = "\x1b[31mred\x1b]0;title\x07 \u202eback\u2066 \rover \x9b2J 研发 é"
PLAIN_TEXT = "; ".join(form for secret in SECRETS for form in forms(secret)) + f"; Basic {BASIC}"
REPEATED = f"{COMMANDS} {PLAIN_TEXT} {COMMANDS}"
STEPS = 14


class Nasty:
    """A server that repeats all secrets: which way, goes round with its requests."""

    def __init__(self, models: str = "fine") -> None:
        self.models = models
        self.count = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            data = b""
            while b"\r\n\r\n" not in data:
                if not (block := connection.recv(65536)):
                    return
                data += block
            head, _, body = data.partition(b"\r\n\r\n")
            length = 0
            for line in head.split(b"\r\n"):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            while len(body) < length:
                body += connection.recv(65536)
            for piece in self._answer(head, b'"stream":true' in body):
                connection.sendall(piece)

    def _answer(self, head: bytes, stream: bool) -> Iterator[bytes]:
        if b"/v1/models" in head:
            if self.models == "401":
                # The key is cut in the middle wherever an error is cut.
                for_cut = "x" * 280 + KEY + "y" * 190 + KEY + " " + REPEATED
                yield whole(401, json.dumps({"error": {"message": for_cut}}), KEY)
            elif self.models == "named":
                yield whole(200, json.dumps({"data": [{"id": f"m-{KEY}-{COMMANDS}"}]}))
            else:
                yield whole(200, json.dumps({"data": [{"id": "m"}]}))
        elif b"/metrics" in head:
            label = f'k{{key="{KEY}"}} 1\n# HELP vllm:x {KEY}\nvllm:num_requests_running{{m="{KEY}"}} 1\n'
            yield whole(200, label, kind="text/plain")
        else:
            self.count += 1
            yield from self._completion(self.count % STEPS, stream)

    def _completion(self, step: int, stream: bool) -> Iterator[bytes]:
        if step == 0:
            yield whole(401, json.dumps({"error": {"message": f"bad key {REPEATED}"}}), KEY)
        elif step == 1:
            yield whole(500, "x" * 495 + KEY + "z" * 1490 + TEAM + REPEATED)
        elif step == 2:
            yield whole(
                502, f"<html><title>{html.escape(KEY)}</title>{html.escape(REPEATED)}</html>"
            )
        elif step == 3:
            yield whole(418, PLAIN_TEXT, reason=f"{KEY} {BASIC}")
        elif step == 4:
            yield f"HTTP/1.1 200 OK\r\nX-Key: {KEY}\r\nContent-Le ngth: {PASSWORD}\r\n\r\n".encode()
        elif step == 5:
            yield KEY.encode() + b" is no HTTP\r\n\r\n"
        elif step == 6:
            yield whole(200, KEY + " is no JSON " + REPEATED)
        elif step == 7:
            yield whole(200, json.dumps({"error": {"message": KEY, "code": REPEATED}}))
        elif step == 8:
            yield whole(200, json.dumps({"odd": [KEY, {KEY: REPEATED}]}))
        elif not stream:
            yield whole(200, json.dumps(choice("message", f"{REPEATED} the answer is 3")))
        elif step == 9:
            yield events([choice("delta", letter) for letter in f"{REPEATED} #### 3"])
        elif step == 10:
            yield events([choice("delta", "so ")]) + b"data: {" + KEY.encode() + b"\n\n"
        elif step == 11:
            yield events([choice("delta", "a"), {"error": {"message": "x" * 490 + KEY}}])
        elif step == 12:
            sent = events([choice("delta", f"{KEY} and {TEAM} {BASIC}")])
            for at in range(0, len(sent), 7):
                yield sent[at : at + 7]
        else:
            thought = choice("delta", "3")
            thought["choices"][0]["delta"]["reasoning_content"] = REPEATED
            thought["model"] = KEY
            yield events([thought])


def choice(place: str, text: str) -> dict[str, object]:
    return {
        "id": KEY,
        "model": f"m-{KEY}",
        "choices": [{"index": 0, place: {"content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 3},
    }


def events(found: list[dict[str, object]]) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    lines = b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in found)
    return head + lines + b"data: [DONE]\n\n"


def whole(status: int, body: str, reason: str = "Odd", kind: str = "application/json") -> bytes:
    content = body.encode()
    return (
        f"HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\nX-Key: {KEY}\r\n"
        f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    ).encode() + content


@pytest.fixture
def nasty() -> Iterator[Nasty]:
    server = Nasty()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    yield server
    server.listener.close()


def look(project: Project, *outputs: str) -> list[str]:
    """Where anything of a secret is to be seen."""
    known = {trace for secret in SECRETS for trace in traces(secret)}
    known |= {BASIC[at : at + 8].encode() for at in range(8, len(BASIC) - 11)}
    found = []
    places = {str(one): one.read_bytes() for one in project.path.rglob("*") if one.is_file()}
    places |= {f"output {number}": text.encode() for number, text in enumerate(outputs)}
    for number, text in enumerate(outputs):
        if command := re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text):
            found.append(
                f"output {number} commands the terminal: {text[command.start() - 60 :][:99]!r}"
            )
    for name, content in places.items():
        for trace in known:
            if (at := content.find(trace)) >= 0:
                found.append(f"{name}: ...{content[max(0, at - 60) : at + 40]!r}")
                break
    return found


ENVIRONMENT = {"LEAK_KEY": KEY, "LEAK_TEAM": TEAM, "LEAK_LOGIN": f"Basic {BASIC}"}


@pytest.mark.parametrize("stream", ["true", pytest.param("false", marks=pytest.mark.slow)])
def test_an_accuracy_run(project: Project, nasty: Nasty, stream: str) -> None:
    text = SUITE.format(mode="accuracy", url=nasty.url, load="", stream=stream, more="")
    project.write("s.toml", text)
    outputs = []
    for words in (["run", "s.toml", "-vv"], ["run", "s.toml", "--resume", "-vv"]):
        done = project.run(*words, **ENVIRONMENT)
        assert done.code in (0, 1), done.err
        outputs += [done.out, done.err]
    run = project.last_run("leaks")
    for words in (["report", str(run)], ["evaluate", str(run)]):
        done = project.run(*words)
        assert done.code in (0, 1), done.err
        outputs += [done.out, done.err]
    assert b"[secret]" in (run / "predictions/m/d.jsonl").read_bytes()
    assert look(project, *outputs) == []


@pytest.mark.parametrize("warm_up", [14, pytest.param(0, marks=pytest.mark.slow)])
def test_a_load(project: Project, nasty: Nasty, warm_up: int) -> None:
    load = LOAD.format(warm_up=warm_up)
    text = SUITE.format(mode="both", url=nasty.url, load=load, stream="true", more="")
    project.write("s.toml", text)
    done = project.run("run", "s.toml", "-vv", **ENVIRONMENT)
    assert done.code in (0, 1, 3), done.err
    run = project.last_run("leaks")
    shown = project.run("report", str(run))
    assert look(project, done.out, done.err, shown.out, shown.err) == []
    assert b"[secret]" in b"".join(one.read_bytes() for one in run.rglob("*.jsonl"))


@pytest.mark.slow
@pytest.mark.parametrize("models", ["401", "named"])
@pytest.mark.parametrize("mode", ["accuracy", "performance"])
def test_the_servers_list_of_models(
    project: Project, nasty: Nasty, models: str, mode: str
) -> None:
    nasty.models = models
    load = LOAD.format(warm_up=2) if mode == "performance" else ""
    text = SUITE.format(mode=mode, url=nasty.url, load=load, stream="true", more="")
    project.write("s.toml", text)
    done = project.run("run", "s.toml", "-vv", **ENVIRONMENT)
    assert done.code in ((3,) if models == "401" else (0, 1, 3)), done.err
    assert look(project, done.out, done.err) == []


@pytest.mark.slow
def test_the_password_of_a_proxy(project: Project, nasty: Nasty) -> None:
    text = SUITE.format(
        mode="accuracy", url="http://example.invalid:8000", load="", stream="false",
        more='proxy = "environment"\nmodel = "m"',
    )  # fmt: skip
    project.write("s.toml", text.replace("LEAK_LOGIN", "LEAK_KEY"))
    address = nasty.url.replace("://", f"://{USER}:{PASSWORD}@")
    proxies = {"http_proxy": address, "HTTP_PROXY": address}
    done = project.run("run", "s.toml", "-vv", **ENVIRONMENT, **proxies)
    assert nasty.count > 10, done.err
    assert look(project, done.out, done.err) == []


@pytest.mark.parametrize(
    "words",
    [
        ["--set", f"models.m.api_key={KEY}"],
        ["--set", f"models.m.api_key=Bearer {KEY}"],
        ["--set", f'models.m.headers.Authorization="Bearer {KEY}"'],
        ["--set", f"models.m.generation.api_key={KEY}"],
        ["--set", f"models.m.url=http://{USER}:{PASSWORD}@h:1"],
        ["--set", f"models.m.url=http://h:1/?key={KEY}"],
        ["--set", f"models.m.proxy=http://{USER}:{PASSWORD}@h:1"],
        ["--set", f"models.m.key={KEY}"],
        ["--set", f"={KEY}"],
        ["--set", f"models..m={KEY}"],
        ["--url", f"http://{USER}:{PASSWORD}@h:1"],
    ],
)
def test_a_secret_on_the_command_line_is_refused(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    text = SUITE.format(mode="accuracy", url="http://h:1", load="", stream="true", more="")
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    assert main(["run", "s.toml", *words]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["s.toml"]
    shown = capsys.readouterr()
    for secret in (KEY, PASSWORD):
        assert not any(trace.decode() in shown.out + shown.err for trace in traces(secret))


@pytest.mark.slow
def test_what_a_started_server_writes(project: Project) -> None:
    folder = Path(__file__).parent
    project.write(
        "server.py",
        "import os, sys, threading\n"
        f"sys.path.insert(0, {str(folder)!r})\n"
        f"sys.path.insert(0, {str(folder.parent / 'support')!r})\n"
        "import socket, test_leaks\n"
        "print('started with', os.environ['LEAK_KEY'], flush=True)\n"
        "made = test_leaks.Nasty()\n"
        "made.listener = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
        "made.serve()\n",
    )
    text = SUITE.format(mode="accuracy", url="", load="", stream="true", more='server = "s"')
    text = text.replace('url = ""\n', "") + (
        '[servers.s]\ncommand = ["{python}", "server.py", "{port}"]\nready = "/v1/models"\n'
    )
    project.write("s.toml", text)
    done = project.run("run", "s.toml", **ENVIRONMENT)
    assert done.code in (0, 1), done.err
    log = project.last_run("leaks") / "servers/s.log"
    assert "started with [secret]" in log.read_text()
    assert look(project, done.out, done.err) == []
