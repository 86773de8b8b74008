"""How the repeats of a question become one value: the metrics of repeated answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from math import ceil, comb, fsum

Reduction = Callable[[Sequence[float]], float]
"""Scores of the repeats in order, 0..1, to the value of the question."""


def reduction_of(name: str) -> Reduction | None:
    """That of a metric's name, such as ``pass@4``; None where the scores alone do not give it
    (a vote needs the answers)."""
    base, _, rest = name.partition("@")
    first, _, tau = rest.partition("_")
    if not first.isdigit() or int(first) < 1:
        return None
    k = int(first)
    if base == "g-pass" and tau:
        try:
            share = float(tau)
        except ValueError:
            return None
        needed = max(ceil(share * k - 1e-9), 1)
        return lambda scores: _at_least(_right(scores), len(scores), k, needed)
    makers: dict[str, Reduction] = {
        "avg": lambda scores: fsum(scores[:k]) / k,
        "pass": lambda scores: expected_best(scores, k),
        "worst": lambda scores: 1 - expected_best([1 - one for one in scores], k),
        "cons-half": lambda scores: _half(scores, k),
        "mg-pass": lambda scores: _mean_passing(scores, k),
    }
    return None if tau else makers.get(base)


def expected_best(scores: Sequence[float], k: int) -> float:
    """The mean of the best over all choices of ``k`` scores (Chen et al., arXiv:2107.03374, the
    unbiased pass@k, for scores of any size)."""
    rising = sorted(scores)
    total = fsum(value * comb(place, k - 1) for place, value in enumerate(rising))
    return total / comb(len(scores), k)


def _right(scores: Sequence[float]) -> int:
    return sum(one >= 1 for one in scores)


def _at_least(right: int, n: int, k: int, needed: int) -> float:
    """The chance that ``needed`` of ``k`` drawn answers are right (G-Pass@k, Liu et al.,
    arXiv:2412.13147)."""
    ways = sum(comb(right, j) * comb(n - right, k - j) for j in range(needed, min(right, k) + 1))
    return ways / comb(n, k)


def _mean_passing(scores: Sequence[float], k: int) -> float:
    n, right = len(scores), _right(scores)
    first = ceil(k / 2) + 1
    return 2 / k * fsum(_at_least(right, n, k, one) for one in range(first, k + 1))


def _half(scores: Sequence[float], k: int) -> float:
    blocks = [scores[start : start + k] for start in range(0, len(scores) // k * k, k)]
    return fsum(2 * _right(block) > len(block) for block in blocks) / len(blocks)


def majority(votes: Sequence[tuple[str | None, float]]) -> float:
    """The score of the answer that most repeats gave; the mean of tied ones, 0 without any."""
    found: dict[str, list[float]] = defaultdict(list)
    for answer, score in votes:
        if answer is not None:
            found[answer].append(score)
    if not found:
        return 0.0
    most = max(map(len, found.values()))
    tied = [fsum(scores) / len(scores) for scores in found.values() if len(scores) == most]
    return fsum(tied) / len(tied)
