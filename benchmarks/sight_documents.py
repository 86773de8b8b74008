"""Rows of sight_and_sound.py: photographs with text, documents, charts, boxes.

Where there are no predictions that their authors scored, the answers are our own and the authors'
code was run on them (SOURCES.md beside the data says which).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from typing import Any, Literal

import tomli
from sight_rows import Check, Row

import aisbench_plugin_documents as documents
from aisbench.api import Answer, DataError, Evaluator, Measure, Sample
from aisbench_plugin_documents.ocrbench_v2 import OcrBenchV2Evaluator, OcrBenchV2Settings
from aisbench_plugin_documents.omnidocbench import OmniDocBenchEvaluator
from aisbench_plugin_documents.page_reference import reduced
from aisbench_plugin_documents.page_text import wordnet
from aisbench_plugin_vision.anls import Anls, AnlsDialect, AnlsSettings
from aisbench_plugin_vision.box_iou import BoxIou, BoxIouSettings, Scale
from aisbench_plugin_vision.contains import Contains, ContainsSettings
from aisbench_plugin_vision.relaxed import RelaxedAccuracy, RelaxedSettings
from aisbench_plugin_vision.vqa_soft import VqaSoft, VqaSoftSettings
from aisbench_plugin_vision.vqa_words import Dialect, normalised

_SAME = 5e-7


def _json(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


def _value(evaluator: Evaluator, target: Any, said: str) -> float:
    return evaluator.score(Sample(id="a", target=target), Answer.of(said)).value


def textvqa(data: Path) -> Iterator[Row]:
    """Qwen2.5-VL's answers to 20 questions, and how three tools normalise 47 texts."""
    folder = data / "textvqa"
    said = {
        one["question_id"]: one["answer"] for one in _json(folder / "predictions_qwen2.5vl.json")
    }
    rows = _json(folder / "textvqa_json" / "textvqa_val_annotations.json")["annotations"]
    people = {one["question_id"]: [each["answer"] for each in one["answers"]] for one in rows}
    expected = _json(folder / "expected.json")
    tools: tuple[tuple[Dialect, str], ...] = (("vlmevalkit", "vlmevalkit"), ("mmf", "lmms_eval"))
    for dialect, tool in tools:
        evaluator = VqaSoft(VqaSoftSettings(dialect=dialect))
        values = {name: _value(evaluator, people[name], text) for name, text in said.items()}
        differing = sum(
            abs(values[one["question_id"]] - one[tool]) > _SAME for one in expected["rows"]
        )
        yield Row(set="textvqa", figure=f"soft accuracy, dialect {dialect}",
                  ours=f"{fmean(values.values()):.6f}", authors=f"{expected['mean'][tool]:.6f}",
                  source=f"{tool}'s code", differing=differing)  # fmt: skip
    scores = [
        VqaSoft(VqaSoftSettings()).score(Sample(id="a", target=people[name]), Answer.of(text))
        for name, text in said.items()
    ]
    simple = fmean(one.measures["min(n/3, 1)"].value for one in scores) / 100
    formula = expected["mean"]["simple_min_n_over_3"]
    yield Row(set="textvqa", figure="min(n/3, 1)", ours=f"{simple:.6f}",
              authors=f"{formula:.6f}", source="the formula")  # fmt: skip
    hits = [int(one.measures["any annotator"].value > 0) for one in scores]
    wanted = expected["source_repo_any_match"]
    differing = sum(one != other for one, other in zip(hits, wanted, strict=True))
    yield Row(set="textvqa", figure="any annotator", ours=f"{sum(hits)}/20",
              authors=f"{sum(wanted)}/20", source="Harlan144/TextVQA_w_Qwen2.5",
              differing=differing)  # fmt: skip
    table = _json(folder / "normalisation_table.json")
    all_tools = (*tools, ("official", "qwen_vl_vqa_official_port"))
    for dialect, tool in all_tools:
        same = sum(normalised(one["text"], dialect) == one[tool] for one in table)
        yield Row(set="textvqa", figure=f"texts normalised, dialect {dialect}", ours=f"{same}/47",
                  authors="47/47", source=f"{tool}'s code")  # fmt: skip


def _anls(folder: Path, gold: str, said: str, dialect: AnlsDialect) -> float:
    answers = {one["questionId"]: one["answer"] for one in _json(folder / said)}
    evaluator = Anls(AnlsSettings(dialect=dialect))
    return fmean(
        _value(evaluator, one["answers"], answers[one["questionId"]])
        for one in _json(folder / gold)["data"]
    )


