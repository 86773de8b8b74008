"""The words of generated pages, in English or Chinese."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from aisbench.wording.lines import translated

_FILE = Path(__file__).with_name("words.zh.json")


class Speaker(Protocol):
    """Puts a text of the code, or of these pages, into the language of a page."""

    def __call__(self, text: str, package: str | None = None) -> str:
        """``package`` is the one whose text it is."""


def english(text: str, package: str | None = None) -> str:
    """As it is."""
    return text


def chinese(text: str, package: str | None = None) -> str:
    """By words.zh.json, else as aisbench itself says it."""
    found = _words().get(text)
    return found if found is not None else translated(text, "zh", package=package)


@functools.lru_cache
def _words() -> Mapping[str, str]:
    found: dict[str, str] = json.loads(_FILE.read_text(encoding="utf-8"))
    return found
