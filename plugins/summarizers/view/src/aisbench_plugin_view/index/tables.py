"""The tables of an index: one SQLite file for each task of a run."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LAYOUT = 2
"""Of the tables; an index of another one is made anew."""

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE samples (pos INTEGER PRIMARY KEY, id TEXT, part TEXT, at INTEGER, target TEXT);
CREATE INDEX samples_id ON samples (id);
CREATE TABLE answers (
    n INTEGER PRIMARY KEY, id TEXT, repeat INTEGER, number INTEGER, pos INTEGER, part TEXT,
    verdict TEXT, value REAL, extracted TEXT, reason TEXT, odd TEXT, score_at INTEGER,
    prompt_tokens INTEGER, completion_tokens INTEGER, ms REAL, ttft_ms REAL, attempts INTEGER,
    finish TEXT, brief TEXT, first INTEGER
);
CREATE UNIQUE INDEX answers_id ON answers (id, repeat);
CREATE INDEX answers_number ON answers (id, number);
CREATE INDEX answers_pos ON answers (pos, number);
CREATE INDEX answers_verdict ON answers (verdict, pos, number);
CREATE INDEX answers_odd ON answers (odd) WHERE odd > '';
CREATE INDEX answers_value ON answers (value, pos);
CREATE INDEX answers_longest ON answers (completion_tokens DESC, pos);
CREATE INDEX answers_slowest ON answers (ms DESC, pos);
CREATE INDEX answers_first ON answers (first) WHERE first IS NOT NULL;
CREATE TABLE turns (at INTEGER PRIMARY KEY, n INTEGER, turn INTEGER, good INTEGER);
CREATE INDEX turns_n ON turns (n, turn);
CREATE VIRTUAL TABLE prompt_words USING fts5
    (text, content='', columnsize=0, tokenize="unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE answer_words USING fts5
    (text, content='', columnsize=0, tokenize="unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE prompt_parts USING fts5
    (text, content='', columnsize=0, detail=none, tokenize="trigram");
CREATE VIRTUAL TABLE answer_parts USING fts5
    (text, content='', columnsize=0, detail=none, tokenize="trigram");
CREATE TABLE judgements (
    id TEXT, repeat INTEGER, number INTEGER, turn INTEGER, at INTEGER, good INTEGER,
    PRIMARY KEY (id, repeat, number, turn)
) WITHOUT ROWID;
"""


def writable(path: Path) -> sqlite3.Connection:
    """The index at ``path``, made where there is none or where it is of another layout or broken.

    It can be made again at any time, so nothing waits for the disk. Raises sqlite3.Error, OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(sqlite3.DatabaseError):
        connection = _made(path)
        if read(connection, "layout") == LAYOUT:
            return connection
        connection.close()
    remove(path)
    return _made(path)


def _made(path: Path) -> sqlite3.Connection:
    """With tables: its own, or those that another process made meanwhile."""
    with contextlib.ExitStack() as failing:
        connection = _opened(path, failing)
        connection.execute("BEGIN IMMEDIATE")
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone()
        for statement in TABLES.split(";") if known is None else ():
            connection.execute(statement)
        if known is None:
            write(connection, "layout", LAYOUT)
        connection.execute("COMMIT")
        failing.pop_all()
    return connection


def _opened(path: Path, failing: contextlib.ExitStack) -> sqlite3.Connection:
    """A connection that is closed with ``failing``."""
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    failing.callback(connection.close)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


@contextlib.contextmanager
def readable(path: Path) -> Iterator[sqlite3.Connection]:
    """The index at ``path``, to read. Raises sqlite3.Error where there is none."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    try:
        yield connection
    finally:
        connection.close()


def named(cursor: sqlite3.Cursor) -> list[dict[str, Any]]:
    """The rows of an answer, by the names of its columns."""
    names = [one[0] for one in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def remove(path: Path) -> None:
    """Delete an index with its side files."""
    for one in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))):
        one.unlink(missing_ok=True)


def read(connection: sqlite3.Connection, key: str) -> int | str | None:
    """What the index notes of itself under ``key``; None: nothing. Raises sqlite3.Error."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    found: int | str | None = None if row is None else row[0]
    return found


def write(connection: sqlite3.Connection, key: str, value: int | str | None) -> None:
    """Note it. Raises sqlite3.Error."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
