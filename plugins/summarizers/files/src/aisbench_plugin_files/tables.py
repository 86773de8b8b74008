"""CSV: one line for each figure and each count."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from io import StringIO

import attrs

from aisbench.api import SuiteResult, TaskResult

COLUMNS = (
    "model", "dataset", "variant", "load", "samples", "repeats", "metric", "part",
    "value", "unit", "n",
    "better", "stderr", "low", "high", "bound_low", "bound_high", "method",
)  # fmt: skip


def to_csv(results: SuiteResult) -> str:
    """RFC 4180 with the header :data:`COLUMNS`. Counts are metrics with the unit ``answers``."""
    out = StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for task in results.tasks:
        writer.writerows(_lines(task))
    return out.getvalue()


def _lines(task: TaskResult) -> Iterator[dict[str, object]]:
    common = {
        "model": task.model,
        "dataset": task.dataset,
        "variant": task.variant,
        "load": task.load,
        "samples": task.samples,
        "repeats": task.repeats,
    }
    for figure in task.figures:
        fields = attrs.asdict(figure)
        fields["metric"] = fields.pop("name")
        yield {**common, **{key: _cell(value) for key, value in fields.items()}}
    for name, number in attrs.asdict(task.counts).items():
        yield {**common, "metric": f"count:{name}", "value": number, "unit": "answers"}
    for name, total in task.tokens.items():
        if total is not None:
            yield {**common, "metric": f"sum:{name}", "value": total, "unit": "tokens"}


def _cell(value: object) -> object:
    """Unknown numbers are empty cells: ``nan`` would be text to a spreadsheet."""
    unknown = value is None or (isinstance(value, float) and not math.isfinite(value))
    return "" if unknown else value
