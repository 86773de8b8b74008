"""Refusals with 429: the server's limit on requests at once, or on how many come."""

from __future__ import annotations

import heapq
import random

import pytest
from recordings import MS, Maker

from aisbench.metrics.admission import admission
from aisbench.store.recording.columns import AttemptOutcome, Phase


def refused(maker: Maker, at: float, **more: int) -> None:
    start = int(at * MS)
    maker.add(
        scheduled=start, dispatched=start, sent=start, done=start + MS, status=429,
        outcome=int(AttemptOutcome.FAILED), **more,
    )  # fmt: skip


@pytest.mark.parametrize("limit", [1, 8, 64])
def test_a_limit_on_requests_at_once_is_found(limit: int) -> None:
    maker, source, now = Maker(), random.Random(limit), 0.0
    ends: list[float] = []
    for _ in range(40 * limit):
        now += source.expovariate(limit / 50)
        while ends and ends[0] <= now:
            heapq.heappop(ends)
        if len(ends) >= limit:
            refused(maker, now)
        else:
            maker.simple(now, 100, 0, 1)
            heapq.heappush(ends, now + 100)
    (said,) = admission(maker.recording())
    assert f"it admits some {limit} at once" in said
    assert f"({limit} were in flight" in said
    assert f"max_concurrency = {limit} stays" in said


def test_a_limit_on_rates_is_told_apart() -> None:
    maker = Maker()
    for number in range(10):
        maker.simple(number, 50, 0, 1)
    for number in range(200):
        refused(maker, 1000 + number)
    for number in range(5):
        maker.simple(2000 + 100 * number, 50, 0, 1)
    (said,) = admission(maker.recording())
    assert "how many come in some time" in said
    assert "200 of 215 attempts" in said


def test_a_server_that_admits_none() -> None:
    maker = Maker()
    refused(maker, 1)
    (said,) = admission(maker.recording())
    assert said.endswith("it admitted none")


def test_without_refusals_nothing_is_said() -> None:
    maker = Maker()
    maker.simple(0, 10, 1, 3)
    maker.add(sent=1, done=2, status=500, outcome=int(AttemptOutcome.FAILED))
    refused(maker, 5, phase=int(Phase.WARM_UP))
    assert list(admission(maker.recording())) == []
