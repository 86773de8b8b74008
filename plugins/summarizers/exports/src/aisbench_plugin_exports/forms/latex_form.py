"""Tables for papers: LaTeX with the package booktabs, intervals beside the values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from aisbench import RunResult
from aisbench.api import Figure, PerformanceResult
from aisbench_plugin_exports.figures import (
    SHORT_FIGURES,
    chosen_statistics,
    interval_text,
    title_of,
    value_text,
)
from aisbench_plugin_exports.forms.csv_form import Runs, nothing
from aisbench_plugin_exports.writing import text_to

SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': "''",
    "[": "{[}", "]": "{]}",  # behind a line's end it would begin an option of it
}  # fmt: skip

Column = tuple[str, str]
"""Run and model."""
Row = tuple[str, str, str, str]
"""What is measured (a data set or a group), part, figure, unit."""


def escaped(text: str) -> str:
    """Text in which nothing is a command of LaTeX; one line."""
    return "".join(SPECIAL.get(one, one) for one in " ".join(text.split()))


def write_latex(runs: Runs, path: Path | None) -> None:
    """A table of accuracy and one of loads, each where there is any. Raises AisbenchError."""
    with text_to(path) as out:
        found = list(runs())
        if not any(run.scores or run.groups or run.loads for run in found):
            raise nothing(("scores", "loads"))
        out.write("% needs \\usepackage{booktabs}\n")
        if any(run.scores or run.groups for run in found):
            _write_scores(out, found)
        if any(run.loads for run in found):
            _write_loads(out, found)


def _write_scores(out: TextIO, runs: Sequence[RunResult]) -> None:
    cells: dict[Row, dict[Column, Figure]] = {}
    columns: dict[Column, None] = {}
    for run in runs:
        for column, row, figure in _figures(run):
            columns[column] = None
            cells.setdefault(row, {})[column] = figure
    several = len({run for run, _ in columns}) > 1
    heads = [f"{model} ({run})" if several else model for run, model in columns]
    body = []
    for (what, part, name, unit), values in cells.items():
        label = f"{what}: {part}" if part else what
        shown = f"{name} ({unit})" if unit else name
        numbers = {figure.n for figure in values.values()}
        count = "/".join(map(str, sorted(numbers)))
        body.append([label, shown, count, *(_cell(values.get(one)) for one in columns)])
    heading = ["data set", "figure", "$n$", *map(escaped, heads)]
    out.writelines(table("llr" + "r" * len(columns), heading, body))


def _figures(run: RunResult) -> Iterator[tuple[Column, Row, Figure]]:
    name = run.path.name
    for task in run.scores:
        what = f"{task.dataset} [{task.load}]" if task.load else task.dataset
        for one in task.figures:
            yield (name, task.model), (what, one.part, one.name, one.unit), one
    for group in run.groups:
        if (figure := group.figure) is not None:
            what = group.title if group.complete else f"{group.title} ({group.share})"
            yield (name, group.model), (what, "", figure.name, figure.unit), figure


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return "--"
    interval = interval_text(figure)
    return f"{value_text(figure)} {{\\scriptsize {interval}}}" if interval else value_text(figure)


def _write_loads(out: TextIO, runs: Iterable[RunResult]) -> None:
    found = [(run, load) for run in runs for load in run.loads if load.populations]
    several = len({run.path for run, _ in found}) > 1
    names = [one for one in SHORT_FIGURES if any(_figure(load, one) for _, load in found)]
    quantities = [
        one for one in chosen_statistics() if any(_quantity(load, *one) for _, load in found)
    ]
    heads = ["run"] if several else []
    heads += ["model", "load", "$n$", *(escaped(title_of(one)) for one in names)]
    heads += [f"{escaped(name.upper())} {statistic} (ms)" for name, statistic in quantities]
    body = [
        ([run.path.name] if several else []) + _load_cells(load, names, quantities)
        for run, load in found
    ]
    texts = 3 if several else 2
    out.write("\n")
    out.writelines(table("l" * texts + "r" * (len(heads) - texts), heads, body, texts))


def _load_cells(
    load: PerformanceResult, names: Sequence[str], quantities: Sequence[tuple[str, str]]
) -> list[str]:
    mark = "" if load.health.kept_up else " (client did not keep up)"
    row = [load.model, f"{load.dataset}, {load.load}{mark}", str(load.counts.success)]
    row += [_cell(_figure(load, one)) for one in names]
    return row + [_quantity(load, *one) or "--" for one in quantities]


def _figure(load: PerformanceResult, name: str) -> Figure | None:
    return next((one for one in load.populations[0].figures if one.name == name), None)


def _quantity(load: PerformanceResult, name: str, statistic: str) -> str:
    for one in load.populations[0].statistics:
        if one.name == name and statistic in one.percentiles:
            return f"{one.percentiles[statistic]:.1f}"
    return ""


def table(
    columns: str, heads: Sequence[str], body: Sequence[Sequence[str]], texts: int = 2
) -> Iterator[str]:
    """The lines of a tabular. The first ``texts`` cells of a row are text, and are escaped; the
    others, and ``heads``, are LaTeX."""
    yield f"\\begin{{tabular}}{{{columns}}}\n\\toprule\n"
    yield " & ".join(heads) + " \\\\\n\\midrule\n"
    for row in body:
        cells = [escaped(one) if place < texts else one for place, one in enumerate(row)]
        yield " & ".join(cells) + " \\\\\n"
    yield "\\bottomrule\n\\end{tabular}\n"
