"""How pictures, sounds and films reach a server: each way, over HTTP, and said in the record."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from live import Project, simulator

from aisbench_testkit.canned import PICTURE

PNG = base64.b64decode(PICTURE)
SOUND = (
    b"RIFF" + struct.pack("<I", 46) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8, 8, 1, 8)
    + b"data" + struct.pack("<I", 10) + bytes(10)
)  # fmt: skip

SUITE = """
[suite]
name = "media"
[models.m]
backend = "{backend}"
url = "{url}"
model = "eye"
stream = false
{media}
[datasets.d]
dataset = "custom"
path = "data/rows.jsonl"
columns = {{ files = ["image", "sound"] }}
evaluator = "numeric"
template = "chat"
prompt = {{ user = "{{question}}", images = ["{{image}}"], audio = ["{{sound}}"] }}
"""


class Server:
    """Keeps what it is asked, and has seen one."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.files: list[bytes] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer({"object": "list", "data": [{"id": "eye", "object": "model"}]})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path == "/v1/files":
                    server.files.append(body)
                    digest = hashlib.sha256(body).hexdigest()[:8]
                    return self._answer({"id": f"file-{digest}", "object": "file"})
                server.bodies.append(json.loads(body))
                text = {"role": "assistant", "content": "1"}
                parts = [{"type": "output_text", "text": "1"}]
                answer = {
                    "/v1/chat/completions": {
                        "object": "chat.completion",
                        "choices": [{"index": 0, "message": text, "finish_reason": "stop"}],
                    },
                    "/v1/responses": {
                        "id": "resp_1",
                        "object": "response",
                        "status": "completed",
                        "output": [{"type": "message", "content": parts}],
                    },
                }[self.path]
                return self._answer({"model": "eye", **answer})

            def _answer(self, value: Any) -> None:
                content = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextlib.contextmanager
    def running(self) -> Iterator[Server]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    with Server().running() as running:
        yield running


