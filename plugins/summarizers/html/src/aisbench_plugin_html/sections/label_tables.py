"""The requests of a load by their labels: a table a label, a row a value."""

from __future__ import annotations

from markupsafe import Markup

from aisbench.api import (
    METRICS,
    Figure,
    LabelledValue,
    LabelResult,
    PerformanceResult,
    Statistics,
    Wording,
)
from aisbench_plugin_html.charts.parts import metric_hint, metric_title
from aisbench_plugin_html.sections.performance_tables import cell
from aisbench_plugin_html.tables import Cell, TableColumn, TableNumber, table

LATENCIES = (("ttft", "mean"), ("ttft", "p50"), ("ttft", "p99"), ("tpot", "mean"), ("tpot", "p99"),
             ("e2el", "mean"), ("e2el", "p99"))  # fmt: skip
FIGURES = ("request_throughput", "output_token_throughput", "goodput", "slo_attainment",
           "cached_share")  # fmt: skip
SHARES = ("slo_attainment", "cached_share")
NONE = TableNumber(None, "—")


def labels_block(load: PerformanceResult, words: Wording) -> Markup | None:
    """Tables of all labels; None where requests have none."""
    if not load.labels:
        return None
    return Markup("").join(_label(one, words) for one in load.labels)


def _label(label: LabelResult, words: Wording) -> Markup:
    columns = [
        TableColumn(title=label.name),
        TableColumn(title=words.text("requests"), number=True),
        TableColumn(title=words.text("failed"), number=True),
        *(
            TableColumn(
                title=f"{metric_title(metric, words)} {_statistic_title(name, words)} "
                f"{METRICS[metric].unit}",
                number=True,
                hint=metric_hint(metric, words),
            )
            for metric, name in LATENCIES
        ),
        *(
            TableColumn(
                title=metric_title(name, words), number=True, hint=metric_hint(name, words)
            )
            for name in FIGURES
        ),
    ]
    rows = [_row(one) for one in label.values]
    keep = [at for at in range(len(columns)) if at < 3 or any(row[at] != NONE for row in rows)]
    caption = words.text("Requests by {label}", label=label.name)
    made = table(
        [columns[at] for at in keep], [[row[at] for at in keep] for row in rows], caption=caption
    )
    notes = []
    if label.distinct > len(label.values):
        notes.append(
            words.text(
                "{shown} of {total} values, those with the most requests; all: requests.parquet",
                shown=len(label.values),
                total=f"{label.distinct:,}",
            )
        )
    if label.unlabelled:
        notes.append(words.text("{n} requests have none", n=f"{label.unlabelled:,}"))
    below = Markup("").join(Markup("<li>{}</li>").format(one) for one in notes)
    return Markup("<h3>{}</h3>{}{}").format(
        caption, made, Markup('<ul class="notes">{}</ul>').format(below) if notes else ""
    )


def _row(one: LabelledValue) -> list[Cell]:
    statistics = {found.name: found for found in one.statistics}
    figures = {found.name: found for found in one.figures}
    return [
        one.value,
        cell(one.counts.total),
        cell(one.counts.failed + one.counts.cancelled),
        *(_statistic(statistics.get(metric), name) for metric, name in LATENCIES),
        *(_figure(figures.get(name)) for name in FIGURES),
    ]


def _statistic_title(name: str, words: Wording) -> str:
    return words.text("mean") if name == "mean" else name


def _statistic(found: Statistics | None, name: str) -> TableNumber:
    if found is None or (name != "mean" and name not in found.percentiles):
        return NONE
    if name == "mean":
        return cell(found.mean)
    return cell(found.percentiles[name], "~" if name in found.weak else "")


def _figure(found: Figure | None) -> TableNumber:
    if found is None:
        return NONE
    if found.name in SHARES:
        return TableNumber(found.value, f"{found.value:.1%}")
    return cell(found.value)
