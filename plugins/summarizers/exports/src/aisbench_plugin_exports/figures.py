"""Figures and their intervals as text."""

from __future__ import annotations

from collections.abc import Sequence

from aisbench.api import METRICS, Figure


def digits_of(figure: Figure) -> int:
    """Digits behind the point: four for shares of 1, else one for percent and two for others."""
    if figure.unit == "%":
        return 1
    return 4 if not figure.unit and abs(figure.value) <= 1 else 2


def value_text(figure: Figure) -> str:
    """The value without its unit; counts are whole."""
    if isinstance(figure.value, int):
        return str(figure.value)
    return f"{figure.value:.{digits_of(figure)}f}"


def interval_text(figure: Figure) -> str:
    """``[low, high]``; "" where there is none."""
    if figure.low is None or figure.high is None:
        return ""
    digits = digits_of(figure)
    return f"[{figure.low:.{digits}f}, {figure.high:.{digits}f}]"


def title_of(metric: str) -> str:
    """What users call a metric of loads."""
    known = METRICS.get(metric)
    return known.title if known else metric


def chosen_statistics() -> Sequence[tuple[str, str]]:
    """The quantities of loads that short tables show, with the statistic of each."""
    return (
        ("ttft", "p50"), ("ttft", "p99"), ("tpot", "p50"), ("tpot", "p99"), ("e2el", "p50"),
        ("e2el", "p99"),
    )  # fmt: skip


SHORT_FIGURES = ("request_throughput", "output_token_throughput", "goodput")
"""The figures of loads that short tables show."""
