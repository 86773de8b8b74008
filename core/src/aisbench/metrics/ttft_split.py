"""What times to the first token say about a prefix cache, without asking the server.

A prompt that lies in the cache is read sooner. Where the logarithms of the times fall into two
parts that are far apart, the fast part is taken for the requests that hit. They are cut where the
variance within both parts is least (N. Otsu, IEEE Trans. SMC 9, 1979), and are called two parts
if their means are at least :data:`APART` of their pooled standard deviations apart: halves of a
normal distribution are 2.6 apart, those of an even one 3.5. Logarithms, because what disturbs
times grows with them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from aisbench.metrics.intervals import wilson
from aisbench.types.prefix_cache import TtftSplit

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST = 10
"""Requests; of fewer nothing is said."""
LEAST_PART = 3
"""Requests in each part: one or two may be late for any reason."""
APART = 4.5
NOTABLE = 1.3
"""The slow part's mean by the fast one's, at least."""


def split(ttft_ms: NDArray[np.float64]) -> TtftSplit | None:
    """The two parts; None where there are not two."""
    known = ttft_ms[np.isfinite(ttft_ms) & (ttft_ms > 0)]
    n = len(known)
    if n < LEAST:
        return None
    logs = np.sort(np.log(known))
    sizes = np.arange(1, n)
    sums, squares = np.cumsum(logs)[:-1], np.cumsum(logs**2)[:-1]
    total, total_squares = logs.sum(), (logs**2).sum()
    within = (squares - sums**2 / sizes) + (
        total_squares - squares - (total - sums) ** 2 / (n - sizes)
    )
    allowed = slice(LEAST_PART - 1, n - LEAST_PART)
    fast = int(np.argmin(within[allowed])) + LEAST_PART
    low, high = logs[:fast], logs[fast:]
    between = float(high.mean() - low.mean())
    spread = math.sqrt(max((low.var() + high.var()) / 2, 1e-12))
    if between < APART * spread or between < math.log(NOTABLE):
        return None
    share = fast / n
    low_bound, high_bound = wilson(share, n)
    return TtftSplit(
        n=n,
        share=share,
        low=low_bound,
        high=high_bound,
        fast_ms=math.exp(float(low.mean())),
        slow_ms=math.exp(float(high.mean())),
    )
