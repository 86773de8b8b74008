"""How many pictures, sounds and films a vLLM server takes in a prompt, by its own arguments.

``--limit-mm-per-prompt`` is JSON (``{"image": 2}``, newer with ``{"image": {"count": 2, ...}}``),
keys of that one by one (``--limit-mm-per-prompt.image 2``), or, of older versions,
``image=2,video=1``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

FLAG = "--limit-mm-per-prompt"
KINDS = ("image", "audio", "video")


def media_limits(command: Sequence[str]) -> Mapping[str, int]:
    """Kind -> most of it, for those that the command names. What is no such argument is not
    looked at: the server says what is wrong with it."""
    found: dict[str, int] = {}
    for key, value in _arguments(command):
        for kind, most in _values(key, value):
            if kind in KINDS and isinstance(most, int) and not isinstance(most, bool):
                found[kind] = most
    return found


def _arguments(command: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What stands behind the flag with a dot, and its value."""
    for place, word in enumerate(command):
        flag, equals, value = word.partition("=")
        flag = flag.replace("_", "-")
        if flag == FLAG or flag.startswith(f"{FLAG}."):
            following = command[place + 1] if place + 1 < len(command) else ""
            yield flag[len(FLAG) + 1 :], value if equals else following


def _values(key: str, text: str) -> Iterator[tuple[str, Any]]:
    if key:
        yield key.removesuffix(".count"), _number(text)
    elif text.lstrip().startswith("{"):
        try:
            table = json.loads(text)
        except ValueError:
            return
        for kind, value in table.items():
            yield kind, value.get("count") if isinstance(value, dict) else value
    else:
        for pair in text.split(","):
            kind, _, number = pair.partition("=")
            yield kind.strip(), _number(number)


def _number(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() else None
