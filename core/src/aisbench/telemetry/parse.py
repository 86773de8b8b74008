"""Prometheus's text format: samples with names, labels and values. Sans-I/O.

Format: https://prometheus.io/docs/instrumenting/exposition_formats/ (version 0.0.4, and as much
of OpenMetrics 1.0 as differs in what matters here: exemplars and timestamps are left out).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from attrs import frozen

_SAMPLE = re.compile(
    r"(?P<name>[A-Za-z_:][A-Za-z0-9_:]*)\s*"
    # Label values may hold braces: quoted text is taken as a whole.
    r'(?P<labels>\{(?:[^"}]|"(?:\\.|[^"\\])*")*\})?'
    r"\s+(?P<value>[^\s#{}]+)",
    re.DOTALL,
)
_LABEL = re.compile(r'\s*(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*"(?P<value>(?:\\.|[^"\\])*)"\s*,?')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@frozen
class MetricValue:
    """One number of one series."""

    name: str
    labels: Mapping[str, str]
    value: float


def parse(text: str) -> Iterator[MetricValue]:
    """Every sample; lines that are none are passed over."""
    # Not splitlines(): label values may hold other line separators as they are.
    for line in text.split("\n"):
        if not line or line.startswith("#"):
            continue
        found = _SAMPLE.match(line)
        if found is None:
            continue
        try:
            value = float(found["value"])
        except ValueError:
            continue
        if "_" in found["value"]:  # Python's own way of writing numbers
            continue
        yield MetricValue(found["name"], dict(_labels(found["labels"] or "")), value)


def _labels(text: str) -> Iterator[tuple[str, str]]:
    for found in _LABEL.finditer(text[1:-1]):
        yield found["name"], _ESCAPE.sub(_unescape, found["value"])


def _unescape(found: re.Match[str]) -> str:
    return "\n" if found[1] == "n" else found[1]
