"""Fetching data files from a local server."""

from __future__ import annotations

import hashlib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from aisbench.api import Download
from aisbench.base.errors import DataError
from aisbench.data.download import DownloadBounds, fetch_files

CONTENT = b'{"question": "1 + 1?", "answer": "#### 2"}\n' * 4000


class Handler(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []
    begins: ClassVar[list[int]] = []
    over: ClassVar[threading.Event] = threading.Event()

    def do_GET(self) -> None:
        Handler.asked.append(self.path)
        if "/drop" in self.path:
            self._in_pieces()
            return
        if "/endless" in self.path:
            self._endless()
            return
        self.send_response(404 if "none" in self.path else 200)
        cut = len(CONTENT) // 2 if "cut" in self.path else len(CONTENT)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[:cut])

    def _in_pieces(self) -> None:
        """Breaks off after a third; goes on from where it is asked to, if it is to be so."""
        begin = int(self.headers.get("Range", "bytes=0-")[6:-1])
        Handler.begins.append(begin)
        if "forgets" in self.path:
            begin = 0
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.send_header("Content-Length", str(len(CONTENT) - begin))
        self.end_headers()
        third = len(CONTENT) // 3 + 1
        last = "forgets" in self.path and len(Handler.begins) > 1
        self.wfile.write(CONTENT[begin:] if last else CONTENT[begin : begin + third])

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not Handler.over.is_set():
            try:
                self.wfile.write(b"x" * 65536 if "fast" in self.path else b"x")
            except OSError:
                return
            Handler.over.wait(0 if "fast" in self.path else 0.05)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    Handler.asked.clear()
    Handler.begins.clear()
    Handler.over.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    Handler.over.set()
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


def of(url: str, name: str = "f") -> Download:
    return Download(url=url, filename=name, sha256=SUM)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("path", ["drop", "drop-forgets"])
def test_a_broken_connection_is_gone_on_with(url: str, tmp_path: Path, path: str) -> None:
    fetch_files([of(f"{url}/{path}")], tmp_path, None)
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert names(tmp_path) == ["f"]
    assert Handler.begins[1] == len(CONTENT) // 3 + 1


def test_what_a_killed_process_left_is_gone_on_with(url: str, tmp_path: Path) -> None:
    (tmp_path / ".f.part").write_bytes(CONTENT[:1000])
    fetch_files([of(f"{url}/drop")], tmp_path, None)
    assert Handler.begins[0] == 1000
    assert names(tmp_path) == ["f"]


@pytest.mark.parametrize("left", [b"of another version", CONTENT + b"more", CONTENT])
def test_what_was_left_is_not_believed(url: str, tmp_path: Path, left: bytes) -> None:
    (tmp_path / ".f.part").write_bytes(left)
    fetch_files([of(f"{url}/whole")], tmp_path, None)
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert names(tmp_path) == ["f"]


@pytest.mark.parametrize(
    ("path", "bounds", "said"),
    [
        ("endless-fast", DownloadBounds(size=1 << 20), "more than the 1,048,576 bytes"),
        ("whole", DownloadBounds(size=1000), "and 1,000 are allowed"),
        ("endless", DownloadBounds(seconds=0.4), "was not complete after 0.4 s"),
    ],
)
def test_bounds(url: str, tmp_path: Path, path: str, bounds: DownloadBounds, said: str) -> None:
    with pytest.raises(DataError, match=said):
        fetch_files([of(f"{url}/{path}")], tmp_path, None, bounds)
    assert names(tmp_path) == []


def test_silence_is_bounded(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as quiet:
        address = f"http://127.0.0.1:{quiet.getsockname()[1]}/f"
        with pytest.raises(DataError, match=r"nothing was received for 0\.3 s"):
            fetch_files([of(address)], tmp_path, None, DownloadBounds(idle=0.3))
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", ["../f", "/f", "a/../../f", "", "a\0b"])
def test_no_file_outside_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="not the name of a file"):
        fetch_files([of("http://127.0.0.1:9/f", name)], tmp_path / "in", None)
    assert names(tmp_path) == []


def test_two_at_once_fetch_it_once(url: str, tmp_path: Path) -> None:
    programs = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys; from pathlib import Path; from aisbench.api import Download; from "
                "aisbench.data.download import fetch_files; fetch_files([Download("
                "url=sys.argv[1], filename='f', sha256=sys.argv[2])], Path(sys.argv[3]), None)",
                f"{url}/drop",
                SUM,
                str(tmp_path),
            ]
        )
        for _ in range(2)
    ]
    assert [one.wait(30) for one in programs] == [0, 0]
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert names(tmp_path) == ["f"]
    assert Handler.begins.count(0) == 1


def test_a_password_of_a_mirror_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        fetch_files([of("http://x/f")], tmp_path, "http://me:hush-hush@127.0.0.1:9/x?key=hush-1")
    assert "hush" not in str(caught.value)
