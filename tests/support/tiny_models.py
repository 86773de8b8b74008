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


def media_model(factory: pytest.TempPathFactory, form: str) -> Path:
    """One of tiny_media.py, made once and without a download."""
    text = text_model(factory)
    films = "qwen" in form or form == "llava-onevision"
    for needed in ("PIL", *(("torchvision",) if films else ())):
        pytest.importorskip(needed, reason=f"{needed} is not installed here")
    if form not in _made:
        from tiny_media import make

        folder = factory.mktemp(f"tiny-{form}")
        make(str(folder), str(text), form)
        _made[form] = folder
    return _made[form]
