"""Texts of this package in the language of the reader."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib import resources

from aisbench.api import Wording, wording


def words() -> Wording:
    """Those that the code asks for."""
    return wording("aisbench_plugin_migrate")


def noted(text: str) -> str:
    """A sentence of the tables, in the language of the reader."""
    return _notes().get(text, text) if words().language == "zh" else text


@functools.cache
def _notes() -> Mapping[str, str]:
    file = resources.files("aisbench_plugin_migrate") / "tables" / "notes.zh.json"
    found: dict[str, str] = json.loads(file.read_bytes()) if file.is_file() else {}
    return found
