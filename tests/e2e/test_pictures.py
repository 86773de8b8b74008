"""Pictures of a data file of one's own, over a chat service."""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from live import Project, simulator

from aisbench_testkit.canned import PICTURE

SUITE = """
[suite]
name = "pictures"
[models.m]
backend = "vllm-chat"
url = "{url}"
{more}
[datasets.d]
dataset = "custom"
path = "data/rows.jsonl"
columns = {{ files = ["image"] }}
evaluator = "numeric"
template = "chat"
prompt = {{ user = "{{question}}", images = ["{{image}}"] }}
"""


@pytest.fixture
def data(project: Project) -> Path:
    rows = [
        {"question": "How many points?", "image": "a.png", "answer": "1"},
        {"question": "And here?", "image": ["a.png", "sub/b.png"], "answer": "2"},
        {"question": "And from afar?", "image": "https://example.org/c.png", "answer": "3"},
        {"question": "And without?", "image": "", "answer": "4"},
    ]
    project.write("data/rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    for name in ("a.png", "sub/b.png"):
        path = project.path / "data" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(base64.b64decode(PICTURE))
    return project.path / "data"


@contextlib.contextmanager
def pictures_at(folder: Path) -> Iterator[str]:
    """The address of a picture in a folder, which the model's server fetches."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/a.png"
        server.shutdown()
        thread.join()


def test_a_run(project: Project, data: Path) -> None:
    with pictures_at(data) as address, simulator() as server:
        text = (data / "rows.jsonl").read_text().replace("https://example.org/c.png", address)
        (data / "rows.jsonl").write_text(text)
        project.write("s.toml", SUITE.format(url=server.url, more=""))
        shown = project.run("run", "s.toml", "--dry-run")
        done = project.run("run", "s.toml")
    assert shown.code == 0, shown.err
    assert f"data:image/png;base64,<{len(PICTURE) * 3 // 4} bytes in base64>" in shown.out
    assert done.code == 0, done.out + done.err
    rows = {row["sample"]: row for row in project.rows("pictures", "m", "d")}
    content = rows["row-1"]["prompt"]["messages"][0]["content"]
    assert [part.get("text") for part in content] == [None, None, "And here?"]
    assert content[0]["media"]["path"] == str(data / "a.png")
    assert len(content[0]["media"]["sha256"]) == 64
    assert rows["row-3"]["prompt"]["messages"][0]["content"] == "And without?"
    assert rows["row-2"]["prompt"]["messages"][0]["content"][0]["media"]["url"] == address
    # Files that are sent as they are are named in the run, and not copied into it.
    journal = next(project.path.glob("outputs/pictures/*/predictions/m/d.jsonl"))
    assert PICTURE not in journal.read_text()
    assert not list(project.path.glob("outputs/pictures/*/media"))


def test_contents_of_tables_are_kept_once_and_found_again(project: Project) -> None:
    other = base64.b64encode(base64.b64decode(PICTURE) + b"other").decode()
    address = f"data:image/png;base64,{PICTURE}"
    rows = [
        {"question": "In a table?", "image": PICTURE, "answer": "1"},
        {"question": "In a list?", "image": [other, address], "answer": "2"},
        {"question": "In a text?", "image": "", "plain": address, "answer": "3"},
        {"question": "In an archive?", "image": "in.zip/b.png", "answer": "4"},
    ]
    project.write("data/rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    with zipfile.ZipFile(project.path / "data" / "in.zip", "w") as archive:
        archive.writestr("b.png", base64.b64decode(other))
    kept = {
        hashlib.sha256(content).hexdigest(): content
        for content in map(base64.b64decode, (PICTURE, other))
    }
    with simulator() as server:
        suite = SUITE.replace('["{{image}}"]', '["{{image}}", "{{plain}}"]')
        project.write("s.toml", suite.format(url=server.url, more=""))
        rows[0]["plain"] = rows[1]["plain"] = rows[3]["plain"] = ""
        project.write("data/rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        done = project.run("run", "s.toml")
        assert done.code == 0, done.out + done.err
        asked = project.rows("pictures", "m", "d")
        (run,) = project.path.glob("outputs/pictures/*/media")
        assert {file.name: file.read_bytes() for file in run.iterdir()} == kept
        # The report alone shows pictures, beside the answers that one wants to read.
        files = [one for one in run.parent.rglob("*.*") if one.name != "report.html"]
        texts = [file.read_text() for file in files if file.is_file()]
        assert len(texts) > 5
        assert not any(one in text for text in texts for one in (PICTURE, other))
        # The same contents elsewhere: nothing is asked again, and a changed one is.
        for row, name in ((rows[0], "a.png"), (rows[3], "b.png")):
            (project.path / "data" / name).write_bytes(base64.b64decode(PICTURE))
            row["image"] = name
        project.write("data/rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        again = project.run("run", "s.toml", "--resume")
        assert again.code == 0, again.out + again.err
        assert "3 answers of earlier sessions used again" in again.out
    keys = {row["sample"]: row["key"] for row in asked}
    now = {row["sample"]: row["key"] for row in project.rows("pictures", "m", "d")}
    assert [name for name in keys if keys[name] != now[name]] == ["row-3"]


@pytest.mark.parametrize(
    ("harm", "more", "said"),
    [
        ("missing", "", "sample row-1: "),
        ("text", "", "is no image: its type is unknown"),
        ("", "media_limit = 0.00001", "more than 1e-05"),
    ],
)
def test_what_cannot_be_sent_is_told_before_anything_is(
    project: Project, data: Path, harm: str, more: str, said: str
) -> None:
    if harm == "missing":
        (data / "sub" / "b.png").unlink()
    elif harm == "text":
        (data / "a.png").rename(data / "a")
        (data / "a").write_text("hello")
        text = (data / "rows.jsonl").read_text().replace("a.png", "a")
        (data / "rows.jsonl").write_text(text)
    with simulator() as server:
        project.write("s.toml", SUITE.format(url=server.url, more=more))
        done = project.run("run", "s.toml")
        assert server.stats()["requests"] == {}
    assert done.code == 2
    assert said in done.err


def test_a_backend_of_text_alone_is_refused(project: Project, data: Path) -> None:
    project.write("s.toml", SUITE.format(url="http://127.0.0.1:1", more="").replace(
        "vllm-chat", "tgi-generate"))  # fmt: skip
    done = project.run("run", "s.toml")
    assert done.code == 2
    assert "needs 'chat', which backend 'tgi-generate'" in done.err
