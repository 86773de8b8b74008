"""The official files, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import Answer, Choice, Prompt, Response, Sample, Scored, open_dataset
from aisbench_plugin_choices.evaluator import ChoiceEvaluator
from aisbench_plugin_choices.settings import ChoiceSettings

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
MORE = SHARED / "data2"
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not MORE.is_dir(),
        reason="no official files; set AISBENCH_SHARED to the folder of data and data2",
    ),
]


@pytest.mark.parametrize(
    ("name", "settings", "rows", "options"),
    [
        ("arc-challenge", {"path": "data2/arc"}, 800, {3: 3, 4: 797}),
        ("arc-challenge", {"path": "data2/arc", "split": "dev"}, 299, {3: 3, 4: 295, 5: 1}),
        ("arc-easy", {"path": "data2/arc"}, 500, {3: 2, 4: 498}),
        ("arc-easy", {"path": "data2/arc", "split": "dev"}, 570, {3: 1, 4: 567, 5: 2}),
        ("commonsenseqa", {"path": "data2/commonsenseqa"}, 700, {5: 700}),
        ("openbookqa", {"path": "data2/openbookqa", "split": "dev"}, 500, {4: 500}),
        ("winogrande", {"path": "data2/winogrande"}, 900, {2: 900}),
        ("siqa", {"path": "data2/siqa"}, 1200, {3: 1200}),
        ("piqa", {"path": "data/piqa"}, 400, {2: 400}),
    ],
)
def test_every_row_loads(
    name: str, settings: dict[str, str], rows: int, options: dict[int, int]
) -> None:
    path = str(SHARED / settings["path"])
    samples = open_dataset(name, settings | {"path": path}).samples()
    assert len(samples) == rows
    choices: list[Any] = [one.fields["choices"] for one in samples]
    assert Counter(map(len, choices)) == options
    letters = Counter(str(one.target) for one in samples)
    assert set("AB") <= set(letters) <= set("ABCDE"[: max(options)])
    # No letter is right in most rows, as a mistake in reading the key would have it.
    assert max(letters.values()) < 0.6 * rows


def test_labels_of_the_file_become_letters() -> None:
    rows = [
        json.loads(line)
        for line in (MORE / "arc/ARC-Easy/ARC-Easy-Test.jsonl").read_text().splitlines()
    ]
    samples = open_dataset("arc-easy", {"path": str(MORE / "arc")}).samples()
    numbered = 0
    for row, sample in zip(rows, samples, strict=True):
        right = {one["label"]: one["text"] for one in row["question"]["choices"]}[row["answerKey"]]
        assert sample.fields["target_text"] == right
        numbered += row["answerKey"].isdigit()
    assert numbered == 21


def test_rows_without_a_key() -> None:
    settings = {"path": str(MORE / "commonsenseqa"), "split": "test"}
    samples = open_dataset("commonsenseqa", settings).samples()
    assert len(samples) == 40
    assert {one.target for one in samples} == {None}


def test_winogrande_as_lm_eval_scored_it() -> None:
    """Log-likelihoods of the rest of the sentence by Llama-2-7b, 5-shot, and lm-eval's verdicts:
    935 of 1,267 are right."""
    evaluator = ChoiceEvaluator(ChoiceSettings(target="letter"))
    file = MORE / "loglikelihood_outputs" / "winogrande_llama_5shot.jsonl.gz"
    right = 0
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            answer = Answer(
                prompts=tuple(
                    Prompt(text=row[f"sentence_{number}"], continuation="the rest", choice=number)
                    for number in (0, 1)
                ),
                responses=tuple(
                    Response(scored=Scored(logprobs=(row[f"loglikelihood_{number}"],)))
                    for number in (0, 1)
                ),
            )
            sample = Sample(id=str(row["doc_id"]), target="AB"[row["truth"]])
            value = evaluator.score(sample, answer).value
            assert value == row["acc"], row
            right += value == 1.0
    assert right == 935


def test_winogrande_asks_for_the_rest_of_the_sentence() -> None:
    from aisbench.plugins.discovery import discover
    from aisbench_testkit.checks.snapshots import prompts_of

    dataset = open_dataset("winogrande", {"path": str(MORE / "winogrande")})
    variant = dataset.variants()["0-shot-choices-text"]
    (prompt,) = prompts_of(variant, dataset, dataset.samples()[:1], discover())
    end = " always got the easier cases."
    assert list(prompt.choices) == [
        Choice(end, context=f"Sarah was a much better surgeon than Maria so {name}")
        for name in ("Sarah", "Maria")
    ]
