"""A run with answers of every outcome, parts, readings and repeats; without any server."""

from __future__ import annotations

import json
from pathlib import Path

import aisbench

PARTS = ("algebra", "geometry", "<i>odd</i> & ends")
HOSTILE = (
    '</script><img src=x onerror="console.error(1)"><!-- <script> @wrong "quoted" \u202e \u2028'
)
MODELS = ("small", "large")
QUESTIONS = 24
REPEATS = 3


def make_run(folder: Path) -> aisbench.RunResult:
    """Two models, a set with parts, of which every question is asked three times."""
    rows = [
        {"id": f"q{at}", "question": f"What is {at} + 1?", "answer": str(at + 1),
         "part": PARTS[at % len(PARTS)]}
        for at in range(QUESTIONS)
    ]  # fmt: skip
    (folder / "sums.jsonl").write_text(_lines(rows), "utf-8")
    answers = [
        {"id": f"q{at}", "model": model, **_answer(at, repeat, model)}
        for model in MODELS
        for repeat in range(REPEATS)
        for at in range(QUESTIONS)
    ]
    (folder / "answers.jsonl").write_text(_lines(answers), "utf-8")
    return aisbench.run(
        {
            "suite": {"name": "made", "output": str(folder / "runs"), "seed": 3},
            "models": {
                name: {
                    "backend": "answers",
                    "file": str(folder / "answers.jsonl"),
                    "model": name,
                }
                for name in MODELS
            },
            "datasets": {
                "sums": {
                    "dataset": "custom",
                    "path": str(folder / "sums.jsonl"),
                    "evaluator": "numeric",
                    "repeats": REPEATS,
                    "metrics": ["accuracy", "pass@1", "pass@2", "pass@3"],
                }
            },
            "summarizers": [{"summarizer": "files"}, {"summarizer": "html"}],
        }
    )


def _answer(at: int, repeat: int, model: str) -> dict[str, str]:
    right = f"Step by step.\nThe answer is {at + 1}." if at % 2 else f"It comes to {at + 1}"
    if at % 7 == 3:
        return {"text": HOSTILE + " nothing"}  # unparsed
    if at % 5 == 1 and model == "small":
        return {"text": f"It may be {at}", "finish_reason": "length"}
    if (at + repeat) % 4 == 0:
        return {"text": f"{HOSTILE}\nThe answer is 1,{at:03d}.", "reasoning": f"Let me see {at}"}
    return {"text": right}


def _lines(rows: list[dict[str, str]]) -> str:
    return "".join(json.dumps(one) + "\n" for one in rows)
