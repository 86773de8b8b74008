"""Keeping secret values out of every file and log."""

from __future__ import annotations

from collections.abc import Iterable

HIDDEN = "[secret]"


class Redactor:
    """Replaces known secrets in text, such as a server's error message that repeats the key."""

    def __init__(self) -> None:
        self._values: list[str] = []

    def add(self, values: Iterable[str]) -> None:
        """Values to hide from now on; very short ones would hide ordinary words."""
        for value in values:
            for part in {value, value.removeprefix("Bearer ")}:
                if len(part) >= 6 and part not in self._values:
                    self._values.append(part)
        self._values.sort(key=len, reverse=True)

    def clean(self, text: str) -> str:
        """``text`` without the secrets."""
        for value in self._values:
            if value in text:
                text = text.replace(value, HIDDEN)
        return text
