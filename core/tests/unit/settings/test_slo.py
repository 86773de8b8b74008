"""Service levels: METRIC_ms, METRIC_STATISTIC_ms and attainment; what is wrong with others."""

from __future__ import annotations

import pytest

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
