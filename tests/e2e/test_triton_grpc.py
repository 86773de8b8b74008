"""A real Triton server over gRPC: whole runs, loads, refusals, and errors of its models."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live import Project
from triton_server import triton

pytest.importorskip("grpc", reason='triton-grpc needs "aisbench-plugin-triton[grpc]"')
pytestmark = [pytest.mark.timeout(300), pytest.mark.not_quick]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with triton(tmp_path_factory.mktemp("triton"), grpc_port=port):
        yield f"grpc://127.0.0.1:{port}"


STREAM = 'model = "words"\nbatched = false\ngeneration = { max_tokens = 7 }'
WHOLE = 'model = "batch"\nstream = false\ngeneration = { max_tokens = 7 }'
LOAD = """
[load]
shape = "closed"
concurrency = 4
requests = 24
warm_up = 2
"""


def suite(
    project: Project, url: str, model: str, words: list[str], more: str = "", load: str = ""
) -> None:
    rows = [{"question": word, "answer": str(len(word) % 10)} for word in words]
    project.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    project.write(
        "s.toml",
        f"""
        [suite]
        name = "real"
        {more}
        [models.m]
        backend = "triton-grpc"
        url = "{url}"
        concurrency = 4
        retry = {{ attempts = 1 }}
        {model}
        [datasets.mine]
        dataset = "custom"
        path = "rows.jsonl"
        evaluator = "numeric"
        template = "text"
        prompt = {{ question = "{{question}}" }}
        {load}
        """,
    )


def expected(prompt: str) -> str:
    return f"A prompt of {len(prompt)} letters. #### {len(prompt) % 10}"


WORDS = ["one", "twö", "and a longer one", "with $money and \u4e2d\u6587"] * 3


@pytest.mark.parametrize("model", [STREAM, WHOLE], ids=["stream", "whole"])
def test_an_accuracy_run(project: Project, url: str, model: str) -> None:
    suite(project, url, model, WORDS)
    done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    rows = project.rows("real", "m", "mine")
    assert len(rows) == 12
    for row in rows:
        assert row["response"]["text"] == expected(row["prompt"]["text"])
        assert ("first_token" in row["timing"]) == (model == STREAM)
    document = project.result("real", "m", "mine")
    assert document["figures"][0]["value"] == 100


@pytest.mark.parametrize("model", [STREAM, WHOLE], ids=["stream", "whole"])
def test_a_load(project: Project, url: str, model: str) -> None:
    suite(project, url, model, WORDS, 'mode = "performance"', LOAD)
    done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    folder = project.last_run("real") / "performance" / "m" / "mine" / "load"
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["counts"]["success"] == 24
    statistics = {one["name"]: one for one in summary["populations"][0]["statistics"]}
    if model == STREAM:
        # The model waits 5 ms before each of seven words.
        assert statistics["ttft"]["n"] == 24
        assert statistics["ttft"]["min"] > 5
        assert statistics["e2el"]["min"] > 35
        assert summary["ledger"]["output"]["events"]["total"] == 24 * 7


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (STREAM.replace('"words"', '"nosuch"'), "unknown model: 'nosuch'"),
        (WHOLE.replace('"batch"', '"words"') + "\nbatched = false", "decoupled"),
        (STREAM + '\nversion = "7"', "unknown model"),
        (STREAM.replace("batched = false", "batched = true"), "shape"),
        ("stream = true", "serves several models: batch, words"),
        (STREAM + '\noutput = "other"', "other"),
        (STREAM + "\ntls = { verify = false }", "no url is grpcs"),
    ],
    ids=["model", "whole of a decoupled model", "version", "shape", "no name", "output", "tls"],
)
def test_what_is_refused_is_told(project: Project, url: str, model: str, said: str) -> None:
    suite(project, url, model, WORDS, "abort_after = 3")
    done = project.run("run", "s.toml")
    assert done.code != 0
    assert said.lower() in (done.out + done.err).lower()


@pytest.mark.parametrize(
    ("word", "said"),
    [("REFUSE", "the prompt is too long: 9000 tokens"), ("BREAK", "the engine died")],
)
def test_errors_of_the_model(project: Project, url: str, word: str, said: str) -> None:
    suite(project, url, STREAM, [word])
    done = project.run("run", "s.toml")
    assert done.code == 1, done.out + done.err
    (row,) = project.rows("real", "m", "mine")
    fault: dict[str, Any] = row["response"]["fault"]
    assert said in fault["message"]
    assert fault["kind"] == "server"
    if word == "BREAK":
        assert row["response"]["text"] == "A prompt"


def test_a_message_beyond_the_limit_is_not_read(project: Project, url: str) -> None:
    suite(project, url, WHOLE + "\nlimits = { body = 0.00003 }", ["one"])
    done = project.run("run", "s.toml")
    assert done.code == 1, done.out + done.err
    (row,) = project.rows("real", "m", "mine")
    assert "larger than limits.body" in row["response"]["fault"]["message"], row


def test_nobody_listens_and_a_path(project: Project, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for url, said in (
        (f"grpc://127.0.0.1:{port}", "refused"),
        (f"grpc://127.0.0.1:{port}/v2", "write grpc://HOST:PORT"),
    ):
        suite(project, url, STREAM, ["a"])
        done = project.run("run", "s.toml")
        assert done.code != 0
        assert said in done.err.lower().replace("grpc://host:port", "grpc://HOST:PORT")


def test_a_dry_run(project: Project) -> None:
    suite(project, "grpc://127.0.0.1:9", STREAM, ["a word"])
    done = project.run("run", "s.toml", "--dry-run")
    assert done.code == 0, done.err
    assert "ModelStreamInfer" in done.out
    assert 'bytes_contents: "a word"' in done.out
