"""The part of docs/reference/metrics.md that comes from the metric dictionary."""

from __future__ import annotations

from aisbench.metrics.dictionary import DICTIONARY
from aisbench.metrics.metric import Metric

_HEADINGS = {
    "request": "### Of a request",
    "gap": "### Of the gaps between tokens",
    "conversation": "### Of a conversation",
    "run": "### Of the run",
}


def formulas() -> str:
    """Tables of all metrics, one for each scope."""
    parts = []
    for scope, heading in _HEADINGS.items():
        rows = [_row(metric) for metric in DICTIONARY.values() if metric.scope == scope]
        head = "| key | name | unit | formula | source | remarks |\n|---|---|---|---|---|---|"
        parts.append("\n".join([heading, "", head, *rows]))
    return "\n\n".join(parts)


def _row(metric: Metric) -> str:
    formula = metric.formula.replace("|", "\\|")
    return (
        f"| `{metric.name}` | {metric.title} | {metric.unit} | {formula} | {metric.source} "
        f"| {metric.remarks} |"
    )
