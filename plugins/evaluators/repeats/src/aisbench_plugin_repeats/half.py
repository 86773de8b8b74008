"""cons-half@k: more than half of the answers are right, which AISBench calls cons@k."""

from __future__ import annotations

from collections.abc import Sequence

from aisbench.api import Figure, Score, ScoreGroup
from aisbench_plugin_repeats.blocks import over_blocks
from aisbench_plugin_repeats.figures import make_figure, require
from aisbench_plugin_repeats.settings import K


def more_than_half(scores: Sequence[Score]) -> float:
    """1 if more than half are right (value 1), else 0; wrong answers need not agree."""
    right = sum(score.value >= 1 for score in scores)
    return 1.0 if 2 * right > len(scores) else 0.0


class ConsHalfAtK:
    """Share of the samples with more than half of k answers right."""

    def __init__(self, settings: K) -> None:
        self._k = settings.k

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """Raises ValueError with fewer than k repeats."""
        name = f"cons-half@{self._k}"
        require(groups, name, self._k)
        return [
            make_figure(name, groups, lambda scores: over_blocks(scores, self._k, more_than_half))
        ]
