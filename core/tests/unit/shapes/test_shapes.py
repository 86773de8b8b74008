"""Load shapes: exact schedules, seeds, properties that all of them share, and what they refuse."""

from __future__ import annotations

import itertools
import math
import statistics
import time
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.base.errors import DataError
from aisbench.shapes.closed import Closed, ClosedSettings, Pressure, PressureSettings
from aisbench.shapes.events import Burst, BurstSettings, Trace, TraceSettings
from aisbench.shapes.ramps import (
    ClientStage,
    ClientStages,
    ClientStagesSettings,
    ExponentialRamp,
    ExponentialRampSettings,
    LinearRamp,
    LinearRampSettings,
    Stage,
    Stages,
    StagesSettings,
)
from aisbench.shapes.steady import (
    ConstantRate,
    Gamma,
    GammaSettings,
    Poisson,
    RandomSettings,
    RateSettings,
)
from aisbench.shapes.traffic import Traffic, TrafficSettings
from aisbench.types.load import LoadContext, OpenLoop

SECOND = 1_000_000_000


def context(
    requests: int | None = None,
    seconds: float | None = None,
    *,
    seed: int = 1,
    tail: float = 0.0,
    arrivals: list[int | None] | None = None,
) -> LoadContext:
    return LoadContext(
        arrivals_ns=arrivals if arrivals is not None else [None] * 10,
        requests=requests,
        duration_ns=None if seconds is None else round(seconds * SECOND),
        seed=seed,
        tail_ns=round(tail * SECOND),
    )


def seconds_of(shape: Any, where: LoadContext) -> list[float]:
    schedule = shape.schedule(where)
    assert isinstance(schedule, OpenLoop)
    return [when / SECOND for when in schedule.due_ns]


RANDOM = [
    Poisson(RandomSettings(rate=50.0)),
    Gamma(GammaSettings(rate=50.0, burstiness=0.4)),
    Gamma(GammaSettings(rate=50.0, burstiness=4.0)),
    LinearRamp(LinearRampSettings(from_rate=10.0, to_rate=90.0)),
    LinearRamp(LinearRampSettings(from_rate=90.0, to_rate=10.0)),
    ExponentialRamp(ExponentialRampSettings(from_rate=10.0, to_rate=90.0)),
    Stages(
        StagesSettings(
            stages=(Stage(rate=20.0, seconds=1.0), Stage(rate=80.0, seconds=1.0)), repeat=True
        )
    ),
]
EVEN = [
    ConstantRate(RateSettings(rate=50.0)),
    LinearRamp(LinearRampSettings(from_rate=0.0, to_rate=50.0, arrivals="constant")),
    Burst(BurstSettings(size=7, every=0.5)),
]


@pytest.mark.parametrize("shape", [*RANDOM, *EVEN], ids=lambda one: type(one).__name__)
@settings(max_examples=25, deadline=None)
@given(
    requests=st.integers(1, 200),
    seconds=st.one_of(st.none(), st.floats(1.0, 4.0)),
    tail=st.sampled_from([0.0, 1.0]),
    seed=st.integers(0, 5),
)
def test_every_open_loop_keeps_its_bounds(
    shape: Any, requests: int, seconds: float | None, tail: float, seed: int
) -> None:
    where = context(requests, seconds, seed=seed, tail=tail)
    due = list(shape.schedule(where).due_ns)
    assert all(a <= b for a, b in itertools.pairwise(due))
    assert due[0] >= 0
    if where.horizon_ns is not None:
        assert due[-1] < where.horizon_ns
    if seconds is None and not tail:
        assert len(due) == requests
    if len(due) > requests:
        assert due[-1] <= due[requests - 1] + where.tail_ns
    assert list(shape.schedule(where).due_ns) == due


@pytest.mark.parametrize("shape", RANDOM, ids=lambda one: type(one).__name__)
def test_another_seed_is_another_schedule(shape: Any) -> None:
    first, second = (shape.schedule(context(50, seed=seed)).due_ns for seed in (1, 2))
    assert list(first) != list(second)


def test_constant_arrivals_are_exact() -> None:
    assert seconds_of(ConstantRate(RateSettings(rate=4.0)), context(5)) == [
        0,
        0.25,
        0.5,
        0.75,
        1.0,
    ]
    assert len(seconds_of(ConstantRate(RateSettings(rate=4.0)), context(None, 2.0))) == 8


