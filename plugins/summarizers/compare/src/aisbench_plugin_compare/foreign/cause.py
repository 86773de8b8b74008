"""Causes of differences, in words, with counts and an example each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from attrs import asdict, field, frozen

SampleCause: TypeAlias = Literal[
    "prompt",
    "sampling",
    "truncation",
    "extraction",
    "grading",
    "aggregation",
    "failure",
    "unknown",
]
LoadCause: TypeAlias = Literal["definition", "schedule", "token counts"]


@frozen(kw_only=True)
class Example:
    """One differing answer: its name, and what stands on each side."""

    id: str
    left: str
    right: str


@frozen(kw_only=True)
class Cause:
    """A cause and how many samples (or figures) it explains.

    ``sentence`` says it whole; ``details`` say more: how prompts differ, which settings.
    """

    name: SampleCause | LoadCause
    count: int
    sentence: str
    details: Sequence[str] = ()
    example: Example | None = None
    ids: Sequence[str] = ()
    """Of all the samples."""


@frozen(kw_only=True)
class CauseReport:
    """Why two sides differ. ``compared`` samples (or figures) were looked at, of which
    ``differing`` differ."""

    compared: int
    differing: int
    headline: str
    causes: Sequence[Cause] = field(factory=tuple)

    def text(self) -> list[str]:
        """As text, for a terminal."""
        found = [self.headline]
        for one in self.causes:
            found.append(f"  {one.sentence}")
            found += [f"    {detail}" for detail in one.details]
            if one.example is not None:
                found.append(f"    {one.example.id}: {one.example.left!r}")
                found.append(f"    {' ' * len(one.example.id)}  {one.example.right!r}")
        return found

    def json(self) -> dict[str, Any]:
        """As plain data, for a file. The names of causes are English in every language."""
        return asdict(self)


def short(text: str, size: int = 160) -> str:
    """A text for an example: its end, where answers stand."""
    plain = " ".join(text.split())
    return plain if len(plain) <= size else f"... {plain[4 - size :]}"
