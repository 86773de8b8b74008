"""Tables in answers, as pages of HTML that can be compared (``TEDS_metric.py`` of OCRBench v2)."""

from __future__ import annotations

import re

_FENCES = ("```markdown", "```")


def html_table(text: str) -> str | None:
    """The table in an answer, from ``<body`` or ``<table`` on; None: there is none."""
    text = text.replace("\n", "")
    for begin in ("<body", "<table"):
        place = text.find(begin)
        if place >= 0:
            return wrapped(text[place:])
    return None


def wrapped(table: str) -> str:
    """With the elements of a page around it, where they are missing."""
    table = table.replace("\n", "")
    opened, closed = "<table" in table, "</table>" in table
    if opened and not closed:
        table = f"{table}</table>"
    elif closed and not opened:
        table = f"<table>{table}"
    elif not opened:
        table = f"<table>{table}</table>"
    if "<body>" not in table:
        table = f"<body>{table}</body>"
    return table if "<html>" in table else f"<html>{table}</html>"


def markdown_table(text: str) -> str:
    """A page of HTML with the rows of a table in Markdown: its first line, and those behind the
    second one."""
    # As ``strip("```markdown")`` does: letters of that text at both ends, not the text.
    lines = text.strip("`markdown").strip("`").strip().split("\n")
    rows = [_cells(line) for line in [lines[0], *lines[2:]]]
    inside = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<html><body><table>{inside}</table></body></html>"


def _cells(line: str) -> list[str]:
    cells = re.split(r"\|", line.strip())[1:-1]
    return [cell.strip() if cell.strip(" ") or not cell else " " for cell in cells]
