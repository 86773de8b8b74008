"""MATH-500 beside math-verify."""

from __future__ import annotations

import random

from reference import reference
from report import DATA, Report, answered

from aisbench.api import open_dataset


def math500() -> bool:
    from aisbench_plugin_math.evaluator import MathEvaluator
    from aisbench_plugin_math.settings import MathSettings

    draw = random.Random(2)
    samples = open_dataset("math500", {"path": str(DATA / "math500")}).samples()
    forms = (
        "So the answer is $\\boxed{{{}}}$.",
        "\\boxed{{{}}}",
        "Therefore the final answer is ${}$. I hope it is correct.",
        "The answer is \\({}\\).",
        "After some work we get \\[\\boxed{{{}}}.\\]",
        "**Answer:** ${}$",
    )
    rows, whose = [], []
    for sample in samples:
        wrong = str(draw.choice(samples).target)
        for answer in (str(sample.target), wrong):
            rows.append({"target": sample.target, "text": draw.choice(forms).format(answer)})
            whose.append(sample)
    theirs = reference("math_verify", "math_verify_scores.py", rows)
    evaluator = MathEvaluator(MathSettings())
    report = Report("math500", "math-verify 0.9.0")
    for sample, row, other in zip(whose, rows, theirs, strict=True):
        score = evaluator.score(sample, answered(row["text"]))
        report.add(
            score.value == 1, other["right"],
            f"{sample.id}: {row['target']}, {row['text']!r} ({other['why']}; {score.extracted})",
        )  # fmt: skip
    return report.end()
