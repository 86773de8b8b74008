"""A real Triton server with Python models, plain and decoupled: whole runs over it, and errors."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import tokenizers
from live import Project
from triton_server import triton

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def metrics_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, metrics_port: int) -> Iterator[str]:
    with triton(tmp_path_factory.mktemp("triton"), metrics_port) as address:
        yield address


def expected(prompt: str, most: int) -> str:
    """What the models answer."""
    said = f"A prompt of {len(prompt)} letters. #### {len(prompt) % 10}"
    return " ".join(said.split(" ")[:most])


def suite(project: Project, url: str, model: str, data: str = "", **top: str) -> None:
    lines = "\n".join(f"{key} = {value}" for key, value in top.items())
    project.write(
        "s.toml",
        f"""
        [suite]
        name = "real"
        {lines}
        [models.m]
        url = "{url}"
        concurrency = 4
        {model}
        [datasets.demo]
        dataset = "gsm8k-demo"
        variant = "4-shot-cot-text"
        {data}
        """,
    )


GENERATE = 'backend = "triton-generate"\nmodel = "words"\ngeneration = { max_tokens = 7 }'
INFER = (
    'backend = "triton-infer"\nmodel = "batch"\nstream = false\ngeneration = { max_tokens = 7 }'
)


def tokenizer_file(project: Project) -> str:
    """A tokenizer that counts words."""
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    path = project.path / "tokenizer.json"
    made.save(str(path))
    return path.name


@pytest.mark.parametrize(
    "model", [GENERATE, GENERATE + "\nstream = false", INFER], ids=["stream", "whole", "infer"]
)
def test_a_run(project: Project, url: str, model: str) -> None:
    suite(project, url, f'{model}\ntokenizer = "{tokenizer_file(project)}"')
    done = project.run("run", "s.toml", "--limit", "12")
    assert done.code == 0, done.out + done.err
    rows = project.rows("real", "m", "demo")
    assert len(rows) == 12
    words = prompt_words = 0
    for row in rows:
        prompt = row["prompt"]["text"]
        assert row["response"]["text"] == expected(prompt, 7)
        words += 7
        prompt_words += len(prompt.split())
    document = project.result("real", "m", "demo")
    # Triton counts no tokens: the suite's tokenizer does.
    assert document["tokens"] == {
        "prompt_tokens": prompt_words, "completion_tokens": words, "counted_here": 24,
    }  # fmt: skip


def test_the_model_that_is_served_is_found(project: Project, url: str) -> None:
    suite(project, url, 'backend = "triton-generate"')
    done = project.run("run", "s.toml", "--limit", "1")
    assert done.code != 0
    assert "serves several models: batch, words" in done.err


def test_a_load(project: Project, url: str, metrics_port: int) -> None:
    project.write(
        "s.toml",
        f"""
        [suite]
        name = "real"
        mode = "performance"
        [models.m]
        url = "{url}"
        {GENERATE}
        [datasets.demo]
        dataset = "gsm8k-demo"
        variant = "4-shot-cot-text"
        [load]
        shape = "closed"
        concurrency = 4
        requests = 24
        warm_up = 0
        scrape = true
        scrape_urls = ["http://127.0.0.1:{metrics_port}/metrics"]
        """,
    )
    done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    assert "TTFT" in done.out
    folder = project.last_run("real") / "performance" / "m" / "demo" / "load"
    summary = json.loads((folder / "summary.json").read_text())
    statistics = {one["name"]: one for one in summary["populations"][0]["statistics"]}
    assert statistics["ttft"]["n"] == 24
    # The model waits 5 ms before each word.
    assert statistics["ttft"]["min"] > 5
    assert statistics["e2el"]["min"] > 35
    # Triton publishes at a port of its own.
    server = summary["server"]
    assert server["counters"]["requests"] == 24
    assert server["counters"]["failed_requests"] == server["counters"]["aborted_requests"] == 0
    assert server["latencies"]["queue"]["n"] == 24
    # Of a decoupled model Triton counts until the model took the request over: no E2EL.
    assert "e2el" not in server["client_against_server"]


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (GENERATE.replace('"words"', '"nosuch"'), "Request for unknown model: 'nosuch'"),
        (INFER.replace('"batch"', '"words"'), "decoupled transaction policy"),
        (GENERATE + '\nversion = "7"', "unknown model"),
        ('backend = "openai-completions"\nmodel = "words"', "status 404"),
        ('backend = "tgi-generate"\nmodel = "words"', "status 404"),
    ],
    ids=["no such model", "infer of a decoupled model", "no such version", "OpenAI", "TGI"],
)
def test_what_the_server_refuses_is_told(
    project: Project, url: str, model: str, said: str
) -> None:
    suite(project, url, model, abort_after="3")
    done = project.run("run", "s.toml", "--limit", "4")
    assert done.code not in (0, 2)
    assert said.lower() in (done.out + done.err).lower()


@pytest.mark.parametrize(
    ("word", "said", "kind"),
    [
        ("REFUSE", "the prompt is too long: 9000 tokens", "http"),
        ("BREAK", "the engine died", "server"),
    ],
)
def test_errors_of_the_model(project: Project, url: str, word: str, said: str, kind: str) -> None:
    data: dict[str, Any] = {"question": word, "answer": "1"}
    project.write("rows.jsonl", json.dumps(data) + "\n")
    project.write(
        "s.toml",
        f"""
        [suite]
        name = "real"
        [models.m]
        url = "{url}"
        retry = {{ attempts = 1 }}
        {GENERATE}
        [datasets.mine]
        dataset = "custom"
        path = "rows.jsonl"
        evaluator = "numeric"
        template = "text"
        prompt = {{ question = "{{question}}" }}
        """,
    )
    done = project.run("run", "s.toml")
    assert done.code == 1, done.out + done.err
    (row,) = project.rows("real", "m", "mine")
    fault = row["response"]["fault"]
    assert said in fault["message"]
    assert fault["kind"] == kind
    assert said in " ".join(done.out.split())
