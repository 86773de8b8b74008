"""How good the answers are: figures, parts, readings, curves over k, groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup

from aisbench.api import Figure, TaskResult, Wording
from aisbench_plugin_html.blocks import Block, Chart, Order, PageSection
from aisbench_plugin_html.charts.accuracy import Axes, heat_map, intervals, over_k, readings
from aisbench_plugin_html.facts import label
from aisbench_plugin_html.figures import (
    AT_K,
    Told,
    all_figures,
    interval_cell,
    reading_of,
    value_cell,
    with_unit,
)
from aisbench_plugin_html.material import Material
from aisbench_plugin_html.sections.adapters import adapters_table
from aisbench_plugin_html.tables import Cell, TableColumn, TableNumber, folded, table

ROW = 22
"""Pixels of a row of a chart."""
MOST_ROWS = 120
"""Rows of a chart; what goes beyond stands in the tables."""
MOST_DOTS = 60
"""Figures of several models that stand as dots with intervals; more stand in a heat map."""
MOST_CHARTS = 12


def accuracy(material: Material) -> list[PageSection]:
    """Sections on the figures; none without tasks."""
    tasks = material.results.tasks
    if not tasks:
        return []
    words = material.words
    group = words.text("Accuracy")
    found: list[PageSection] = [
        PageSection(
            id="figures",
            title=words.text("Figures"),
            blocks=[*_interval_charts(material), *_tables(all_figures(tasks), words)],
            group=group,
        )
    ]
    made: list[tuple[str, str, list[Block]]] = [
        ("groups", words.text("Groups of data sets"), _groups(material)),
        ("adapters", words.text("LoRA adapters"), adapters_table(tasks, words)),
        ("parts", words.text("Parts"), list(_parts(material))),
        ("readings", words.text("Strict and lenient"), list(_readings(material))),
        ("over-k", words.text("Several answers to a question"), list(_over_k(material))),
    ]
    found += [
        PageSection(id=name, title=title, blocks=blocks, group=group)
        for name, title, blocks in made
        if blocks
    ]
    return found


def axes(name: str, unit: str, words: Wording) -> Axes:
    """The words on a chart of a metric."""
    return Axes(
        value=name, unit=unit, n=words.text("n"), low=words.text("95 % from"),
        high=words.text("95 % to"),
    )  # fmt: skip


def row(figure: Figure, **more: Any) -> dict[str, Any]:
    """A figure as a row of a chart's data, its numbers as they are."""
    return {
        **more, "value": figure.value, "low": figure.low, "high": figure.high, "n": figure.n,
    }  # fmt: skip


def _task_set(task: TaskResult) -> str:
    return f"{task.dataset} [{task.load}]" if task.load else task.dataset


def _models(tasks: Sequence[TaskResult]) -> list[str]:
    return list(dict.fromkeys(one.model for one in tasks))


def _interval_charts(material: Material) -> Iterator[Chart]:
    """A chart for each metric with its unit: the data sets, and the models beside each other."""
    by_metric: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for told in all_figures(material.results.tasks):
        names = [one.name for one in told.task.figures]
        figure = told.figure
        if not figure.part and not reading_of(figure, names)[1] and not AT_K.match(figure.name):
            by_metric[figure.name, figure.unit].append(told)
    for index, ((name, unit), members) in enumerate(list(by_metric.items())[:MOST_CHARTS]):
        if len(members) > 1:  # A dot alone tells no more than the table does.
            shown = axes(name, unit, material.words)
            yield _of_metric(index, members, shown, len(by_metric) == 1, material.words)


def _of_metric(
    index: int, members: Sequence[Told], axes: Axes, wide: bool, words: Wording
) -> Chart:
    """Dots with intervals; of many figures of several models, a heat map."""
    rows = [(_task_set(one.task), one) for one in members]
    sets = list(dict.fromkeys(of for of, _ in rows))[:MOST_ROWS]
    rows = [one for one in rows if one[0] in set(sets)]
    models = _models([one.task for _, one in rows])
    title = words.text("{metric} by data set and model", metric=axes.value)
    if len(models) > 1 and len(rows) > MOST_DOTS:
        caption = words.text(
            "{n} figures; darker is higher. Hover for n and interval.", n=len(rows)
        )
        return _heat(f"figures-{index}", title, caption, rows, axes, words)
    return Chart(
        id=f"figures-{index}",
        title=title,
        caption=words.text(
            "A dot is the figure, the line its 95 % interval; {n} figures, failed answers "
            "counted as wrong.",
            n=len(rows),
        ),
        spec=intervals(
            [row(one.figure, dataset=of, model=one.task.model) for of, one in rows],
            axes,
            by="dataset",
            models=models,
        ),
        height=60 + max(len(sets) * max(ROW, 13 * len(models)), 40),
        wide=wide,
    )


