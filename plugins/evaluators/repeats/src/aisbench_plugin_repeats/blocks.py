"""Votes over k answers when there are more than k."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import fsum

from aisbench.api import Score


def over_blocks(
    scores: Sequence[Score], k: int, vote: Callable[[Sequence[Score]], float]
) -> float:
    """The mean vote over the floor(n/k) disjoint blocks of k answers, in the repeats' order."""
    count = len(scores) // k
    return fsum(vote(scores[block * k : (block + 1) * k]) for block in range(count)) / count
