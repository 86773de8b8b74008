"""A page in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from aisbench_plugin_compare.showing.page import Block, Fold, Grid, Heading, Lines, Quote

_UNSEEN = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160)) if code != 10}
_UNSEEN[9] = "    "


def show(blocks: Sequence[Block], console: Console) -> None:
    """Print the page. Control characters of what others wrote are shown, not obeyed."""
    for one in blocks:
        _show(one, console)


def _show(one: Block, console: Console) -> None:
    if isinstance(one, Heading):
        console.print()
        console.print(_text(one.text, "bold"), soft_wrap=True)
    elif isinstance(one, Lines):
        for line in one.lines:
            console.print(_text(line), soft_wrap=not console.is_terminal)
    elif isinstance(one, Grid):
        if _width(one) <= console.width:
            console.print(_table(one))
        else:
            _rows_apart(one, console)
    elif isinstance(one, Quote):
        console.print(_text(f"  {one.title}", "dim"), soft_wrap=True)
        for line in one.text.splitlines() or [""]:
            console.print(_text(f"    {line}"), soft_wrap=True)
    else:
        _fold(one, console)


def _fold(one: Fold, console: Console) -> None:
    console.print()
    console.print(_text(one.title, "bold"), soft_wrap=True)
    show(one.blocks, console)


def _width(grid: Grid) -> int:
    """Of the table, if no cell is broken into lines."""
    rows = [grid.head, *grid.rows]
    widths = [max(cell_len(row[place]) for row in rows) for place in range(len(grid.head))]
    return sum(widths) + 2 * (len(widths) - 1)


def _rows_apart(grid: Grid, console: Console) -> None:
    """Where the table is too wide: each row as its first cell, then what the others are."""
    for name, *cells in grid.rows:
        console.print(_text(name, "bold"), soft_wrap=not console.is_terminal)
        told = [f"{head} {cell}".strip() for head, cell in zip(grid.head[1:], cells, strict=True)
                if cell]  # fmt: skip
        line = Padding(_text("; ".join(told)), (0, 0, 0, 2))
        console.print(line)


def _table(grid: Grid) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for place, head in enumerate(grid.head):
        right = place in grid.right
        table.add_column(
            _text(head), justify="right" if right else "left", overflow="fold", no_wrap=right
        )
    for row in grid.rows:
        table.add_row(*(_text(cell) for cell in row))
    return table


def _text(text: str, style: str = "") -> Text:
    return Text(text.translate(_UNSEEN), style=style)
