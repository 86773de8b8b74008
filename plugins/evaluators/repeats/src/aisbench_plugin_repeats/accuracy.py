"""accuracy: the mean score."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

import attrs

from aisbench.api import Figure, Score, ScoreGroup
from aisbench_plugin_repeats.figures import make_figure


class Accuracy:
    """Mean over the samples of the mean over their repeats.

    A further figure follows for each other way to read the answers that differs from the score
    on any of them, such as ``accuracy (strict)``.
    """

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """One figure, or one more for each reading. Raises ValueError without scores."""
        figures = [make_figure("accuracy", groups, _mean)]
        scores = [score for group in groups for score in group.scores]
        names = dict.fromkeys(name for score in scores for name in score.readings)
        figures += [
            make_figure(f"accuracy ({name})", [_read(group, name) for group in groups], _mean)
            for name in names
            if any(_differs(score, name) for score in scores)
        ]
        return figures


def _mean(scores: Sequence[Score]) -> float:
    return fsum(score.value for score in scores) / len(scores)


def _differs(score: Score, name: str) -> bool:
    return name in score.readings and score.readings[name].value != score.value


def _read(group: ScoreGroup, name: str) -> ScoreGroup:
    """The group as one reading sees it; answers without that reading keep their score."""
    scores = tuple(
        attrs.evolve(score, value=score.readings[name].value) if name in score.readings else score
        for score in group.scores
    )
    return attrs.evolve(group, scores=scores)