@pytest.fixture
def data(project: Project) -> Path:
    folder = project.path / "data"
    folder.mkdir()
    (folder / "a b.png").write_bytes(PNG)
    (folder / "s.wav").write_bytes(SOUND)
    rows = [
        {"question": "How many?", "image": ["a b.png", PICTURE], "sound": "s.wav", "answer": "1"},
        {
            "question": "And here?",
            "image": "https://example.org/c.png",
            "sound": "",
            "answer": "1",
        },
    ]
    project.write("data/rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    return folder


def run(project: Project, server: Server, media: str, backend: str = "vllm-chat") -> Any:
    suite = SUITE.format(backend=backend, url=server.url, media=f"media = {media}")
    project.write("s.toml", suite)
    return project.run("run", "s.toml")


def parts_sent(server: Server) -> list[dict[str, Any]]:
    """Of the first row, without its text."""
    (body,) = (one for one in server.bodies if "How many?" in json.dumps(one))
    told = body.get("messages") or body["input"]
    return [one for one in told[-1]["content"] if "text" not in one["type"]]


@pytest.mark.parametrize(
    "send",
    [
        "file",
        pytest.param("path", marks=pytest.mark.slow),
        pytest.param("url", marks=pytest.mark.slow),
    ],
)
def test_by_place(project: Project, server: Server, data: Path, send: str) -> None:
    there = "http://media.example:8000/x" if send == "url" else "/srv"
    paths = f'{{ "{project.path}" = "{there}" }}'
    done = run(project, server, f'{{ send = "{send}", paths = {paths} }}')
    assert done.code == 0, done.err
    first, second, sound = (one[one["type"]]["url"] for one in parts_sent(server))
    begin = {"file": "file:///srv", "path": "/srv", "url": there}[send]
    blank = " " if send == "path" else "%20"
    assert first == f"{begin}/data/a{blank}b.png"
    assert sound == f"{begin}/data/s.wav"
    # A content of a table lies in the run, in a file whose name says what it is.
    assert second.startswith(begin) and second.endswith(".png")
    kept = project.path / second.removeprefix(begin).lstrip("/")
    assert kept.read_bytes() == PNG
    (row,) = (one for one in project.rows("media", "m", "d") if one["sample"] == "row-0")
    assert row["prompt"]["messages"][0]["content"][0]["media"]["sent"] == first
    assert PICTURE not in json.dumps(server.bodies)


@pytest.mark.parametrize(
    "backend", [pytest.param("openai-chat", marks=pytest.mark.slow), "openai-responses"]
)
def test_uploaded_once(project: Project, server: Server, data: Path, backend: str) -> None:
    done = run(project, server, '{ send = "upload" }', backend)
    assert done.code == 0, done.err
    # Two pictures alike and a sound.
    assert len(server.files) == 2
    assert (
        sum(PNG in one for one in server.files) == sum(SOUND in one for one in server.files) == 1
    )
    found = parts_sent(server)
    numbers = [one.get("file_id") or one["file"]["file_id"] for one in found]
    assert numbers[0] == numbers[1] != numbers[2]
    (row,) = (one for one in project.rows("media", "m", "d") if one["sample"] == "row-0")
    kept = [part["media"].get("file_id") for part in row["prompt"]["messages"][0]["content"][:3]]
    assert kept == numbers
    again = project.run("run", "s.toml", "--resume")
    assert again.code == 0 and "2 answers of earlier sessions used again" in again.out


@pytest.mark.slow
def test_sound_in_a_response(project: Project, server: Server, data: Path) -> None:
    assert run(project, server, "{}", "openai-responses").code == 0
    first, _, sound = parts_sent(server)
    assert first == {"type": "input_image", "image_url": f"data:image/png;base64,{PICTURE}"}
    assert sound["input_audio"] == {"data": base64.b64encode(SOUND).decode(), "format": "wav"}


@pytest.mark.parametrize(
    ("media", "said"),
    [
        ("{ pictures = 1 }", "row-0: the prompt has 2 pictures, and m takes 1"),
        ("{ sounds = 0 }", "row-0: the prompt has 1 sounds, and m takes 0"),
        ("{ total = 0.0001 }", "together, more than 0.0001"),
        ('{ send = "url", paths = { "/a" = "/b" } }', "must be http:// or https:// urls"),
        ('{ paths = { "/a" = "/b" } }', 'has no effect with send = "base64"'),
        ('{ send = "url" }', "lies in no folder that has an address"),
        ('{ send = "pigeon" }', "must be one of 'base64', 'file', 'path', 'url', 'upload'"),
    ],
)
def test_what_a_server_does_not_take_is_told_before(
    project: Project, server: Server, data: Path, media: str, said: str
) -> None:
    done = run(project, server, media)
    assert done.code == 2
    assert said in done.err
    assert server.bodies == []


@pytest.mark.parametrize("together", [pytest.param(False, marks=pytest.mark.slow), True])
def test_a_film_as_frames(project: Project, server: Server, together: bool) -> None:
    """AISBench's rows, with nothing said but which frames; the times stand in the record."""
    av = pytest.importorskip("av", reason="PyAV is not installed")
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    project.write("data/rows.jsonl", json.dumps(
        {"type": "video", "path": ["f.mp4"], "question": "How many?", "answer": "1"}
    ) + "\n")  # fmt: skip
    with av.open(str(project.path / "data" / "f.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=4)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for number in range(8):
            picture = image.new("RGB", (32, 32), (number * 30,) * 3)
            container.mux(stream.encode(av.VideoFrame.from_image(picture)))
        container.mux(stream.encode(None))
    suite = SUITE.format(backend="vllm-chat", url=server.url, media="")
    head, _, _ = suite.partition("columns")
    frames = f"{{ count = 3, together = {str(together).lower()} }}"
    project.write("s.toml", f"{head}prompt.frames = {frames}\n")
    done = project.run("run", "s.toml")
    assert done.code == 0, done.err
    sent = [one[one["type"]]["url"] for one in parts_sent(server)]
    begin = "data:video/jpeg;base64," if together else "data:image/jpeg;base64,"
    assert len(sent) == (1 if together else 3)
    assert all(one.startswith(begin) for one in sent)
    pictures = sent[0].split(",")[1:] if together else [one.split(",")[1] for one in sent]
    assert [base64.b64decode(one)[:3] for one in pictures] == [b"\xff\xd8\xff"] * 3
    (row,) = project.rows("media", "m", "d")
    parts = row["prompt"]["messages"][0]["content"][:-1]
    told = [part["media"] for part in parts]
    times = told[0]["times"] if together else [one["time"] for one in told]
    assert times == [0.0, 0.75, 1.75]
    assert {Path(one["path"]).name for one in told} == {"f.mp4"}


def test_protocols_of_text_that_take_pictures(project: Project) -> None:
    """The simulator has read and counted what was sent, in each of their forms."""
    (project.path / "data").mkdir()
    (project.path / "data" / "a.png").write_bytes(PNG)
    row = {"type": "image", "path": ["a.png", "a.png"], "question": "How many?", "answer": "1"}
    project.write("data/rows.jsonl", json.dumps(row) + "\n")
    names = ("mindie-media", "tgi-pictures", "triton-pictures")
    with simulator() as server:
        models = "".join(
            f'[models.{name}]\nbackend = "{name}"\nurl = "{server.url}"\nmodel = "simulator"\n'
            + ('dialect = "vllm"\n' if name.startswith("triton") else "")
            for name in names
        )
        suite = '[suite]\nname = "media"\n' + models
        suite += '[datasets.d]\ndataset = "custom"\npath = "data/rows.jsonl"\n'
        project.write("s.toml", suite)
        done = project.run("run", "s.toml")
        seen = server.stats()["media"]["image"]
    assert done.code == 0, done.out + done.err
    assert (seen["items"], seen["bytes"], seen["refused"]) == (6, 6 * len(PNG), 0)
