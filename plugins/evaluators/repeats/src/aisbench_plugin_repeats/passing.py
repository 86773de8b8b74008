"""pass@k: at least one of k answers is right."""

from __future__ import annotations

from collections.abc import Sequence

from aisbench.api import Figure, Score, ScoreGroup
from aisbench_plugin_repeats.figures import make_figure, require
from aisbench_plugin_repeats.order import expected_best
from aisbench_plugin_repeats.settings import K


class PassAtK:
    """Mean over the samples of the expected best of k of their n scores, for any k <= n."""

    def __init__(self, settings: K) -> None:
        self._k = settings.k

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """Raises ValueError with fewer than k repeats."""
        name = f"pass@{self._k}"
        require(groups, name, self._k)

        def estimate(scores: Sequence[Score]) -> float:
            return expected_best([score.value for score in scores], self._k)

        return [make_figure(name, groups, estimate)]
