"""Rows of ZebraLogic, and how much of a grid is right (ZeroEval's zebra_grid_eval.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aisbench.api import Answer, DataError, Measure, Sample, Score, Verdict
from aisbench.data import read_table

Grid = Mapping[str, Mapping[str, str]]


def rows(file: Path, split: str, part: str) -> Iterator[Mapping[str, Any]]:
    """The rows, with ``houses`` (the size, as 5x6), ``json_template`` (the form that the answer
    must have) and ``reference`` (the grid as JSON; "" where it is blank). Raises DataError for
    rows without a solution, also blank ones but in the split "public"."""
    for row in read_table(file):
        cells = row.cells
        grid = _grid(cells.get("solution"))
        if grid is None:
            raise DataError(
                f"{row.place} has no solution with a header and rows",
                hint="even the public file has one, of blanks: the answer's form is made of it",
            )
        blank = all(set(value) <= {"_"} for house in grid.values() for value in house.values())
        if blank and split != "public":
            raise DataError(
                f"{row.place}: the solution is blank, as in the public file",
                hint='score with ZebraLogicBench-private, or only ask, with split = "public"',
            )
        form = {house: dict.fromkeys(values, "___") for house, values in grid.items()}
        yield {
            **cells,
            "houses": str(cells["size"]).replace("*", "x"),
            "json_template": json.dumps({"reasoning": "___", "solution": form}, indent=4),
            "reference": "" if blank else json.dumps(grid, ensure_ascii=False),
        }


def _grid(solution: Any) -> Grid | None:
    """House -> column -> value, of a header and rows."""
    if not isinstance(solution, Mapping):
        return None
    header, listed = solution.get("header"), solution.get("rows")
    if not isinstance(header, list) or not isinstance(listed, list) or header[:1] != ["House"]:
        return None
    return {
        f"House {number}": dict(zip(header[1:], map(str, values[1:]), strict=True))
        for number, values in enumerate(listed, 1)
    }


def score(sample: Sample, answer: Answer) -> Score:
    """Right when every cell is; the measure weighs rows by their cells."""
    wanted: Grid = json.loads(str(sample.target))
    cells = [(house, name, text) for house, line in wanted.items() for name, text in line.items()]
    said = _solution(answer.text)
    found = [_cell(said, house, name) for house, name, _ in cells]
    same = sum(one == text.lower().strip() for one, (_, _, text) in zip(found, cells, strict=True))
    measure = Measure(value=100 * same / len(cells), unit="%", weight=len(cells))
    right = same == len(cells)
    if said is None:
        verdict, reason = Verdict.UNPARSED, "no whole JSON object with a solution in it"
    else:
        verdict = Verdict.RIGHT if right else Verdict.WRONG
        reason = "" if right else f"{same} of {len(cells)} cells are right"
    return Score(
        value=float(right),
        verdict=verdict,
        extracted=None if said is None else "; ".join(one or "-" for one in found),
        reason=reason,
        measures={"cell accuracy": measure},
    )


def _solution(text: str) -> Mapping[str, Any] | None:
    """The table of the last whole JSON object."""
    depth, start, last = 0, 0, ""
    for place, char in enumerate(text):
        if char == "{":
            start = start if depth else place
            depth += 1
        elif char == "}" and depth:
            depth -= 1
            if not depth:
                last = text[start : place + 1]
    try:
        found = json.loads(last.replace("\n", "")) if last else None
    except (ValueError, RecursionError):
        return None
    solution = found.get("solution") if isinstance(found, Mapping) else None
    return solution if isinstance(solution, Mapping) else None


def _cell(said: Mapping[str, Any] | None, house: str, name: str) -> str:
    """What is said of a house, in small letters; the first of a list."""
    line = (said or {}).get(house)
    value = line.get(name) if isinstance(line, Mapping) else None
    value = value[0] if isinstance(value, list) and value else value
    return value.lower().strip() if isinstance(value, str) else ""
