"""A load over time, for those who watch it: a point a second of the last ten minutes."""

from __future__ import annotations

from collections import deque

from attrs import define, field, frozen

from aisbench.loadgen.live import LiveLoad

POINTS = 600
POINT_SECONDS = 1.0


@frozen
class TracePoint:
    """What a load's counters said at one time, as a LoadTrace has it."""

    seconds: float
    requests_per_second: float | None
    tokens_per_second: float | None
    ttft_ms: float | None
    itl_ms: float | None
    in_flight: int
    failed: int


@define
class TraceKeeper:
    """Keeps the points."""

    points: deque[TracePoint] = field(factory=lambda: deque(maxlen=POINTS))

    def look(self, live: LiveLoad) -> None:
        """Take a point, unless the last one is too fresh or the load has not begun."""
        seconds = live.seconds
        if not seconds or (self.points and seconds - self.points[-1].seconds < POINT_SECONDS / 2):
            return
        self.points.append(
            TracePoint(
                seconds=round(seconds, 3),
                requests_per_second=live.achieved_rate,
                tokens_per_second=live.tokens_rate,
                ttft_ms=live.ttft_ms[0] if live.ttft_ms else None,
                itl_ms=live.itl_ms[0] if live.itl_ms else None,
                in_flight=live.in_flight,
                failed=live.failed,
            )
        )
