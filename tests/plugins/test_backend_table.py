"""The table of backends is what the installed ones declare."""

from __future__ import annotations

from aisbench.cli.backends import backend_table
from aisbench.plugins.discovery import discover


def test_depends_and_local_models_are_told() -> None:
    lines = {line.split("`")[1]: line for line in backend_table(discover()).splitlines()[2:]}
    assert lines["vllm-chat"].count("| depends ") == 5
    assert lines["vllm-chat"].endswith("| yes |")
    assert lines["vllm-offline"].endswith("|  |")
    assert "without TTFT" in lines["triton-infer"]
    assert "| vectors | without TTFT" in lines["openai-embeddings"]
