"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import EvaluatorOffer, hookimpl

AISBENCH_API = "1.1"

_P = "aisbench_plugin_vision"


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer]:
    return [
        EvaluatorOffer(
            name="vqa-soft",
            summary="How many of the annotators gave the answer (VQA's accuracy).",
            target=f"{_P}.vqa_soft:VqaSoft",
            settings=f"{_P}.vqa_soft:VqaSoftSettings",
        ),
        EvaluatorOffer(
            name="anls",
            summary="How few letters lie between the answer and a reference (ANLS of DocVQA).",
            target=f"{_P}.anls:Anls",
            settings=f"{_P}.anls:AnlsSettings",
        ),
        EvaluatorOffer(
            name="relaxed",
            summary="Numbers within 5 %, texts to the letter (ChartQA's relaxed accuracy).",
            target=f"{_P}.relaxed:RelaxedAccuracy",
            settings=f"{_P}.relaxed:RelaxedSettings",
        ),
        EvaluatorOffer(
            name="contains",
            summary="A reference stands somewhere in the answer (OCRBench's rule).",
            target=f"{_P}.contains:Contains",
            settings=f"{_P}.contains:ContainsSettings",
        ),
        EvaluatorOffer(
            name="box-iou",
            summary="A box in the answer covers what it should: intersection over union.",
            target=f"{_P}.box_iou:BoxIou",
            settings=f"{_P}.box_iou:BoxIouSettings",
        ),
        EvaluatorOffer(
            name="judge-edit",
            summary="Another model rates an edited picture beside the one before (VIEScore).",
            target=f"{_P}.viescore:EditJudge",
            settings=f"{_P}.viescore:EditSettings",
            judged=True,
            reference="unused",
        ),
    ]
