"""The results as rows, then as a table or, where that is too wide, as blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import StringIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from aisbench.api import Figure, PerformanceResult, SuiteResult, TaskResult, TuneResult
from aisbench_plugin_table.caches import cache_lines, cache_tables, drafts_beside
from aisbench_plugin_table.cells import (
    MISSING,
    bounds_text,
    choice_text,
    counts_text,
    figure_text,
    samples_text,
)
from aisbench_plugin_table.devices import device_lines, devices_table
from aisbench_plugin_table.groups import group_notes, group_rows
from aisbench_plugin_table.labels import label_lines, label_tables
from aisbench_plugin_table.loads import (
    heading,
    remarks,
    request_table,
    run_table,
    turn_table,
    verdict,
    window_table,
)
from aisbench_plugin_table.rows import TableRow
from aisbench_plugin_table.speaking import Say, english, spoken, spoken_rows
from aisbench_plugin_table.sweeps import comparison, search_lines
from aisbench_plugin_table.tunings import (
    reason_lines,
    reasons_apart,
    tuning_lines,
    tuning_table,
)


def models_of(results: SuiteResult) -> list[str]:
    """The models, in the suite's order."""
    return list(dict.fromkeys(task.model for task in results.tasks))


MOST_PARTS = 12
"""More parts of a data set are left to the file; their groups are always shown."""


def rows_of(results: SuiteResult, *, everything: bool = False) -> Iterator[TableRow]:
    """A row for each figure of each data set and variant, then one with the counts.

    Figures of parts, of groups of parts and of slices follow the whole data set's, set in. Parts
    are left out where there are more than :data:`MOST_PARTS`, unless ``everything`` is wanted.
    """
    models = models_of(results)
    groups: dict[tuple[str, str, str], dict[str, TaskResult]] = {}
    for task in results.tasks:
        groups.setdefault((task.dataset, task.variant, task.load), {})[task.model] = task
    for (dataset, variant, load), tasks in groups.items():
        label = dataset + (f" ({variant})" if variant else "") + (f" [{load}]" if load else "")
        adapters = {task.adapter for task in tasks.values()}
        if len(adapters) == 1 and (adapter := adapters.pop()):
            label += f" {{{adapter}}}"
        sizes = dict.fromkeys(samples_text(task) for task in tasks.values())
        for name, part in _names_and_parts(list(tasks.values()), everything):
            yield _figure_row(label, name, part, tasks, models)
        counts = tuple(
            counts_text(tasks[model]) if model in tasks else MISSING for model in models
        )
        yield TableRow(label, "answers", ", ".join(sizes), counts, counts=True)


def _names_and_parts(tasks: Sequence[TaskResult], everything: bool) -> list[tuple[str, str]]:
    """Which figures to show: all of one metric together, that of the whole data set first."""
    parts = {name for task in tasks for name in task.parts}
    hidden = parts if len(parts) > MOST_PARTS and not everything else set()
    names = dict.fromkeys(
        (figure.name, figure.part)
        for task in tasks
        for figure in task.figures
        if figure.part not in hidden and figure.part.partition(", ")[0] not in hidden
    )
    order = list(dict.fromkeys(name for name, _ in names))
    return sorted(names, key=lambda one: (order.index(one[0]), one[1] != ""))


def _figure_row(
    label: str, name: str, part: str, tasks: Mapping[str, TaskResult], models: Sequence[str]
) -> TableRow:
    """One figure of all models; ``part`` is empty for that of the whole data set."""
    figures = {
        model: figure
        for model, task in tasks.items()
        for figure in task.figures
        if (figure.name, figure.part) == (name, part)
    }
    cells = tuple(figure_text(figures.get(model)) for model in models)
    if part:
        numbers = dict.fromkeys(str(one.n) for one in figures.values())
        whole_set = any((one.name, one.part) == (name, "") for one in _all(tasks))
        shown = f"  {part}" if whole_set else f"{name}: {part}"
        return TableRow(label, shown, ", ".join(numbers), cells)
    whole = dict.fromkeys(samples_text(tasks[model], one) for model, one in figures.items())
    return TableRow(label, name, ", ".join(whole), cells)


