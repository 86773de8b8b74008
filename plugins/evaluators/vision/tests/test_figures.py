"""The authors' figures, on their predictions, where this checkout has them beside it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from aisbench.api import Answer, Evaluator, Sample
from aisbench_plugin_vision.anls import Anls, AnlsDialect, AnlsSettings
from aisbench_plugin_vision.box_iou import BoxIou, BoxIouSettings
from aisbench_plugin_vision.relaxed import RelaxedAccuracy, RelaxedSettings
from aisbench_plugin_vision.vqa_soft import VqaSoft, VqaSoftSettings
from aisbench_plugin_vision.vqa_words import Dialect, normalised

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
MM = SHARED / "data2" / "mm"
pytestmark = pytest.mark.skipif(
    not MM.is_dir(),
    reason="no official files; set AISBENCH_SHARED to the folder of data and data2",
)


def _read(name: str) -> Any:
    return json.loads((MM / name).read_text("utf-8"))


def _value(evaluator: Evaluator, target: Any, said: str) -> float:
    return evaluator.score(Sample(id="a", target=target), Answer.of(said)).value


DIALECTS: tuple[tuple[Dialect, str], ...] = (
    ("mmf", "lmms_eval"),
    ("vlmevalkit", "vlmevalkit"),
    ("official", "qwen_vl_vqa_official_port"),
)


def test_words_are_normalised_as_three_tools_do() -> None:
    rows = _read("textvqa/normalisation_table.json")
    assert len(rows) == 47
    for dialect, column in DIALECTS:
        for row in rows:
            assert normalised(row["text"], dialect) == row[column], (dialect, row["text"])


@pytest.mark.parametrize("dialect", ["mmf", "vlmevalkit"])
def test_textvqa_of_real_predictions(dialect: Dialect) -> None:
    answers = {
        one["question_id"]: one["answer"] for one in _read("textvqa/predictions_qwen2.5vl.json")
    }
    rows = _read("textvqa/textvqa_json/textvqa_val_annotations.json")["annotations"]
    annotated = {one["question_id"]: [each["answer"] for each in one["answers"]] for one in rows}
    evaluator = VqaSoft(VqaSoftSettings(dialect=dialect))
    values = {name: _value(evaluator, annotated[name], said) for name, said in answers.items()}
    for row in _read("textvqa/expected.json")["rows"]:
        assert values[row["question_id"]] == pytest.approx(row["vlmevalkit"])
    assert fmean(values.values()) == pytest.approx(0.805)


OWN = ("docvqa/val/val_v1.0.json", "docvqa/own_submission.json")
REAL = "docvqa/real_predictions"
PRED = (f"{REAL}/gt.json", f"{REAL}/submission_pred.json")
ENHANCED = (f"{REAL}/gt.json", f"{REAL}/submission_enhanced_v3.json")
FIXTURE = ("docvqa/anls_fixture/gold_label.json", "docvqa/anls_fixture/submission.json")
INFO = ("infovqa/infographicsVQA_val_v1.0_withQT.json", "infovqa/own_submission.json")


@pytest.mark.parametrize(
    ("files", "dialect", "figure"),
    [
        (OWN, "raw-length", 0.783494),
        (PRED, "raw-length", 0.322198),
        (ENHANCED, "raw-length", 0.294060),
        (ENHANCED, "strict", 0.270250),
        (FIXTURE, "strict", 0.377778),
        (INFO, "raw-length", 0.80),
    ],
)
def test_anls_of_documents(files: tuple[str, str], dialect: AnlsDialect, figure: float) -> None:
    gold, said = map(_read, files)
    answers = {one["questionId"]: one["answer"] for one in said}
    evaluator = Anls(AnlsSettings(dialect=dialect))
    values = [
        _value(evaluator, row["answers"], answers[row["questionId"]]) for row in gold["data"]
    ]
    assert fmean(values) == pytest.approx(figure, abs=5e-7)


def test_charts() -> None:
    expected = _read("chartqa/expected.json")
    evaluator = RelaxedAccuracy(RelaxedSettings())
    values = [_value(evaluator, one["label"], one["prediction"]) for one in expected["rows"]]
    assert values == [one["relaxed"] for one in expected["rows"]]
    assert fmean(values) == expected["relaxed_accuracy"]


def test_boxes() -> None:
    """As of lists of fractions by lmms-eval, and of lists of thousandths by AISBench; the forms
    that they do not read are read here."""
    expected = _read("refcoco/expected_iou.json")
    width, height = expected["image_size"]
    sample = Sample(
        id="a", target=expected["gt_pixels_xyxy"], fields={"width": width, "height": height}
    )
    read_here = 0
    for row in expected["rows"]:
        said = Answer.of(row["prediction"])
        of_one = BoxIou(BoxIouSettings(scale="1")).score(sample, said)
        of_1000 = BoxIou(BoxIouSettings(scale="1000")).score(sample, said)
        others = (row["lmms_eval_iou_01"], row["iou_if_read_as_0_1000"])
        mine = (of_one.measures["IoU"].value / 100, of_1000.measures["IoU"].value / 100)
        if mine != pytest.approx(others, abs=1e-6):
            read_here += 1
            assert row["prediction"][0] in "(<" or "reversed" in of_one.reason
    assert read_here == 3
