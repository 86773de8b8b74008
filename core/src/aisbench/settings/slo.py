"""Limits that a service must keep, as written in a suite. Light to import: planning reads it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from attrs import frozen

METRICS = ("ttft", "ttft_scheduled", "tpot", "itl", "e2el", "e2el_scheduled")
"""What a limit can be set on."""

ATTAINMENT = 0.99
"""The default share of the requests that must be within the per-request limits."""

_KEY = re.compile(r"(?P<metric>[a-z0-9_]+?)(_(?P<statistic>mean|p\d+(\.\d+)?))?_ms")


@frozen(kw_only=True)
class Limit:
    """One limit, ``key`` as written. ``statistic`` is "mean" or a percentile's name ("p99") and
    limits the run; None limits every request."""

    key: str
    metric: str
    statistic: str | None
    ms: float

    @property
    def percentile(self) -> float | None:
        """99 for "p99"; None for the mean and for limits of every request."""
        if self.statistic is None or self.statistic == "mean":
            return None
        return float(self.statistic[1:])


@frozen(kw_only=True)
class Slo:
    """The limits; the per-request ones must hold together for ``attainment`` of the requests."""

    limits: tuple[Limit, ...]
    attainment: float = ATTAINMENT

    @property
    def per_request(self) -> tuple[Limit, ...]:
        return tuple(limit for limit in self.limits if limit.statistic is None)

    @property
    def percentiles(self) -> tuple[float, ...]:
        """The percentiles that the limits need."""
        return tuple(limit.percentile for limit in self.limits if limit.percentile is not None)


def parse_slo(table: Mapping[str, float]) -> Slo:
    """The SLO of a table such as ``{"ttft_ms": 500, "tpot_p99_ms": 50, "attainment": 0.95}``.

    Raises ValueError for what :func:`slo_problems` finds.
    """
    problems = slo_problems(table)
    if problems:
        raise ValueError("; ".join(f"{key}: {message}" for key, message in problems))
    limits = []
    for key, value in table.items():
        found = _KEY.fullmatch(key)
        if found is not None:
            limits.append(
                Limit(
                    key=key,
                    metric=found["metric"],
                    # "p099" and "p99.0" are p99.
                    statistic=_canonical(found["statistic"]),
                    ms=float(value),
                )
            )
    return Slo(limits=tuple(limits), attainment=float(table.get("attainment", ATTAINMENT)))


def _canonical(statistic: str | None) -> str | None:
    if statistic is None or statistic == "mean":
        return statistic
    return f"p{float(statistic[1:]):g}"


def slo_problems(table: Mapping[str, object]) -> Sequence[tuple[str, str]]:
    """What is wrong with the table: pairs of a key and a sentence's end."""
    problems = []
    for key, value in table.items():
        number = _number(value)
        if key == "attainment":
            if number is None or not 0 < number <= 1:
                problems.append((key, f"must be a share above 0 and up to 1, not {value!r}"))
            continue
        found = _KEY.fullmatch(key)
        if found is None or found["metric"] not in METRICS:
            problems.append(
                (
                    key,
                    "is not a limit; write METRIC_ms for every request, METRIC_mean_ms or "
                    f"METRIC_p99_ms for the run, METRIC being one of {', '.join(METRICS)}",
                )
            )
        elif found["statistic"] not in (None, "mean") and not _percentile(found["statistic"]):
            problems.append((key, "does not name a percentile between 0 and 100"))
        elif number is None or number <= 0:
            problems.append((key, f"must be a number of milliseconds above 0, not {value!r}"))
    if table and not problems and not any(key != "attainment" for key in table):
        problems.append(("attainment", "limits nothing by itself; add a limit such as ttft_ms"))
    return problems


def _number(value: object) -> float | None:
    """A finite number, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value)


def _percentile(statistic: str) -> bool:
    return 0 < float(statistic[1:]) < 100
