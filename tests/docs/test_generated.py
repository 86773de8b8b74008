"""Pages that are made of the code are as they would be made now, and each key is described."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from aisbench.plugins.discovery import discover
from aisbench.plugins.targets import settings_class
from aisbench.settings.convert import structure
from aisbench.settings.problems import Problems
from tools.reference.keys import classes_within, example_of
from tools.reference.pages import PAGES, ROOT, renewed
from tools.reference.suite_page import SECTIONS


@pytest.mark.parametrize("page", PAGES)
def test_the_page_is_up_to_date(page: str) -> None:
    assert renewed(page) == (ROOT / page).read_text("utf-8"), "run: python -m tools.reference"


def _classes() -> Iterator[type]:
    roots = [cls for _, _, cls in SECTIONS]
    roots += filter(None, map(settings_class, discover().listed))
    for root in roots:
        yield from classes_within(root)


CLASSES = sorted(set(_classes()), key=lambda cls: (cls.__module__, cls.__qualname__))


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: f"{cls.__module__}.{cls.__qualname__}")
def test_every_key_has_a_meaning_and_an_example_that_is_taken(cls: type) -> None:
    attrs.resolve_types(cls)
    fields = attrs.fields(cls)
    examples: dict[str, Any] = {
        field.name: example_of(field) for field in fields if not attrs.has(field.type)
    }
    required = {field.name for field in fields if field.default is attrs.NOTHING}
    for field in fields:
        assert field.metadata["help"].strip(), field.name
        if field.name in examples:
            given = {name: examples[name] for name in examples if name in required | {field.name}}
            try:
                structure(cls, given, Path.cwd())
            except Problems as error:
                raise AssertionError(f"{field.name}: {error.problems}") from None


def test_a_key_without_an_example_is_told() -> None:
    from aisbench.api import setting

    @attrs.frozen
    class Settings:
        where: str = setting(default="", help="which place")

    with pytest.raises(ValueError, match=r"where needs an example: setting\(\.\.\., example="):
        example_of(attrs.fields(Settings).where)
