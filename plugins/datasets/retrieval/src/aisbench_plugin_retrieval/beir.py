"""BEIR's layout: documents, queries, and who fits whom."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from attrs import frozen

from aisbench.api import DataError
from aisbench.data import Row, read_table, read_text

BLANK = " "
"""What is sent of a document without text."""
_HINT = (
    "a folder of BEIR's layout has corpus.jsonl (_id, title, text), queries.jsonl (_id, text) and "
    "qrels/SPLIT.tsv (query-id, corpus-id, score)"
)
_COLUMNS = ("query-id", "corpus-id", "score")
_IN_ORDER = {3: (0, 1, 2), 4: (0, 2, 3)}
"""Where they stand in lines of so many columns, without a head: BEIR's order, and TREC's."""


@frozen
class BeirFolder:
    """The files of one data set; read where they are asked for."""

    path: Path
    split: str

    def files(self) -> list[Path]:
        """Raises DataError for one that is missing."""
        return [self._file("corpus.jsonl"), self._file("queries.jsonl"), self._qrels()]

    def documents(self) -> dict[str, str]:
        """Texts by id, each with its title before it, as BEIR and MTEB put them. Raises
        DataError."""
        found: dict[str, str] = {}
        for row in read_table(self._file("corpus.jsonl")):
            title = _text(row, "title", needed=False)
            text = _text(row, "text")
            # Some sets of BEIR have documents of nothing, and servers refuse empty texts.
            found[_id(row, found)] = f"{title} {text}".strip() or BLANK
        return found

    def queries(self) -> dict[str, tuple[str, str]]:
        """Texts, and where they stand, by id. Raises DataError."""
        found: dict[str, tuple[str, str]] = {}
        for row in read_table(self._file("queries.jsonl")):
            text = _text(row, "text")
            if not text.strip():
                raise DataError(f"{row.place}: the query has no text", hint=_HINT)
            found[_id(row, found)] = (text, row.place)
        return found

    def judged(
        self, documents: Mapping[str, str], queries: Mapping[str, object]
    ) -> dict[str, dict[str, float]]:
        """Grades of documents by query, in the order of the file. Raises DataError, also for ids
        that no file has: figures without them would be too low."""
        found: dict[str, dict[str, float]] = {}
        for query, document, grade, place in self._judgements():
            if query not in queries:
                raise DataError(f"{place}: queries.jsonl has no query {query!r}")
            if document not in documents and grade > 0:
                raise DataError(
                    f"{place}: corpus.jsonl has no document {document!r}",
                    hint="a corpus that was made smaller must keep the documents that fit",
                )
            grades = found.setdefault(query, {})
            if grades.get(document, grade) != grade:
                raise DataError(f"{place}: {document!r} is judged twice for query {query!r}")
            grades[document] = grade
        if not found:
            raise DataError(f"{self._qrels()}: no query is judged", hint=_HINT)
        return found

    def _judgements(self) -> Iterator[tuple[str, str, float, str]]:
        qrels = self._qrels()
        rows = _named_rows(qrels) if ".jsonl" in qrels.suffixes else _lines(qrels)
        for place, query, document, score in rows:
            try:
                grade = float(score)
            except ValueError:
                raise DataError(f"{place}: the score {score!r} is no number") from None
            if not math.isfinite(grade):
                raise DataError(f"{place}: the score is {score}")
            yield query, document, grade, place

    def _file(self, name: str) -> Path:
        for one in (name, f"{name}.gz"):
            if (self.path / one).is_file():
                return self.path / one
        raise DataError(f"{self.path / name} does not exist", hint=_HINT)

    def _qrels(self) -> Path:
        folder = self.path / "qrels"
        for one in (f"{self.split}.tsv", f"{self.split}.tsv.gz", f"{self.split}.jsonl"):
            if (folder / one).is_file():
                return folder / one
        there = sorted(one.name.partition(".")[0] for one in folder.glob("*"))
        raise DataError(
            f"{folder / self.split}.tsv does not exist",
            hint=f"splits here: {', '.join(there)}" if there else _HINT,
        )


def _named_rows(file: Path) -> Iterator[tuple[str, str, str, str]]:
    for row in read_table(file):
        if missing := [name for name in _COLUMNS if name not in row.cells]:
            raise _no_column(row.place, missing[0], row.cells)
        query, document, score = (str(row.cells[name]) for name in _COLUMNS)
        yield row.place, query, document, score


def _lines(file: Path) -> Iterator[tuple[str, str, str, str]]:
    """Place, query, document, score; a first line whose score is no number names the columns,
    which stand in BEIR's order without it, or in TREC's (query, iteration, document, score)."""
    at: tuple[int, ...] | None = None
    for number, line in enumerate(read_text(file).splitlines(), 1):
        cells = line.split("\t") if "\t" in line else line.split()
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        place = f"{file}:{number}"
        if at is None:
            at = _IN_ORDER.get(len(cells))
            if at is None or not _is_number(cells[at[-1]]):
                if missing := [name for name in _COLUMNS if name not in cells]:
                    raise _no_column(place, missing[0], cells)
                at = tuple(map(cells.index, _COLUMNS))
                continue
        if max(at) >= len(cells):
            raise DataError(f"{place}: {len(cells)} columns, and {max(at) + 1} above", hint=_HINT)
        query, document, score = (cells[one] for one in at)
        yield place, query, document, score


def _no_column(place: str, name: str, there: Iterable[str]) -> DataError:
    return DataError(f"{place}: no column {name!r} (columns: {', '.join(there)})", hint=_HINT)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _text(row: Row, name: str, *, needed: bool = True) -> str:
    value = row.cells.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str):
        raise DataError(f"{row.place}: no text under {name!r}", hint=_HINT)
    return value


def _id(row: Row, known: Mapping[str, object]) -> str:
    name = row.cells.get("_id", row.cells.get("id"))
    if isinstance(name, bool) or not isinstance(name, (str, int)) or name == "":
        raise DataError(f"{row.place}: no id under '_id'", hint=_HINT)
    if str(name) in known:
        raise DataError(f"{row.place}: the id {str(name)!r} is there twice")
    return str(name)
