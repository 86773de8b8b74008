"""Paths to values inside rows: ``question.stem``, ``choices[0].text``, ``choices[*].label``,
``'Correct Answer'``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from attrs import frozen

_HEAD = re.compile(r"([^\W\d]\w*)|'([^']+)'|\"([^\"]+)\"")
_STEP = re.compile(r"\.(?:(\w+)|'([^']+)'|\"([^\"]+)\")|\[(-?\d{1,9}|\*)\]")
_SHOWN = 8


@frozen
class DataPath:
    """A path, read: ``head`` is the name of a column or field, ``steps`` lead on from it, each a
    key of an object, a place in a list (from 0; negative ones count from its end) or None for
    every item."""

    text: str
    head: str
    steps: tuple[str | int | None, ...] = ()


class MissingPart(LookupError):
    """A path leads to nothing; the message says which part is missing, and what is there."""


@lru_cache(maxsize=4096)
def read_path(text: str) -> DataPath:
    """The path that ``text`` is. Raises ValueError for a text that is none."""
    match = _HEAD.match(text)
    if match is None:
        raise ValueError(f"{text!r} does not begin with a name")
    head = match[1] or match[2] or match[3]
    steps: list[str | int | None] = []
    at = match.end()
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            raise ValueError(f"{text!r} goes on after {text[:at]!r} without .NAME or [NUMBER]")
        if match[4] is not None:
            steps.append(None if match[4] == "*" else int(match[4]))
        else:
            steps.append(match[1] or match[2] or match[3])
        at = match.end()
    return DataPath(text, head, tuple(steps))


def quoted(name: str) -> str:
    """A name as paths and places write it."""
    if _HEAD.fullmatch(name):
        return name
    return f'"{name}"' if "'" in name else f"'{name}'"


def value_at(path: DataPath, cells: Mapping[str, Any]) -> Any:
    """What ``path`` leads to; a list where it goes over all items. Raises MissingPart."""
    if path.head not in cells:
        there = ", ".join(quoted(str(name)) for name in cells)
        raise MissingPart(f"there is no {path.head!r} (there are: {there or 'none'})")
    value = cells[path.head]
    if not path.steps:
        return value
    found = _follow(value, path.steps, quoted(path.head))
    return list(found) if None in path.steps else next(found)


def _follow(value: Any, steps: tuple[str | int | None, ...], where: str) -> Iterator[Any]:
    for number, step in enumerate(steps):
        if step is None:
            if not _is_list(value):
                raise MissingPart(f"{where} is no list, but {_what(value)}")
            for place, item in enumerate(value):
                yield from _follow(item, steps[number + 1 :], f"{where}[{place}]")
            return
        value = _step(value, step, where)
        where += f"[{step}]" if isinstance(step, int) else f".{quoted(step)}"
    yield value


def _step(value: Any, step: str | int, where: str) -> Any:
    if isinstance(step, int):
        if not _is_list(value):
            raise MissingPart(f"{where} is no list, but {_what(value)}")
        if not -len(value) <= step < len(value):
            raise MissingPart(f"{where} has no item [{step}]: it has {len(value)}")
        return value[step]
    if not isinstance(value, Mapping):
        hint = f"; write {where}[*].{step} for those of all items" if _is_list(value) else ""
        raise MissingPart(f"{where} has no {step!r}: it is {_what(value)}{hint}")
    if step not in value:
        raise MissingPart(f"{where} has no {step!r}: it is {_what(value)}")
    return value[step]


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _what(value: Any) -> str:
    if isinstance(value, Mapping):
        names = ", ".join(map(str, list(value)[:_SHOWN]))
        more = ", ..." if len(value) > _SHOWN else ""
        return f"an object with {names}{more}" if names else "an empty object"
    if _is_list(value):
        return f"a list of {len(value)}"
    if value is None:
        return "null"
    kinds = {str: "a text", bool: "true or false", int: "a number", float: "a number"}
    return kinds.get(type(value), f"a {type(value).__name__}")
