"""Turns of conversations, steps of sessions, and what whole sessions took."""

from __future__ import annotations

from markupsafe import Markup

from aisbench.api import PerformanceResult, Wording
from aisbench_plugin_html.charts.parts import metric_hint, metric_title
from aisbench_plugin_html.sections.performance_tables import (
    cell,
    figure_cell,
    in_one_line,
    metric_column,
    percentile_cell,
)
from aisbench_plugin_html.tables import Cell, TableColumn, hinted, table


def turns_table(load: PerformanceResult, words: Wording) -> Markup | None:
    """A row a turn of conversations, or a depth of steps of sessions; None where there is one
    alone."""
    parts = [one for one in load.populations if one.name.startswith(("turn ", "step "))]
    if not parts:
        return None
    shown = (("input_tokens", "mean"), ("output_tokens", "mean"), ("ttft", "p50"), ("ttft", "p99"),
             ("tpot", "p99"), ("e2el", "p50"), ("e2el", "p99"))  # fmt: skip
    steps = parts[0].name.startswith("step ")
    first = words.text("step") if steps else words.text("turn")
    columns = [TableColumn(title=first), TableColumn(title="n", number=True)]
    columns += [
        metric_column(metric, words, f"{metric_title(metric, words)} {name}")
        for metric, name in shown
    ]
    rows = []
    for part in parts:
        row: list[Cell] = [
            part.name.split()[1],
            figure_cell(
                next((one for one in part.figures if one.name == "success_requests"), None)
            ),
        ]
        for metric, name in shown:
            found = next((one for one in part.statistics if one.name == metric), None)
            mean = cell(None if found is None else found.mean)
            row.append(mean if name == "mean" else percentile_cell(found, name))
        rows.append(row)
    caption = words.text("Turns of the conversations")
    if steps:
        caption = words.text("Steps of the sessions, by their depth in the graph")
    return table(columns, rows, caption=caption)


def sessions_table(load: PerformanceResult, words: Wording) -> Markup | None:
    """What whole sessions took, in its parts; None where rows stand alone."""
    part = next((one for one in load.populations if one.name == "sessions"), None)
    if part is None or not part.statistics:
        return None
    columns = [TableColumn(title=words.text("of a session"))]
    names = ("mean", "p50", "p99")
    columns += [TableColumn(title=name, number=True) for name in names]
    columns.append(TableColumn(title=words.text("unit")))
    rows: list[list[Cell]] = []
    for one in part.statistics:
        title = in_one_line(hinted(metric_title(one.name, words), metric_hint(one.name, words)))
        figures = [cell(one.mean), *(percentile_cell(one, name) for name in names[1:])]
        rows.append([title, *figures, one.unit])
    counts = {one.name: one.value for one in part.figures}
    return table(
        columns,
        rows,
        caption=words.text(
            "{whole} of {total} sessions were answered to their end. Critical path, tools, "
            "thinking and delay are the duration together",
            whole=f"{counts.get('success_sessions', 0):g}",
            total=f"{counts.get('total_sessions', 0):g}",
        ),
    )
