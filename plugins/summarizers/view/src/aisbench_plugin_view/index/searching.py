"""Finding the texts of a task that hold what is searched for.

The index of words finds words by their beginnings. Everything else (parts of words, formulas,
code) is narrowed down by the index of parts, three characters each, and then looked up in the
journal itself: an index that could tell without would be twice as large as the texts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from attrs import frozen

from aisbench import AisbenchError
from aisbench_plugin_view.index.cells import text_of_prompt, text_of_response
from aisbench_plugin_view.index.words import Term

_SIDES: Mapping[str, Callable[[Any], str]] = {
    "prompt": lambda row: text_of_prompt(row["prompt"]),
    "answer": lambda row: text_of_response(row["response"]),
}
_ALL = {
    "prompt": "SELECT t.at FROM {0}turns AS t JOIN {0}answers AS a ON a.n = t.n "
    "WHERE t.turn > 0 OR a.first IS NULL",
    "answer": "SELECT at FROM {0}turns",
}
"""The places of all texts of a side."""


@frozen
class SideSearch:
    """The prompts or the answers of one task.

    ``base`` is the name of its data base, with a point; ``places`` a temporary table that gets
    the bytes at which the found rows begin, maybe without those that the table ``known`` has.
    """

    connection: sqlite3.Connection
    base: str
    side: str
    journal: Path
    places: str
    known: str = ""

    def find(self, wanted: Sequence[Term]) -> None:
        """Fill the table. Raises sqlite3.Error, AisbenchError."""
        self.connection.execute(f"CREATE TEMP TABLE {self.places} (at INTEGER PRIMARY KEY)")
        sure = [one.words for one in wanted]
        if all(sure):
            self.connection.execute(
                f"INSERT INTO {self.places} {self._matching('words')}", [" AND ".join(sure)]
            )
            if not any(one.grams for one in wanted):
                return
        likely = self._likely(wanted)
        if likely:
            words = [self._worded(one, len(wanted)) for one in wanted]
            self.connection.executemany(
                f"INSERT OR IGNORE INTO {self.places} VALUES (?)",
                ((at,) for at in self._holding(likely, wanted, words)),
            )

    def _matching(self, kind: str) -> str:
        table = f"{self.side}_{kind}"
        return f"SELECT rowid AS at FROM {self.base}{table} WHERE {table} MATCH ?"

    def _likely(self, wanted: Sequence[Term]) -> list[int]:
        """The places of texts that may hold all terms, without those that surely do."""
        narrowing, values = [], []
        for one in wanted:
            # In the index of words, or in that of parts; what is not a word fits both.
            known = [("words", one.words or one.inner), ("parts", one.grams)]
            asked = [(kind, text) for kind, text in known if text]
            if asked:
                either = " UNION " if one.words else " INTERSECT "
                found = either.join(self._matching(kind) for kind, _ in asked)
                narrowing.append(f"SELECT at FROM ({found})")
                values += [text for _, text in asked]
        text = " INTERSECT ".join(narrowing) or _ALL[self.side].format(self.base)
        for table in filter(None, (self.places, self.known)):
            text += f" EXCEPT SELECT at FROM {table}"
        return sorted(at for (at,) in self.connection.execute(text, values))

    def _worded(self, term: Term, count: int) -> frozenset[int]:
        """The texts in which the index of words finds a term of several."""
        if not term.words or count == 1:
            return frozenset()
        rows = self.connection.execute(self._matching("words"), [term.words])
        return frozenset(at for (at,) in rows)

    def _holding(
        self, places: Sequence[int], wanted: Sequence[Term], words: Sequence[frozenset[int]]
    ) -> Iterator[int]:
        """Those of the places whose texts hold all terms."""
        text_of = _SIDES[self.side]
        try:
            with self.journal.open("rb") as file:
                for at in places:
                    file.seek(at)
                    try:
                        text = text_of(orjson.loads(file.readline())).casefold()
                    except (AttributeError, KeyError, TypeError, ValueError):
                        continue  # the journal was replaced just now
                    if all(
                        at in worded or one.is_in(text)
                        for one, worded in zip(wanted, words, strict=True)
                    ):
                        yield at
        except OSError as error:
            raise AisbenchError(
                f"{self.journal}: cannot be read: {error.strerror or error}"
            ) from error
