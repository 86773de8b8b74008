"""What rows must be like, as a declaration says it: a value, several, or a table of one key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from aisbench.data.paths import DataPath, MissingPart, read_path, value_at
from aisbench.types.json import JsonValue

CONDITIONS = ("not", "matches", "present")
"""What a condition may be, where it is no value."""


def cell_at(name: str, path: DataPath | None, cells: Mapping[str, Any]) -> Any:
    """What a row has in a column; a name that it has as it stands comes before the path of that
    name, None where it is none. Raises MissingPart."""
    if name in cells:
        return cells[name]
    if path is None or not (path.steps or path.head in cells):
        raise MissingPart(f"there is no {name!r}")
    return value_at(path, cells)


class Condition:
    """One column or path, and what it must be: ``"x"``, ``["x", "y"]``, ``{ not = ... }``,
    ``{ matches = REGEX }`` (found anywhere) or ``{ present = true }``."""

    def __init__(self, name: str, wanted: JsonValue) -> None:
        self.name = name
        self._path: DataPath | None
        try:
            self._path = read_path(name)
        except ValueError:
            self._path = None
        self._pattern: re.Pattern[str] | None = None
        self._present: bool | None = None
        self._negated = False
        if isinstance(wanted, Mapping):
            if "matches" in wanted:
                self._pattern = re.compile(str(wanted["matches"]))
            elif "present" in wanted:
                self._present = bool(wanted["present"])
            self._negated = "not" in wanted
            wanted = wanted.get("not", [])
        several = wanted if isinstance(wanted, (list, tuple)) else [wanted]
        self._wanted = {_as_text(one) for one in several}

    def holds(self, cells: Mapping[str, Any]) -> bool:
        """Whether it holds for a row. Raises MissingPart for one without the column, unless
        whether it is there is the question."""
        try:
            value = cell_at(self.name, self._path, cells)
        except MissingPart:
            if self._present is None:
                raise
            return not self._present
        if self._present is not None:
            blank = value is None or (isinstance(value, str) and not value.strip())
            return (not blank and value != [] and value != {}) is self._present
        text = _as_text(value)
        if self._pattern is not None:
            return self._pattern.search(text) is not None
        return (text in self._wanted) is not self._negated


def condition_problem(wanted: JsonValue) -> str | None:
    """What is wrong with what a condition says; None where nothing is."""
    if not isinstance(wanted, Mapping):
        return None
    (key, value), *more = wanted.items() or [("", None)]
    if more or key not in CONDITIONS:
        return f"must have one of {', '.join(CONDITIONS)}, got {', '.join(wanted)}"
    if key == "present" and not isinstance(value, bool):
        return "present must be true or false"
    if key == "matches":
        if not isinstance(value, str):
            return "matches must be a string"
        try:
            re.compile(value)
        except re.error as error:
            return f"matches must be a regular expression ({error})"
    return None


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
