"""CSV: one line for each figure and each count."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from io import StringIO

import attrs

from aisbench.api import Figure, GroupResult, SuiteResult, TaskResult

COLUMNS = (
    "model", "dataset", "variant", "load", "samples", "repeats", "metric", "part",
    "value", "unit", "n",
    "better", "stderr", "low", "high", "bound_low", "bound_high", "method", "group", "of",
)  # fmt: skip


def to_csv(results: SuiteResult) -> str:
    """RFC 4180 with the header :data:`COLUMNS`. Counts are metrics with the unit ``answers``.

    Figures of groups of data sets have a ``group`` and no data set; ``of`` says how much of the
    group, or of a data set whose rows were chosen, they are made of, as in "3 of 6".
    """
    out = StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for task in results.tasks:
        writer.writerows(_lines(task))
    writer.writerows(_group(group) for group in results.groups if group.figure is not None)
    return out.getvalue()


def _lines(task: TaskResult) -> Iterator[dict[str, object]]:
    common: dict[str, object] = {
        "model": task.model,
        "dataset": task.dataset,
        "variant": task.variant,
        "load": task.load,
        "samples": task.samples,
        "repeats": task.repeats,
    }
    if task.of is not None:
        common["of"] = f"{task.samples} of {task.of}"
    for figure in task.figures:
        yield {**common, **_figure(figure)}
    for name, number in attrs.asdict(task.counts).items():
        yield {**common, "metric": f"count:{name}", "value": number, "unit": "answers"}
    if task.odd is not None:
        yield {**common, "metric": "count:odd", "value": task.odd, "unit": "answers"}
    for name, number in task.anomalies.items():
        yield {**common, "metric": f"anomaly:{name}", "value": number, "unit": "answers"}
    for name, total in task.tokens.items():
        if total is not None:
            yield {**common, "metric": f"sum:{name}", "value": total, "unit": "tokens"}


def _group(group: GroupResult) -> dict[str, object]:
    assert group.figure is not None
    return {
        "model": group.model,
        "load": group.load,
        **_figure(group.figure),
        "group": group.name,
        "of": f"{group.present} of {group.total}",
    }


def _figure(figure: Figure) -> dict[str, object]:
    fields = attrs.asdict(figure)
    fields["metric"] = fields.pop("name")
    return {key: _cell(value) for key, value in fields.items()}


def _cell(value: object) -> object:
    """Unknown numbers are empty cells: ``nan`` would be text to a spreadsheet."""
    unknown = value is None or (isinstance(value, float) and not math.isfinite(value))
    return "" if unknown else value
