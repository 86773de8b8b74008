"""A plugin of somebody else, from its wheel: found, used, checked, and gone again."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from knowing_server import Server

ACME = Path(__file__).parent / "third_party" / "aisbench-plugin-acme"

SUITE = """
[suite]
name = "acme"

[models.abacus]
backend = "acme-json"
url = "{url}"
model = "abacus"
stream = false
department = "sums"

[datasets.sums]
dataset = "acme-sums"
"""


class _Acme(BaseHTTPRequestHandler):
    """ACME's server: it adds, except that 5 + 8 is too hard for it."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert body["department"] == "sums"
        a, b = map(int, re.findall(r"(\d+) \+ (\d+)", body["prompt"])[-1])
        content = json.dumps({"answer": "many" if a == 5 else str(a + b)}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def acme_url() -> Iterator[str]:
    server = Server(("127.0.0.1", 0), _Acme)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_from_core_alone_to_a_plugin_and_back(
    tmp_path: Path,
    wheels: dict[str, Path],
    new_installation: Callable[..., Any],
    acme_url: str,
) -> None:
    there = new_installation(wheels["core"])
    project = there.project(tmp_path, suite_toml=SUITE.replace("{url}", acme_url))

    # Core alone: it loads, and offers what is its own.
    imported = project.call("-c", "import aisbench.api, aisbench.cli.run, aisbench.config.plan")
    assert (imported.code, imported.err) == (0, "")
    listed = json.loads(project.run("plugins", "list", "--json").out)
    assert {row["distribution"] for row in listed} == {"aisbench"}

    there.install(wheels["repeats"], wheels["aisbench-plugin-acme"], wheels["testkit"])
    listed = json.loads(project.run("plugins", "list", "--json").out)
    mine = {
        (row["kind"], row["name"], row["version"])
        for row in listed
        if row["distribution"] == "aisbench-plugin-acme"
    }
    assert mine == {
        ("backend", "acme-json", "0.3.0"),
        ("dataset", "acme-sums", "0.3.0"),
        ("evaluator", "acme-exact", "0.3.0"),
    }

    ran = project.run("run", "suite.toml")
    assert ran.code == 0, ran.out + ran.err
    (result,) = project.folder.glob("outputs/**/results/abacus/sums.json")
    figures = {one["name"]: one for one in json.loads(result.read_text())["figures"]}
    assert figures["accuracy"]["value"] == 75.0
    assert figures["accuracy"]["n"] == 4

    checked = project.run("plugins", "check", "aisbench-plugin-acme")
    assert checked.code == 0, checked.out + checked.err
    assert "ok: backend acme-json: encode" in checked.out
    assert "not ok" not in checked.out

    # Its own tests, in a copy apart, so that nothing of this repository configures them.
    tests = shutil.copytree(ACME / "tests", tmp_path / "acme-tests")
    tested = project.call(
        "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", str(tests)
    )
    assert tested.code == 0, tested.out + tested.err

    there.uninstall("aisbench-plugin-acme")
    assert "acme" not in project.run("plugins", "list", "--json").out
    gone = project.run("run", "suite.toml")
    assert gone.code == 2
    assert "acme-json" in gone.err and "acme-sums" in gone.err
    assert "Traceback" not in gone.err
