"""A lock runs as its suite did, says what differs, and needs no network but the model's."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import tomli
from live import Project, Result, Simulator, figures, simulator, surroundings

pytestmark = pytest.mark.not_quick

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SUITE = """
[suite]
name = "s"

[models.m]
backend = "vllm-chat"
url = "{url}"
tokenizer = "tokenizer"

[datasets.mine]
dataset = "gsm8k"
path = "data"
variant = "0-shot-cot-chat"
{more}
"""
QUIET = ("--disable-plugin", "aisbench-plugin-html")
"""What its report needs is long to import, and no matter here."""

ALONE = """
import fcntl, socket, struct, subprocess, sys
with socket.socket() as one:  # the loopback of the new network is down
    fcntl.ioctl(one, 0x8914, struct.pack("16sh", b"lo", 1 | 64))
python, suite, words = sys.executable, sys.argv[1], sys.argv[2:]
serve = [python, "-m", "aisbench_plugin_simulator", "--port", "0", "--answers", "data/test.jsonl"]
server = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
url = server.stdout.readline().split()[-1]
code = subprocess.run([python, "-m", "aisbench", "run", suite, "--url", url, *words]).returncode
server.kill()
sys.exit(code)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with simulator("--answers", "gsm8k-demo") as one:
        yield one


@pytest.fixture
def project(tmp_path: Path) -> Project:
    found = Project(tmp_path)
    rows(found, "data/test.jsonl", 6)
    rows(found, "data/train.jsonl", 9)
    tokenizer(found)
    return found


def rows(project: Project, name: str, count: int) -> None:
    project.write(
        name,
        "".join(
            json.dumps({"question": f"{name}: what is {at} + 1?", "answer": f"#### {at + 1}"})
            + "\n"
            for at in range(count)
        ),
    )


def tokenizer(project: Project, words: int = 1) -> None:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel

    vocabulary = {f"w{number}": number for number in range(words)}
    project.write("tokenizer/tokenizer.json", Tokenizer(WordLevel(vocabulary, "w0")).to_str())


def write(project: Project, url: str, more: str = "") -> None:
    project.write("s.toml", SUITE.format(url=url, more=more))


def locked(project: Project, *words: str) -> Path:
    done = project.run("lock", "s.toml", *QUIET, *words)
    assert done.code == 0, done.err
    return project.path / "s.lock.toml"


def refused(project: Project, *words: str) -> str:
    done: Result = project.run("run", "s.lock.toml", *QUIET, *words)
    assert done.code == 2, done.out + done.err
    assert not (project.path / "outputs").exists()
    return done.err


def test_a_lock_runs_as_the_suite_does_and_says_what_differs(
    project: Project, server: Simulator
) -> None:
    write(project, server.url, "limit = 4\n[observers]\n")
    path = locked(project)
    lock = tomli.loads(path.read_text())
    assert lock["datasets"]["mine"]["path"] == "data" and "observers" not in lock
    assert set(lock["lock"]["data"]["mine"]) >= {"test.jsonl"}
    assert lock["lock"]["rows"]["mine"]["count"] == 4
    assert set(lock["lock"]["tokenizers"]["m"]) == {"tokenizer.json"}
    assert lock["lock"]["plugins"].keys() >= {"aisbench", "aisbench-plugin-gsm8k"}
    assert project.run("validate", "s.lock.toml").code == 0
    assert "is a lock" in project.run("lock", "s.lock.toml").err

    said = refused(project, "--limit", "3", "--set", "models.m.generation.temperature=0.5")
    assert "lock.suite: --limit changes what is asked" in said
    assert "generation.temperature changes what is asked" in said and "--url" in said
    path.write_text(path.read_text().replace("limit = 4", "limit = 3"))
    assert "lock.suite: the suite in it was changed" in refused(project)
    path.write_text(path.read_text().replace("limit = 3", "limit = 4"))
    path.write_text(path.read_text().replace("count = 4", "count = 5"))
    assert "lock.rows: datasets.mine: 4 rows are asked, the lock has 5" in refused(project)
    path.write_text(path.read_text().replace("count = 5", "count = 4"))
    rows(project, "data/test.jsonl", 7)
    said = refused(project)
    assert "s.lock.toml: lock.data: datasets.mine: test.jsonl has other content (sha256 " in said
    rows(project, "data/test.jsonl", 6)
    tokenizer(project, 2)
    assert "lock.tokenizers: models.m: tokenizer.json has other content" in refused(project)
    tokenizer(project)
    path.write_text(path.read_text().replace('plugin-gsm8k = "0', 'plugin-gsm8k = "7'))
    said = refused(project)
    assert "lock.plugins: aisbench-plugin-gsm8k: 0" in said
    assert 'pip install "aisbench-plugin-gsm8k==7' in said
    path.write_text(path.read_text().replace("schema = 1", "schema = 9"))
    assert "lock.schema: must be 1, got 9" in refused(project)

    done = project.run("run", str(locked(project)), *QUIET)
    assert done.code == 0, done.out + done.err


def test_with_its_rows_it_needs_no_data(project: Project, server: Simulator) -> None:
    write(project, server.url)
    path = locked(project, "--rows")
    elsewhere = Project(project.path / "elsewhere")
    elsewhere.write("s.lock.toml", path.read_text())
    shutil.copytree(project.path / "tokenizer", elsewhere.path / "tokenizer")
    done = elsewhere.run("run", "s.lock.toml", *QUIET)
    assert done.code == 0, done.out + done.err
    assert figures(elsewhere.result("s", "m", "mine"))["accuracy"]["n"] == 6

    text = path.read_text()
    start = text.index('"test.jsonl" = "', text.index("[lock.content"))
    elsewhere.write("s.lock.toml", text[: start + 20] + "AAAA" + text[start + 24 :])
    damaged = elsewhere.run("run", "s.lock.toml", *QUIET)
    assert damaged.code == 2 and "test.jsonl is damaged" in damaged.err
    elsewhere.write("s.lock.toml", text.replace('"test.jsonl" = "e', '"../../x" = "e'))
    assert "leads out of its folder" in elsewhere.run("run", "s.lock.toml", *QUIET).err
    assert not (elsewhere.path / "x").exists()


def test_a_run_of_a_lock_on_a_machine_without_a_network(project: Project) -> None:
    can = subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False)
    if can.returncode:
        pytest.skip("no network namespace can be made here (unshare -rn)")
    copy = project.path / "home/.local/share/aisbench/hub/hf/owner/name" / COMMIT
    shutil.copytree(project.path / "data", copy)
    write(project, "http://127.0.0.1:1")
    suite = project.path / "s.toml"
    suite.write_text(suite.read_text().replace('"data"', f'"hf:owner/name@{COMMIT}"'))
    locked(project)
    alone = ["unshare", "-rn", sys.executable, "-c", ALONE]

    def run(name: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*alone, name, *QUIET], cwd=project.path, env=surroundings(project.path / "home"),
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    done = run("s.lock.toml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert figures(project.result("s", "m", "mine"))["accuracy"]["n"] == 6
    shutil.rmtree(copy)
    gone = run("s.lock.toml")
    assert gone.returncode == 2 and "is not on this machine" in gone.stderr, gone.stderr
