"""Log-probabilities: of a continuation, out of what vLLM tells of a prompt, and of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aisbench.api import Scored, TokenLogprob
from aisbench.codec import logprob_of, most_probable


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


def generated(completion: Any, most: int | None) -> tuple[TokenLogprob, ...]:
    """The tokens of an answer, of which vLLM tells a table each: ids, the token's own among them,
    each with ``logprob`` and ``decoded_token``. None where ``most`` is None."""
    if most is None or completion.logprobs is None:
        return ()
    found = []
    for own, entry in zip(completion.token_ids, completion.logprobs, strict=True):
        pairs = {
            number: (one.decoded_token or "", value)
            for number, one in entry.items()
            if (value := logprob_of(float(one.logprob))) is not None
        }
        if own in pairs:
            found.append(TokenLogprob(*pairs[own], most_probable(pairs.values(), most)))
    return tuple(found)
