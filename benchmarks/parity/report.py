"""Counting agreements, and what the comparisons share."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

from reference import ROOT

from aisbench.api import Answer, Prompt, Response

DATA = Path(os.environ.get("AISBENCH_SHARED", ROOT.parent / "shared")) / "data"


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def answered(text: str = "", **more: Any) -> Answer:
    return Answer(prompts=(Prompt(text="?"),), responses=(Response(text=text, **more),))


class Report:
    """Counts agreements; ``explain`` gives the cause of a disagreement, or ""."""

    def __init__(self, name: str, by: str) -> None:
        self.name, self.by = name, by
        self.agreed = self.total = 0
        self.causes: Counter[str] = Counter()
        self.unexplained: list[str] = []

    def add(self, ours: object, theirs: object, what: str, cause: str = "") -> None:
        self.total += 1
        if ours == theirs:
            self.agreed += 1
        elif cause:
            self.causes[cause] += 1
        else:
            self.unexplained.append(f"{what}: ours {ours}, theirs {theirs}")

    def end(self) -> bool:
        print(
            f"{self.name}: {self.agreed} of {self.total} verdicts as {self.by} "
            f"({100 * self.agreed / self.total:.2f} %)"
        )
        for cause, count in self.causes.items():
            print(f"  {count} explained: {cause}")
        for line in self.unexplained:
            print(f"  UNEXPLAINED {line}")
        return not self.unexplained
