"""Keys and values that a model writes, and charts as such (``TEDS_metric.py`` of OCRBench v2).

What a model says is parsed as JSON, or as literals of Python, and never evaluated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from aisbench.literals import LiteralError, read_literal

_FENCE = re.compile(r"```(?:python|json)?\n(.*?)\n```", re.DOTALL | re.IGNORECASE)
_VALUE = re.compile(r"[:=]\s*[\"']?([^\n,\"'{}]+)[\"']?")
_KEY_END = re.compile(r"([\w\s]+)[\"']?\s*$")
_VARIABLE = re.compile(r"\s*\w+\s*=\s*")
_LONGEST_KEY = 200


def stated(text: str) -> dict[str, str]:
    """The keys and values in an answer: of JSON, of a dictionary of Python, else of whatever
    stands around colons and equals signs."""
    match = _FENCE.search(text)
    content = match[1] if match else text.strip()
    found = _parsed(content)
    if found is None:
        found = _around_colons(content)
    return {str(key).strip(): str(value).strip() for key, value in found.items()}


def _parsed(content: str) -> Mapping[Any, Any] | None:
    """None: it is no object. What is JSON and none holds nothing."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = literal(content)
        return found if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def literal(content: str) -> Any:
    """What a literal of Python says; None: it is none."""
    try:
        return read_literal(content.strip())
    except LiteralError:
        return None


def _around_colons(content: str) -> dict[str, str]:
    found: dict[str, str] = {}
    begin = 0
    for mark in re.finditer("[:=]", content):
        if mark.start() < begin:
            continue
        value = _VALUE.match(content, mark.start())
        key = _KEY_END.search(content[max(begin, mark.start() - _LONGEST_KEY) : mark.start()])
        if value is not None and key is not None:
            found[key[1].strip()] = value[1].strip()
            begin = value.end()
    return found


def entries_score(said: Mapping[str, str], wanted: Mapping[str, Any]) -> float:
    """The share of keys, of either, whose value is one of those of the reference, without case
    and blanks."""
    keys = said.keys() | wanted.keys()
    if not keys or any(isinstance(one, list) and not one for one in wanted.values()):
        return 0.0
    right = 0
    for key in said.keys() & wanted.keys():
        allowed = wanted[key] if isinstance(wanted[key], list) else [wanted[key]]
        right += _packed(said[key]) in {_packed(str(one)) for one in allowed}
    return right / len(keys)


def _packed(text: str) -> str:
    return text.lower().strip().replace("\n", " ").replace(" ", "")


def wanted_entries(answer: Any) -> dict[str, Any] | None:
    """A reference that is an object, or a text that holds one; None: it is none."""
    for _ in range(3):
        if isinstance(answer, Mapping):
            return {str(key): value for key, value in answer.items()}
        if not isinstance(answer, str):
            return None
        text = answer.strip('"')
        try:
            answer = json.loads(text)
        except (ValueError, RecursionError):
            answer = literal(text)
    return None


def chart(text: str) -> dict[Any, Any]:
    """The dictionary of Python in an answer, without comments and the name it is given."""
    blocks: Sequence[str] = _FENCE.findall(text)
    content = max(blocks, key=len) if blocks else text.strip()
    content = re.sub(
        r"#.*", "", _VARIABLE.sub("", content, count=1) if _named(content) else content
    )
    end = content.rfind("}")
    found = literal(content[: end + 1] if end >= 0 else content)
    return found if isinstance(found, dict) else {}


def _named(content: str) -> bool:
    return _VARIABLE.match(content) is not None


def as_table(entries: Mapping[Any, Any]) -> str:
    """A page of HTML with a row for each key. Letters of values stand apart, as the authors'
    code has them (it joins a text as it would a list)."""
    rows = "".join(
        f"  <tr><td>{key}</td><td>{' '.join(value if isinstance(value, str) else str(value))}"
        "</td></tr>\n"
        for key, value in entries.items()
    )
    return f"<html><body><table>\n{rows}</table></body></html>"
