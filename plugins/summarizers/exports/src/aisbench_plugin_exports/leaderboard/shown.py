"""A leaderboard as text of some form."""

from __future__ import annotations

import csv
import json
import shutil
import unicodedata
from collections.abc import Callable, Mapping
from typing import TextIO

import attrs

from aisbench.api import wording
from aisbench_plugin_exports.forms.latex_form import escaped, table
from aisbench_plugin_exports.leaderboard.table import Leaderboard
from aisbench_plugin_exports.tables import cell

words = wording("aisbench_plugin_exports")

COLUMNS = (
    "model", "column", "figure", "value", "unit", "low", "high", "n", "run", "started", "complete",
    "comparable", "kept_up",
)  # fmt: skip
VERSION = 1


def as_text(board: Leaderboard, out: TextIO) -> None:
    """For a terminal, columns aligned. What is wider than it has its columns as rows."""
    rows = [["", *map(board.head, board.columns)]]
    rows += [[one, *(board.cell(one, column) for column in board.columns)] for one in board.models]
    turned = [list(one) for one in zip(*rows, strict=True)]
    room = shutil.get_terminal_size().columns
    if _whole_width(rows) > max(room, _whole_width(turned)):
        rows = turned
    widths = _widths(rows)
    for number, row in enumerate(rows):
        cells = [
            text + " " * (width - _width(text))
            if not place
            else " " * (width - _width(text)) + text
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        out.write("  ".join(cells).rstrip() + "\n")
        if not number:
            out.write("  ".join("─" * width for width in widths) + "\n")
    out.writelines(f"{one}\n" for one in ["", *board.notes()])


def _widths(rows: list[list[str]]) -> list[int]:
    return [max(map(_width, column)) for column in zip(*rows, strict=True)]


def _whole_width(rows: list[list[str]]) -> int:
    return sum(_widths(rows)) + 2 * len(rows[0])


def _width(text: str) -> int:
    """Cells of a terminal: those of East Asia take two."""
    return sum(
        0 if unicodedata.combining(one) else 1 + (unicodedata.east_asian_width(one) in "WF")
        for one in text
    )


def as_markdown(board: Leaderboard, out: TextIO) -> None:
    """A table as GitHub shows it."""
    heads = [words.text("model"), *map(board.head, board.columns)]
    out.write(_row(heads) + "\n" + _row(["---", *("---:" for _ in board.columns)]) + "\n")
    for one in board.models:
        out.write(_row([one, *(board.cell(one, column) for column in board.columns)]) + "\n")
    out.writelines(f"\n- {_plain(one)}" if one else "" for one in board.notes())
    out.write("\n")


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(one if set(one) <= set("-:") else _plain(one) for one in cells) + " |"


def _plain(text: str) -> str:
    """Text in which nothing is markup."""
    for character in "\\|*_`[]<>~":
        text = text.replace(character, f"\\{character}")
    return " ".join(text.split())


def as_csv(board: Leaderboard, out: TextIO) -> None:
    """A row a figure."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for (model, column), one in board.entries.items():
        figure = one.figure
        values = (
            model, column, figure.name, figure.value, figure.unit, figure.low, figure.high,
            figure.n, one.run, one.started, one.complete,
            column not in board.differences, one.kept_up,
        )  # fmt: skip
        writer.writerow([cell(value) for value in values])


def as_json(board: Leaderboard, out: TextIO) -> None:
    """Everything, versioned."""
    document = {
        "schema": VERSION,
        "rule": board.rule,
        "runs": board.runs,
        "models": list(board.models),
        "columns": list(board.columns),
        "differences": {name: list(found) for name, found in board.differences.items()},
        "entries": [
            {
                "model": model,
                "column": column,
                "run": one.run,
                "started": one.started,
                "complete": one.complete,
                "kept_up": one.kept_up,
                "figure": attrs.asdict(one.figure),
            }
            for (model, column), one in board.entries.items()
        ],
    }
    json.dump(document, out, indent=2, ensure_ascii=False)
    out.write("\n")


def as_latex(board: Leaderboard, out: TextIO) -> None:
    """A tabular with the package booktabs."""
    out.write("% needs \\usepackage{booktabs}\n")
    heads = ["model", *(escaped(board.head(one)) for one in board.columns)]
    body = [
        [one, *(escaped(board.cell(one, column)) for column in board.columns)]
        for one in board.models
    ]
    out.writelines(table("l" + "r" * len(board.columns), heads, body, texts=1))
    out.writelines(f"% {' '.join(one.split())}\n" for one in board.notes())


FORMS: Mapping[str, Callable[[Leaderboard, TextIO], None]] = {
    "text": as_text,
    "markdown": as_markdown,
    "csv": as_csv,
    "json": as_json,
    "latex": as_latex,
}
