"""Log-probabilities of generated tokens, from the suite to the journal and back."""

from __future__ import annotations

from typing import Any

import pytest
from live import Project, simulator

SUITE = """
[suite]
name = "told"
[models.m]
backend = "{backend}"
url = "{url}"
stream = {stream}
generation = {{ logprobs = 2, max_tokens = 12 }}
[datasets.d]
dataset = "custom"
path = "rows.jsonl"
evaluator = "numeric"
"""


@pytest.mark.parametrize(
    ("backend", "stream"),
    [
        ("vllm-chat", "true"), ("vllm-completions", "false"), ("openai-responses", "true"),
        ("tgi-generate", "true"),
    ],
)  # fmt: skip
def test_a_run_keeps_them(project: Project, backend: str, stream: str) -> None:
    project.write("rows.jsonl", '{"question": "How many?", "answer": "4"}\n')
    with simulator() as server:
        suite = SUITE.format(url=server.url, backend=backend, stream=stream)
        project.write("s.toml", suite)
        done = project.run("run", "s.toml")
        assert done.code == 0, done.out + done.err
        (row,) = project.rows("told", "m", "d")
        assert row["response"]["usage"]["completion_tokens"] == len(row["response"]["tokens"])
        check(row["response"])
        again = project.run("run", "s.toml", "--resume")
        assert "1 answers of earlier sessions used again" in again.out
        project.write("s.toml", suite.replace("logprobs = 2, ", ""))
        other = project.run("run", "s.toml")
        assert other.code == 0, other.err
        assert "tokens" not in project.rows("told", "m", "d")[0]["response"]


def check(response: dict[str, Any]) -> None:
    """Token, log-probability, then those of the two likeliest."""
    tokens = response["tokens"]
    assert "".join(cells[0] for cells in tokens) == response["text"]
    for token, value, first, highest, _, second in tokens:
        assert (first, highest) == (token, value)
        assert second < highest < 0


def test_a_server_without_them_is_told_of(project: Project) -> None:
    project.write("rows.jsonl", '{"question": "How many?", "answer": "4"}\n')
    with simulator() as server:
        suite = SUITE.format(url=server.url, backend="mindie-infer", stream="false")
        project.write("s.toml", suite)
        done = project.run("run", "s.toml")
    assert done.code == 2
    assert "generation.logprobs" in done.err
    assert "use vllm-chat or vllm-completions" in done.err
