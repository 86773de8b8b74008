"""The post-processor ``json-field``: a value of an answer that is JSON, or has some in it."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from attrs import frozen

from aisbench.api import Sample, not_empty, setting


@frozen
class FieldSettings:
    """Which value of which object."""

    key: str = setting(default="answer", help="the key", example="answer", check=not_empty)
    which: Literal["first", "last"] = setting(default="last", help="of several objects, which")


class JsonField:
    """A key's value in the first or last object that has it. Where an object is cut off, or is no
    JSON because of a lone backslash in a text, what stands behind the key counts."""

    def __init__(self, settings: FieldSettings) -> None:
        self._key = settings.key
        self._at = 0 if settings.which == "first" else -1
        name = re.escape(json.dumps(settings.key, ensure_ascii=False))
        self._broken = re.compile(rf'{name}\s*:\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"}}\]]+))', re.S)

    def process(self, text: str, sample: Sample) -> str | None:
        found = [one for one in map(self._value, _objects(text)) if one is not None]
        if not found:
            broken = self._broken.findall(text)
            found = [_unescaped(quoted) if quoted else bare for quoted, bare in broken]
        return found[self._at] if found else None

    def _value(self, text: str) -> str | None:
        try:
            whole: Any = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            return None
        value = whole.get(self._key) if isinstance(whole, dict) else None
        if value is None or isinstance(value, str):
            return value
        return json.dumps(value, ensure_ascii=False)


def _objects(text: str) -> list[str]:
    """What stands between each outermost pair of braces; those inside texts count too, so a text
    with one alone is left to what is done about broken objects."""
    found, depth, start = [], 0, 0
    for match in re.finditer("[{}]", text):
        if match[0] == "{":
            start = start if depth else match.start()
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                found.append(text[start : match.end()])
    return found


def _unescaped(text: str) -> str:
    r"""Without escapes of quotes and backslashes; ``\frac`` stays what it is."""
    return re.sub(r'\\(["\\/])', r"\1", text)
