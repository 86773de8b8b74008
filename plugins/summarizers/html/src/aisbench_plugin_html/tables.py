"""Tables that can be sorted, each in a box of its own that scrolls."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from attrs import frozen
from markupsafe import Markup

TALL = 24
"""Rows of a table from which on it has a window of its own to scroll in."""
LONG = 48
"""Characters of a text that may be broken into lines."""


@frozen
class TableNumber:
    """A number in a cell: sorted by its value, shown as ``text``."""

    value: float | None
    text: str | Markup


Cell = str | Markup | TableNumber | None
"""Text, markup, or a number; None is an empty cell."""


@frozen(kw_only=True)
class TableColumn:
    """A column of a table."""

    title: str
    number: bool = False
    hint: str = ""
    """What it is and how it is made, shown on hover and by keyboard focus."""


def table(
    columns: Sequence[TableColumn], rows: Iterable[Sequence[Cell]], *, caption: str, id_: str = ""
) -> Markup:
    """A table; its heads sort it, with the script of the page. ``caption`` is for those who do not
    see it."""
    head = Markup("").join(_head(column) for column in columns)
    lines = [Markup("<tr>{}</tr>").format(Markup("").join(map(_cell, row))) for row in rows]
    body = Markup("").join(lines)
    return Markup(
        '<div class="box{tall}" tabindex="0" role="group" aria-label="{caption}">'
        '<table class="data"{id}><caption class="unseen">{caption}</caption>'
        "<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    ).format(
        tall=" tall" if len(lines) > TALL else "",
        caption=caption,
        id=Markup(' id="{}"').format(id_) if id_ else "",
        head=head,
        body=body,
    )


def hinted(text: str | Markup, hint: str) -> Markup:
    """``text`` with an explanation on hover, on keyboard focus and on touch."""
    if not hint:
        return Markup("{}").format(text)
    return Markup('<span class="hint" tabindex="0" data-hint="{}">{}</span>').format(hint, text)


def _head(column: TableColumn) -> Markup:
    kind = Markup(' class="n"') if column.number else ""
    hint = Markup(' data-hint="{}"').format(column.hint) if column.hint else ""
    return Markup(
        '<th scope="col"{}><button type="button" class="sort"{}>{}</button></th>'
    ).format(kind, hint, column.title)


def _cell(cell: Cell) -> Markup:
    if isinstance(cell, TableNumber):
        known = cell.value is not None and math.isfinite(cell.value)
        key = f"{cell.value!r}" if known else ""
        return Markup('<td class="n" data-v="{}">{}</td>').format(key, cell.text)
    text = "" if cell is None else cell
    if not isinstance(text, Markup) and len(text) > LONG:
        return Markup('<td class="long">{}</td>').format(text)
    return Markup("<td>{}</td>").format(text)


def folded(title: str, content: Markup) -> Markup:
    """What most readers need not see: under a line that opens it."""
    return Markup('<details class="all"><summary>{}</summary>{}</details>').format(title, content)
