"""The official files, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import Answer, Sample, open_dataset
from aisbench.data import read_table
from aisbench.plugins.discovery import discover
from aisbench_plugin_choices.evaluator import ChoiceEvaluator
from aisbench_plugin_choices.settings import ChoiceSettings
from aisbench_plugin_text.steps import Regex, RegexSettings
from aisbench_testkit.checks.snapshots import prompts_of

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
MORE = SHARED / "data2"
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not MORE.is_dir(),
        reason="no official files; set AISBENCH_SHARED to the folder of data and data2",
    ),
]


def test_every_row_of_mmlu_pro_loads() -> None:
    """40 rows of each of the 14 categories, and the 70 examples without the "N/A" among them."""
    dataset = open_dataset("mmlu-pro", {"path": str(MORE / "mmlu_pro")})
    samples = dataset.samples()
    assert len(samples) == 560
    assert set(Counter(one.part for one in samples).values()) == {40}
    options = Counter(len(one.fields["choices"]) for one in samples)  # type: ignore[arg-type]
    assert (min(options), max(options), options[10]) == (3, 10, 456)
    shown = dataset.examples()
    assert len(shown) == 70
    assert not any("N/A" in one.fields["choices"] for one in shown)  # type: ignore[operator]


def test_mmlu_pro_as_its_authors_counted() -> None:
    """Llama-3.1-8B's 12,032 answers: 5,217 right by the first "answer is (X)"; the published 5,317
    holds 100 that were filled in."""
    (step,) = (
        open_dataset("mmlu-pro", {"path": ""}).variants()["5-shot-cot-text"].postprocess or ()
    )
    taken = Regex(RegexSettings(pattern=step["pattern"], which=step["which"]))  # type: ignore[index]
    evaluator = ChoiceEvaluator(ChoiceSettings(target="letter", count=10))
    file = MORE / "mmlu_pro" / "model_outputs" / "Meta-Llama-3_1-8B-Instruct.jsonl.gz"
    right = rows = 0
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            said = taken.process(row["model_output"], Sample(id="s"))
            rows += 1
            if said is not None:
                sample = Sample(id="s", target=row["answer"])
                right += evaluator.score(sample, Answer.of(said)).value == 1.0
    assert (right, rows) == (5217, 12032)


STEPS = "A: Let's think step by step."


def rows_of(split: str) -> list[dict[str, Any]]:
    file = MORE / "mmlu_pro" / "data" / f"{split}-00000-of-00001.parquet"
    return [dict(row.cells) for row in read_table(file)]


def lines_of(row: dict[str, Any]) -> str:
    shown = [one for one in row["options"] if one != "N/A"]
    return "".join(f"{letter}. {one}\n" for letter, one in zip("ABCDEFGHIJ", shown, strict=False))


def of_base_models(row: dict[str, Any], said: str) -> str:
    said = said.replace(STEPS, "Answer: Let's think step by step.")
    return f"Question:\n{row['question']}\nOptions:\n{lines_of(row)}{said}"


def of_services(row: dict[str, Any], said: str) -> str:
    return f"Question: {row['question']}\nOptions: {lines_of(row)}Answer: {said[3:]}\n\n"


@pytest.mark.parametrize("variant", ["5-shot-cot-text", "5-shot-cot-chat"])
def test_prompts_of_mmlu_pro_are_the_authors(variant: str) -> None:
    """All 560, put together as evaluate_from_local.py and evaluate_from_api.py do it."""
    dataset = open_dataset("mmlu-pro", {"path": str(MORE / "mmlu_pro")})
    prompts = prompts_of(dataset.variants()[variant], dataset, dataset.samples(), discover())
    local = variant.endswith("text")
    head = (
        "The following are multiple choice questions (with answers) about {}. Think step by step "
    )
    end = (
        'and then finish your answer with "the answer is (X)" where X is the correct letter '
        "choice.\n\n\n\n"
        if local
        else 'and then output the answer in the format of "The answer is (X)" at the end.\n\n'
    )
    examples = rows_of("validation")
    for row, prompt in zip(rows_of("test"), prompts, strict=True):
        own = [one for one in examples if one["category"] == row["category"]]
        put = of_base_models if local else of_services
        shown = [put(one, one["cot_content"]) + ("\n\n" if local else "") for one in own]
        wanted = (head + end).format(row["category"]) + "".join(shown) + put(row, STEPS)
        said = prompt.text if local else (prompt.messages or ())[0].text
        assert said == wanted, row["question_id"]
