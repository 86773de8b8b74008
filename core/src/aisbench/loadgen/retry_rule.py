"""Whether a failed attempt of a load is followed by another one, and when."""

from __future__ import annotations

import random

from aisbench.engine.retry import Backoff, is_transient, parse_retry_after
from aisbench.loadgen.attempt import Attempt
from aisbench.loadgen.load_end import LoadEnd
from aisbench.loadgen.spec import SECOND, LoadSpec
from aisbench.types.response import Fault


class RetryRule:
    """``load.attempts`` of each request, apart by the back-off of the model's ``retry``."""

    def __init__(self, spec: LoadSpec, index: int, load_end: LoadEnd) -> None:
        self._attempts = spec.settings.attempts
        self._backoff = Backoff(spec.service.retry, random.Random(f"{spec.seed}/{index}"))
        self._load_end = load_end

    def next_at(self, attempt: Attempt, fault: Fault | None, now: int) -> int | None:
        """When to send the request again; None when it is not sent again."""
        if (
            fault is None
            or attempt.cancelled
            or attempt.number >= self._attempts
            or not is_transient(fault)
            or self._load_end.halted(now)
        ):
            return None
        wait = self._backoff.wait(attempt.number, parse_retry_after(attempt.retry_after))
        return now + int(wait * SECOND)