def _heat(
    id_: str,
    title: str,
    caption: str,
    rows: Sequence[tuple[str, Told]],
    axes: Axes,
    words: Wording,
) -> Chart:
    """Figures by the names of rows, and by model."""
    names = list(dict.fromkeys(name for name, _ in rows))
    members = [one for _, one in rows]
    return Chart(
        id=id_,
        title=title,
        caption=caption,
        spec=heat_map(
            [row(one.figure, part=name, model=one.task.model,
                 text=with_unit(one.figure.value, one.figure).removesuffix(" %"))
             for name, one in rows],
            axes,
            span=_span(members),
        ),
        height=40 + ROW * len(names),
        wide=len(_models([one.task for one in members])) > 3,
        orders=_orders(rows, names, words),
    )  # fmt: skip


def _tables(figures: Sequence[Told], words: Wording) -> Iterator[Block]:
    """Figures of whole data sets; and those of parts, which are many, folded."""
    whole = [one for one in figures if not one.figure.part]
    parts = [one for one in figures if one.figure.part]
    if whole:
        yield _table(whole, words.text("Figures of whole data sets"), words)
    if parts:
        title = words.text("{n} figures of parts", n=f"{len(parts):,}")
        yield folded(title, _table(parts, title, words))


def _table(figures: Sequence[Told], caption: str, words: Wording) -> Markup:
    parts = any(one.figure.part for one in figures)
    head = [
        TableColumn(title=words.text("Model")),
        TableColumn(title=words.text("Data set")),
        TableColumn(title=words.text("Metric")),
        *([TableColumn(title=words.text("Part"))] if parts else []),
        TableColumn(title=words.text("Value"), number=True,
               hint=words.text("Hover over a value to see its formula.")),
        TableColumn(title=words.text("95 % interval"), number=True,
               hint=words.text("Sorted by the width of the interval.")),
        TableColumn(title="n", number=True, hint=words.text("Samples that the figure is of.")),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [
            one.task.model,
            _task_set(one.task),
            one.figure.name,
            *([one.figure.part] if parts else []),
            value_cell(one.figure, words),
            interval_cell(one.figure),
            TableNumber(one.figure.n, f"{one.figure.n:,}"),
        ]
        for one in figures
    ]
    return table(head, rows, caption=caption)


def _groups(material: Material) -> list[Block]:
    words, groups = material.words, material.results.groups
    if not groups:
        return []
    told = [(one, one.figure) for one in groups if one.figure is not None]
    blocks: list[Block] = []
    by_metric: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for one, figure in told:
        title = f"{one.title} [{one.load}]" if one.load else one.title
        by_metric[figure.name, figure.unit].append(row(figure, group=title, model=one.model))
    for index, ((name, unit), rows) in enumerate(by_metric.items()):
        models = list(dict.fromkeys(one["model"] for one in rows))
        bars = len({one["group"] for one in rows})
        blocks.append(
            Chart(
                id=f"groups-{index}",
                title=words.text("{metric} by group and model", metric=name),
                caption=words.text("A dot is the figure, the line its 95 % interval."),
                spec=intervals(rows, axes(name, unit, words), by="group", models=models),
                height=60 + bars * max(ROW, 13 * len(models)),
            )
        )
    head = [
        TableColumn(title=words.text("Group")),
        TableColumn(title=words.text("Model")),
        TableColumn(title=words.text("Metric")),
        TableColumn(title=words.text("Value"), number=True),
        TableColumn(title=words.text("95 % interval"), number=True),
        TableColumn(title=words.text("Made of"), number=True),
        TableColumn(title=words.text("Not there")),
    ]
    rows_: list[list[Cell]] = []
    for group in groups:
        of = TableNumber(group.present, f"{group.present} / {group.total}")
        made: list[Cell] = ["—", None, None]
        if group.figure is not None:
            figure = group.figure
            made = [figure.name, value_cell(figure, words), interval_cell(figure)]
        model = f"{group.model} [{group.load}]" if group.load else group.model
        rows_.append([group.title, model, *made, of, ", ".join(group.missing)])
    blocks.append(table(head, rows_, caption=words.text("Groups of data sets")))
    return blocks


