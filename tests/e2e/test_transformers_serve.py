"""A real server, `transformers serve`, with a tiny random model: a whole run over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from live import Project
from torch_environment import our_python, tiny_model, transformers_serve

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    python = our_python()
    model = tiny_model(python, tmp_path_factory.mktemp("model"))
    with transformers_serve(python, model, tmp_path_factory.mktemp("huggingface")) as url:
        yield url, model


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
