"""Data inside of a page."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup


def in_script(value: Any) -> Markup:
    """JSON that no HTML parser takes for anything else.

    Half a surrogate pair, which no UTF-8 holds, stays an escape.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text = "".join(
        f"\\u{ord(one):04x}" if one in _ESCAPED or "\ud800" <= one <= "\udfff" else one
        for one in text
    ) if _needs(text) else text  # fmt: skip
    return Markup(text)


_ESCAPED = "<\u2028\u2029"


def _needs(text: str) -> bool:
    return any(one in text for one in _ESCAPED) or not _encodable(text)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
