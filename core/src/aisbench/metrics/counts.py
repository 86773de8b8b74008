"""How many requests there were, how they ended, and what they died of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aisbench.metrics.requests import asked, attempts, empty, succeeded, tokens
from aisbench.store.recording.columns import ABSENT, AttemptOutcome, Phase, Recording
from aisbench.types.performance import RequestCounts

if TYPE_CHECKING:
    from numpy.typing import NDArray


def request_counts(
    recording: Recording,
    streamed: bool = True,
    least: NDArray[np.int64] | None = None,
) -> RequestCounts:
    """Requests by outcome; each counts once, by its last attempt.

    ``least`` has the tokens that each row of the table was to bring at least, ABSENT where the
    model was free to end its answer.
    """
    columns = recording.columns
    last = np.equal(columns["final"], 1)
    outcome = columns["outcome"][asked(recording)]
    counts = {each: int(np.count_nonzero(outcome == each)) for each in AttemptOutcome}
    return RequestCounts(
        total=len(outcome),
        success=counts[AttemptOutcome.SUCCESS],
        failed=counts[AttemptOutcome.FAILED],
        cancelled=counts[AttemptOutcome.CANCELLED],
        retried=int(np.count_nonzero(attempts(recording) & ~last)),
        warm_up=int(np.count_nonzero(last & (columns["phase"] == Phase.WARM_UP))),
        cool_down=int(np.count_nonzero(last & (columns["phase"] == Phase.COOL_DOWN))),
        empty=int(np.count_nonzero(empty(recording, streamed))),
        short=(
            0
            if least is None
            else int(np.count_nonzero(short(recording, least) & ~empty(recording, streamed)))
        ),
    )


def short(recording: Recording, least: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The measured requests that succeeded with fewer tokens than ``least``."""
    brought = tokens(recording, "completion")
    # NaN compares as False: an unknown number is not called short.
    found: NDArray[np.bool_] = succeeded(recording) & (least != ABSENT) & (brought < least)
    return found
