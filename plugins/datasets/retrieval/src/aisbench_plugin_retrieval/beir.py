"""BEIR's layout: documents, queries, and who fits whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import frozen

from aisbench.api import DataError
from aisbench.data import Row, read_table

_HINT = (
    "a folder of BEIR's layout has corpus.jsonl (_id, title, text), queries.jsonl (_id, text) and "
    "qrels/SPLIT.tsv (query-id, corpus-id, score)"
)


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
            whole = f"{title} {text}".strip()
            if not whole:
                raise DataError(f"{row.place}: the document has no text", hint=_HINT)
            found[_id(row, found)] = whole
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
            if document not in documents:
                raise DataError(
                    f"{place}: corpus.jsonl has no document {document!r}",
                    hint="a corpus that was made smaller must keep the judged documents",
                )
            grades = found.setdefault(query, {})
            if document in grades:
                raise DataError(f"{place}: {document!r} is judged twice for query {query!r}")
            grades[document] = grade
        return found

    def _judgements(self) -> Iterator[tuple[str, str, float, str]]:
        for row in read_table(self._qrels()):
            cells = row.cells
            names = ("query-id", "corpus-id", "score")
            if missing := [name for name in names if name not in cells]:
                raise DataError(
                    f"{row.place}: no column {missing[0]!r} (columns: {', '.join(cells)})",
                    hint=_HINT,
                )
            query, document, score = (str(cells[name]) for name in names)
            try:
                grade = float(score)
            except ValueError:
                raise DataError(f"{row.place}: the score {score!r} is no number") from None
            yield query, document, grade, row.place

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
