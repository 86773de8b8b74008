"""The page on declared data sets names every key that one may have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import attrs

from aisbench.declared.declaration import Declaration
from aisbench.declared.settings import DeclaredSettings

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/declared.md"


def keys(cls: Any) -> Iterator[str]:
    """The keys of a settings class, and of those in it."""
    attrs.resolve_types(cls)
    for field in attrs.fields(cls):
        yield field.name
        for inner in classes(field.type):
            yield from keys(inner)


def classes(kind: Any) -> Iterator[Any]:
    if attrs.has(kind):
        yield kind
    for one in get_args(kind):
        yield from classes(one)


def test_every_key_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    words = set(re.findall(r"\w+", " ".join(re.findall(r"`[^`]+`|```.*?```", text, re.S))))
    wanted = {*keys(Declaration), *keys(DeclaredSettings), "extends"}
    assert {"explode", "shuffle", "kind"} <= wanted
    assert wanted <= words, sorted(wanted - words)
