"""Keys that are secret: their values reach no file and no terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NAME = re.compile(
    r"(?:^|[^a-z])(?:api[-_]?keys?|(?:auth|access|hf|secret|bearer|api)[-_]?tokens?|token|secret|"
    r"passw(?:or)?d|credentials?|authorization|key)(?:$|[^a-z])",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"\bsk-[A-Za-z0-9_\-]{8,}|\b(?:hf|ghp|gsk|pk)_[A-Za-z0-9]{16,}|\b(?:xai|nvapi)-[A-Za-z0-9_\-]{16,}"
    r"|\bBearer\s+\S+|\bAKIA[0-9A-Z]{12,}|\beyJ[A-Za-z0-9_\-]{12,}[A-Za-z0-9_.\-]*",
)
_USER = re.compile(r"(?<=://)[^/\s@]+:[^/\s@]+@")
_QUERY = re.compile(r"((?:api[-_]?key|token|key|secret|sig|signature)=)[^&\s,\"']+", re.IGNORECASE)
_OPTION = re.compile(
    r"((?:--?[a-z-]*(?:api[-_]?key|token|secret|password)|authorization)[=:\s]+)(?!-)[^\s,\"']+",
    re.IGNORECASE,
)
_PAIR = re.compile(
    r"""((?<![A-Za-z])(?:[A-Za-z]*[-_])?(?:api[-_]?key|token|secret|passw(?:or)?d|credentials?"""
    r"""|authorization)["']?\s*[:=]\s*["']?)(?:Bearer\s+)?[^\s,"'&}\]]+""",
    re.IGNORECASE,
)
_EMPTY = frozenset({"", "empty", "none", "null", "no-key", "dummy", "-"})
_SHORT = 120
HIDDEN = "..."


def is_secret(name: str) -> bool:
    """Whether a key of this name holds a secret."""
    return bool(_NAME.search(name)) and not name.lower().endswith(("_tokens", "-tokens"))


def is_no_key(value: str) -> bool:
    """Whether an API key is none: empty, or a word that servers without keys are given."""
    return value.strip().lower() in _EMPTY


def hidden(text: str) -> str:
    """``text`` with all that looks like a secret left out."""
    text = _USER.sub(f"{HIDDEN}@", text)
    text = _QUERY.sub(rf"\1{HIDDEN}", text)
    text = _VALUE.sub(HIDDEN, text)
    text = _PAIR.sub(rf"\1{HIDDEN}", text)
    return _OPTION.sub(rf"\1{HIDDEN}", text)


def shown(name: str, value: Any) -> str:
    """A value for a comment: on one line, short, and without secrets."""
    if is_secret(name):
        return "" if value in (None, "") else HIDDEN
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key}={shown(str(key), one)}" for key, one in value.items())
        return _short(f"{{{inner}}}")
    if isinstance(value, list):
        return _short(f"[{', '.join(shown(name, one) for one in value)}]")
    return _short(hidden(" ".join(str(value).split())))


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 3]}..."
