"""Formulas of several lines in one column, line by line (``utils/match_quick.py``)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from attrs import evolve

from aisbench_plugin_documents.page_pieces import PagePiece
from aisbench_plugin_documents.page_reference import FORMULA, Element

_ARRAY = re.compile(
    r"\\begin\{array\}\{(?P<columns>[^}]*)\}(?P<body>.*?)\\end\{array\}", re.DOTALL
)
_DRESS = re.compile(r"\s+|\||@{[^}]*}|!{[^}]*}")


def wanted_lines(elements: Sequence[Element]) -> list[Element]:
    """The elements, with such formulas as one for each line, whose places are tenths."""
    found: list[Element] = []
    for one in elements:
        match = _of_one_column(one.content) if one.kind == FORMULA else None
        if match is None:
            found.append(one)
            continue
        found += (
            evolve(one, content=f"\\[{line}\\]", order=round(one.order + number / 10, 1))
            for number, (line, _) in enumerate(_lines(match["body"]), 1)
        )
    return found


def said_lines(pieces: Sequence[PagePiece]) -> list[PagePiece]:
    """The pieces in the order of the page, those within texts last; formulas as above. Of pieces
    at one place those go first whose kind the page begins with."""
    found: list[PagePiece] = []
    kinds = list(dict.fromkeys(one.kind for one in pieces))
    for one in sorted(pieces, key=lambda one: (one.inline, one.start, kinds.index(one.kind))):
        match = _of_one_column(one.content) if one.kind == "formula" else None
        if match is None:
            found.append(one)
            continue
        start = one.start + match.start("body")
        found += (
            evolve(one, content=f"\\[{line}\\]", start=start + place)
            for line, place in _lines(match["body"])
        )
    return found


def _of_one_column(formula: str) -> re.Match[str] | None:
    match = _ARRAY.search(formula)
    return match if match and _DRESS.sub("", match["columns"]) in ("l", "c", "r") else None


def _lines(body: str) -> Iterator[tuple[str, int]]:
    """The lines that are not blank, and where they stand."""
    place = 0
    for part in re.split(r"\\\\", body):
        line = part.strip()
        if line:
            place = max(place, body.find(line, place))
            yield line, place
            place += len(line)
