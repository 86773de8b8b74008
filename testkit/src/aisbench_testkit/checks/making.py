"""Making what an offer describes, from settings as a suite would give them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from aisbench.api import EvaluatorOffer, LoadShapeOffer, PathOrName, PostprocessorOffer
from aisbench.plugins.catalog import Listed
from aisbench.plugins.targets import construct, settings_class
from aisbench.settings.convert import structure
from aisbench.settings.problems import Problems
from aisbench_testkit.checks.trial import NotChecked


class WrongSettings(ValueError):
    """Settings that a suite could not have; ``names`` are those that are wrong."""

    def __init__(self, message: str, names: set[str]) -> None:
        super().__init__(message)
        self.names = names


_BY_EXAMPLE = (EvaluatorOffer, LoadShapeOffer, PostprocessorOffer)
"""Offers whose examples of settings fit the samples that the checks make; templates' name fields
of their own."""


def make(listed: Listed, settings: Mapping[str, Any] | None = None, base: Path = Path()) -> Any:
    """The object of an offer. Raises NotChecked when its settings need a suite's word."""
    cls = settings_class(listed)
    if cls is None:
        return construct(listed, None)
    given = dict(settings or {})
    if missing := [name for name in required(cls) if name not in given]:
        raise NotChecked(
            f"needs settings: {', '.join(missing)}",
            give=f"[tool.aisbench.check.{listed.offer.name}] settings = {{ {missing[0]} = ... }}",
        )
    try:
        made: object = structure(cls, given, base)
    except Problems as error:
        lines = [f"{'.'.join(map(str, one.path))} {one.message}" for one in error.problems]
        raise WrongSettings(
            f"the settings of {listed.offer.name} are wrong: {'; '.join(lines)}",
            {str(one.path[0]) for one in error.problems if one.path},
        ) from None
    return construct(listed, made)


def required(cls: Any) -> list[str]:
    """Names of the settings without a default."""
    return [field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING]


def guessed(listed: Listed) -> dict[str, Any]:
    """Values for required settings: their example, or what their type suggests.

    Counts are 1 and other numbers 0.5; a text is the template of a question, several are two
    answers. Nothing is guessed for files.
    """
    cls: Any = settings_class(listed)
    if cls is None:
        return {}
    attrs.resolve_types(cls)
    simple: Mapping[Any, Any] = {
        int: 1, float: 0.5, str: "{question}", bool: False, tuple[str, ...]: ["A", "B"],
    }  # fmt: skip
    files = (Path, PathOrName, tuple[Path, ...])
    found = {}
    for field in attrs.fields(cls):
        if field.default is not attrs.NOTHING or field.type in files:
            continue
        example = field.metadata.get("example")
        if example is not None and isinstance(listed.offer, _BY_EXAMPLE):
            found[field.name] = example
        elif field.type in simple:
            found[field.name] = simple[field.type]
    return found
