"""Signs that a prefix cache saved the model work that the load was meant to measure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from aisbench.metrics.requests import span_ms
from aisbench.store.recording.columns import ABSENT, Phase, Recording

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_PAIRS = 10
NOTABLE = 0.05
"""Of the TTFT: a saving below that changes no conclusion."""
SURE = 2.326
"""One-sided 1 % of the normal distribution."""


def contamination(
    recording: Recording, prompts: NDArray[np.int64] | None = None, *, explained: bool = False
) -> tuple[str, ...]:
    """Sentences about prefix-cache hits that nobody planned; empty when there is no sign.

    ``prompts`` has an id of the prompt for each row of the table, the data set's row by default.
    Where the hits are ``explained``, set beside what the schedule lets a cache have, their number
    is not told again.
    Later turns of a conversation are left out: their history is meant to be cached.
    """
    columns = recording.columns
    prompts = columns["row"] if prompts is None else prompts
    first_turn = columns["turn"] <= 0
    return (
        *(() if explained else _cached(recording, first_turn)),
        *_repeated(recording, prompts, first_turn),
        *_faster(recording, prompts, first_turn),
    )


def _cached(recording: Recording, first_turn: NDArray[np.bool_]) -> tuple[str, ...]:
    columns = recording.columns
    cached, prompt = columns["cached_tokens"], columns["prompt_tokens"]
    known = columns.succeeded & first_turn & (cached != ABSENT)
    hit = known & (cached > 0)
    if not hit.any():
        return ()
    sized = hit & (prompt > 0)
    share = ""
    if sized.any():
        part = cached[sized].sum() / prompt[sized].sum()
        share = f", {part:.0%} of their prompts on average"
    return (
        f"The server took tokens from its prefix cache in {np.count_nonzero(hit)} of "
        f"{np.count_nonzero(known)} first requests{share}: their TTFT is shorter than that of new "
        "prompts.",
    )


def _repeated(
    recording: Recording, prompts: NDArray[np.int64], first_turn: NDArray[np.bool_]
) -> tuple[str, ...]:
    # Not those of the warm-up, which asks with other words.
    columns = recording.columns
    last = columns.last & first_turn & ~columns.phase(Phase.WARM_UP)
    ids, counts = np.unique(prompts[last], return_counts=True)
    measured = columns.requests & first_turn
    again = int(np.count_nonzero(np.isin(prompts[measured], ids[counts > 1])))
    if not again:
        return ()
    return (
        f"{again} of {np.count_nonzero(measured)} measured requests asked a prompt that was asked "
        "more than once: a prefix cache can answer them faster; salted prompts avoid it.",
    )


def _faster(
    recording: Recording, prompts: NDArray[np.int64], first_turn: NDArray[np.bool_]
) -> tuple[str, ...]:
    """Wilcoxon's signed-rank test (F. Wilcoxon, Biometrics Bulletin 1, 1945; normal approximation)
    of the TTFT of each prompt's first request against the mean of its later ones."""
    ttft = span_ms(recording, "sent", "first_token")
    rows = np.flatnonzero(recording.columns.succeeded & first_turn & ~np.isnan(ttft))
    order = rows[np.lexsort((recording.columns["sent"][rows], prompts[rows]))]
    if not len(order):
        return ()
    starts = np.flatnonzero(np.diff(prompts[order], prepend=prompts[order[0]] - 1))
    counts = np.diff(np.append(starts, len(order)))
    first = ttft[order[starts]]
    later = (np.add.reduceat(ttft[order], starts) - first)[counts > 1] / (counts - 1)[counts > 1]
    saved = first[counts > 1] - later
    saved = saved[saved != 0]
    n = len(saved)
    if n < LEAST_PAIRS:
        return ()
    size = np.abs(saved)
    # Ranks from 1, equals sharing the mean of theirs.
    _, group, tied = np.unique(size, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(tied) - (tied - 1) / 2)[group]
    above = float(ranks[saved > 0].sum()) - n * (n + 1) / 4
    variance = n * (n + 1) * (2 * n + 1) / 24 - float((tied**3 - tied).sum()) / 48
    if variance <= 0 or above / math.sqrt(variance) < SURE:
        return ()
    if np.median(saved) < NOTABLE * np.median(first):
        return ()  # sure, and of no account
    return (
        f"Prompts asked again had their first token {np.median(saved):.1f} ms earlier (median of "
        f"{n} prompts, signed-rank test, p < 0.01): cached, or the server had warmed up.",
    )
