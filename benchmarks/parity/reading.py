"""DROP's scores beside lm-eval's."""

from __future__ import annotations

import random

from reference import reference
from report import Report

from aisbench.api import Answer, Sample

WORDS = [
    "owl", "the", "an", "Bee", "fox-trot", "38-yard", "3", "3.0", "1,000", "1000", "$5", "5",
    "March", "1842", "nan", "-", "'s", "Ünal", "three", "a", "inf", "2nd", "(x)", ".",
]  # fmt: skip


def drop() -> bool:
    from aisbench_plugin_text.drop import DropEvaluator, DropSettings

    draw = random.Random(7)
    evaluator = DropEvaluator(DropSettings())

    def text() -> str:
        return " ".join(draw.choices(WORDS, k=draw.choice((1, 1, 2, 3, 5))))

    rows = []
    for _ in range(4000):
        references = [[text() for _ in range(draw.choice((1, 1, 2, 3)))] for _ in range(2)]
        said = draw.choice([text(), *references[0], " ".join(references[0])])
        rows.append({"answer": said, "references": references})
    theirs = reference("lm_eval", "lm_eval_drop.py", rows)
    report = Report("drop", "lm-eval 0.4.13's drop (exact match and F1)")
    for row, other in zip(rows, theirs, strict=True):
        first, *others = ({"number": "", "spans": spans} for spans in row["references"])
        sample = Sample(id="s", fields={"answer": first, "validated_answers": others})
        score = evaluator.score(sample, Answer.of(row["answer"]))
        ours = score.measures["exact match"].value / 100, round(score.value, 9)
        report.add(ours, (other["em"], round(other["f1"], 9)), str(row))
    return report.end()
