"""llama.cpp's own server: whole runs over it, and its counters beside ours.

Runs where it was built (python tests/support/llama_environment.py, some ten minutes) and vLLM's
tiny model is there (python tests/support/vllm_environment.py).
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest
from live import ROOT, Project
from llama_environment import FOLDER, binary, llama_server, model
from vllm_environment import FOLDER as VLLM
from vllm_environment import MODEL

from aisbench.api import Vectors
from aisbench.store.rows import converter

pytestmark = pytest.mark.timeout(300)
ORIGINAL = VLLM / MODEL
BEIR = ROOT / "plugins" / "datasets" / "retrieval" / "tests" / "data"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    if not binary().exists():
        pytest.skip("not built: python tests/support/llama_environment.py")
    if not ORIGINAL.exists():
        pytest.skip("no model: python tests/support/vllm_environment.py")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with llama_server(FOLDER, model(FOLDER, ORIGINAL), port) as address:
        yield address


@pytest.mark.parametrize("stream", ["true", "false"])
@pytest.mark.parametrize(
    ("backend", "variant"),
    [
        ("openai-chat", "0-shot-cot-chat"),
        ("openai-completions", "4-shot-cot-text"),
        ("anthropic-messages", "0-shot-cot-chat"),
    ],
)
def test_a_run(project: Project, url: str, backend: str, variant: str, stream: str) -> None:
    project.write(
        "s.toml",
        f"""
        [suite]
        name = "real"
        [models.m]
        backend = "{backend}"
        url = "{url}"
        model = "tiny"
        stream = {stream}
        generation = {{ max_tokens = 12, temperature = 0.0 }}
        [datasets.d]
        dataset = "gsm8k-demo"
        variant = "{variant}"
        {"shots = 0" if "text" in variant else ""}
        """,
    )
    done = project.run("run", "s.toml", "--limit", "4", timeout=200)
    assert done.code == 0, done.out + done.err
    rows = project.rows("real", "m", "d")
    assert len(rows) == 4
    for row in rows:
        assert row["response"]["finish_reason"] == "length"
        usage = row["response"]["usage"]
        assert usage["completion_tokens"] == 12
        if backend == "anthropic-messages" and stream == "true":
            # Where the first token is a piece of a character, no message_start is sent.
            usage.setdefault("prompt_tokens", 11)
        assert usage["prompt_tokens"] > 10


def test_vectors_as_numbers_and_as_base64(project: Project) -> None:
    """Of a server of its own: one that makes vectors generates nothing."""
    if not (binary().exists() and ORIGINAL.exists()):
        pytest.skip("not built: python tests/support/llama_environment.py")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = []
    flags = ("--embedding", "--pooling", "mean")
    with llama_server(FOLDER, model(FOLDER, ORIGINAL), port, *flags) as address:
        for encoding in ("float", "base64"):
            project.write(
                "s.toml",
                f"""
                [suite]
                name = "vectors"
                [models.m]
                backend = "openai-embeddings"
                url = "{address}"
                model = "tiny"
                encoding = "{encoding}"
                concurrency = 1
                [datasets.d]
                dataset = "retrieval"
                path = "{BEIR}"
                batch = 4
                """,
            )
            done = project.run("run", "s.toml", timeout=200)
            assert done.code == 0, done.out + done.err
            figures = project.result("vectors", "m", "d")["figures"]
            assert {one["name"]: one["value"] for one in figures}["recall@10"] == 100
            found.append(
                {
                    row["sample"]: [
                        value
                        for one in converter().structure(row["response"]["vectors"], Vectors)
                        for value in one
                    ]
                    for row in project.rows("vectors", "m", "d")
                }
            )
    # One at a time: this server's vectors depend on what else it works on.
    for name, numbers in found[0].items():
        assert found[1][name] == pytest.approx(numbers, abs=1e-4), name


def test_a_load_beside_its_counters(project: Project, url: str) -> None:
    project.write(
        "s.toml",
        f"""
        [suite]
        name = "real"
        mode = "performance"
        [models.m]
        backend = "openai-completions"
        url = "{url}"
        model = "tiny"
        [datasets.d]
        dataset = "synthetic"
        variant = "text"
        rows = 16
        input = 48
        output = 8
        tokenizer = "{ORIGINAL}"
        prefix = {{ tokens = 32, groups = 1 }}
        [load]
        concurrency = 2
        requests = 16
        warm_up = 0
        scrape = true
        """,
    )
    done = project.run("run", "s.toml", timeout=200)
    assert done.code == 0, done.out + done.err
    folder = project.last_run("real") / "performance" / "m" / "d" / "load"
    summary = json.loads((folder / "summary.json").read_text())
    figures = {one["name"]: one["value"] for one in summary["populations"][0]["figures"]}
    counters = summary["server"]["counters"]
    assert figures["total_output_tokens"] == counters["generation_tokens"] == 16 * 8
    # What it computed and what its cache held, together.
    assert figures["total_input_tokens"] == counters["prompt_tokens"] == 16 * 48
    assert counters["cached_tokens"] > 0
    assert summary["server"]["latencies"]["time_per_token"]["n"] == 16 * 8
