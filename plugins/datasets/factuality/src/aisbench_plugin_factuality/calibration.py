"""The metric ``calibration-error``."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import fmean

from aisbench.api import Figure, ScoreGroup, Verdict

SIZE = 100
"""Answers in a bin (beta in the authors' code)."""


def calibration_error(pairs: Sequence[tuple[float, float]], *, size: int = SIZE) -> float:
    """Root of the mean squared difference, in 0..1, between how sure a model is and how often it
    is right, over bins of ``size`` answers that are alike in sureness (D. Hendrycks et al. 2019,
    arXiv:1812.04606, as hle_eval counts it). ``pairs`` are (sureness, right), both in 0..1.

    The authors' loop leaves out the last bin, that of the surest answers, though the bins weigh
    as shares of all; their published figures are made so, and so is this one. Of fewer than two
    bins nothing would be left: then one bin holds all.
    """
    ordered = sorted(pairs, key=lambda pair: pair[0])
    count = len(ordered)
    whole = count // size
    bins = [ordered[at * size : (at + 1) * size] for at in range(whole - 1)] or [ordered]
    error = sum(
        len(one) / count * (fmean(sure for sure, _ in one) - fmean(right for _, right in one)) ** 2
        for one in bins
    )
    return sqrt(error)


class CalibrationError:
    """Of all judged answers that say how sure they are."""

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """None where no answer was judged. Raises ValueError where others than judge-hle did."""
        pairs = [
            (score.measures["confidence"].value / 100, score.value)
            for group in groups
            for score in group.scores
            if "confidence" in score.measures
        ]
        judged = {score.verdict for group in groups for score in group.scores}
        if not judged & {Verdict.RIGHT, Verdict.WRONG}:
            return []
        if not pairs:
            raise ValueError("calibration-error needs judgements that say how sure an answer was")
        return [
            Figure(
                name="calibration error",
                value=100 * calibration_error(pairs),
                unit="%",
                n=len(pairs),
                better="down",
                method=f"RMS over bins of {SIZE}",
            )
        ]
