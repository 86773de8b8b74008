"""Which failures are worth another attempt, and after what wait."""

from __future__ import annotations

import datetime
import email.utils
import random
import re
import time

from attrs import frozen

from aisbench.config.service_keys import Retry
from aisbench.types.response import Fault, FaultKind

RETRIED_STATUS = frozenset({408, 409, 425, 429})
_OVERLOAD_STATUS = frozenset({429, 502, 503, 504, 529})
"""529 is Anthropic's word for it."""
_OVERLOAD = re.compile(r"overload|rate.?limit|too many requests", re.IGNORECASE)
"""The same, said inside an answer that began as a success."""
_SECONDS = re.compile(r"[0-9]+\Z")
_LONGEST = 366 * 86400.0
_LONGEST_DATE = 100


def is_transient(fault: Fault) -> bool:
    """Whether a failure may go away by itself.

    Connection errors, time-outs, cut or garbled answers, 408, 409, 425, 429 and 5xx may; other
    statuses and refused certificates will not.
    """
    if fault.kind is FaultKind.HTTP:
        status = fault.status or 0
        return status in RETRIED_STATUS or status >= 500
    return fault.kind is not FaultKind.TLS


def may_be_deterministic(fault: Fault) -> bool:
    """Whether the same failure twice can mean that the request itself is the cause."""
    if fault.kind is FaultKind.HTTP:
        return (fault.status or 0) >= 500 and fault.status not in _OVERLOAD_STATUS
    if fault.kind is FaultKind.SERVER:
        return _OVERLOAD.search(f"{fault.message} {fault.body or ''}") is None
    return fault.kind in (FaultKind.PROTOCOL, FaultKind.BUG)


def parse_retry_after(value: str | None) -> float | None:
    """Seconds to wait by a Retry-After header: seconds or a date (RFC 9110, 10.2.3).

    None where it holds neither. Never raises; at most a year.
    """
    if not value:
        return None
    value = value.strip()
    if _SECONDS.match(value):
        return min(float(value), _LONGEST)
    if len(value) > _LONGEST_DATE:
        return None
    try:
        when = email.utils.parsedate_to_datetime(value)
        if when.tzinfo is None:
            when = when.replace(tzinfo=datetime.timezone.utc)  # dates of HTTP are GMT
        seconds = when.timestamp() - time.time()
    except (ArithmeticError, LookupError, OSError, TypeError, ValueError):
        return None  # not a date, or one that no calendar has; servers raised each of these
    return min(max(0.0, seconds), _LONGEST)


@frozen
class Backoff:
    """Waits that double, with jitter from half to the full length, from a seeded source."""

    policy: Retry
    source: random.Random

    def wait(self, failures: int, retry_after: float | None) -> float:
        """Seconds before the attempt that follows ``failures`` failed ones."""
        longest = self.policy.backoff_max
        if retry_after is not None:
            return min(retry_after, longest)
        full: float = min(self.policy.backoff * 2 ** min(failures - 1, 32), longest)
        return full * (0.5 + 0.5 * self.source.random())
