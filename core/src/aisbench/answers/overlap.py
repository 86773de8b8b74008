"""What two lists of tokens share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def token_f1(given: Sequence[str], wanted: Sequence[str]) -> float:
    """F1 of two bags of tokens, in 0..1: the harmonic mean of the shares of each that the other
    has, as SQuAD counts it (P. Rajpurkar et al. 2016, arXiv:1606.05250). 0 where either is empty,
    or nothing is shared."""
    same = sum((Counter(given) & Counter(wanted)).values())
    if not same:
        return 0.0
    precision, recall = same / len(given), same / len(wanted)
    return 2 * precision * recall / (precision + recall)
