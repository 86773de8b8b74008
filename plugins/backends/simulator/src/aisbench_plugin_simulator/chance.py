"""Chance without state: every draw is a hash of what it is about, so a run can be repeated."""

from __future__ import annotations

import hashlib


def bits(*parts: object) -> int:
    """64 bits that look random, always the same ones for equal ``parts``."""
    text = "/".join(map(str, parts))
    return int.from_bytes(
        hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big"
    )


def draw(*parts: object) -> float:
    """A number in 0..1, uniform over different ``parts``."""
    return bits(*parts) / 2**64
