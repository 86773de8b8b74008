"""A transport of somebody else's own, over WebSockets: accuracy, loads, faults, replicas."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from live import Project, Result
from wirechat_server import WireChatServer, wirechat

pytestmark = pytest.mark.not_quick

HOME = Path(__file__).parent / "third_party" / "aisbench-plugin-wirechat"
SOURCE = HOME / "src"

MODEL = """
[models.m]
backend = "wirechat"
url = [{urls}]
api_key = "env:CHAT_KEY"
retry = {{ attempts = 2, backoff = 0.01 }}
timeout = {{ connect = 2, first_token = 1, total = 5 }}
{model}
"""
ROWS = """
[datasets.d]
dataset = "custom"
path = "rows.jsonl"
evaluator = "numeric"
template = "text"
prompt = {{ question = "{{question}}" }}
"""


@pytest.fixture
def server() -> Iterator[WireChatServer]:
    with wirechat() as one:
        yield one


@pytest.fixture
def installed(tmp_path: Path) -> str:
    """A PYTHONPATH with the plugin, as if it were installed."""
    told = tmp_path / "site" / "aisbench_plugin_wirechat-0.1.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: aisbench-plugin-wirechat\nVersion: 0.1\n"
        "Summary: Text over WebSockets.\nRequires-Python: >=3.10\nRequires-Dist: aisbench\n"
    )
    (told / "direct_url.json").write_text(
        json.dumps({"url": HOME.as_uri(), "dir_info": {"editable": True}})
    )
    (told / "entry_points.txt").write_text(
        "[aisbench]\nwirechat = aisbench_plugin_wirechat.plugin\n"
    )
    return os.pathsep.join([str(told.parent), str(SOURCE)])


def suite(
    project: Project, urls: str | list[str], words: list[str], model: str = "", more: str = ""
) -> None:
    rows = [{"question": f"how long is {word}", "answer": "1"} for word in words]
    project.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    listed = ", ".join(f'"{url}"' for url in ([urls] if isinstance(urls, str) else urls))
    project.write(
        "s.toml",
        f'[suite]\nname = "ws"\n{more}\n'.replace("[load]", "")
        + MODEL.format(urls=listed, model=model)
        + ROWS.format()
        + (LOAD if "performance" in more else ""),
    )


def test_the_kit_finds_nothing(project: Project, installed: str) -> None:
    name = "aisbench-plugin-wirechat"
    done = project.run("plugins", "check", "--strict", name, PYTHONPATH=installed)
    assert done.code == 0, done.out + done.err
    assert "ok: backend wirechat: requests that are given up" in done.out
    # Its own tests, in a copy apart, so that nothing of this repository configures them.
    tests = shutil.copytree(HOME / "tests", project.path / "tests")
    words = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", tests]
    tested = subprocess.run(
        words, env={**os.environ, "PYTHONPATH": installed}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "skipped" not in tested.stdout


LOAD = """
[load]
shape = "closed"
concurrency = 6
requests = 60
warm_up = 2
"""


def run(project: Project, installed: str, *words: str, key: str = "right-key-1234") -> Result:
    return project.run("run", "s.toml", *words, PYTHONPATH=installed, CHAT_KEY=key)


def test_an_accuracy_run(project: Project, installed: str, server: WireChatServer) -> None:
    suite(project, server.url, ["a", "bb", "ccc"] * 4, 'room = "maths"')
    done = run(project, installed)
    assert done.code == 0, done.out + done.err
    rows = project.rows("ws", "m", "d")
    assert len(rows) == 12
    for row in rows:
        length = len(row["prompt"]["text"])
        assert row["response"]["text"] == f"{length} #### {length % 10}"
        assert row["response"]["usage"]["completion_tokens"] == 3
        timing = row["timing"]
        stamps = [timing[name] for name in ("dispatched", "sent", "first_byte", "first_token",
                                            "last_token", "done")]  # fmt: skip
        assert stamps == sorted(stamps)
        assert timing["last_token"] > timing["first_token"]
    # The name was asked of the server, the setting sent; connections are used again.
    assert {one["model"] for one in server.requests} == {"abacus"}
    assert {one["room"] for one in server.requests} == {"maths"}
    assert server.opened < 12 + 3
    assert {one["Authorization"] for one in server.headers} == {"Bearer right-key-1234"}
    kept = b"".join(one.read_bytes() for one in project.path.rglob("*") if one.is_file())
    assert b"right-key-1234" not in kept
    # Nothing is asked again.
    asked = len(server.requests)
    assert run(project, installed, "--resume", str(project.last_run("ws"))).code == 0
    assert len(server.requests) == asked


def test_faults(project: Project, installed: str, server: WireChatServer) -> None:
    words = ["fine", "CUT", "GARBAGE", "ERROR", "SILENT", "FLAKY"]
    suite(project, server.url, words, "concurrency = 6")
    done = run(project, installed)
    assert done.code == 1, done.out + done.err
    rows = {row["prompt"]["text"].split()[-1]: row for row in project.rows("ws", "m", "d")}
    found = {word: row["response"].get("fault") for word, row in rows.items()}
    assert found["fine"] is found["FLAKY"] is None
    assert found["CUT"]["kind"] == "cut"
    assert rows["CUT"]["response"]["text"].endswith(" ####")  # what had arrived is kept
    assert (found["GARBAGE"]["kind"], found["ERROR"]["kind"]) == ("protocol", "server")
    assert "a proxy's page" in found["GARBAGE"]["message"]
    assert found["ERROR"]["message"] == "the engine died"
    assert found["SILENT"]["kind"] == "timeout"
    assert "timeout.first_token" in found["SILENT"]["message"]
    assert all(server.tries[word] == 2 for word in words if word != "fine")


@pytest.mark.parametrize("mode", ["accuracy", "performance"])
def test_nobody_listens_and_a_wrong_key(
    project: Project, installed: str, server: WireChatServer, mode: str
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"ws://127.0.0.1:{free.getsockname()[1]}/chat"
    mode = f'mode = "{mode}"'
    suite(project, nobody, ["a"], "", mode)
    done = run(project, installed)
    assert done.code != 0
    assert f"models.m: {nobody}: cannot connect" in done.err
    assert "wait_for_server" in done.err
    suite(project, server.url, ["a"], "", mode)
    done = run(project, installed, key="wrong-key-1234")
    assert done.code != 0
    assert "the handshake was refused" in done.err
    assert "wrong-key-1234" not in done.out + done.err


def test_tls_as_the_suite_says(project: Project, installed: str) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(project.path / "ca.pem"))
    with wirechat(context) as server:
        url = server.url.replace("ws://", "wss://")
        for tls, code in (('{ ca = "ca.pem" }', 0), ("{ verify = false }", 0), ("{}", 3)):
            suite(project, url, ["a"], f"tls = {tls}")
            done = run(project, installed)
            assert done.code == code, done.out + done.err
        assert "the certificate or handshake failed" in done.err
        assert "tls.ca" in done.err


@pytest.mark.parametrize("mode", ["accuracy", "performance"])
def test_a_server_that_is_loading_is_waited_for(
    project: Project, installed: str, server: WireChatServer, mode: str
) -> None:
    server.loading = 3
    suite(project, server.url, ["a"], 'wait_for_server = "20s"', f'mode = "{mode}"')
    done = run(project, installed)
    assert done.code == 0, done.out + done.err
    assert "waiting for" in done.out + done.err
    assert server.loading == 0


@pytest.mark.parametrize("stream", [True, False])
def test_a_load_on_two_replicas(
    project: Project, installed: str, server: WireChatServer, stream: bool
) -> None:
    with wirechat() as other:
        suite(
            project, [server.url, other.url], ["a", "bb", "ccc"],
            f"stream = {str(stream).lower()}", 'mode = "performance"',
        )  # fmt: skip
        done = run(project, installed)
        assert done.code == 0, done.out + done.err
        asked = [len(one.requests) for one in (server, other)]
        assert sum(asked) == 62
        assert min(asked) > 20
    folder = project.last_run("ws") / "performance" / "m" / "d" / "load"
    summary = json.loads((folder / "summary.json").read_text())
    statistics = {one["name"]: one for one in summary["populations"][0]["statistics"]}
    assert summary["counts"]["success"] == 60
    assert statistics["e2el"]["min"] > 6  # the server waits 2 ms before each of 3 tokens
    assert statistics["e2el"]["n"] == 60
    health: dict[str, Any] = summary["health"]["values"]
    assert health["read_lag_ms_mean"] >= 0
    assert summary["ledger"]["output"]["server"]["total"] == 180
    if stream:
        assert statistics["ttft"]["min"] > 2
        assert statistics["ttft"]["max"] < statistics["e2el"]["max"]
        assert summary["ledger"]["output"]["events"]["total"] == 180


def test_a_load_with_faults(project: Project, installed: str, server: WireChatServer) -> None:
    words = ["fine", "CUT", "ERROR", "SILENT"]
    suite(project, server.url, words, "", 'mode = "performance"')
    text = (project.path / "s.toml").read_text()
    project.write("s.toml", text.replace("requests = 60", "requests = 8\nattempts = 1"))
    done = run(project, installed)
    folder = project.last_run("ws") / "performance" / "m" / "d" / "load"
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["counts"]["success"] == 2, done.out + done.err
    kinds = {fault.partition(":")[0]: count for fault, count in summary["faults"].items()}
    assert kinds == {"cut": 2, "server": 2, "timeout": 2}


def test_a_dry_run_and_what_has_no_effect(project: Project, installed: str) -> None:
    suite(project, "ws://127.0.0.1:9/chat", ["a"])
    done = run(project, installed, "--dry-run")
    assert done.code == 0, done.err
    assert "ws://127.0.0.1:9/chat, by the transport of wirechat" in done.out
    assert '"prompt": "how long is a"' in done.out
    assert "right-key-1234" not in done.out
    for url, more, said in (
        ("http://127.0.0.1:9", "", 'must start with "ws://" or "wss://"'),
        ("ws://127.0.0.1:9", 'proxy = "environment"', "does not send over HTTP"),
        ("ws://127.0.0.1:9", "tls = { verify = false }", "no url is wss"),
    ):
        suite(project, url, ["a"], more)
        done = run(project, installed)
        assert done.code == 2
        assert said in done.err
    suite(project, "ws://127.0.0.1:9", ["a"], "", 'mode = "performance"')
    text = (project.path / "s.toml").read_text()
    project.write("s.toml", text + 'source_addresses = ["127.0.0.2"]\n')
    done = run(project, installed)
    assert done.code == 2
    assert "load.source_addresses" in done.err
