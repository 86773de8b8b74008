"""Making the index of one task, and keeping it right while its files grow or are replaced."""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
from attrs import define, field

from aisbench import AnswerFiles
from aisbench_plugin_view.index import tables
from aisbench_plugin_view.index.cells import (
    brief,
    milliseconds,
    shown,
    text_of_prompt,
    text_of_response,
)
from aisbench_plugin_view.index.words import LONGEST, sendable, spaced

FIRST = 1 << 20
CHUNK = 8 << 20
"""Bytes of a journal that are taken in one step; the first step is small, so that the first page
has something to show soon."""
EDGE = 4096
"""Bytes at either end of what was indexed that must be as they were."""

UNFIT = (
    AttributeError, KeyError, OverflowError, TypeError, ValueError, sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
)  # fmt: skip
"""What a row raises that is not what a run writes; the last two of SQLite, of values that it does
not know."""
Stop = Callable[[], bool]
Row = tuple[Any, ...]

_NEW_SAMPLE = "INSERT INTO samples VALUES (?, ?, ?, ?, ?)"
_PARTS = "SELECT part FROM samples WHERE part != '' GROUP BY part ORDER BY min(pos)"
_OF_SAMPLE = """
UPDATE answers SET pos = (SELECT pos FROM samples WHERE samples.id = answers.id),
    part = (SELECT part FROM samples WHERE samples.id = answers.id)"""
_NEW_ANSWER = """
INSERT INTO answers (id, repeat, number, pos, part, verdict, prompt_tokens, completion_tokens, ms,
    ttft_ms, attempts, finish, brief, first)
VALUES (?1, ?2, ?2, (SELECT pos FROM samples WHERE id = ?1),
    (SELECT part FROM samples WHERE id = ?1), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
    (SELECT min(n) FROM answers WHERE id = ?1))"""
"""``first`` is the first answer to the same sample, NULL of that itself."""
_CHANGED_ANSWER = """
UPDATE answers SET verdict = ?, prompt_tokens = ?, completion_tokens = ?, ms = ?, ttft_ms = ?,
    attempts = ?, finish = ?, brief = ? WHERE n = ?"""
_NUMBERED = """
UPDATE answers SET number = counted.k FROM
    (SELECT n, row_number() OVER (PARTITION BY id ORDER BY repeat) - 1 AS k FROM answers)
    AS counted WHERE counted.n = answers.n"""
_UNSCORED = """
UPDATE answers SET value = NULL, extracted = NULL, reason = NULL, odd = NULL, score_at = NULL,
    verdict = CASE finish WHEN 'fault' THEN 'failed' END"""
_SCORED = """
UPDATE answers SET verdict = ?, value = ?, extracted = ?, reason = ?, odd = ?, score_at = ?
WHERE id = ? AND number = ?"""
_FIRST_OF_SAMPLE = """
SELECT turns.turn > 0 OR answers.first IS NULL FROM turns JOIN answers USING (n)
    WHERE turns.at = ?"""
_NEW_TEXT = "INSERT INTO {0}(rowid, text) VALUES (?, ?)"
_TEXTS = ("prompt_words", "prompt_parts", "answer_words", "answer_parts")
_NEW_JUDGEMENT = """
INSERT INTO judgements VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
    SET at = excluded.at, good = excluded.good WHERE NOT good"""
"""Of several tries at one turn the good one counts, else the last."""


