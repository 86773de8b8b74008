"""A real server, `transformers serve`, with a tiny random model: a whole run over it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from live import ROOT, Project
from torch_environment import torch_python

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    python = torch_python()
    home = tmp_path_factory.mktemp("huggingface")
    (home / "hub").mkdir()
    model = tmp_path_factory.mktemp("model")
    surroundings = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(home)}
    script = ROOT / "tests" / "support" / "tiny_model.py"
    subprocess.run([python, script, model], check=True, env=surroundings)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (home / "log").open("wb")
    process = subprocess.Popen(
        [python.parent / "transformers", "serve", str(model), "--device", "cpu",
         "--host", "127.0.0.1", "--port", str(port)],
        env=surroundings, stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 240
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{url}/health", timeout=5).close()
                break
            assert process.poll() is None, (home / "log").read_text()
            assert time.monotonic() < deadline, (home / "log").read_text()
            time.sleep(0.2)
        yield url, model
    finally:
        process.terminate()
        process.wait(20)
        log.close()


@pytest.mark.parametrize("stream", ["true", "false"])
@pytest.mark.parametrize(
    ("backend", "variant"),
    [("openai-chat", "0-shot-cot-chat"), ("openai-completions", "4-shot-cot-text")],
)
def test_a_run(
    project: Project, server: tuple[str, Path], backend: str, variant: str, stream: str
) -> None:
    url, model = server
    project.write(
        "s.toml",
        f"""
        [suite]
        name = "real"
        [models.tiny]
        backend = "{backend}"
        url = "{url}"
        model = "{model}"
        stream = {stream}
        concurrency = 2
        generation = {{ max_tokens = 12, temperature = 0.0 }}
        [datasets.demo]
        dataset = "gsm8k-demo"
        variant = "{variant}"
        """,
    )
    done = project.run("run", "s.toml", "--limit", "4", timeout=300)
    assert done.code == 0, done.out + done.err
    document = project.result("real", "tiny", "demo")
    counts = document["counts"]
    assert counts["asked"] == 4
    assert counts["failed"] == 0
    # A random model babbles until it is cut: truncated, unless it ended by itself.
    assert counts["truncated"] + counts["unparsed"] + counts["wrong"] == 4
    rows = project.rows("real", "tiny", "demo")
    assert all(row["response"]["text"] for row in rows)
    for row in rows:
        usage = row["response"]["usage"]
        assert 0 < usage["completion_tokens"] <= 12
        assert usage["prompt_tokens"] > 30
        assert row["response"]["finish_reason"] in ("length", "stop")
        assert ("first_token" in row["timing"]) == (stream == "true")


def test_a_wrong_model_name_is_the_servers_own_words(
    project: Project, server: tuple[str, Path]
) -> None:
    url, _ = server
    done = project.run(
        "run", "--backend", "openai-chat", "--url", url, "--model", "nosuch",
        "--dataset", "gsm8k-demo", "--set", "suite.abort_after=3", "--concurrency", "1",
    )  # fmt: skip
    assert done.code == 3
    assert "Server is pinned to" in done.err
