"""Fields of settings classes: what a suite may say, with its meaning and limits.

A settings class is an attrs class whose fields are all made by :func:`setting`. The same fields
are the source of the strict checks, of ``aisbench plugins show`` and of the JSON Schema.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
from attrs import NOTHING, frozen

Check = Callable[[Any], "str | None"]
"""Returns None when the value is fine, else what is allowed ("must be above 0")."""


def setting(
    *,
    help: str,
    default: Any = NOTHING,
    factory: Callable[[], Any] | None = None,
    unit: str = "",
    check: Check | None = None,
    example: Any = None,
) -> Any:
    """A field of a settings class. ``help`` is one line for users; ``unit`` such as "s".

    ``example`` is a value as a suite has it (text, number, list, table), for the reference of
    all keys; numbers with a default, choices and switches need none.
    """
    metadata = {"help": help, "unit": unit, "check": check, "example": example}
    if factory is not None:
        return attrs.field(factory=factory, metadata=metadata, kw_only=True)
    return attrs.field(default=default, metadata=metadata, kw_only=True)


def at_least(limit: float) -> Check:
    """The value must be ``limit`` or more."""
    return lambda value: None if value is None or value >= limit else f"must be {limit:g} or more"


def each_at_least_one(value: int | Mapping[str, int] | None) -> str | None:
    """A number of rows, or one for each part, must be 1 or more."""
    counts = value.values() if isinstance(value, Mapping) else [value]
    return None if all(one is None or one >= 1 for one in counts) else "must be 1 or more"


def above(limit: float) -> Check:
    """The value must be greater than ``limit``."""
    return lambda value: None if value is None or value > limit else f"must be above {limit:g}"


def between(low: float, high: float) -> Check:
    """The value must lie in the closed range."""
    return lambda value: (
        None if value is None or low <= value <= high else f"must be between {low:g} and {high:g}"
    )


def not_empty(value: Any) -> str | None:
    """The value must hold something."""
    return None if value is None or len(value) else "must not be empty"


@frozen
class Secret:
    """A reference to an environment variable, whose value is never kept or shown."""

    variable: str

    def reveal(self) -> str | None:
        """The value now, or None when the variable is not set."""
        return os.environ.get(self.variable)

    def __str__(self) -> str:
        return f"env:{self.variable}"


class PathOrName(str):
    """A file or folder, or a name on the Hugging Face hub: ``./tokenizer``, ``Qwen/Qwen3-8B``.

    A relative path in a suite is taken from the suite's folder, and is absolute here. What does
    not exist there, and does not begin with ``.``, ``/`` or ``~``, is a name.
    """

    __slots__ = ()


def data_home() -> Path:
    """Where fetched data sets live: ``$AISBENCH_DATA``, else ``$XDG_DATA_HOME/aisbench``."""
    if own := os.environ.get("AISBENCH_DATA"):
        return Path(own)
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "aisbench"
