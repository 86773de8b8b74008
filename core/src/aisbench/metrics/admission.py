"""Requests that a server refused to take on (429): its limit, by what was in flight then.

A limit on requests at once shows in the number in flight: it never exceeds the limit, and is at it
whenever a request is refused. A limit on rates refuses requests while hardly any are in flight.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from aisbench.store.recording.columns import Phase, Recording

TOO_MANY = 429
_RATE_SHARE = 0.5
"""Of the most that was admitted: with fewer in flight a refusal is about something else."""


def admission(recording: Recording) -> Iterator[str]:
    """A sentence about refusals with 429, where there were any."""
    columns = recording.columns
    begun = columns.was_sent & ~columns.phase(Phase.WARM_UP)
    refused = begun & columns.failed_attempts & (columns["status"] == TOO_MANY)
    count = int(np.count_nonzero(refused))
    if not count:
        return
    taken = begun & ~refused
    begins = np.sort(columns["sent"][taken])
    ends = np.sort(columns["done"][taken & columns.has_ended])
    total = int(np.count_nonzero(begun))
    told = f"{count:,} of {total:,} attempts were refused with 429, a limit of the server"
    if not len(begins):
        yield f"{told}: it admitted none"
        return
    most = int(_in_flight(begins, begins, ends).max())
    at_refusal = _in_flight(columns["sent"][refused], begins, ends)
    low, middle, high = (int(one) for one in np.percentile(at_refusal, (5, 50, 95)))
    span = f"{low}" if low == high else f"{low} to {high} (median {middle})"
    if middle >= _RATE_SHARE * most:
        yield (
            f"{told}: it admits some {middle} at once ({span} were in flight when it refused "
            "others). The figures are of those that it admitted; concurrency or max_concurrency = "
            f"{middle} stays within it"
        )
        return
    seconds = (int(begins[-1]) - int(begins[0])) / 1e9
    rate = f", some {len(begins) / seconds:.3g} a second" if seconds > 0 else ""
    yield (
        f"{told}: it refused with {span} in flight, though it had {most} at once another time, so "
        f"the limit is on how many come in some time: it admitted {len(begins):,}{rate}"
    )


def _in_flight(
    instants: np.ndarray[tuple[int], np.dtype[np.int64]],
    begins: np.ndarray[tuple[int], np.dtype[np.int64]],
    ends: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """How many were in flight at each instant; one that begins then is among them."""
    return np.searchsorted(begins, instants, "right") - np.searchsorted(ends, instants, "right")
