"""Values as one line of TOML."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")


def inline(value: Any) -> str:
    """``value`` as it stands to the right of ``=``. Raises TypeError for what TOML cannot say."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (int, float)):
        return repr(int(value) if float(value).is_integer() else value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(inline, value))}]"
    if isinstance(value, Mapping):
        held = ", ".join(f"{key_of(key)} = {inline(inner)}" for key, inner in value.items())
        return f"{{ {held} }}" if held else "{}"
    raise TypeError(f"TOML has no form for {value!r}")


def key_of(name: str) -> str:
    """A key, quoted where it must be."""
    return name if _BARE.match(name) else json.dumps(name, ensure_ascii=False)
