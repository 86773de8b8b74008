"""What sets of mathematics ask beside what lm-eval's tasks ask."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from report import DATA, lines
from sets import Asked, compared

MORE = DATA.parent / "data2"
TASKS = {
    "algebra": ("minerva_math_algebra", "hendrycks_math_algebra"),
    "counting_and_probability": (
        "minerva_math_counting_and_prob", "hendrycks_math_counting_and_prob",
    ),
    "geometry": ("minerva_math_geometry", "hendrycks_math_geometry"),
    "intermediate_algebra": (
        "minerva_math_intermediate_algebra", "hendrycks_math_intermediate_algebra",
    ),
    "number_theory": ("minerva_math_num_theory", "hendrycks_math_num_theory"),
    "prealgebra": ("minerva_math_prealgebra", "hendrycks_math_prealgebra"),
    "precalculus": ("minerva_math_precalc", "hendrycks_math_precalc"),
}  # fmt: skip
"""Subjects, and lm-eval's two tasks of each."""


def mathematics_prompts() -> bool:
    """Prints a table: set, variant, rows, and how many prompts are equal word for word."""
    return compared(_cases)


def _cases(home: Path) -> Iterator[Asked]:
    for part, (minerva, hendrycks) in TASKS.items():
        files = sorted((MORE / "math" / "MATH" / "test" / part).glob("*.json"))
        docs = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        own = home / part / "MATH" / "test" / part
        own.mkdir(parents=True)
        for file in files:
            shutil.copy(file, own)
        # Minerva's four examples stand in the task, as they stand in our prompt.
        yield Asked("math", "minerva-text", minerva, home / part, docs, shots=4)
        yield Asked("math", "0-shot-text", hendrycks, home / part, docs)
    docs = [{"problem": row["question"], "answer": row["answer"]}
            for row in lines(MORE / "aime2025" / "aime_2025.jsonl")]  # fmt: skip
    yield Asked("aime-2025", "0-shot-text", "aime25", MORE / "aime2025", docs)


ALL: dict[str, Callable[[], bool]] = {"mathematics-prompts": mathematics_prompts}
