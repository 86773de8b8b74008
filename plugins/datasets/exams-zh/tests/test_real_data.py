"""The official files, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import Answer, Sample
from aisbench_plugin_exams_zh import gaokao, law

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
MORE = SHARED / "data2"
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not MORE.is_dir(),
        reason="no official files; set AISBENCH_SHARED to the folder of data and data2",
    ),
]


def rows(file: Path) -> list[Any]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize(
    ("file", "right"),
    [("GPT4/1-2", 276), ("GPT-3.5-turbo-0613/3-6", 137)],
)
def test_letters_of_lawbench(file: str, right: int) -> None:
    task, found = file.rpartition("/")[2], 0
    for row in rows(MORE / "lawbench" / f"{file}.jsonl.gz"):
        sample = Sample(id="s", part=task, target=row["reference"])
        value = law.choice(sample, Answer.of(row["prediction"])).value
        assert value == row["correct"]
        found += value == 1
    assert found == right


@pytest.mark.parametrize(
    ("part", "points"),
    [
        ("2010-2022_Biology_MCQs", 726),
        ("2010-2022_Physics_MCQs", 213),
        ("2010-2022_Chinese_Lang_and_Usage_MCQs", 111),
        ("2012-2022_English_Cloze_Test", 208),
    ],
)
def test_points_of_gaokao_bench(part: str, points: int) -> None:
    found, file = 0.0, MORE / "gaokao_bench" / f"gpt-4-0314_{part}.jsonl.gz"
    for row in rows(file):
        fields = {"answers": row["standard_answer"], "score": row["score"]}
        sample = Sample(id="s", part=part, target="A", fields=fields)
        measure = gaokao.score(sample, Answer.of(row["model_output"])).measures["points"]
        found += measure.value * measure.weight / 100
    assert found == pytest.approx(points)
