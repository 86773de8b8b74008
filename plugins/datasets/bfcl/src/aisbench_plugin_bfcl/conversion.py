"""Values of Java and JavaScript that are collections, written as texts.

What bfcl-eval's ``java_type_converter`` and ``js_type_converter`` make of them, without their
patterns, some of which are endless for texts of a hundred characters. Plain values are left to
theirs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from aisbench_plugin_bfcl.brackets import Lists, after_blanks, enclosed, next_of, places

LENGTH = 20_000
"""Characters of a collection that are looked at; more stay a text, and a wrong one."""

Converter = Callable[..., Any]

_AS_LIST = re.compile(r"new\s+ArrayList<\w*>\(Arrays\.asList\(")
_ADDING = re.compile(r"new\s+ArrayList<\w*>\(\)\s*\{\{")
_EMPTY_LIST = re.compile(r"new\s+ArrayList<\w*>\(\)")
_ARRAY = re.compile(r"new\s+\w+\[\]\s*\{")
_MAP = re.compile(r"new\s+HashMap<")
_MAP_BODY = re.compile(r">\s*\(\)\s*\{")
_MAP_EMPTY = re.compile(r">\s*\(\)")
_NEW_ARRAY = re.compile(r"new\s+Array\(")


class JavaValues:
    """In place of ``java_type_converter``; ``plain`` is that, and ``untyped`` its
    ``parse_java_value``."""

    def __init__(self, plain: Converter, untyped: Converter) -> None:
        self._plain, self._untyped = plain, untyped

    def __call__(self, value: str, expected: str, nested: str | None = None) -> Any:
        if expected not in ("Array", "ArrayList", "HashMap"):
            return self._plain(value, expected, nested)
        if len(value) > LENGTH:
            return value
        if expected == "Array":
            return self._array(value, nested)
        return self._list(value, nested) if expected == "ArrayList" else self._map(value)

    def _list(self, value: str, nested: str | None) -> Any:
        if (inside := _first(value, _AS_LIST, "))", least=1)) is not None:
            return [self._element(one.strip(), nested) for one in inside.split(",")]
        if (body := _adding(value)) is not None:
            added = enclosed(body, "add(", ")", least=1)
            return [self._element(one.strip(), nested) for one in added]
        return [] if _EMPTY_LIST.search(value) else value

    def _element(self, element: str, nested: str | None) -> Any:
        if nested in ("char", "String"):
            return element[1:-1]
        return self(element, nested) if nested else self._untyped(element)

    def _array(self, value: str, nested: str | None) -> Any:
        inside = _first(value, _ARRAY, "}")
        if inside is None:
            return value
        elements = [one.strip() for one in inside.split(",") if one.strip()]
        return [self(one, nested) if nested else self._untyped(one) for one in elements]

    def _map(self, value: str) -> Any:
        head = _MAP.search(value)
        if head is None:
            return value
        body = _MAP_BODY.search(value, head.end())
        if body is not None and "}" in value[body.end() :]:
            start = after_blanks(value, body.end())
            if value.startswith("{", start):
                start = after_blanks(value, start + 1)
            inside = value[start : value.index("}", start)].rstrip()
            return {key: self._untyped(one.strip()) for key, one in _puts(inside)}
        return {} if _MAP_EMPTY.search(value, head.end()) else value


def _first(text: str, head: re.Pattern[str], closing: str, *, least: int = 0) -> str | None:
    """What stands after the first head from which ``closing`` is reached within the line."""
    lines, ends, start = places(text, "\n"), places(text, closing), 0
    while found := head.search(text, start):
        end = next_of(ends, found.end() + least)
        line = next_of(lines, found.end())
        if end is None:
            return None
        if line is None or line >= end:
            return text[found.end() : end]
        start = line + 1
    return None


def _adding(text: str) -> str | None:
    """The calls of ``add`` between the double braces of the first list that has them."""
    head = _ADDING.search(text)
    if head is None:
        return None
    start = after_blanks(text, head.end())
    end = text.find("}}", start + 1)
    if end >= 0:
        return text[start:end]
    return "" if start > head.end() and text.startswith("}}", start) else None


def _puts(text: str) -> list[tuple[str, str]]:
    """Keys and values of ``put("key", value)``, each on one line."""
    lines, closings = places(text, "\n"), places(text, ")")
    values: dict[int, tuple[int, int]] = {}
    for comma in places(text, '",'):
        start = after_blanks(text, comma + 2)
        end, line = next_of(closings, start), next_of(lines, start)
        if end is not None and (line is None or line >= end):
            values[comma] = (start, end)
    good, found, place = sorted(values), [], 0
    while (head := text.find('put("', place)) >= 0:
        comma_at, line = next_of(good, head + 5), next_of(lines, head + 5)
        if comma_at is None:
            break
        if line is not None and line < comma_at:
            place = line + 1
            continue
        start, end = values[comma_at]
        found.append((text[head + 5 : comma_at], text[start:end]))
        place = end + 1
    return found


class ScriptValues:
    """In place of ``js_type_converter``; ``plain`` is that, and ``untyped`` its
    ``parse_js_value``."""

    def __init__(self, plain: Converter, untyped: Converter) -> None:
        self._plain, self._untyped = plain, untyped

    def __call__(self, value: str, expected: str, nested: str | None = None) -> Any:
        if expected not in ("array", "dict"):
            return self._plain(value, expected, nested)
        if len(value) > LENGTH:
            return value
        code = value.strip()
        return self._dict(code) if expected == "dict" else self._array(code, nested)

    def _array(self, code: str, nested: str | None) -> Any:
        try:
            rows = _rows(code)
            if rows is not None:
                return [[self._untyped(one.strip()) for one in row.split(",")] for row in rows]
            inside = _inside(code)
            if inside is None:
                return code
            parts = [one.strip() for one in inside.split(",")] if inside.strip() else []
            return [self(one, nested) if nested else self._untyped(one) for one in parts]
        except Exception:  # noqa: BLE001 - as there: what cannot be converted stays a text
            return code

    def _dict(self, code: str) -> Any:
        if code == "{}":
            return {}
        inside = next(enclosed(code, "{", "}"), None) if code.startswith("{") else None
        if inside is None or not code.startswith(f"{{{inside}}}"):
            return code
        try:
            return {key.strip().strip("'\""): self._entry(one) for key, one in _pairs(inside)}
        except Exception:  # noqa: BLE001 - as there
            return code

    def _entry(self, value: str) -> Any:
        value = value.strip()
        if value.startswith("[") and value.endswith("]"):
            return self(value, "array")
        return self._untyped(value.strip("'\""))


def _rows(code: str) -> list[str] | None:
    """What stands in the inner brackets of an array of arrays; None where it is none."""
    head = _NEW_ARRAY.match(code)
    start = after_blanks(code, head.end() if head else 1)
    if not (head or code.startswith("[")) or not code.startswith("[", start):
        return None
    end = Lists(code, "[", "]", ")" if head else "]", across_lines=False).end(start + 1)
    if end is None:
        return None
    found = [one.strip() for one in enclosed(code[:end], "[", "]")]
    if found and found[0].startswith("["):
        found[0] = found[0][1:]
    return found


def _inside(code: str) -> str | None:
    """What stands in the brackets of an array."""
    head = _NEW_ARRAY.match(code)
    if not head and not code.startswith("["):
        return None
    start, closing = (head.end(), ")") if head else (1, "]")
    end, line = code.find(closing, start), code.find("\n", start)
    return code[start:end] if end >= 0 and not 0 <= line < end else None


def _pairs(text: str) -> list[tuple[str, str]]:
    r"""What ``([^:]+):\s*(.*?)(?:,\s*(?=[^,]+:)|$)`` finds: a value ends at a comma after which
    another key comes. ``text`` is one line."""
    colons, commas, found, place = places(text, ":"), places(text, ","), [], 0
    while place < len(text):
        if text[place] == ":":
            place += 1
            continue
        colon = next_of(colons, place)
        if colon is None:
            break
        start = after_blanks(text, colon + 1)
        end, after = len(text), len(text)
        comma = next_of(commas, start)
        while comma is not None:
            key = after_blanks(text, comma + 1)
            ahead, other = next_of(colons, key + 1), next_of(commas, key)
            if ahead is not None and (other is None or ahead < other):
                end, after = comma, key
                break
            if key > comma + 1 and text.startswith(":", key):
                end, after = comma, key - 1
                break
            comma = next_of(commas, comma + 1)
        found.append((text[place:colon], text[start:end]))
        place = after
    return found
