"""Failures counted by their cause, for people to read."""

from __future__ import annotations

import re

from attrs import define, field

from aisbench.base.visible import visible

_NUMBER = re.compile(r"\d+(\.\d+)?|0x[0-9a-f]+|[0-9a-f]{8,}", re.IGNORECASE)
_SAMPLE = re.compile(r", at sample .*\Z")
_LENGTH = 160


@define
class FailureCauses:
    """Messages that differ only in numbers (lengths, ids) are one cause, named by the first."""

    _counts: dict[tuple[str, str, bool], int] = field(factory=dict)
    _words: dict[tuple[str, str, bool], str] = field(factory=dict)

    def add(
        self, kind: str, status: int | None, message: str, *, deterministic: bool = False
    ) -> None:
        """Count one failure."""
        what = f"HTTP {status}" if status is not None else kind
        message = visible(" ".join(message.split()))
        key = (what, _NUMBER.sub("#", _SAMPLE.sub("", message))[:_LENGTH], deterministic)
        self._counts[key] = self._counts.get(key, 0) + 1
        if key not in self._words:
            text = f"{what}: {message[:_LENGTH]}" if message else what
            self._words[key] = text + (" (always the same for the sample)" * deterministic)

    def counts(self) -> dict[str, int]:
        """How often each cause occurred, the commonest first."""
        order = sorted(self._counts, key=lambda key: -self._counts[key])
        return {self._words[key]: self._counts[key] for key in order}
