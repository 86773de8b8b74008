"""From one estimate a sample to a figure with its interval and its bounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from aisbench.api import Figure, Score, ScoreGroup, Verdict, mean_interval

Estimate = Callable[[Sequence[Score]], float]
"""What one sample contributes, 0..1, by the scores of its repeats in order."""


def fewest_scores(groups: Sequence[ScoreGroup]) -> int:
    """The smallest number of scores that a sample has: its repeats, and the orders in which its
    options were shown, of which a row with few options has fewer. Raises ValueError."""
    if not groups:
        raise ValueError("there are no scores")
    count = min(len(group.scores) for group in groups)
    if count == 0:
        raise ValueError("samples have no scores")
    return count


def require(groups: Sequence[ScoreGroup], name: str, count: int) -> None:
    """Raises ValueError when there are fewer than ``count`` repeats."""
    repeats = fewest_scores(groups)
    if repeats < count:
        raise ValueError(
            f"{name} needs {count} repeats, the run has {repeats}: set repeats = {count}"
        )


def make_figure(name: str, groups: Sequence[ScoreGroup], estimate: Estimate) -> Figure:
    """The mean over the samples, in percent.

    Failed requests count 0; ``bound_low`` and ``bound_high`` are the same estimate with their
    scores set to 0 and to 1.
    """
    fewest_scores(groups)
    interval = mean_interval([estimate(group.scores) for group in groups])
    bounds: tuple[float | None, float | None] = (None, None)
    if any(score.verdict is Verdict.FAILED for group in groups for score in group.scores):
        low, high = (
            sum(estimate([_as_if(score, value) for score in group.scores]) for group in groups)
            for value in (0.0, 1.0)
        )
        bounds = (100 * low / len(groups), 100 * high / len(groups))
    return Figure(
        name=name,
        value=100 * interval.mean,
        unit="%",
        n=len(groups),
        better="up",
        stderr=None if interval.stderr is None else 100 * interval.stderr,
        low=100 * interval.low,
        high=100 * interval.high,
        bound_low=bounds[0],
        bound_high=bounds[1],
        method=interval.method,
    )


RIGHT_ANSWER = "\0right"
"""Stands for the answer that a failed request might have given, were it right."""


def _as_if(score: Score, value: float) -> Score:
    if score.verdict is not Verdict.FAILED:
        return score
    return attrs.evolve(score, value=value, extracted=RIGHT_ANSWER if value else None)