def _all(tasks: Mapping[str, TaskResult]) -> Iterator[Figure]:
    for task in tasks.values():
        yield from task.figures


def notes_of(results: SuiteResult, *, everything: bool = False) -> Iterator[str]:
    """What the numbers alone do not say."""
    if not results.complete and results.tasks and not results.performance:
        yield (
            "INCOMPLETE: requests are missing; the figures are of the finished samples alone. "
            f"Continue with: aisbench run --resume {results.run}"
        )
    yield from dict.fromkeys(choice_text(task) for task in results.tasks if task.of is not None)
    for task in results.tasks:
        yield from _task_notes(task, everything)
    yield from group_notes(results)
    yield from results.warnings


def _task_notes(task: TaskResult, everything: bool) -> Iterator[str]:
    name = f"{task.model} / {task.dataset}"
    if len(task.parts) > MOST_PARTS and not everything:
        yield f"{name}: {len(task.parts)} parts, each with its figures: in summary.txt"
    # Of one that could not be scored the warning says all.
    if task.counts.unjudged and not task.unscored:
        where = f"; to hand in: {', '.join(task.submission)}" if task.submission else ""
        yield (
            f"{name}: unjudged: {task.counts.unjudged} answers whose reference is not here, "
            f"in no figure{where}"
        )
    for figure in (one for one in task.figures if not one.part):
        if text := bounds_text(figure):
            yield f"{name}: {figure.name} {text}"
    for cause, number in task.faults.items():
        yield f"{name}: {number} failed with {cause}"
    for warning in task.warnings:
        yield f"WARNING: {name}: {warning}"


MOST_LOADS = 3
"""More loads of one model and data set are only compared in the terminal; the file has all."""


def render(
    results: SuiteResult, width: int, *, everything: bool = False, say: Say = english
) -> str:
    """The whole text, at most ``width`` columns wide where its words allow; no number is cut.

    With ``everything`` each load has its full tables, and each part its figures, however many
    there are. ``say`` puts it into the reader's language.
    """
    if not results.tasks and not results.performance and not results.tunings:
        return say("no task has results")
    console = _console(max(width, 20))
    if results.tasks:
        rows = spoken_rows(list(rows_of(results, everything=everything)), say)
        models = models_of(results)
        _show(console, rows, models, say("dataset"), say)
        if grouped := list(group_rows(results, models)):
            _show(console, grouped, models, say("group"), say)
    _loads(console, results, say, everything=everything)
    for tuning in results.tunings:
        _tuning(console, tuning, say, everything=everything)
        for line in tuning_lines(tuning, everything=everything):
            console.print(spoken(line, say), soft_wrap=True)
    for note in notes_of(results, everything=everything):
        console.print(spoken(note, say), soft_wrap=True)
    out = console.file
    assert isinstance(out, StringIO)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()).strip("\n")


def _show(
    console: Console, rows: Sequence[TableRow], models: Sequence[str], what: str, say: Say
) -> None:
    """A table of what the rows are about, or blocks where it is too wide."""
    if _least_width(rows) <= console.width:
        # Columns that may wrap are narrowed alike, and may end wider than the terminal for it.
        wide = _console(1000)
        wide.print(_table(rows, models, (what, say("metric"))), width=console.width, crop=False)
        made = wide.file
        assert isinstance(made, StringIO)
        text = made.getvalue()
        if max(cell_len(line.rstrip()) for line in text.splitlines()) <= console.width:
            console.print(Text(text), soft_wrap=True)
            return
    _blocks(console, rows, models)


