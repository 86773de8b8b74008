"""cons@k: majority vote over the answers themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import fsum

from aisbench.api import Figure, Score, ScoreGroup
from aisbench_plugin_repeats.blocks import over_blocks
from aisbench_plugin_repeats.figures import RIGHT_ANSWER, make_figure, require
from aisbench_plugin_repeats.settings import K


def majority(scores: Sequence[Score]) -> float:
    """The score of the answer that most scores extracted (Wang et al. 2022, arXiv:2203.11171).

    Answers that could not be extracted do not vote; without any vote the value is 0. Among
    tied answers it is their mean: what a tie broken by lot is worth on average.
    """
    votes: dict[str, list[float]] = defaultdict(list)
    known = next((one.extracted for one in scores if one.value == 1 and _real(one)), None)
    for score in scores:
        answer = score.extracted
        if answer == RIGHT_ANSWER and known is not None:
            # A failed request taken as right votes with those that were.
            answer = known
        if answer is not None:
            votes[answer].append(score.value)
    if not votes:
        return 0.0
    most = max(len(values) for values in votes.values())
    winners = [fsum(values) / len(values) for values in votes.values() if len(values) == most]
    return fsum(winners) / len(winners)


def _real(score: Score) -> bool:
    return score.extracted is not None and score.extracted != RIGHT_ANSWER


class ConsAtK:
    """Mean over the samples of the majority answer's score."""

    def __init__(self, settings: K) -> None:
        self._k = settings.k

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """Raises ValueError with fewer than k repeats."""
        name = f"cons@{self._k}"
        require(groups, name, self._k)
        return [make_figure(name, groups, lambda scores: over_blocks(scores, self._k, majority))]
