"""The published rows, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import Answer, Sample, open_dataset
from aisbench_plugin_math.evaluator import MathEvaluator
from aisbench_plugin_math.settings import MathSettings
from aisbench_plugin_picture_math import layouts
from aisbench_plugin_picture_math.mathvision import MathVisionEvaluator

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
DATA = SHARED / "data2" / "mm"
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not DATA.is_dir(),
        reason="no published rows; set AISBENCH_SHARED to the folder of data2",
    ),
]


def test_every_reference_of_mathvision_can_be_scored() -> None:
    """An answer that is the reference is right; by the authors' rule in all but a few of 3,040."""
    values, authors = MathEvaluator(MathSettings()), MathVisionEvaluator()
    count, theirs = 0, []
    for row in layouts.mathvision(DATA / "mathvision" / "data" / "test.jsonl", "test", ""):
        target = str(row.cells["answer"])
        fields: dict[str, Any] = {"choices": row.cells["options"]}
        sample = Sample(id=str(row.cells["id"]), target=target, fields=fields)
        answer = Answer.of(f"\\boxed{{{target}}}")
        if not row.cells["options"]:
            assert values.score(sample, answer).value == 1.0, row.cells
            count += 1
        if authors.score(sample, answer).value != 1.0:
            theirs.append(row.cells["id"])
    assert count == 1508
    assert len(theirs) < 5, theirs


def test_rows_of_mathvision_with_pictures() -> None:
    folder = {"path": str(DATA / "mathvision" / "hf"), "split": "testmini"}
    rows = open_dataset("mathvision", folder).samples()
    assert len(rows) == 24
    assert {one.fields["level"] for one in rows} <= {1, 2, 3, 4, 5}


def test_queries_of_mathvista_are_the_authors() -> None:
    """989 of 1,000; of the others the authors' file has the options in another order."""
    said = json.loads((DATA / "mathvista" / "results" / "bard" / "output_bard.json").read_text())
    rows = {
        str(one.cells["pid"]): one.cells
        for one in layouts.mathvista(DATA / "mathvista" / "data" / "testmini.json", "", "")
    }
    dataset = open_dataset("mathvista", {"path": str(DATA / "mathvista" / "hf")})
    for sample in dataset.samples():
        hint = sample.fields["hint"]
        assert said[str(sample.fields["pid"])]["query"].startswith(f"Hint: {hint}\nQuestion: ")
    same = 0
    for pid, row in rows.items():
        lettered = zip("ABCDEFGH", row["options"], strict=False)
        same += all(f"({letter}) {one}" in said[pid]["query"] for letter, one in lettered)
    assert (same, len(rows)) == (989, 1000)


def test_layouts_of_geometry3k() -> None:
    """The same six problems as hiyouga, lmms-eval and the authors give them out."""
    folder = DATA / "geometry3k"
    open_ = open_dataset("geometry3k", {"path": str(folder / "hiyouga")}).samples()
    chosen = open_dataset("geometry3k", {"path": str(folder / "lmms_eval")}).samples()
    authors = open_dataset(
        "geometry3k", {"path": str(folder / "InterGPS"), "split": "train"}
    ).samples()
    assert [one.target for one in open_][:1] == ["80"]
    assert [one.fields["target_text"] for one in chosen] == [one.target for one in open_]
    assert [one.fields["question"] for one in authors] == [
        one.fields["question"] for one in chosen
    ]
    assert [one.target for one in authors] == [one.target for one in chosen]
