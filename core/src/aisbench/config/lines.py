"""The line of a TOML key. tomli does not report it, so it is found by parsing growing prefixes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import tomli


def _holds(table: Any, path: Sequence[str | int]) -> bool:
    for key in path:
        if isinstance(table, Mapping) and key in table:
            table = table[key]
        elif isinstance(table, list) and isinstance(key, int) and key < len(table):
            table = table[key]
        else:
            return False
    return True


def find_line(text: str, path: Sequence[str | int]) -> int | None:
    """The line (from 1) where the statement that first makes ``path`` exist begins.

    A longer prefix that parses holds all that a shorter one did, so the first prefix that
    holds the path ends on its statement; the statement begins after the last prefix before it
    that parsed. Falls back to the nearest parent that the text holds; None if there is none.
    Costs one parse a line: only for error messages.
    """
    # Not splitlines(): it also splits at characters that TOML strings may hold.
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    parsed: list[tuple[int, Any]] = []
    for count in range(len(lines) + 1):
        try:
            parsed.append((count, tomli.loads("".join(lines[:count]))))
        except tomli.TOMLDecodeError:
            continue
    for depth in range(len(path), 0, -1):
        before = 0
        for count, table in parsed:
            if _holds(table, path[:depth]):
                return _first_statement(lines, before, count)
            before = count
    return None


def _first_statement(lines: Sequence[str], before: int, count: int) -> int:
    for number in range(before, count):
        stripped = lines[number].strip()
        if stripped and not stripped.startswith("#"):
            return number + 1
    return count