def docvqa(data: Path) -> Iterator[Row]:
    """Two real sets of predictions, our own on real rows, and the fixture of the package anls."""
    folder = data / "docvqa"
    real = "real_predictions/gt.json"
    cases: tuple[tuple[str, str, str, AnlsDialect, str], ...] = (
        ("own answers", "val/val_v1.0.json", "own_submission.json", "raw-length", "0.783494"),
        ("pred", real, "real_predictions/submission_pred.json", "raw-length", "0.322198"),
        ("enhanced_v3", real, "real_predictions/submission_enhanced_v3.json", "raw-length",
         "0.294060"),
        ("enhanced_v3", real, "real_predictions/submission_enhanced_v3.json", "strict",
         "0.270250"),
        ("fixture of shunk031/ANLS", "anls_fixture/gold_label.json",
         "anls_fixture/submission.json", "strict", "0.377778"),
    )  # fmt: skip
    for name, gold, said, dialect, wanted in cases:
        value = _anls(folder, gold, said, dialect)
        yield Row(set="docvqa", figure=f"ANLS, {name}, {dialect}", ours=f"{value:.6f}",
                  authors=wanted, source="the tools' code, run")  # fmt: skip


def infovqa(data: Path) -> Iterator[Row]:
    """Our own answers to five rows in the official layout."""
    value = _anls(
        data / "infovqa",
        "infographicsVQA_val_v1.0_withQT.json",
        "own_submission.json",
        "raw-length",
    )
    yield Row(set="infovqa", figure="ANLS, own answers", ours=f"{value:.6f}", authors="0.800000",
              source="lmms-eval's code")  # fmt: skip


def chartqa(data: Path) -> Iterator[Row]:
    """Our own answers to real questions of people."""
    rows = _json(data / "chartqa" / "expected.json")["rows"]
    evaluator = RelaxedAccuracy(RelaxedSettings())
    scores = [
        evaluator.score(Sample(id="a", target=one["label"]), Answer.of(one["prediction"]))
        for one in rows
    ]
    differing = sum(
        bool(score.value) != one["relaxed"] for score, one in zip(scores, rows, strict=True)
    )
    right = sum(int(one.value) for one in scores)
    yield Row(set="chartqa", figure="relaxed accuracy, own answers", ours=f"{right}/10",
              authors="6/10", source="VLMEvalKit's and lmms-eval's code",
              differing=differing)  # fmt: skip
    plain = sum(int(one.readings["plain"].value) for one in scores)
    yield Row(set="chartqa", figure="as a reader of the chart would say", ours=f"{plain}/10")


def ocrbench(data: Path) -> Iterator[Row]:
    """Our own answers to 22 real questions."""
    rows = _json(data / "ocrbench" / "own_predictions_with_result.json")
    plain = Contains(ContainsSettings())
    formulas = Contains(ContainsSettings(case=True, blanks=False))
    right = differing = whole = 0
    for one in rows:
        evaluator = formulas if one["dataset_name"] == "HME100k" else plain
        answers = one["answers"] if isinstance(one["answers"], list) else [one["answers"]]
        score = evaluator.score(Sample(id="a", target=answers), Answer.of(one["predict"]))
        right += int(score.value)
        whole += int(score.readings["whole words"].value)
        differing += score.value != one["result"]
    yield Row(set="ocrbench", figure="right, own answers", ours=f"{right}/22", authors="15/22",
              source="the authors' example.py", differing=differing)  # fmt: skip
    yield Row(set="ocrbench", figure="right as whole words", ours=f"{whole}/22")


def refcoco(data: Path) -> Iterator[Row]:
    """Fourteen answers, as fractions by lmms-eval and as thousandths by AISBench."""
    expected = _json(data / "refcoco" / "expected_iou.json")
    width, height = expected["image_size"]
    sample = Sample(
        id="a", target=expected["gt_pixels_xyxy"], fields={"width": width, "height": height}
    )
    scales: tuple[tuple[Scale, str, str], ...] = (
        ("1", "lmms_eval_iou_01", "lmms-eval"),
        ("1000", "iou_if_read_as_0_1000", "AISBench"),
    )
    rows = expected["rows"]
    for scale, key, tool in scales:
        evaluator = BoxIou(BoxIouSettings(scale=scale))
        others = 0
        for one in rows:
            score = evaluator.score(sample, Answer.of(one["prediction"]))
            others += abs(score.measures["IoU"].value / 100 - one[key]) > 1e-6
        yield Row(set="refcoco", figure=f"IoU, numbers as 0 to {scale}",
                  ours=f"{len(rows) - others}/{len(rows)}", authors=f"{len(rows)}/{len(rows)}",
                  source=f"{tool}'s code", differing=others,
                  why="round brackets, marks and reversed corners are read here")  # fmt: skip
    auto = BoxIou(BoxIouSettings())
    verdicts = [auto.score(sample, Answer.of(one["prediction"])).verdict.value for one in rows]
    told = ", ".join(f"{verdicts.count(one)} {one}" for one in ("right", "wrong", "unparsed"))
    yield Row(set="refcoco", figure="as read here", ours=told)


