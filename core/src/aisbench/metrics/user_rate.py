"""Whether users asked as often as they were to: a slow answer puts a user's next request off."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from aisbench.store.recording.columns import Recording

LATE = 1.01
"""Gaps that are longer by this factor are late."""
TOLD = 0.05
"""The share of late gaps from which on the rate was not held."""


def user_rate(recording: Recording, gap_ns: int, drawn: bool) -> Iterator[str]:
    """A sentence where turns were due later than ``gap_ns`` after the turn before (with ``drawn``
    gaps: where they were on the mean)."""
    columns = recording.columns
    rows = np.flatnonzero(columns.requests)
    order = rows[np.lexsort((columns["turn"][rows], columns["conversation"][rows]))]
    same = np.diff(columns["conversation"][order]) == 0
    gaps = np.diff(columns["scheduled"][order])[same]
    if not len(gaps):
        return
    mean = float(gaps.mean())
    late = int(np.count_nonzero(gaps > gap_ns * LATE))
    off = mean > gap_ns * (1 + 2 / np.sqrt(len(gaps))) if drawn else late > TOLD * len(gaps)
    if off:
        yield (
            f"users did not keep their rate: they asked every {mean / 1e9:.3g} s on the mean, "
            f"not every {gap_ns / 1e9:.3g} s, as they waited for {late} of {len(gaps)} answers"
        )
