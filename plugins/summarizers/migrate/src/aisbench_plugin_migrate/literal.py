"""Values as TOML, each on one line."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_SURROGATES = re.compile("[\ud800-\udfff]")


def literal(value: Any) -> str:
    """``value`` as TOML. Raises TypeError for what TOML has no form for, such as None."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key_of(str(key))} = {literal(one)}" for key, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(literal, value))}]"
    raise TypeError(f"TOML has no {type(value).__name__}")


def _number(value: float) -> str:
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return repr(value)


def text(value: str) -> str:
    """A basic string: JSON's form, and DEL and lone surrogates besides."""
    whole = _SURROGATES.sub("\ufffd", value)
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007F")


def key_of(name: str) -> str:
    """A key, in quotes where it needs them."""
    return name if _BARE.match(name) else text(name)


def fits(value: Any) -> bool:
    """Whether TOML has a form for all of ``value``."""
    try:
        literal(value)
    except TypeError:
        return False
    return True
