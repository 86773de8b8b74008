"""Several LoRA adapters of one model beside each other: what each came to, and on which set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve

from aisbench.api import Figure, TaskResult, Wording
from aisbench_plugin_html.blocks import Block
from aisbench_plugin_html.figures import value_cell
from aisbench_plugin_html.tables import Cell, TableColumn, table

SLICE = "adapter "
"""What the figures of rows begin with that one adapter of a mix answered."""


def adapters_table(tasks: Sequence[TaskResult], words: Wording) -> list[Block]:
    """A row for each adapter on each set; empty where no task had one."""
    rows = list(_rows(tasks, words))
    if not rows:
        return []
    columns = [
        TableColumn(title=words.text("model")),
        TableColumn(title=words.text("adapter")),
        TableColumn(title=words.text("data set")),
        TableColumn(title=words.text("figure")),
        TableColumn(title=words.text("value"), number=True),
        TableColumn(title="n", number=True),
    ]
    return [table(columns, rows, caption=words.text("LoRA adapters"), id_="adapters-table")]


def _rows(tasks: Sequence[TaskResult], words: Wording) -> Iterator[list[Cell]]:
    for task in sorted(tasks, key=lambda one: (one.model, one.adapter)):
        name = f"{task.dataset} [{task.load}]" if task.load else task.dataset
        for adapter, one in _figures(task):
            yield [task.model, adapter, name, one.name, value_cell(one, words), str(one.n)]


def _figures(task: TaskResult) -> Iterator[tuple[str, Figure]]:
    for one in task.figures:
        if task.adapter and not one.part:
            yield task.adapter, one
        elif one.part.startswith(SLICE):
            yield one.part.removeprefix(SLICE), evolve(one, part="")
