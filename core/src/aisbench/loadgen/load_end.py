"""When a load is over, for conversations that have not begun and for those that have."""

from __future__ import annotations

from aisbench.engine.breaker import Breaker
from aisbench.loadgen.shared_counters import SharedCounters
from aisbench.loadgen.spec import LoadSpec
from aisbench.store.recording.columns import Phase


class LoadEnd:
    """The end of one load, as one worker sees it. Instants are ns of the monotonic clock."""

    def __init__(self, spec: LoadSpec, shared: SharedCounters, breaker: Breaker) -> None:
        self._spec = spec
        self._shared = shared
        self._breaker = breaker
        self._deadline: int | None = None
        self.at = 0
        """When the measured part ended; 0 before that."""
        self.all_begun_at = 0
        """When the last measured conversation had begun; 0 before that."""
        self.cancelling = False
        """What is in flight is being cancelled."""

    def start(self, start: int) -> None:
        """The load begins at that instant."""
        duration = self._spec.duration_ns
        self._deadline = None if duration is None else start + duration

    def over(self, now: int) -> bool:
        """Whether no further conversation begins, measured or not."""
        if self.halted(now):
            return True
        begun = self.all_begun_at
        return bool(begun) and now >= begun + self._spec.cool_down_ns

    def halted(self, now: int) -> bool:
        """Whether conversations that have begun do not go on either."""
        if self.cancelling or self._shared["stop"] or self._breaker.tripped is not None:
            return True
        if not self.at:
            measured_end = self._shared["measured_end"]
            if measured_end:
                self.at = measured_end
            elif self._deadline is not None and now >= self._deadline:
                self.at = self._deadline
        return bool(self.at) and now >= self.at + self._spec.cool_down_ns

    def phase(self, number: int, now: int) -> Phase:
        """Whether what begins now as conversation ``number`` is measured."""
        limit = self._spec.requests
        measured_end = self._shared["measured_end"]
        if (
            (limit is not None and number >= limit)
            or (self._deadline is not None and now >= self._deadline)
            or (measured_end and now >= measured_end)
        ):
            return Phase.COOL_DOWN
        return Phase.MEASURED
