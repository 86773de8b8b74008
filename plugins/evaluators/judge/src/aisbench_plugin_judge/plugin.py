"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import EvaluatorOffer, hookimpl

AISBENCH_API = "1.1"

_P = "aisbench_plugin_judge"


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer]:
    return [
        EvaluatorOffer(
            name="judge-rating",
            summary="Another model rates each answer on a scale.",
            target=f"{_P}.rating:Rating",
            settings=f"{_P}.settings:RatingSettings",
            judged=True,
            reference="unused",
        ),
        EvaluatorOffer(
            name="judge-verdict",
            summary="Another model says whether each answer is right.",
            target=f"{_P}.verdict:VerdictJudge",
            settings=f"{_P}.settings:VerdictSettings",
            judged=True,
            reference="unused",
        ),
        EvaluatorOffer(
            name="judge-pairwise",
            summary="Another model says whose answer is better, in both orders.",
            target=f"{_P}.pairwise:Pairwise",
            settings=f"{_P}.settings:PairwiseSettings",
            judged=True,
            reference="unused",
        ),
    ]