@pytest.mark.parametrize(
    ("shape", "variation"),
    [
        (Poisson(RandomSettings(rate=100.0)), 1.0),
        (Gamma(GammaSettings(rate=100.0, burstiness=1.0)), 1.0),
        (Gamma(GammaSettings(rate=100.0, burstiness=4.0)), 0.5),
        (Gamma(GammaSettings(rate=100.0, burstiness=0.25)), 2.0),
    ],
)
def test_random_gaps_have_their_mean_and_variation(shape: Any, variation: float) -> None:
    due = seconds_of(shape, context(40_000))
    gaps = [b - a for a, b in itertools.pairwise(due)]
    assert statistics.fmean(gaps) == pytest.approx(0.01, rel=0.05)
    assert statistics.stdev(gaps) / statistics.fmean(gaps) == pytest.approx(variation, rel=0.05)


def test_rescaled_schedules_end_when_vllm_bench_would() -> None:
    due = seconds_of(Poisson(RandomSettings(rate=8.0, rescale=True)), context(100))
    assert due[-1] == pytest.approx(100 / 8)


def test_ramps_send_what_their_rate_adds_up_to() -> None:
    linear = LinearRamp(LinearRampSettings(from_rate=100.0, to_rate=300.0, arrivals="constant"))
    due = seconds_of(linear, context(None, 10.0))
    assert len(due) == pytest.approx(2000, abs=2)
    # Half of the time, but less than half of the requests: 100 t + 10 t² at 5 s.
    assert sum(when < 5 for when in due) == pytest.approx(750, abs=2)
    growing = ExponentialRamp(
        ExponentialRampSettings(from_rate=10.0, to_rate=1000.0, arrivals="constant")
    )
    due = seconds_of(growing, context(None, 10.0))
    assert len(due) == pytest.approx(990 / math.log(100) * 10, abs=2)


def test_stages_follow_each_other() -> None:
    shape = Stages(
        StagesSettings(
            stages=(
                Stage(rate=2.0, seconds=2.0),
                Stage(rate=0.0, seconds=3.0),
                Stage(rate=4.0, seconds=1.0),
            ),
            arrivals="constant",
        )
    )
    due = seconds_of(shape, context(None, 100.0))
    assert due == pytest.approx([0.0, 0.5, 1.0, 1.5, 5.0, 5.25, 5.5, 5.75])


def test_clients_come_and_go_in_stages() -> None:
    stages = tuple(ClientStage(concurrency=n, seconds=10.0) for n in (2, 5, 1, 3))
    clients = ClientStages(ClientStagesSettings(stages=stages)).schedule(context(100)).clients
    for at, wanted in ((5, 2), (15, 5), (25, 1), (35, 3), (45, 0)):
        now = at * SECOND
        alive = [
            one
            for one in clients
            if one.begin_ns <= now and (one.end_ns is None or now < one.end_ns)
        ]
        assert len(alive) == wanted, at


def test_closed_loops() -> None:
    assert len(Closed(ClosedSettings(concurrency=8)).schedule(context(3)).clients) == 3
    assert len(Closed(ClosedSettings(concurrency=8)).schedule(context(3, tail=1)).clients) == 8
    pressure = Pressure(PressureSettings(concurrency=4, clients_per_second=2.0))
    begins = [one.begin_ns / SECOND for one in pressure.schedule(context(None, 9.0)).clients]
    assert begins == [0, 0.5, 1.0, 1.5]


def test_bursts() -> None:
    once = Burst(BurstSettings(size=3))
    assert seconds_of(once, context(10)) == [0, 0, 0]
    again = Burst(BurstSettings(size=2, every=1.5))
    assert seconds_of(again, context(5)) == [0, 0, 1.5, 1.5, 3.0]


class TestTraffic:
    """AISBench's own semantics (reference: aisbench.md 8.1)."""

    def test_even_gaps(self) -> None:
        due = seconds_of(Traffic(TrafficSettings(request_rate=4.0)), context(4))
        assert due == pytest.approx([0.25, 0.5, 0.75, 1.0])

    def test_without_a_ramp_the_last_is_due_at_n_over_rate(self) -> None:
        shape = Traffic(TrafficSettings(request_rate=5.0, burstiness=0.5))
        assert seconds_of(shape, context(200))[-1] == pytest.approx(40)

    @pytest.mark.parametrize(
        ("strategy", "rates"),
        [("linear", [1, 2, 3, 4, 5]), ("exponential", [5 ** (i / 4) for i in range(5)])],
    )
    def test_ramps_go_by_request(self, strategy: Any, rates: list[float]) -> None:
        shape = Traffic(
            TrafficSettings(ramp_up_strategy=strategy, ramp_up_start_rps=1.0, ramp_up_end_rps=5.0)
        )
        wanted = list(itertools.accumulate(1 / rate for rate in rates))
        assert seconds_of(shape, context(5)) == pytest.approx(wanted)


