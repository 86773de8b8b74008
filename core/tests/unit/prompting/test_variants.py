"""Prompt variants from a package's TOML file."""

from __future__ import annotations

from pathlib import Path

import pytest

from aisbench.prompting.variants import load_variants
from aisbench.types.variant import Variant

TEXT = """\
[four-shot]
template = "chat"
source = "the paper, p. 3"
shots = 4
retrieval = { ids = ["a"] }
generation = { max_tokens = 5 }
prompt.user = "Frage: {question} – ü"

[plain]
template = "text"
source = "ours"
prompt = { question = "{question}" }
"""


def test_variants_of_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "unit_variants_package"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "variants.toml").write_text(TEXT, encoding="utf-8")
    (package / "other.toml").write_text('[x]\ntemplate="t"\nsource="s"\nprompt={}\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    made = load_variants(package.name)
    assert list(made) == ["four-shot", "plain"]
    assert made["four-shot"] == Variant(
        template="chat",
        source="the paper, p. 3",
        shots=4,
        retrieval={"ids": ["a"]},
        generation={"max_tokens": 5},
        prompt={"user": "Frage: {question} – ü"},
    )
    assert made["plain"].retriever == "fixed"
    assert list(load_variants(package.name, "other.toml")) == ["x"]
