"""How far one task or one load of a run is."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class RunProgress:
    """How far one task or one load is at one moment.

    Counts are of answers (samples x repeats) in an accuracy run, and of requests under a load.
    ``total`` is None where nobody knows how many there will be. Rates and latencies are those of
    the last seconds of a load, None in an accuracy run and where nothing is known yet; latencies
    are the median and the 99th percentile. ``accuracy`` is the mean score so far, 0..1.
    """

    label: str
    """``MODEL / DATASET``, and of a load its label behind a colon."""
    done: int
    total: int | None
    failed: int
    in_flight: int
    retried: int
    reused: int = 0
    """Answers taken over from earlier sessions; they are among ``done``."""
    finished: bool = False
    """Whether this is the last that is told of it."""
    accuracy: float | None = None
    requests_per_second: float | None = None
    tokens_per_second: float | None = None
    ttft_ms: tuple[float, float] | None = None
    itl_ms: tuple[float, float] | None = None
