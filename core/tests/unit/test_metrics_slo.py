from __future__ import annotations

import pytest
from recordings import Maker

from aisbench.metrics.columns import MetricOptions
from aisbench.metrics.goodput import good, holds
from aisbench.metrics.measure import measure
from aisbench.settings.slo import parse_slo, slo_problems


def test_parsing() -> None:
    slo = parse_slo({"ttft_ms": 500, "tpot_p99_ms": 50, "e2el_mean_ms": 3000, "attainment": 0.9})
    assert [(x.metric, x.statistic, x.percentile, x.ms) for x in slo.limits] == [
        ("ttft", None, None, 500.0),
        ("tpot", "p99", 99.0, 50.0),
        ("e2el", "mean", None, 3000.0),
    ]
    assert slo.attainment == 0.9
    assert slo.percentiles == (99.0,)
    (limit,) = parse_slo({"ttft_scheduled_p99.90_ms": 1}).limits
    assert (limit.metric, limit.statistic) == ("ttft_scheduled", "p99.9")
    assert parse_slo({"ttft_ms": 1}).attainment == 0.99


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("ttft", 5, "METRIC_ms"),
        ("tftt_ms", 5, "ttft"),
        ("ttft_p0_ms", 5, "between 0 and 100"),
        ("ttft_p100_ms", 5, "between 0 and 100"),
        ("ttft_ms", 0, "above 0"),
        ("ttft_ms", True, "above 0"),
        ("ttft_ms", float("nan"), "above 0"),
        ("ttft_ms", "5", "above 0"),
        ("attainment", 1.5, "share"),
        ("attainment", 0.9, "limits nothing"),
    ],
)
def test_wrong_keys(key: str, value: float, says: str) -> None:
    ((found, message),) = slo_problems({key: value})
    assert found == key
    assert says in message
    with pytest.raises(ValueError, match=key):
        parse_slo({key: value})


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
    assert verdict["holds"] is True
    assert (verdict["good"], verdict["requests"]) == (2, 6)
    assert [limit["key"] for limit in verdict["limits"]] == ["ttft_ms", "tpot_ms", "e2el_p90_ms"]
    assert verdict["limits"][2]["value"] < 1000
    assert holds(parse_slo({"ttft_ms": 20}), recording, population)["holds"] is False
    assert holds(parse_slo({"e2el_mean_ms": 1}), recording, population)["holds"] is False


def test_what_cannot_be_judged_is_not_held() -> None:
    slo = parse_slo({"ttft_mean_ms": 20})
    recording = run().recording()
    population = measure(recording, MetricOptions(slo=slo, streamed=False))[0]
    assert holds(slo, recording, population)["holds"] is None
