"""A server that speaks what the clients of Hugging Face and of ModelScope ask of their hubs, for
one data set, ``owner/toy``."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from attrs import define, field

FIRST, SECOND = "1" * 40, "2" * 40


def rows(*answers: int) -> bytes:
    """JSON lines in GSM8K's layout."""
    lines = [{"question": f"what is {one}?", "answer": f"#### {one}"} for one in answers]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


@define
class ToyHub:
    """Files by commit; ``main`` is where the branch of that name points. ``asked`` are the paths
    of all requests, ``refuses`` a status that all get."""

    files: dict[str, dict[str, bytes]] = field(
        factory=lambda: {
            FIRST: {"test.jsonl": rows(1, 2), "main/test.jsonl": rows(1, 2), "README.md": b"toy"},
            SECOND: {"test.jsonl": rows(3), "main/test.jsonl": rows(3)},
        }
    )
    main: str = FIRST
    large: tuple[str, ...] = ("main/test.jsonl",)
    """Files that are listed with SHA-256 (LFS)."""
    forged: bool = False
    """Whether contents are others than listed."""
    refuses: int = 0
    asked: list[str] = field(factory=list)
    url: str = ""

    def commit(self, revision: str) -> str:
        """What a revision means; "" for none."""
        named = {"main": self.main, "master": self.main}
        found = named.get(revision, revision)
        return found if found in self.files else ""

    def listed(self, commit: str) -> list[dict[str, Any]]:
        """The tree, as Hugging Face has it."""
        found = []
        for name, content in self.files[commit].items():
            blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
            one: dict[str, Any] = {
                "type": "file", "path": name, "size": len(content), "oid": blob,
            }  # fmt: skip
            if name in self.large:
                sha = hashlib.sha256(content).hexdigest()
                one["lfs"] = {"oid": sha, "size": len(content), "pointerSize": 130}
            found.append(one)
        return found


@contextlib.contextmanager
def running_hub() -> Iterator[ToyHub]:
    """The server, on a free port of 127.0.0.1."""
    hub = ToyHub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, *, body: bool) -> None:
            hub.asked.append(self.path)
            status, content, headers = (hub.refuses, b"{}", {}) if hub.refuses else self._found()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if body:
                self.wfile.write(content)

        def _found(self) -> tuple[int, bytes, dict[str, str]]:
            parts = urlsplit(self.path)
            words = [unquote(one) for one in parts.path.strip("/").split("/")]
            query = {key: one[0] for key, one in parse_qs(parts.query).items()}
            match words:
                case ["api", "datasets", "owner", "toy", "revision", revision]:
                    if commit := hub.commit(revision):
                        return 200, _json({"id": "owner/toy", "sha": commit, "siblings": []}), {}
                case ["api", "datasets", "owner", "toy", "tree", revision, *_]:
                    if commit := hub.commit(revision):
                        return 200, _json(hub.listed(commit)), {}
                case ["datasets", "owner", "toy", "resolve", revision, *name]:
                    return self._file(hub.commit(revision), "/".join(name))
                case ["api", "v1", "datasets", "owner", "toy", "repo", "tree"]:
                    return 200, _json(self._ms_tree(query)), {}
                case ["api", "v1", "datasets", "owner", "toy", "repo"]:
                    return self._file(hub.commit(query["Revision"]), query["FilePath"])
                case ["api", "v1", "datasets", "owner", "toy", *_]:
                    return 200, _json({"Code": 200, "Success": True, "Data": {"Id": 1}}), {}
            missing = {"X-Error-Code": "RepoNotFound"}
            return 404, b'{"error": "Repository not found"}', missing

        def _file(self, commit: str, name: str) -> tuple[int, bytes, dict[str, str]]:
            content = hub.files.get(commit, {}).get(name)
            if content is None:
                return 404, b"{}", {"X-Error-Code": "EntryNotFound"}
            one = next(one for one in hub.listed(commit) if one["path"] == name)
            tag = one.get("lfs", one)["oid"]
            sent = content.swapcase() if hub.forged else content
            return 200, sent, {"ETag": f'"{tag}"', "X-Repo-Commit": commit}

        def _ms_tree(self, query: dict[str, str]) -> dict[str, Any]:
            commit = hub.commit(query.get("Revision", "master"))
            first = query.get("PageNumber", "1") == "1"
            files = [
                {
                    "Path": name, "Name": name.rpartition("/")[2], "Type": "blob",
                    "Size": len(content), "Sha256": hashlib.sha256(content).hexdigest(),
                }
                for name, content in hub.files.get(commit, {}).items()
            ] if first else []  # fmt: skip
            data = {"Files": files, "TotalCount": len(files)}
            return {"Code": 200, "Success": True, "Data": data, "TotalCount": len(files)}

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