def _loads(console: Console, results: SuiteResult, say: Say, *, everything: bool) -> None:
    groups: dict[tuple[str, str], list[PerformanceResult]] = {}
    for result in results.performance:
        groups.setdefault((result.model, result.dataset), []).append(result)
    for (model, dataset), loads in groups.items():
        if len(loads) > 1:
            words = say(f"{len(loads)} loads (times in ms)")
            console.print(Text(f"{model} / {dataset}: {words}"))
            _whole(console, comparison(loads, console.width, say))
        if len(loads) <= MOST_LOADS or everything:
            for load in loads:
                _load(console, load, say)
        else:
            for load in loads:
                for doubt in load.health.doubts:
                    console.print(Text(f"{load.load}: {say(doubt)}"), soft_wrap=True)
            console.print(spoken("each load's own tables are in summary.txt", say))
    for line in drafts_beside(results.performance):
        console.print(spoken(line, say), soft_wrap=True)
    for search in results.searches:
        for line in search_lines(search):
            console.print(spoken(line, say), soft_wrap=True)


def _whole(console: Console, table: Table) -> None:
    """Print a table at its own width: too wide for the terminal it may be, cut it must not be."""
    wide = _console(1000)
    wide.print(table)
    out = wide.file
    assert isinstance(out, StringIO)
    console.print(Text(out.getvalue()), soft_wrap=True)


def _tuning(console: Console, result: TuneResult, say: Say, *, everything: bool) -> None:
    width = console.width
    _whole(console, tuning_table(result, say, everything=everything, width=width))
    if reasons_apart(result, say, everything=everything, width=width):
        for line in reason_lines(result, say):
            console.print(Text(line), soft_wrap=True)


def _load(console: Console, result: PerformanceResult, say: Say) -> None:
    for line in (heading(result), *verdict(result)):
        console.print(spoken(line, say), soft_wrap=True)
    for table in (
        request_table(result, console.width, say),
        run_table(result, console.width, say),
        turn_table(result, say),
        window_table(result, say),
        *label_tables(result, say),
        *cache_tables(result, say),
        devices_table(result, say),
    ):
        if table is not None:
            _whole(console, table)
    for line in (
        *remarks(result),
        *label_lines(result),
        *cache_lines(result),
        *device_lines(result),
    ):
        console.print(spoken(line, say), soft_wrap=True)
    console.print()


def _console(width: int) -> Console:
    return Console(
        file=StringIO(), width=width, force_terminal=False, color_system=None, legacy_windows=False
    )


LEAST_DATASET = 10
"""Columns of the data set's name, which may wrap."""


def _widest(cells: Iterator[str]) -> int:
    return max(map(cell_len, cells), default=1)


def _numbers(rows: Sequence[TableRow], index: int) -> int:
    """Width of a model's numbers, which stay whole; its counts may wrap."""
    return _widest(row.cells[index] for row in rows if not row.counts)


def _least_width(rows: Sequence[TableRow]) -> int:
    """The narrowest terminal in which the table cuts nothing: two columns stand between two."""
    models = len(rows[0].cells)
    fixed = LEAST_DATASET + _widest(row.metric for row in rows)
    fixed += _widest(row.samples for row in rows)
    return fixed + sum(_numbers(rows, index) + 3 for index in range(models)) + 8


def _table(rows: Sequence[TableRow], models: Sequence[str], heads: tuple[str, str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(heads[0], overflow="fold", min_width=LEAST_DATASET)
    table.add_column(heads[1], no_wrap=True)
    table.add_column("n", no_wrap=True, justify="right")
    for index, model in enumerate(models):
        table.add_column(
            Text(model), justify="right", min_width=_numbers(rows, index), overflow="fold"
        )
    before = ""
    for row in rows:
        label = "" if row.dataset == before else row.dataset
        if before and label:
            table.add_section()
        before = row.dataset
        table.add_row(Text(label), row.metric, row.samples, *(Text(cell) for cell in row.cells))
    return table


def _blocks(console: Console, rows: Sequence[TableRow], models: Sequence[str]) -> None:
    for index, model in enumerate(models):
        console.print(Text(model), soft_wrap=True)
        before = ""
        for row in rows:
            if row.cells[index] == MISSING:
                continue
            if row.dataset != before:
                before = row.dataset
                number = f", n = {row.samples}" if row.samples else ""
                console.print(Text(f"  {row.dataset}{number}"), soft_wrap=True)
            console.print(Text(f"    {row.metric}: {row.cells[index]}"), soft_wrap=True)
        console.print()
