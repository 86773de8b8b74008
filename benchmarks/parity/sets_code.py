"""What the code sets ask beside what lm-eval's tasks ask."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from report import DATA, lines
from sets import Asked, _write, compared

MORE = DATA.parent / "data2"


def code() -> bool:
    """Prints a table: set, variant, rows, and how many prompts are equal word for word."""
    return compared(_cases)


def _cases(home: Path) -> Iterator[Asked]:
    folder = DATA / "mbpp"
    rows = [row for row in lines(folder / "mbpp.jsonl") if 11 <= row["task_id"] <= 510]
    yield Asked("mbpp", "3-shot-text", "mbpp", folder, rows, shots=3)
    file = MORE / "cruxeval" / "codellama-7b_temp0.2_output.jsonl.gz"
    with gzip.open(file, "rt", encoding="utf-8") as held:
        kept = [json.loads(line) for line in held]
    rows = [{key: row[key] for key in ("code", "input", "output", "id")} for row in kept]
    _write(home / "cruxeval.jsonl", rows)
    cause = "lm-eval's examples have texts without their quotes; ours are as the authors have them"
    for asks in ("input", "output"):
        name, task = f"cruxeval-{asks}", f"cruxeval_{asks}"
        yield Asked(name, "direct-text", task, home, rows, shots=2, cause=cause)


ALL: dict[str, Callable[[], bool]] = {"sets-code": code}
