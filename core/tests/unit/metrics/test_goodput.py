"""Requests that keep their limits: goodput, attainment and the verdict."""

from __future__ import annotations

import pytest
from recordings import Maker

from aisbench.metrics.columns import MetricOptions
from aisbench.metrics.goodput import good, holds
from aisbench.metrics.measure import measure
from aisbench.settings.slo import parse_slo
from aisbench.types.slo_result import RunLimitResult


def run() -> Maker:
    maker = Maker()
    maker.simple(0, 10, 5, 11)
    maker.simple(1, 30, 5, 11)  # slow to begin
    maker.simple(2, 10, 9, 11)  # slow to go on
    maker.simple(3, 10, 5, 1)  # one token: no TPOT to break
    maker.simple(4, 10, 5, 11, outcome=1)
    maker.simple(5, 10, 5, 11, completion_tokens=-1)  # its TPOT is not known
    maker.simple(6, 10, 5, 11, phase=0)
    return maker


def test_good_requests() -> None:
    slo = parse_slo({"ttft_ms": 20, "tpot_ms": 6})
    recording = run().recording()
    assert good(recording, slo).tolist() == [True, False, False, True, False, False, False]
    itl = parse_slo({"itl_ms": 6})
    assert good(recording, itl).tolist() == [True, True, False, True, False, True, False]
    assert not good(recording, itl, "token")[5]


def test_figures_and_verdict() -> None:
    slo = parse_slo({"ttft_ms": 20, "tpot_ms": 6, "e2el_p90_ms": 1000, "attainment": 0.3})
    recording = run().recording()
    population = measure(recording, MetricOptions(percentiles=(50,), slo=slo))[0]
    figures = {f.name: f for f in population.figures}
    seconds = figures["benchmark_duration"].value
    assert figures["goodput"].value == pytest.approx(2 / seconds)
    assert figures["slo_attainment"].value == pytest.approx(2 / 6)
    assert figures["slo_attainment"].low == pytest.approx(0.0968, abs=1e-3)
    assert figures["token_goodput"].value == pytest.approx(12 / seconds)
    verdict = holds(slo, recording, population)
    assert verdict.holds is True
    assert (verdict.good, verdict.requests) == (2, 6)
    assert [limit.key for limit in verdict.limits] == ["ttft_ms", "tpot_ms", "e2el_p90_ms"]
    p90 = verdict.limits[2]
    assert isinstance(p90, RunLimitResult)
    assert p90.value is not None and p90.value < 1000
    assert holds(parse_slo({"ttft_ms": 20}), recording, population).holds is False
    assert holds(parse_slo({"e2el_mean_ms": 1}), recording, population).holds is False


def test_what_cannot_be_judged_is_not_held() -> None:
    slo = parse_slo({"ttft_mean_ms": 20})
    recording = run().recording()
    population = measure(recording, MetricOptions(slo=slo, streamed=False))[0]
    assert holds(slo, recording, population).holds is None
