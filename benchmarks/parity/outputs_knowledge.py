"""Real outputs of MMLU-Pro beside the letters that its authors took of them.

The authors' rule is the first of "answer is (X)" (level 1 of ``compute_accuracy.py`` in
github.com/TIGER-AI-Lab/MMLU-Pro), which is what the variants 5-shot-cot-text and
5-shot-cot-lm-eval-text count. Of Llama-3.1-8B and of Gemini the files hold more: what level 1 does
not find was taken by further rules, or filled in.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from report import DATA, Report

from aisbench.api import Answer, Sample, open_dataset

OUTPUTS = DATA.parent / "data2" / "mmlu_pro" / "model_outputs"
FILLED = "the authors' letter is of their further rules, or filled in where the answer has none"
VARIANT = "5-shot-cot-text"


def mmlu_pro() -> bool:
    """One line for each model: our figure, the authors', rows, and how many differ and why."""
    models = [_model(file) for file in sorted(OUTPUTS.iterdir())]
    return all(models)


def _model(file: Path) -> bool:
    from aisbench_plugin_choices.evaluator import ChoiceEvaluator
    from aisbench_plugin_choices.settings import ChoiceSettings
    from aisbench_plugin_text.steps import Regex, RegexSettings

    dataset = open_dataset("mmlu-pro", {"path": str(OUTPUTS.parent)})
    (step,) = dataset.variants()[VARIANT].postprocess or ()
    assert isinstance(step, dict)
    taken = Regex(RegexSettings(pattern=str(step["pattern"]), which="first"))
    evaluator = ChoiceEvaluator(ChoiceSettings(target="letter", count=10))
    report = Report(f"mmlu-pro {file.name.partition('.json')[0]}", "its authors")
    ours = theirs = 0.0
    for row in _rows(file):
        sample = Sample(id=str(row["question_id"]), target=row["answer"])
        said = taken.process(row["model_output"], sample)
        found = None if said is None else evaluator.score(sample, Answer.of(said))
        letter = None if found is None else found.extracted
        ours += 0.0 if found is None else found.value
        theirs += row["pred"] == row["answer"]
        report.add(letter, row["pred"], f"question {sample.id}", "" if letter else FILLED)
    print(
        f"{report.name}: ours {ours:.0f}, authors {theirs:.0f}, {report.total} rows, "
        f"{report.total - report.agreed} differing"
    )
    return report.end()


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as lines:
        yield from map(json.loads, lines)


ALL: dict[str, Callable[[], bool]] = {"mmlu-pro": mmlu_pro}