def _parts(material: Material) -> Iterator[Block]:
    """A heat map for each data set and metric with parts."""
    words = material.words
    cells: dict[tuple[str, str, str], list[Told]] = defaultdict(list)
    for told in all_figures(material.results.tasks):
        names = [one.name for one in told.task.figures]
        figure = told.figure
        if figure.part and not reading_of(figure, names)[1]:
            cells[_task_set(told.task), figure.name, figure.unit].append(told)
    for index, ((dataset, name, unit), members) in enumerate(cells.items()):
        if index == MOST_CHARTS:
            break
        parts = list(dict.fromkeys(one.figure.part for one in members))[:MOST_ROWS]
        shown = [one for one in members if one.figure.part in set(parts)]
        if len(parts) < 2:
            continue
        caption = words.text(
            "{parts} parts of {dataset}; darker is higher. Hover for n and interval.",
            parts=len(parts), dataset=dataset,
        )  # fmt: skip
        rows = [(one.figure.part, one) for one in shown]
        title = f"{dataset}: {name}"
        yield _heat(f"parts-{index}", title, caption, rows, axes(name, unit, words), words)


def _span(members: Sequence[Told]) -> tuple[float, float]:
    values = [one.figure.value for one in members]
    percent = all(one.figure.unit == "%" for one in members)
    low, high = (0.0, 100.0) if percent else (min(values), max(values))
    return (low, high) if low < high else (low - 1, high + 1)


def _orders(rows: Sequence[tuple[str, Told]], parts: Sequence[str], words: Wording) -> list[Order]:
    means: dict[str, list[float]] = defaultdict(list)
    for name, one in rows:
        means[name].append(one.figure.value)

    def mean(part: str) -> float:
        return sum(means[part]) / len(means[part])

    def spread(part: str) -> float:
        return max(means[part]) - min(means[part])

    found = [
        Order(words.text("as the data set has them"), list(parts)),
        Order(words.text("by name"), sorted(parts, key=str.casefold)),
        Order(words.text("lowest first"), sorted(parts, key=mean)),
        Order(words.text("highest first"), sorted(parts, key=mean, reverse=True)),
    ]
    models = _models([one.task for _, one in rows])
    if len(models) > 1:
        found.append(
            Order(words.text("where models differ most"), sorted(parts, key=spread, reverse=True))
        )
        for model in models[:12]:
            of = {name: one.figure.value for name, one in rows if one.task.model == model}
            found.append(
                Order(
                    words.text("lowest of {model} first", model=model),
                    sorted(parts, key=lambda part: of.get(part, float("inf"))),
                )
            )
    return found


def _readings(material: Material) -> Iterator[Block]:
    """Where a further rule of reading gives another figure: both on one line."""
    words = material.words
    rows: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for task in material.results.tasks:
        whole = [one for one in task.figures if not one.part]
        names = [one.name for one in whole]
        read = [(one, *reading_of(one, names)) for one in whole]
        twice = {name for _, name, reading in read if reading}
        task_name = label(task.model, task.dataset, task.load)
        for figure, name, reading in read:
            if name in twice and len(rows[name, figure.unit]) < 2 * MOST_ROWS:
                shown = reading or words.text("as scored")
                rows[name, figure.unit].append(row(figure, task=task_name, reading=shown))
    for index, ((name, unit), members) in enumerate(rows.items()):
        if not members:
            continue
        tasks = dict.fromkeys(one["task"] for one in members)
        yield Chart(
            id=f"readings-{index}",
            title=words.text("{metric}: as scored, and by other rules of reading", metric=name),
            caption=words.text(
                "Far apart: the model answers rightly, but not in the form that was asked for. "
                "{n} tasks whose readings differ.",
                n=len(tasks),
            ),
            spec=readings(
                members,
                axes(name, unit, words),
                names=list(dict.fromkeys(one["reading"] for one in members)),
            ),
            height=60 + ROW * len(tasks),
            wide=True,
        )


def _over_k(material: Material) -> Iterator[Block]:
    """``pass@k`` and its kin over k, where a task has them for several k."""
    words = material.words
    families: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for told in all_figures(material.results.tasks):
        figure = told.figure
        found = AT_K.fullmatch(figure.name)
        if found and not figure.part:
            name = found["family"] + "@k" + found["rest"]
            task = label(told.task.model, told.task.dataset, told.task.load)
            families[name, figure.unit].append(row(figure, series=task, k=int(found["k"])))
    index = 0
    for (name, unit), rows in families.items():
        several = {
            one["series"]
            for one in rows
            if len({other["k"] for other in rows if other["series"] == one["series"]}) > 1
        }
        rows = [one for one in rows if one["series"] in several]
        if not rows or index == MOST_CHARTS:
            continue
        yield Chart(
            id=f"over-k-{index}",
            title=words.text("{metric} over k", metric=name),
            caption=words.text(
                "The band is the 95 % interval. A steep curve: the model knows, but not each time."
            ),
            spec=over_k(
                rows, axes(name, unit, words),
                series=list(dict.fromkeys(one["series"] for one in rows)),
            ),
        )  # fmt: skip
        index += 1
