"""Keys of a suite that a command line changes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import tomli

from aisbench.api import AisbenchError

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def suite_key(*names: str) -> str:
    """``models.qwen.concurrency``: a name with a point, such as qwen2.5, is quoted."""
    return ".".join(one if _BARE.fullmatch(one) else json.dumps(one) for one in names)


def changed_keys(texts: Iterable[str]) -> dict[str, Any]:
    """``KEY=VALUE`` of each ``--set``, whose value is TOML, else a text. Raises AisbenchError."""
    return dict(map(_changed_key, texts))


def _changed_key(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise AisbenchError(f"--set {text}: must be KEY=VALUE")
    try:
        return key, tomli.loads(f"value = {value}")["value"]
    except ValueError:
        return key, value
