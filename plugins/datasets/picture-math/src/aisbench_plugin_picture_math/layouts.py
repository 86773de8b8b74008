"""The layouts in which these sets are given out, as rows of one form: ``options`` (a list, empty
where a question is open), ``answer`` (a letter, a list of places, or a value), ``pictures``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aisbench.api import DataError
from aisbench.data import Row, read_table

_BROKEN = "\x0c"
"""A form feed: what JSON made of the backslash and f of ``\\frac`` in one of MathVision's rows."""
_UNITS = re.compile(r"\{(?:degrees|inches|square ?inches)\}")
_BOX = re.compile(r"\\boxed\{(.*)\}\Z", re.DOTALL)


def mathvision(file: Path, split: str, part: str) -> Iterator[Row]:
    """Parquet with ``decoded_image``, or the authors' JSON lines with names of files."""
    for row in read_table(file, files=["decoded_image"]):
        cells = dict(row.cells)
        cells["options"] = list(cells.get("options") or ())
        cells["pictures"] = cells.pop("decoded_image", None) or cells.get("image")
        if not cells["options"]:
            cells["answer"] = _bare(str(cells["answer"]))
        # Pictures that are options show their letters themselves.
        cells["shown"] = cells["options"] != [*"ABCDE"]
        yield Row(row.place, cells)


def _bare(answer: str) -> str:
    """A reference without dollars, a box and units in words."""
    text = answer.replace(_BROKEN, "\\f").strip().strip("$").strip()
    boxed = _BOX.match(text)
    return _UNITS.sub("", boxed[1] if boxed else text)


def mathvista(file: Path, split: str, part: str) -> Iterator[Row]:
    """Parquet with ``decoded_image``, or the authors' JSON object of rows by pid."""
    for row in read_table(file, files=["decoded_image"], key="pid"):
        cells = dict(row.cells)
        options = [str(one) for one in cells.pop("choices", None) or ()]
        answer = str(cells["answer"]) if cells.get("answer") not in (None, "") else None
        cells |= {"options": options, "answer": answer, "unit": cells.get("unit") or ""}
        if options and answer is not None:
            # A few rows have an option twice.
            cells["answer"] = [at for at, one in enumerate(options) if one == answer]
            if not cells["answer"]:
                raise DataError(f"{row.place}: the answer {answer!r} is none of {options}")
        if cells.get("precision") is not None:
            cells["precision"] = int(cells["precision"])
        cells["asks"] = "text" if options else _number(cells)
        cells["pictures"] = cells.pop("decoded_image", None) or cells.get("image")
        yield Row(row.place, cells)


def _number(cells: dict[str, Any]) -> str:
    """What kind of value an open question asks for: ``integer``, ``float 1``, ``list``."""
    kind = str(cells.get("answer_type"))
    return f"{kind} {cells.get('precision')}" if kind == "float" else kind


def geometry3k(file: Path, split: str, part: str) -> Iterator[Row]:
    """hiyouga's Parquet (open), lmms-eval's (four options), or the authors' folders, each with
    ``data.json`` and ``img_diagram.png``."""
    if file.name == "data.json":
        for row in read_table(file, single=True):
            cells = dict(row.cells)
            question = cells.get("compact_text") or cells["problem_text"]
            options = cells.get("compact_choices") or cells["choices"]
            goal = cells.get("problem_type_goal")
            yield Row(row.place, {
                **cells, "id": cells.get("id", file.parent.name), "question": question,
                "options": [str(one) for one in options],
                "goal": goal[0] if goal else "",
                "pictures": str(file.with_name("img_diagram.png")),
            })  # fmt: skip
        return
    for number, row in enumerate(read_table(file, files=["images"])):
        cells = dict(row.cells)
        options = [str(one) for one in cells.pop("choices", None) or ()]
        # hiyouga's problems begin with the picture, in other words than their own.
        cells["question"] = str(cells["problem"]).replace("<image>", "", 1).lstrip()
        cells["answer"] = cells["ground_truth"] if options else cells["answer"]
        cells |= {"options": options, "pictures": cells.pop("images"), "goal": ""}
        yield Row(row.place, {"id": str(number), **cells})
