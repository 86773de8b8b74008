"""The part of docs/metrics.md that comes from the metric dictionary."""

from __future__ import annotations

from aisbench.metrics.dictionary import DICTIONARY, Metric

BEGIN = "<!-- from aisbench.metrics.dictionary; `python -m aisbench.metrics.reference FILE` -->"
END = "<!-- end -->"

_HEADINGS = {
    "request": "### Of a request",
    "gap": "### Of the gaps between tokens",
    "conversation": "### Of a conversation",
    "run": "### Of the run",
}


def formulas() -> str:
    """Tables of all metrics in Markdown, a table a scope."""
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


def renewed(text: str) -> str:
    """``text`` with what stands between the two marks renewed."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{formulas()}\n\n{END}{after}"


if __name__ == "__main__":
    import sys
    from pathlib import Path

    file = Path(sys.argv[1])
    file.write_text(renewed(file.read_text(encoding="utf-8")), encoding="utf-8")
