"""Markdown: the table as GitHub shows it."""

from __future__ import annotations

from collections.abc import Sequence

from aisbench.api import Figure, SuiteResult, TaskResult
from aisbench_plugin_files import loads


def to_markdown(results: SuiteResult) -> str:
    """A heading, a row for each figure of each task, the counts, and the notes."""
    lines = [f"# {_escape(results.name)}", "", f"Run: `{results.run}`", ""]
    if not results.complete:
        lines += ["**Incomplete:** requests are missing.", ""]
    if results.tasks:
        lines += _tasks(results)
    if results.groups:
        lines += _groups(results)
    lines += _loads(results)
    notes = [f"- {_escape(warning)}" for warning in results.warnings]
    if notes:
        lines += ["", *notes]
    return "\n".join(lines) + "\n"


def _loads(results: SuiteResult) -> list[str]:
    lines: list[str] = []
    inside = False
    for cells in (*loads.to_markdown(results), *loads.tunings_to_markdown(results)):
        table = len(cells) > 1
        if inside != table or not table or cells[0] in ("metric", "point"):
            lines.append("")
        inside = table
        if cells[0].startswith("## "):
            lines.append("## " + _escape(cells[0][3:]))
        elif table:
            lines.append(_row(cells))
        else:
            lines.append(_escape(cells[0]))
    return lines


def _tasks(results: SuiteResult) -> list[str]:
    header = (
        "model", "dataset", "variant", "metric", "part", "value", "95 % interval", "n", "failed",
        "unparsed", "truncated", "unfinished", "filtered", "refused", "unjudged",
        "odd",
    )  # fmt: skip
    lines = [_row(header), _row(["---"] * len(header))]
    for task in results.tasks:
        lines += [_row(_cells(task, figure)) for figure in task.figures or (None,)]
    chosen = dict.fromkeys(
        f"- {_escape(task.dataset)}: {task.samples:,} of {task.of:,} rows ({_escape(task.chosen)})"
        for task in results.tasks
        if task.of is not None
    )
    faults = [
        f"- {_escape(task.model)} / {_escape(task.dataset)}: {number} failed with {_escape(cause)}"
        for task in results.tasks
        for cause, number in task.faults.items()
    ]
    told = [
        f"- **Warning:** {_escape(task.model)} / {_escape(task.dataset)}: {_escape(warning)}"
        for task in results.tasks
        for warning in task.warnings
    ]
    notes = [*chosen, *faults, *told]
    return [*lines, *(["", *notes] if notes else [])]


def _groups(results: SuiteResult) -> list[str]:
    header = ("group", "model", "metric", "value", "95 % interval", "n", "of", "not there")
    lines = ["", _row(header), _row(["---"] * len(header))]
    for one in results.groups:
        figure = one.figure
        value, interval = _value(figure) if figure is not None else ("", "")
        model = f"{one.model} [{one.load}]" if one.load else one.model
        name, number = (figure.name, str(figure.n)) if figure is not None else ("", "")
        share = f"{one.present} of {one.total}"
        missing = ", ".join(one.missing)
        lines.append(_row([one.title, model, name, value, interval, number, share, missing]))
    return lines


def _value(figure: Figure) -> tuple[str, str]:
    """A figure and its interval."""
    interval = ""
    digits = 4 if not figure.unit and abs(figure.value) <= 1 else 2  # a share of 1
    if figure.low is not None and figure.high is not None:
        interval = f"{figure.low:.{digits}f} to {figure.high:.{digits}f}"
    return f"{figure.value:.{digits}f} {figure.unit}".rstrip(), interval


def _cells(task: TaskResult, figure: Figure | None) -> list[str]:
    """``figure`` is None for a task without any, none of whose answers could be judged."""
    name = part = value = interval = ""
    number = task.samples
    if figure is not None:
        name, part, number = figure.name, figure.part, figure.n
        value, interval = _value(figure)
    samples = str(number) if task.repeats == 1 else f"{number} x {task.repeats}"
    counts = task.counts
    outcomes = (
        counts.failed, counts.unparsed, counts.truncated, counts.unfinished, counts.filtered,
        counts.refused, counts.unjudged, "" if task.odd is None else task.odd,
    )  # fmt: skip
    return [
        task.model, f"{task.dataset} [{task.load}]" if task.load else task.dataset, task.variant,
        name, part, value, interval, samples, *map(str, outcomes),
    ]  # fmt: skip


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_escape(cell) for cell in cells) + " |"


def _escape(text: str) -> str:
    """Keep a cell a cell: pipes, line ends and markup are text."""
    for character in "\\|*_`[]<>":
        text = text.replace(character, f"\\{character}")
    return " ".join(text.split())
