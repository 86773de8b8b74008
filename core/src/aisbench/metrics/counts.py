"""How many requests there were, how they ended, and what they died of."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from aisbench.metrics.requests import asked, attempts
from aisbench.store.arrays import ABSENT, Outcome, Phase, Recording
from aisbench.types.performance import RequestCounts


def request_counts(recording: Recording) -> RequestCounts:
    """Requests by outcome; each counts once, by its last attempt."""
    columns = recording.columns
    last = np.equal(columns["final"], 1)
    outcome = columns["outcome"][asked(recording)]
    counts = {each: int(np.count_nonzero(outcome == each)) for each in Outcome}
    return RequestCounts(
        total=len(outcome),
        success=counts[Outcome.SUCCESS],
        failed=counts[Outcome.FAILED],
        cancelled=counts[Outcome.CANCELLED],
        retried=int(np.count_nonzero(attempts(recording) & ~last)),
        warm_up=int(np.count_nonzero(last & (columns["phase"] == Phase.WARM_UP))),
        cool_down=int(np.count_nonzero(last & (columns["phase"] == Phase.COOL_DOWN))),
    )


def faults(recording: Recording) -> Mapping[str, int]:
    """The measured attempts that failed, by cause ("status 503", "timeout"), the commonest first.

    Attempts that were followed by another are counted as well: a server that fails half of its
    requests is not well because the second try succeeds.
    """
    # Imported here: the load package is not needed to read a recording without failures.
    from aisbench.load.records import FAULTS

    columns = recording.columns
    failed = attempts(recording) & np.equal(columns["outcome"], int(Outcome.FAILED))
    pairs = np.stack([columns["fault"][failed], columns["status"][failed]], axis=1)
    kinds, numbers = np.unique(pairs, axis=0, return_counts=True)
    found: dict[str, int] = {}
    for (fault, status), number in zip(kinds.tolist(), numbers.tolist(), strict=True):
        name = "unknown" if fault == ABSENT else str(FAULTS[fault].value)
        if status not in (ABSENT, 0):
            name = f"{name} {status}"
        found[name] = found.get(name, 0) + number
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
