"""Log-probabilities of a continuation, out of what vLLM tells of a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aisbench.api import Scored


def score(entries: Any, ids: Sequence[int], begin: int) -> Scored | None:
    """``entries`` has for each token of the prompt None or a table of ids, its own among them."""
    values: list[float] = []
    greedy = True
    for place in range(begin, len(ids)):
        entry = entries[place] if entries and place < len(entries) else None
        own = entry.get(ids[place]) if entry else None
        if own is None:
            return None
        values.append(min(0.0, float(own.logprob)))
        greedy = greedy and own.rank == 1
    return Scored(logprobs=tuple(values), greedy=greedy) if values else None
