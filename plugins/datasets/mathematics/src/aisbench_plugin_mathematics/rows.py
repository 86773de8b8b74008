"""Problems of all layouts in which these sets are given out, with the same columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aisbench.api import DataError
from aisbench.data import read_table

_NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("unique_id", "id", "ID", "problem_idx", "column_1"),
    "problem": ("problem", "Problem", "question", "Question", "origin_prompt", "prompt"),
    "solution": ("solution", "Solution"),
    "answer": ("answer", "Answer", "gold_answer", "expected_answer"),
    "subject": ("subject", "type"),
}
"""Our columns, and what files call them; the first that is there counts."""
_BOX = re.compile(r"\\(?:boxed|fbox)\s*(\{)?")


def problems(file: Path, split: str, part: str) -> Iterator[Mapping[str, Any]]:
    """Rows with ``id``, ``problem``, ``answer``, and ``solution``, ``subject`` and ``level`` where
    the file has them. An answer that the file does not name is what its solution puts into the
    last box. Raises DataError with file and line."""
    for number, row in enumerate(read_table(file, single=True), 1):
        known = {ours: _first(row.cells, names) for ours, names in _NAMES.items()}
        if file.suffix == ".json" and file.parent.name and known["id"] is None:
            known["id"] = file.stem
        answer = known["answer"]
        if answer is None and isinstance(known["solution"], str):
            answer = last_box(known["solution"])
        if answer is None or known["problem"] is None:
            lacks = "problem" if known["problem"] is None else "answer, nor a boxed one,"
            raise DataError(f"{row.place} has no {lacks} in a column that is known",
                            hint=f"it has: {', '.join(row.cells)}")  # fmt: skip
        level = str(row.cells.get("level", "")).removeprefix("Level ")
        yield {
            "id": str(f"{file.stem}-{number}" if known["id"] is None else known["id"]),
            "problem": _text(known["problem"], row.place),
            "solution": known["solution"],
            "answer": _plain(answer, "answer", row.place),
            "subject": _subject(known["subject"]),
            "level": level,
        }


def _first(cells: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((cells[name] for name in names if cells.get(name) is not None), None)


def _text(problem: Any, place: str) -> str:
    """A problem that the file holds as the messages of a chat is what its user says."""
    if isinstance(problem, list) and all(isinstance(one, Mapping) for one in problem):
        said = [one.get("content") for one in problem if one.get("role") != "system"]
        return "\n".join(_plain(one, "problem", place) for one in said)
    return _plain(problem, "problem", place)


def _plain(value: Any, name: str, place: str) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise DataError(f"{place}: the {name} is {value!r:.60}, neither a text nor a number")
    return str(value)


def _subject(name: Any) -> str:
    """As the folders of MATH are called; without one, the rows are of one part."""
    if not name:
        return "all"
    return str(name).lower().replace("&", "and").replace(" ", "_")


def last_box(solution: str) -> str | None:
    """What stands in the last ``\\boxed``, with or without braces; None without one."""
    boxes = list(_BOX.finditer(solution))
    if not boxes:
        return None
    found = boxes[-1]
    if found[1] is None:
        return re.split(r"[$\s]", solution[found.end() :], maxsplit=1)[0] or None
    depth = 1
    for at in range(found.end(), len(solution)):
        depth += {"{": 1, "}": -1}.get(solution[at], 0)
        if not depth:
            return solution[found.end() : at]
    return None
