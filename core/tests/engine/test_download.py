"""Fetching data files from a local server."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from aisbench.api import Download
from aisbench.download import fetch_files
from aisbench.errors import DataError

CONTENT = b'{"question": "1 + 1?", "answer": "#### 2"}\n' * 4000


class Handler(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        Handler.asked.append(self.path)
        self.send_response(404 if "none" in self.path else 200)
        cut = len(CONTENT) // 2 if "cut" in self.path else len(CONTENT)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[:cut])

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    Handler.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


SUM = hashlib.sha256(CONTENT).hexdigest()


def test_a_file_is_fetched_once(url: str, tmp_path: Path) -> None:
    file = Download(url=f"{url}/a/test.jsonl", filename="test.jsonl", sha256=SUM)
    for _ in range(2):
        assert fetch_files([file], tmp_path / "new" / "folder", None) == [
            tmp_path / "new" / "folder" / "test.jsonl"
        ]
    assert (tmp_path / "new" / "folder" / "test.jsonl").read_bytes() == CONTENT
    assert Handler.asked == ["/a/test.jsonl"]


def test_a_damaged_file_is_replaced(url: str, tmp_path: Path) -> None:
    (tmp_path / "test.jsonl").write_text("old")
    file = Download(url=f"{url}/test.jsonl", filename="test.jsonl", sha256=SUM)
    fetch_files([file], tmp_path, None)
    assert (tmp_path / "test.jsonl").read_bytes() == CONTENT


def test_a_mirror(url: str, tmp_path: Path) -> None:
    file = Download(url="http://127.0.0.1:9/x/test.jsonl", filename="test.jsonl", sha256=SUM)
    fetch_files([file], tmp_path, f"{url}/mirror/")
    assert Handler.asked == ["/mirror/test.jsonl"]


@pytest.mark.parametrize(
    ("path", "digest", "said"),
    [
        ("none", SUM, "answered with status 404"),
        ("cut", SUM, "cut"),
        ("whole", "0" * 64, "has the checksum"),
    ],
)
def test_nothing_wrong_is_kept(
    url: str, tmp_path: Path, path: str, digest: str, said: str
) -> None:
    (tmp_path / "f").write_text("old")
    file = Download(url=f"{url}/{path}", filename="f", sha256=digest)
    with pytest.raises(DataError, match=said):
        fetch_files([file], tmp_path, None)
    assert [one.name for one in tmp_path.iterdir()] == ["f"]
    assert (tmp_path / "f").read_text() == "old"


def test_an_unreachable_source_says_what_else_to_do(tmp_path: Path) -> None:
    file = Download(url="http://127.0.0.1:9/f", filename="f", sha256=SUM)
    with pytest.raises(DataError) as caught:
        fetch_files([file], tmp_path, None)
    assert "--mirror URL" in str(caught.value)
