"""circular: every way in which a question is asked is answered rightly."""

from __future__ import annotations

from collections.abc import Sequence

from aisbench.api import Figure, Score, ScoreGroup
from aisbench_plugin_repeats.figures import make_figure


class Circular:
    """Share of questions whose worst score is right, whatever number of ways each is asked in:
    with its options turned round, as MMBench's CircularEval does (Y. Liu et al. 2023,
    arXiv:2307.06281), and in all repeats."""

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """Raises ValueError without scores."""
        return [make_figure("circular", groups, _worst)]


def _worst(scores: Sequence[Score]) -> float:
    return min(score.value for score in scores)
