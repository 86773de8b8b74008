"""The official files, and figures of predictions by way of a run, where this checkout has them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import open_dataset
from aisbench_testkit.answered import run_answered

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
MM = SHARED / "data2" / "mm"
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not MM.is_dir(),
        reason="no official files; set AISBENCH_SHARED to the folder of data and data2",
    ),
]


def _read(name: str) -> Any:
    return json.loads((MM / name).read_text("utf-8"))


def _folder(name: str, tmp_path: Path) -> str:
    """A folder of the data; of a table alone where a file is named."""
    if not name.endswith(".tsv"):
        return str(MM / name)
    shutil.copy(MM / name, tmp_path)
    return str(tmp_path)


@pytest.mark.parametrize(
    ("name", "layouts", "rows"),
    [
        ("textvqa", ("textvqa", "textvqa/lmms_eval", "textvqa/TextVQA_VAL.tsv"), 20),
        ("docvqa", ("docvqa", "docvqa/lmms_eval", "docvqa/DocVQA_VAL.tsv"), 10),
        ("infovqa", ("infovqa", "infovqa/lmms_eval", "infovqa/InfoVQA_VAL.tsv"), 5),
        ("ocrbench", ("ocrbench/hf", "ocrbench/OCRBench.tsv"), 22),
        (
            "chartqa",
            ("chartqa/lmms_eval", "chartqa/HuggingFaceM4", "chartqa/ChartQA_TEST.tsv"),
            10,
        ),
    ],
)
def test_layouts_hold_the_same_rows(
    name: str, layouts: tuple[str, ...], rows: int, tmp_path: Path
) -> None:
    found = []
    for layout in layouts:
        samples = open_dataset(name, {"path": _folder(layout, tmp_path)}).samples()
        assert len(samples) == rows, layout
        found.append(
            [(one.id.rpartition("/")[2], one.fields["question"], one.target) for one in samples]
        )
    assert all(one == found[0] for one in found)


def test_charts_of_people_and_of_machines() -> None:
    samples = open_dataset("chartqa", {"path": str(MM / "chartqa")}).samples()
    parts = [one.part for one in samples]
    assert (parts.count("human"), parts.count("augmented")) == (10, 2)
    human = open_dataset("chartqa", {"path": str(MM / "chartqa"), "parts": ["human"]}).samples()
    assert [one.target for one in human][:3] == [["14"], ["0.57"], ["3"]]


@pytest.mark.slow
def test_formulas_of_ocrbench_have_their_own_rule(tmp_path: Path) -> None:
    rows = _read("ocrbench/own_predictions_with_result.json")
    path = _folder("ocrbench/OCRBench.tsv", tmp_path)
    run = run_answered(tmp_path, "ocrbench", {"path": path}, [one["predict"] for one in rows])
    figures = {(one.part, one.name): one.value for one in run.scores[0].figures}
    assert figures["", "accuracy"] == pytest.approx(100 * 15 / 22)
    kinds = [(one["type"], one["result"]) for one in rows]
    words = [right for kind, right in kinds if kind.endswith(" Recognition")]
    words = words[: len(words) - 2]  # The last two are formulas.
    assert kinds[18][0].startswith("Handwritten Mathematical")
    assert figures["Text Recognition", "accuracy"] == pytest.approx(100 * sum(words) / len(words))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "said", "key", "figure"),
    [
        ("textvqa", "textvqa/predictions_qwen2.5vl.json", "question_id", 80.5),
        ("docvqa", "docvqa/own_submission.json", "questionId", 78.3494),
        ("infovqa", "infovqa/own_submission.json", "questionId", 80.0),
    ],
)
def test_figures_of_a_run(name: str, said: str, key: str, figure: float, tmp_path: Path) -> None:
    answers = {f"val-{one[key]}": one["answer"] for one in _read(said)}
    settings = {"path": str(MM / name)}
    ordered = [answers[one.id] for one in open_dataset(name, settings).samples()]
    run = run_answered(tmp_path, name, settings, ordered)
    value = next(one.value for one in run.scores[0].figures if not one.part)
    assert value == pytest.approx(figure, abs=5e-5)


@pytest.mark.slow
def test_charts_of_a_run(tmp_path: Path) -> None:
    settings = {"path": str(MM / "chartqa"), "parts": ["human"]}
    answers = [one["prediction"] for one in _read("chartqa/own_predictions.json")]
    run = run_answered(tmp_path, "chartqa", settings, answers)
    value = next(one.value for one in run.scores[0].figures if not one.part)
    assert value == pytest.approx(60.0)
