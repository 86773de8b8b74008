"""Rows of SuperGLUE with the forms in which lm-evaluation-harness shows them
(lm_eval/tasks/super_glue in github.com/EleutherAI/lm-evaluation-harness)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from aisbench.api import DataError
from aisbench.data import Row, read_table

Cells = Mapping[str, Any]
_HINT = "get the task's zip again from https://super.gluebenchmark.com/tasks"
_CONNECTORS = {"cause": "because", "effect": "therefore"}
_JOINED = ((" n't", "n't"), (" )", ")"), ("( ", "("), ('" ', '"'), (' "', '"'))


def copa(file: Path, split: str, part: str) -> Iterator[Row]:
    """``beginning``, the premise with a connector in place of its full stop; ``ends``, what may
    follow; ``end``, what does."""
    return _rows(file, _copa)


def wic(file: Path, split: str, part: str) -> Iterator[Row]:
    """``form``, the word as it stands in the first sentence; ``said``, yes or no."""
    return _rows(file, _wic)


def wsc(file: Path, split: str, part: str) -> Iterator[Row]:
    """``passage`` with the pronoun between asterisks, ``noun``, ``pronoun``; ``said``, yes or
    no."""
    return _rows(file, _wsc)


def _rows(file: Path, more: Callable[[Cells], dict[str, Any]]) -> Iterator[Row]:
    for row in read_table(file, hint=_HINT):
        try:
            yield Row(row.place, {**row.cells, **more(row.cells)})
        except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
            raise DataError(
                f"{row.place}: not a row of the task ({error!r})", hint=_HINT
            ) from error


def _copa(row: Cells) -> dict[str, Any]:
    # It puts a blank before each, and a further one before whatever is scored.
    ends = [f" {row[name][0].lower()}{row[name][1:]}" for name in ("choice1", "choice2")]
    found = {
        "beginning": f"{row['premise'].strip()[:-1]} {_CONNECTORS[row['question']]}",
        "ends": ends,
    }
    return found | ({"end": ends[int(row["label"])]} if "label" in row else {})


def _wic(row: Cells) -> dict[str, Any]:
    return {"form": row["sentence1"][row["start1"] : row["end1"]]} | _said(row)


def _wsc(row: Cells) -> dict[str, Any]:
    # The Parquet files of Hugging Face have the spans' columns beside the text.
    spans, text = row.get("target", row), row["text"]
    pronoun = spans["span2_text"]
    before = " ".join(text.split()[: spans["span2_index"]])
    passage = f"{before} *{pronoun}*{text[len(before) + len(pronoun) + 1 :]}"
    for apart, joined in _JOINED:
        passage = passage.replace(apart, joined)
    return {
        # The column is called as the reference is.
        "target": None,
        "passage": re.sub(r" (['.,])", r"\1", passage),
        "noun": spans["span1_text"],
        "pronoun": pronoun,
        **_said(row),
    }


def _said(row: Cells) -> dict[str, Any]:
    if "label" not in row:
        return {}
    return {"said": "yes" if str(row["label"]).lower() in ("true", "1") else "no"}
