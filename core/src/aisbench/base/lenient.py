"""JSON as real servers write it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

INVALID = object()
"""What :func:`loads` returns for bytes that are not JSON."""


def loads(data: bytes) -> Any:
    """The value, or :data:`INVALID`.

    Python's own reader is tried second: it takes the ``NaN`` that Python servers write, and halves
    of surrogate pairs, which proxies produce that cut a text in the middle of an emoji.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            return INVALID


def dumps(value: object) -> bytes:
    """``value`` as JSON.

    What UTF-8 or 64 bits cannot hold (such as half a surrogate pair in a row of a data set) is
    written by Python's own writer, with escapes.
    """
    try:
        return orjson.dumps(value, default=_plain)
    except TypeError:
        return json.dumps(value, default=_plain, separators=(",", ":")).encode("ascii")


def whole(text: str) -> str:
    """``text`` with halves of surrogate pairs joined, and replaced where the other is missing.

    Half of a pair cannot be written to any file.
    """
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
