"""Declared data sets in a folder of a test: the file, its data, and what core makes of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tomli_w

from aisbench.declared.dataset import DeclaredDataset
from aisbench.declared.offers import offer_of_file
from aisbench.declared.settings import DeclaredSettings
from aisbench.settings.convert import structure
from aisbench.types.sample import Sample

LEAST: dict[str, Any] = {
    "summary": "Made up.",
    "files": {"test": "test.jsonl"},
    "variants": {"chat": {"template": "chat", "prompt": {"user": "{q}"}}},
}


def declared(folder: Path, keys: dict[str, Any], **settings: Any) -> DeclaredDataset:
    """The data set of a file in ``folder`` that holds ``keys`` over the least that is needed."""
    file = folder / "made-up.toml"
    file.write_text(tomli_w.dumps({**LEAST, **keys}), encoding="utf-8")
    return DeclaredDataset(offer_of_file(file), structure(DeclaredSettings, settings, folder))


def rows(folder: Path, *lines: Any, name: str = "test.jsonl") -> None:
    """Write a JSONL file."""
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / name).write_text(text, encoding="utf-8")


def made(folder: Path, keys: dict[str, Any], *lines: Any, **settings: Any) -> Sequence[Sample]:
    """The samples of rows."""
    if lines:
        rows(folder, *lines)
    return declared(folder, keys, **settings).samples()


def fields(samples: Sequence[Sample], name: str) -> list[Any]:
    """One field of all samples."""
    return [sample.fields[name] for sample in samples]


class Upper:
    """A step between an answer and its evaluator."""

    def process(self, text: str, sample: Sample) -> str | None:
        return text.upper()
