"""Which tests were not run, and why, through all parts of a test run. Standard library only."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class NotRun:
    """How many tests were not run, by reason."""

    skipped: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    alone: list[str] = field(default_factory=list)
    """The files with tests that wait for the part in which they run by themselves."""

    @classmethod
    def read(cls, file: Path) -> NotRun:
        """What earlier parts wrote; nothing when none did."""
        if not file.is_file():
            return cls()
        found = json.loads(file.read_text(encoding="utf-8"))
        return cls(Counter(found["skipped"]), Counter(found["left_out"]), found["alone"])

    def write(self, file: Path) -> None:
        """Keep it for the next part."""
        found = {"skipped": self.skipped, "left_out": self.left_out, "alone": self.alone}
        file.write_text(json.dumps(found), encoding="utf-8")

    def add(self, other: NotRun) -> None:
        """Count what another part did not run."""
        self.skipped.update(other.skipped)
        self.left_out.update(other.left_out)
        self.alone = sorted({*self.alone, *other.alone})

    def table(self) -> list[str]:
        """Lines: how many, skipped or left out, and the reason; the most frequent first."""
        rows = [
            f"{count:>7}  {how:<8}  {reason}"
            for how, counts in (("skipped", self.skipped), ("left out", self.left_out))
            for reason, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        ]
        return ["  tests  not run   why", *rows] if rows else []
