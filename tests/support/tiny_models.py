"""Tiny random models for tests of local backends; skip where torch is not installed."""

from __future__ import annotations

from pathlib import Path

import pytest

_made: dict[str, Path] = {}


def text_model(factory: pytest.TempPathFactory) -> Path:
    """A Qwen2 of two layers with a tokenizer and a chat template, made once."""
    pytest.importorskip(
        "torch", reason="torch is not installed here: see tests/e2e/test_hf_backend.py"
    )
    pytest.importorskip("transformers", reason="transformers is not installed here")
    if "text" not in _made:
        from tiny_model import make

        folder = factory.mktemp("tiny")
        make(str(folder))
        _made["text"] = folder
    return _made["text"]
