"""What this package offers."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import ReducerOffer, hookimpl

AISBENCH_API = "1.1"

_PACKAGE = "aisbench_plugin_repeats"


@hookimpl
def aisbench_evaluators() -> Iterable[ReducerOffer]:
    return [
        ReducerOffer(
            name="accuracy",
            summary="Mean score over all samples and repeats, with strict and lenient beside it.",
            target=f"{_PACKAGE}.accuracy:Accuracy",
        ),
        ReducerOffer(
            name="measures",
            summary="Means of all other numbers that the evaluator takes, such as ROUGE-L.",
            target=f"{_PACKAGE}.measures:Measures",
        ),
        ReducerOffer(
            name="pass@k",
            summary="Chance that at least one of k answers is right (unbiased, Chen et al. 2021).",
            target=f"{_PACKAGE}.passing:PassAtK",
            settings=f"{_PACKAGE}.settings:K",
        ),
        ReducerOffer(
            name="cons@k",
            summary="Score of the answer that most of k repeats agree on (majority vote).",
            target=f"{_PACKAGE}.consensus:ConsAtK",
            settings=f"{_PACKAGE}.settings:K",
        ),
        ReducerOffer(
            name="cons-half@k",
            summary="Share of samples with more than half of k answers right (AISBench's cons@k).",
            target=f"{_PACKAGE}.half:ConsHalfAtK",
            settings=f"{_PACKAGE}.settings:K",
        ),
        ReducerOffer(
            name="avg@n",
            summary="Mean score over the first n repeats.",
            target=f"{_PACKAGE}.average:AvgAtN",
            settings=f"{_PACKAGE}.settings:N",
        ),
        ReducerOffer(
            name="g-pass@k_tau",
            summary="Chance that at least tau of k answers are right (G-Pass@k, Liu et al. 2024).",
            target=f"{_PACKAGE}.stability:GPassAtK",
            settings=f"{_PACKAGE}.settings:KTau",
        ),
        ReducerOffer(
            name="mg-pass@k",
            summary="Mean of G-Pass@k over thresholds from one half to one (mG-Pass@k).",
            target=f"{_PACKAGE}.stability:MeanGPassAtK",
            settings=f"{_PACKAGE}.settings:K",
        ),
        ReducerOffer(
            name="worst@k",
            summary="Expected worst of k answers; for right or wrong, that all k are (pass^k).",
            target=f"{_PACKAGE}.worst:WorstAtK",
            settings=f"{_PACKAGE}.settings:K",
        ),
        ReducerOffer(
            name="circular",
            summary="Share of questions that are answered rightly in all ways they are asked in.",
            target=f"{_PACKAGE}.circular:Circular",
        ),
    ]
