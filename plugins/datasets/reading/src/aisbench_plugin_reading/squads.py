"""SQuAD's articles as the authors' JSON has them, and as Hugging Face does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aisbench.api import DataError
from aisbench.data import Row, read_table

_HINT = "get it again from https://rajpurkar.github.io/SQuAD-explorer, or from rajpurkar/squad"


def articles(file: Path, split: str, part: str) -> Iterator[Row]:
    """Rows with a ``title`` and ``paragraphs``, each a ``context`` with its ``qas``. Parquet files
    of rajpurkar/squad and rajpurkar/squad_v2 have a question a row; there one without answers has
    none in its context. Raises DataError, naming file and line."""
    if file.suffix != ".parquet":
        yield from read_table(file, records="data", hint=_HINT)
        return
    for row in read_table(file, hint=_HINT):
        try:
            yield Row(row.place, _article(row.cells))
        except (KeyError, TypeError) as error:
            raise DataError(f"{row.place}: not a row of SQuAD ({error!r})", hint=_HINT) from error


def _article(cells: Mapping[str, Any]) -> dict[str, Any]:
    answers = [{"text": text} for text in cells["answers"]["text"]]
    asked = {
        "id": cells["id"],
        "question": cells["question"],
        "answers": answers,
        "is_impossible": not answers,
    }
    return {
        "title": cells["title"],
        "paragraphs": [{"context": cells["context"], "qas": [asked]}],
    }