class TestTrace:
    ROWS: ClassVar[list[int | None]] = [2 * SECOND, 3 * SECOND, 3 * SECOND, 6 * SECOND]

    def schedule(self, requests: int | None = None, **keys: Any) -> tuple[list[float], list[int]]:
        where = context(requests or 4, arrivals=self.ROWS)
        schedule = Trace(TraceSettings(**keys)).schedule(where)
        assert schedule.rows is not None
        return [when / SECOND for when in schedule.due_ns], list(schedule.rows)

    def test_each_row_at_its_time(self) -> None:
        assert self.schedule() == ([0, 1, 1, 4], [0, 1, 2, 3])

    def test_twice_as_fast_and_later(self) -> None:
        assert self.schedule(speed=2.0, offset=1.0) == ([1, 1.5, 1.5, 3], [0, 1, 2, 3])

    def test_a_part_of_it(self) -> None:
        assert self.schedule(begin=3.0, end=6.0) == ([0, 0], [1, 2])

    def test_in_a_loop(self) -> None:
        due, rows = self.schedule(10, loop=True)
        assert rows == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1]
        # The period is the span and a mean gap more: the last row is not on top of the first.
        period = 4 + 4 / 3
        assert due[4] == pytest.approx(period)
        assert due[9] == pytest.approx(2 * period + 1)

    def test_fewer_requests_than_rows(self) -> None:
        assert self.schedule(2) == ([0, 1], [0, 1])


@pytest.mark.parametrize(
    ("shape", "where", "said"),
    [
        (Pressure(PressureSettings(concurrency=2)), context(5), "none is given"),
        (
            Pressure(PressureSettings(concurrency=9, clients_per_second=1.0)),
            context(None, 3.0),
            "9 clients at 1 a second come in 8 s",
        ),
        (
            LinearRamp(LinearRampSettings(from_rate=0.0, to_rate=0.0)),
            context(5),
            "rate 0 to rate 0",
        ),
        (
            Stages(StagesSettings(stages=(Stage(rate=0.0, seconds=1.0),))),
            context(5),
            "nothing would be sent",
        ),
        (
            ClientStages(ClientStagesSettings(stages=(ClientStage(concurrency=0, seconds=1.0),))),
            context(5),
            "no stage has a client",
        ),
        (Traffic(TrafficSettings()), context(5), "request_rate is 0"),
        (
            Traffic(TrafficSettings(ramp_up_strategy="linear")),
            context(5),
            "a ramp needs ramp_up_strategy",
        ),
        (
            Traffic(
                TrafficSettings(
                    request_rate=1.0,
                    ramp_up_strategy="linear",
                    ramp_up_start_rps=1.0,
                    ramp_up_end_rps=2.0,
                )
            ),
            context(5),
            "has no effect with a ramp",
        ),
        (Traffic(TrafficSettings(request_rate=1.0)), context(None, 5.0), "none is given"),
        (Trace(TraceSettings()), context(3, arrivals=[0, None, 5]), "1 of 3 rows"),
        (Trace(TraceSettings()), context(3, arrivals=[0, 9, 5]), "not in order: row 2"),
        (Trace(TraceSettings(begin=9.0)), context(3, arrivals=[0, 1, 2]), "no row of the trace"),
        (Poisson(RandomSettings(rate=1e-9)), context(None, 1.0), "no request is due"),
    ],
)
def test_what_cannot_be_scheduled_is_said(shape: Any, where: LoadContext, said: str) -> None:
    with pytest.raises(DataError, match=said):
        shape.schedule(where)


def test_a_mistaken_rate_is_told_before_memory_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aisbench.shapes.arrivals.MOST", 1000)
    with pytest.raises(DataError, match="more than 1000 arrivals"):
        ConstantRate(RateSettings(rate=1e9)).schedule(context(None, 100.0))


def test_large_schedules_are_made_quickly() -> None:
    begun = time.monotonic()
    assert len(Poisson(RandomSettings(rate=1000.0)).schedule(context(250_000)).due_ns) == 250_000
    assert time.monotonic() - begun < 10
