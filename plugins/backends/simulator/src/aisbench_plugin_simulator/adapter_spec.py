"""A LoRA adapter as the command line writes it."""

from __future__ import annotations

import math

from attrs import frozen


@frozen
class AdapterSpec:
    """Its name, and how long it takes to load (ms)."""

    name: str
    load_ms: float = 0.0

    @classmethod
    def parse(cls, text: str) -> AdapterSpec:
        """``NAME`` or ``NAME=LOAD_MS``. Raises ValueError."""
        name, given, load = text.rpartition("=")
        if not given:
            return cls(_name(text))
        try:
            load_ms = float(load)
        except ValueError:
            load_ms = math.nan
        if not 0 <= load_ms < math.inf:
            raise ValueError(f"write NAME=LOAD_MS, such as sql=80; got {text!r}")
        return cls(_name(name), load_ms)

    def __str__(self) -> str:
        return f"{self.name}={self.load_ms:g}"


def _name(text: str) -> str:
    if not text or "," in text or '"' in text:
        raise ValueError(f"an adapter needs a name without commas and quotes, got {text!r}")
    return text
