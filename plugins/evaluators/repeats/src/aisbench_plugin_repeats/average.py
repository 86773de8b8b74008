"""avg@n: the mean over the first n repeats."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

from aisbench.api import Figure, Score, ScoreGroup
from aisbench_plugin_repeats.figures import make_figure, require
from aisbench_plugin_repeats.settings import N


class AvgAtN:
    """Mean over the samples of the mean of their first n scores."""

    def __init__(self, settings: N) -> None:
        self._n = settings.n

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """Raises ValueError with fewer than n repeats."""
        n = self._n
        name = f"avg@{n}"
        require(groups, name, n)

        def estimate(scores: Sequence[Score]) -> float:
            return fsum(score.value for score in scores[:n]) / n

        return [make_figure(name, groups, estimate)]