def ocrbench_v2(data: Path) -> Iterator[Row]:
    """Our own answers to 48 rows, some of each of the thirty tasks."""
    rows = _json(data / "ocrbench_v2" / "res_folder" / "own.json")
    synonyms = _synonyms()
    evaluator = OcrBenchV2Evaluator(OcrBenchV2Settings(synonyms=synonyms))
    why = "" if synonyms == "wordnet" else "WordNet is not installed: METEOR without synonyms"
    differing = 0
    by_task: dict[str, list[float]] = {}
    for one in rows:
        fields = {name: one[name] for name in one if name not in ("answers", "predict", "score")}
        sample = Sample(id="a", target=one["answers"], fields=fields)
        value = evaluator.score(sample, Answer.of(one["predict"])).value
        differing += abs(value - one["score"]) > _SAME
        by_task.setdefault(one["type"], []).append(value)
    yield Row(set="ocrbench-v2", figure="rows with the authors' score",
              ours=f"{len(rows) - differing}/{len(rows)}", authors=f"{len(rows)}/{len(rows)}",
              source="eval.py", differing=differing, why=why)  # fmt: skip
    declared = {one["name"]: one for one in _declared_groups()}
    for name, wanted in (("English", "0.722"), ("Chinese", "0.658")):
        groups = [declared[one]["members"] if one in declared else [one]
                  for one in declared[name]["members"]]  # fmt: skip
        means = [fmean(value for task in tasks for value in by_task[task]) for tasks in groups]
        yield Row(set="ocrbench-v2", figure=f"{name}, overall", ours=f"{fmean(means):.3f}",
                  authors=wanted, source="get_score.py", why=why)  # fmt: skip


def omnidocbench(data: Path) -> Iterator[Row]:
    """The answers to the eighteen pages of the authors' demo, end to end by quick match."""
    folder = data / "omnidocbench"
    evaluator = OmniDocBenchEvaluator()
    pages: dict[str, dict[str, Measure]] = {}
    for row in _json(folder / "OmniDocBench_demo.json"):
        name = row["page_info"]["image_path"]
        answer = (folder / "end2end" / f"{name[:-4]}.md").read_text("utf-8")
        sample = Sample(id="a", target=reduced(row))
        pages[name] = dict(evaluator.score(sample, Answer.of(answer)).measures)
    for figure, file in (
        ("text edit", "text_block"),
        ("formula edit", "display_formula"),
        ("table edit", "table"),
        ("reading order edit", "reading_order"),
    ):
        theirs = _json(folder / "result_rerun" / f"end2end_rerun_{file}_per_page_edit.json")
        ours = {name: held[figure].value for name, held in pages.items() if figure in held}
        differing = sum(
            abs(ours.get(name, -1) - theirs.get(name, -1)) > _SAME for name in {**ours, **theirs}
        )
        yield Row(set="omnidocbench", figure=f"{figure}, mean of pages",
                  ours=f"{fmean(ours.values()):.7f}", authors=f"{fmean(theirs.values()):.7f}",
                  source="their code at 7bd6c2eb, quick_match", differing=differing)  # fmt: skip
    for figure, wanted in (("TEDS", "0.7838125"), ("TEDS-S", "0.9115887")):
        held = [one[figure] for one in pages.values()]
        mean = sum(one.value * one.weight for one in held) / sum(one.weight for one in held)
        yield Row(set="omnidocbench", figure=f"{figure}, mean of tables", ours=f"{mean / 100:.7f}",
                  authors=wanted, source="their code, and their published file")  # fmt: skip


def _synonyms() -> Literal["wordnet", "none"]:
    try:
        wordnet()
    except DataError:
        return "none"
    return "wordnet"


def _declared_groups() -> list[dict[str, Any]]:
    file = Path(documents.__file__).with_name("ocrbench-v2.toml")
    found: list[dict[str, Any]] = tomli.loads(file.read_text("utf-8"))["groups"]
    return found


DOCUMENTS: dict[str, Check] = {
    "textvqa": textvqa,
    "docvqa": docvqa,
    "infovqa": infovqa,
    "chartqa": chartqa,
    "ocrbench": ocrbench,
    "refcoco": refcoco,
    "ocrbench-v2": ocrbench_v2,
    "omnidocbench": omnidocbench,
}
