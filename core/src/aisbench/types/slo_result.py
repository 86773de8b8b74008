"""Whether an SLO held in a load, limit by limit."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class RequestLimitResult:
    """A limit of single requests (``ttft_ms = 500``)."""

    key: str
    """As written in the suite."""
    metric: str
    limit_ms: float
    statistic: None
    """Always None: the limit is on each request, on no statistic of the run."""
    share: float | None
    """Of all requests those within the limit, 0..1; None when there was no request."""


@frozen(kw_only=True)
class RunLimitResult:
    """A limit of a statistic of the run (``tpot_p99_ms = 50``)."""

    key: str
    """As written in the suite."""
    metric: str
    limit_ms: float
    statistic: str
    """"mean", or a percentile's name ("p99")."""
    value: float | None
    """In ms; None where it is not known."""
    holds: bool | None
    """``value <= limit_ms``; None where the value is unknown, or where too many requests have no
    value of their own for it to be believed."""


@frozen(kw_only=True)
class SloResult:
    """The SLO judged in one population of a load."""

    holds: bool | None
    """False when a limit is broken, else None when one cannot be judged."""
    population: str
    requests: int
    """All requests of the population, failed and cancelled ones included."""
    good: int
    """Those that succeeded within all limits of single requests."""
    attainment: float | None
    """``good / requests``; None when there was no request."""
    attainment_low: float | None
    attainment_high: float | None
    """The ends of its 95 % interval (Wilson 1927, doi:10.1080/01621459.1927.10502953)."""
    attainment_asked: float
    """The share that the suite asks for."""
    limits: tuple[RequestLimitResult | RunLimitResult, ...]
