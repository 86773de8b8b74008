"""What a report may change of how loads are measured."""

from __future__ import annotations

from typing import Any

import pytest

from aisbench.base.errors import AisbenchError
from aisbench.runs.again import report_changes


def test_what_is_not_given_is_not_changed() -> None:
    assert report_changes() == {}
    assert report_changes(percentiles=(50, 99.9), window=2, slo={"ttft_ms": 5}, itl="read") == {
        "percentiles": [50.0, 99.9],
        "window": 2,
        "slo": {"ttft_ms": 5},
        "itl": "read",
    }


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ({"percentiles": []}, r"--percentiles: \[\] must be"),
        ({"percentiles": [50, 100]}, "must be numbers between 0 and 100"),
        ({"window": 0}, "--window: must be above 0"),
        ({"itl": "word"}, "--itl: 'word' is unknown"),
        ({"slo": {"speed": 1}}, "--slo speed: "),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any], found: str) -> None:
    with pytest.raises(AisbenchError, match=found):
        report_changes(**wrong, prefix="--")
