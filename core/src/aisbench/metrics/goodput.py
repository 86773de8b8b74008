"""Which requests are within an SLO, and whether it holds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from aisbench.metrics.intervals import wilson
from aisbench.metrics.requests import empty, per_request_itl, request_metrics, several
from aisbench.settings.slo import Limit, Slo
from aisbench.store.recording.columns import Recording
from aisbench.types.performance import Population
from aisbench.types.slo_result import RequestLimitResult, RunLimitResult, SloResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

ITL_KEYS = {"event": "itl", "read": "itl_read", "token": "itl_token"}
"""The key of the statistics of ITL by the way in which it is counted."""


UNKNOWN_SHARE = 0.05
"""A mean is not judged when more than this share of its values is unknown."""


def within(
    recording: Recording, limit: Limit, itl: str = "event", streamed: bool = True
) -> NDArray[np.bool_]:
    """The successful measured requests within one per-request limit.

    A request's ITL is its mean gap. An answer of one token has no TPOT and no ITL, and is within
    limits on them. Any other unknown value is not within a limit: that of an empty answer, or of
    one whose tokens all came with one read.
    """
    # NaN compares as False.
    met = _values(recording, limit, itl, streamed) <= limit.ms
    if limit.metric in ("tpot", "itl"):
        # Events say how many tokens came, where no count does and answers come in pieces.
        known = streamed | ~np.isnan(recording.columns.tokens("completion"))
        met |= known & ~several(recording)
    return met & recording.columns.succeeded & ~empty(recording, streamed)


def _values(recording: Recording, limit: Limit, itl: str, streamed: bool) -> NDArray[np.float64]:
    if limit.metric == "itl":
        return per_request_itl(recording, itl)
    return request_metrics(recording, streamed)[limit.metric]


def good(
    recording: Recording, slo: Slo, itl: str = "event", streamed: bool = True
) -> NDArray[np.bool_]:
    """The successful measured requests within every per-request limit; no empty answer is."""
    rows = recording.columns.succeeded & ~empty(recording, streamed)
    for limit in slo.per_request:
        rows = rows & within(recording, limit, itl, streamed)
    return rows


def holds(
    slo: Slo,
    recording: Recording,
    population: Population,
    itl: str = "event",
    streamed: bool = True,
) -> SloResult:
    """Whether the SLO holds in ``population`` (measured with the same SLO), limit by limit.

    ``holds`` is None when no limit is broken but one cannot be judged (the mean TTFT of answers in
    one piece; the 99th percentile of TPOT when 2 % of the answers have no known TPOT: they may be
    the slowest ones). Per-request limits are judged together: their share of all requests of the
    population, failed and cancelled ones included, must reach the attainment asked for.
    """
    rows = recording.columns.requests
    if population.name != "run":
        begun = recording.columns.started
        rows = rows & (begun >= population.begin_ns) & (begun < population.end_ns)
    total = int(np.count_nonzero(rows))
    limits: list[RequestLimitResult | RunLimitResult] = []
    verdicts: list[bool | None] = []
    for limit in slo.limits:
        if limit.statistic is None:
            met = int(np.count_nonzero(within(recording, limit, itl, streamed) & rows))
            limits.append(_of_requests(limit, met / total if total else None))
        else:
            value = _statistic(population, limit, itl)
            verdict = None if value is None else value <= limit.ms
            if verdict and _unsure(recording, limit, itl, rows, streamed):
                verdict = None
            verdicts.append(verdict)
            limits.append(_of_run(limit, limit.statistic, value, verdict))
    kept = int(np.count_nonzero(good(recording, slo, itl, streamed) & rows))
    share, low, high = _share(kept, total)
    if slo.per_request:
        verdicts.append(None if share is None else share >= slo.attainment)
    return SloResult(
        holds=False if False in verdicts else None if None in verdicts else True,
        population=population.name,
        requests=total,
        good=kept,
        attainment=share,
        attainment_low=low,
        attainment_high=high,
        attainment_asked=slo.attainment,
        limits=tuple(limits),
    )


def _of_requests(limit: Limit, share: float | None) -> RequestLimitResult:
    return RequestLimitResult(
        key=limit.key, metric=limit.metric, limit_ms=limit.ms, statistic=None, share=share
    )


def _of_run(
    limit: Limit, statistic: str, value: float | None, verdict: bool | None
) -> RunLimitResult:
    return RunLimitResult(
        key=limit.key,
        metric=limit.metric,
        limit_ms=limit.ms,
        statistic=statistic,
        value=value,
        holds=verdict,
    )


def _share(kept: int, total: int) -> tuple[float | None, float | None, float | None]:
    if not total:
        return None, None, None
    return kept / total, *wilson(kept / total, total)


def _unsure(
    recording: Recording, limit: Limit, itl: str, rows: NDArray[np.bool_], streamed: bool
) -> bool:
    """Whether answers of unknown value could break a limit that the known ones keep."""
    if limit.metric not in ("tpot", "itl"):
        return False
    able = rows & recording.columns.succeeded & several(recording)
    unknown = able & np.isnan(_values(recording, limit, itl, streamed))
    share = int(np.count_nonzero(unknown)) / max(1, int(np.count_nonzero(able)))
    allowed = UNKNOWN_SHARE if limit.percentile is None else 1 - limit.percentile / 100
    return share > allowed


def _statistic(population: Population, limit: Limit, itl: str) -> float | None:
    name = ITL_KEYS[itl] if limit.metric == "itl" else limit.metric
    for statistics in population.statistics:
        if statistics.name == name:
            if limit.statistic == "mean":
                return statistics.mean
            value = statistics.percentiles.get(limit.statistic or "", math.nan)
            return None if math.isnan(value) else value
    return None
