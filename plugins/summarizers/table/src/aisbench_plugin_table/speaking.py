"""The table's words in the reader's language; summary.txt is English always."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

from rich.text import Text

from aisbench.api import language, translated
from aisbench_plugin_table.rows import TableRow

Say = Callable[[str], str]
"""A line, heading or cell of the table -> the same for the reader."""


def english(text: str) -> str:
    """As it is."""
    return text


def readers() -> Say:
    """For whoever reads the terminal. Raises AisbenchError where AISBENCH_LANG is unknown."""
    return functools.partial(translated, language_=language(), package=__package__)


def spoken(text: str, say: Say) -> Text:
    """A line or cell that rich shows as it is."""
    return Text(say(text))


def spoken_rows(rows: Sequence[TableRow], say: Say) -> list[TableRow]:
    """Counts are words; names of data sets, parts and metrics are names in any language."""
    return [one if not one.counts else one.said(say) for one in rows]