@define
class IndexBuilder:
    """Brings the index of one task up to its files, a step at a time.

    Each step is a transaction that begins by reading how far the index is: several processes may
    work on one index, and any of them may be killed.
    """

    files: AnswerFiles
    path: Path
    """Of the index."""
    stop: Stop = field(default=lambda: False)
    _reached: int = field(default=0, init=False)
    """The byte at which the rows that were read last end."""

    def update(self) -> None:
        """Do all steps that are left, unless it is to stop. Raises sqlite3.Error, OSError."""
        connection = tables.writable(self.path)
        try:
            if tables.read(connection, "answers_end") is None:
                self._step(self._answers, connection)  # soon something to show
            for step in (
                self._samples, self._answers, self._scores, self._judgements, self._words,
            ):  # fmt: skip
                while not self.stop() and self._step(step, connection):
                    pass
        finally:
            connection.close()

    def _step(
        self, step: Callable[[sqlite3.Connection], bool], connection: sqlite3.Connection
    ) -> bool:
        """One transaction. Whether more of this step is left."""
        connection.execute("BEGIN IMMEDIATE")
        try:
            more = step(connection)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        return more

    def _samples(self, connection: sqlite3.Connection) -> bool:
        """The order of the data set, with parts and references: written once by a run."""
        stamp = stamp_of(self.files.samples)
        if tables.read(connection, "samples") == stamp:
            return False
        connection.execute("DELETE FROM samples")
        self._fill(connection, _NEW_SAMPLE, self.files.samples, _sample_cells)
        parts = [one for (one,) in connection.execute(_PARTS)]
        tables.write(connection, "parts", orjson.dumps(parts).decode())
        connection.execute(_OF_SAMPLE)
        tables.write(connection, "samples", stamp)
        return False

    def _answers(self, connection: sqlite3.Connection) -> bool:
        """The next rows of the journal. Whether there may be more of them."""
        path = self.files.answers
        begin = int(tables.read(connection, "answers_end") or 0)
        if begin and edges_of(path, begin) != tables.read(connection, "answers_edges"):
            for name in ("answers", "turns"):
                connection.execute(f"DELETE FROM {name}")
            for name in _TEXTS:
                connection.execute(f"INSERT INTO {name}({name}) VALUES ('delete-all')")
            for key in ("scores", "damage"):
                tables.write(connection, key, None)
            tables.write(connection, "words_end", 0)
            begin = 0
        for at, row in self._rows(connection, path, begin, CHUNK if begin else FIRST):
            try:
                self._answer(connection, at, row)
            except UNFIT as error:
                _note_damage(connection, path, at, error)
        end = self._reached
        tables.write(connection, "answers_end", end)
        tables.write(connection, "answers_edges", edges_of(path, end))
        if end > begin:
            tables.write(connection, "scores", None)  # they may have scores already
            return True
        return False

    def _answer(self, connection: sqlite3.Connection, at: int, row: dict[str, Any]) -> None:
        """A turn; of several tries at one turn that of the good one, else of the last."""
        answer = (str(row["sample"]), whole_number(row["repeat"]))
        good = "fault" not in row["response"]
        turn = whole_number(row["turn"])
        cells = _answer_cells(row)
        found = connection.execute(
            "SELECT n FROM answers WHERE id = ? AND repeat = ?", answer
        ).fetchone()
        if found is None:
            n = connection.execute(_NEW_ANSWER, (*answer, *cells)).lastrowid
        else:
            n = found[0]
            before = connection.execute(
                "SELECT at, good FROM turns WHERE n = ? AND turn = ?", (n, turn)
            ).fetchone()
            if before is not None and before[1]:
                return
            if before is not None:
                connection.execute("DELETE FROM turns WHERE at = ?", before[:1])
            last = connection.execute("SELECT max(turn) FROM turns WHERE n = ?", (n,)).fetchone()
            if last[0] is None or turn >= last[0]:
                connection.execute(_CHANGED_ANSWER, (*cells, n))
        connection.execute("INSERT INTO turns VALUES (?, ?, ?, ?)", (at, n, turn, good))

    def _scores(self, connection: sqlite3.Connection) -> bool:
        """All scores: they are replaced as a whole."""
        path = self.files.scores
        stamp = stamp_of(path)
        if tables.read(connection, "scores") == stamp:
            return False
        if self.files.load:
            connection.execute(_NUMBERED)  # as the scores of loads are
        connection.execute(_UNSCORED)
        self._fill(connection, _SCORED, path, _score_cells)
        tables.write(connection, "scores", stamp)
        return False

    def _judgements(self, connection: sqlite3.Connection) -> bool:
        """The next rows of a judge's journal. Whether there may be more of them."""
        path = self.files.judgements
        begin = int(tables.read(connection, "judgements_end") or 0)
        if begin and edges_of(path, begin) != tables.read(connection, "judgements_edges"):
            connection.execute("DELETE FROM judgements")
            begin = 0
        for at, row in self._rows(connection, path, begin, CHUNK):
            try:
                connection.execute(_NEW_JUDGEMENT, _judgement_cells(at, row))
            except UNFIT as error:
                _note_damage(connection, path, at, error)
        tables.write(connection, "judgements_end", self._reached)
        tables.write(connection, "judgements_edges", edges_of(path, self._reached))
        return self._reached > begin

    def _words(self, connection: sqlite3.Connection) -> bool:
        """The words of the next rows of the journal. Whether there may be more of them."""
        begin = int(tables.read(connection, "words_end") or 0)
        limit = int(tables.read(connection, "answers_end") or 0)
        if begin >= limit:
            return False
        size = min(CHUNK, limit - begin)
        for at, row in self._rows(connection, self.files.answers, begin, size):
            place = connection.execute(_FIRST_OF_SAMPLE, (at,)).fetchone()
            if place is None:
                continue  # another try counts
            try:
                prompt = text_of_prompt(row["prompt"]) if place[0] else None
                answer = text_of_response(row["response"])
            except UNFIT as error:
                _note_damage(connection, self.files.answers, at, error)
                continue
            if prompt is not None:
                _keep_text(connection, "prompt", at, prompt)
            _keep_text(connection, "answer", at, answer)
        tables.write(connection, "words_end", self._reached)
        return self._reached > begin

    def _fill(
        self,
        connection: sqlite3.Connection,
        statement: str,
        path: Path,
        cells: Callable[[int, Any], Row],
    ) -> None:
        """Give a table what it gets of each row of a file."""
        for at, row in self._rows(connection, path, 0, None):
            try:
                connection.execute(statement, cells(at, row))
            except UNFIT as error:
                _note_damage(connection, path, at, error)

    def _rows(
        self, connection: sqlite3.Connection, path: Path, begin: int, size: int | None
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """The whole lines of a file from the byte ``begin`` on, at least ``size`` bytes of them if
        there are so many, each with its place. Of a damaged line the place is noted, and it is
        left out."""
        at = self._reached = begin
        if not path.is_file():
            return  # what waits for a writer would be waited for
        with path.open("rb") as file:
            file.seek(begin)
            for line in file:
                if not line.endswith(b"\n"):
                    return  # half-written
                self._reached = at + len(line)
                try:
                    row = orjson.loads(line)
                except ValueError as error:
                    _note_damage(connection, path, at, error)
                else:
                    yield at, row
                at = self._reached
                if size is not None and at - begin >= size:
                    return


def _note_damage(connection: sqlite3.Connection, path: Path, at: int, error: Exception) -> None:
    words = f"it has no {error}" if isinstance(error, KeyError) else str(error)
    tables.write(connection, "damage", f"{path.name}: the line at byte {at:,}: {words}")


def _sample_cells(at: int, row: Any) -> Row:
    return (None, str(row["id"]), str(row.get("part") or ""), at, shown(row.get("target")))


def _answer_cells(row: Any) -> Row:
    response, timing = row["response"], row["timing"]
    usage = response.get("usage") or {}
    failed = "fault" in response
    begin = timing.get("dispatched")
    return (
        "failed" if failed else None,
        usage.get("prompt_tokens"),
        usage.get("completion_tokens"),
        milliseconds(begin, timing.get("done")),
        milliseconds(begin, timing.get("first_token")),
        len(row.get("failures") or ()) + 1,
        "fault" if failed else response.get("finish_reason"),
        brief(response),
    )


def _score_cells(at: int, row: Any) -> Row:
    score = row["score"]
    return (
        str(score["verdict"]),
        float(score["value"]),
        shown(score.get("extracted")),
        shown(score.get("reason")),
        ", ".join(str(one["kind"]) for one in row.get("anomalies") or ()),
        at,
        str(row["sample"]),
        int(row["repeat"]),
    )


def _judgement_cells(at: int, row: Any) -> Row:
    """The sample of a judge's row tells which judgement it is: SAMPLE#REPEAT#NUMBER."""
    sample, repeat, number = row["sample"].rsplit("#", 2)
    turn = whole_number(row["turn"])
    return (sample, int(repeat), int(number), turn, at, "fault" not in row["response"])


def _keep_text(connection: sqlite3.Connection, side: str, at: int, text: str) -> None:
    connection.execute(_NEW_TEXT.format(f"{side}_words"), (at, spaced(text)))
    connection.execute(_NEW_TEXT.format(f"{side}_parts"), (at, sendable(text[:LONGEST])))


def whole_number(value: Any) -> int:
    """Raises ValueError for a number that SQLite cannot hold."""
    number = int(value)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"the number {number} is too large")
    return number


def stamp_of(path: Path) -> str:
    """What changes when a file is replaced or written to; "" of one that is not there."""
    try:
        status = path.stat()
    except OSError:
        return ""
    return f"{status.st_ino} {status.st_size} {status.st_mtime_ns}"


def edges_of(path: Path, end: int) -> str:
    """What changes when the first ``end`` bytes of a file are others: checksums of both ends."""
    if not end:
        return ""
    try:
        with path.open("rb") as file:
            first = file.read(min(EDGE, end))
            file.seek(max(0, end - EDGE))
            last = file.read(min(EDGE, end))
            inode = os.fstat(file.fileno()).st_ino
    except OSError:
        return ""
    return f"{inode} {len(last)} {zlib.crc32(first)} {zlib.crc32(last)}"
