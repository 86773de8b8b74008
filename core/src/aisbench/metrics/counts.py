"""How many requests there were, and how they ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aisbench.metrics.requests import empty
from aisbench.store.recording.columns import ABSENT, Phase, Recording
from aisbench.types.performance import RequestCounts

if TYPE_CHECKING:
    from numpy.typing import NDArray


def request_counts(
    recording: Recording,
    streamed: bool = True,
    least: NDArray[np.int64] | None = None,
) -> RequestCounts:
    """Requests by outcome; each counts once, by its last attempt.

    ``least`` has, for each row of the table, the fewest tokens that its answer was allowed to
    have, ABSENT where the model was free to end it.
    """
    columns = recording.columns
    nothing = empty(recording, streamed)
    return RequestCounts(
        total=_number(columns.requests),
        success=_number(columns.succeeded),
        failed=_number(columns.requests & columns.failed_attempts),
        cancelled=_number(columns.cancelled),
        retried=_number(columns.measured & ~columns.last),
        warm_up=_number(columns.last & columns.phase(Phase.WARM_UP)),
        cool_down=_number(columns.last & columns.phase(Phase.COOL_DOWN)),
        empty=_number(nothing),
        short=0 if least is None else _number(short(recording, least) & ~nothing),
    )


def _number(rows: NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(rows))


def short(recording: Recording, least: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The measured requests that succeeded with fewer tokens than ``least``."""
    brought = recording.columns.tokens("completion")
    # NaN compares as False: an unknown number is not called short.
    found: NDArray[np.bool_] = recording.columns.succeeded & (least != ABSENT) & (brought < least)
    return found
