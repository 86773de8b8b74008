"""What rows are paired by."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from typing import Any

_SPACE = re.compile(r"\s+")


def content(fields: Any, target: Any = None) -> str:
    """The hash of a row's fields and reference, whatever the order of their names."""
    text = json.dumps(
        [fields, target], sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str
    )
    return digest(text)


def prompt(text: str) -> str:
    """The hash of what was sent, character by character."""
    return digest(text)


def words(question: str) -> str:
    """The hash of a question in which case, white space and forms of characters do not count:
    tools strip, join and escape them differently."""
    plain = unicodedata.normalize("NFKC", question)
    return digest(_SPACE.sub(" ", plain).strip().casefold())


def digest(text: str) -> str:
    """Short enough to hold for 100,000s of rows; two texts share one by chance once in 2^64."""
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=16).hexdigest()
