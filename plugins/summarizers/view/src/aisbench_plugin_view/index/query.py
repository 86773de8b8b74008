"""Asking an index: pages of a list, counts, the places of one answer, two tasks side by side."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from attrs import frozen

from aisbench_plugin_view.index import tables
from aisbench_plugin_view.index.searching import SideSearch
from aisbench_plugin_view.index.words import terms

ORDERS: Mapping[str, str] = {
    "set": "a.pos, a.number, a.n",
    "came": "a.n",
    "value": "a.value IS NULL, a.value, a.pos",
    "longest": "a.completion_tokens DESC, a.pos",
    "slowest": "a.ms DESC, a.pos",
}
"""How lists can be sorted: in the order of the data set, as they came, by score, by length of the
answer, by time."""
MOST = 500
"""Rows of one page."""

FEW = 20_000
_FEW = "a.n IN (SELECT n FROM temp.found)"
_MANY = "EXISTS (SELECT 1 FROM temp.found WHERE found.n = a.n)"
"""Few rows are looked up and sorted; of many the first ones are met soon, in the wanted order."""

_COLUMNS = """
a.n, a.id, a.number AS repeat, a.part, a.verdict, a.value, a.extracted, a.odd, a.prompt_tokens,
a.completion_tokens, a.ms, a.ttft_ms, a.attempts, a.finish, a.brief"""


@frozen(kw_only=True)
class Filter:
    """Which answers are wanted; what is empty leaves none out.

    ``words`` are looked for in prompts and answers, or in one of them (``within``, "prompt" or
    "answer"), and as an id;
    ``id`` may hold ``*``. ``odd`` is a kind of anomaly, or "any"; a ``verdict`` "none" finds
    answers without a score.
    """

    words: str = ""
    within: str = ""
    id: str = ""
    verdict: str = ""
    part: str | None = None
    odd: str = ""


@frozen(kw_only=True)
class Page:
    """Some rows of a list, and how many there are in all, by verdict ("" of those without)."""

    rows: tuple[dict[str, Any], ...]
    total: int
    verdicts: Mapping[str, int]


@frozen(kw_only=True)
class Places:
    """Where the rows of an answer begin in the files of its task."""

    turns: tuple[int, ...]
    sample_at: int
    score_at: int | None
    judged_at: tuple[int, ...]


def page(path: Path, journal: Path, wanted: Filter, order: str, offset: int, limit: int) -> Page:
    """The rows from number ``offset`` on of the index at ``path``, which is of ``journal``. Raises
    sqlite3.Error, AisbenchError."""
    by = ORDERS[order]
    with tables.readable(path) as connection:
        if wanted.words.strip():
            where = _found(connection, journal, wanted)
            values: list[Any] = []
        else:
            where, values = _condition(wanted)
        counted = connection.execute(
            f"SELECT verdict, count(*) FROM answers AS a WHERE {where} GROUP BY verdict", values
        )
        verdicts = {name or "": count for name, count in counted}
        # What is left out before a page is counted in an index alone.
        rows = connection.execute(
            f"SELECT {_COLUMNS}, s.target FROM answers AS a LEFT JOIN samples AS s "
            f"ON s.pos = a.pos WHERE a.n IN (SELECT a.n FROM answers AS a WHERE {where} "
            f"ORDER BY {by} LIMIT ? OFFSET ?) ORDER BY {by}",
            [*values, min(limit, MOST), max(offset, 0)],
        )
        return Page(
            rows=tuple(tables.named(rows)),
            total=sum(verdicts.values()),
            verdicts=verdicts,
        )


def _found(connection: sqlite3.Connection, journal: Path, wanted: Filter) -> str:
    """Find the answers of a search once, as they are needed several times; the condition that
    they are."""
    searched = _searched(connection, journal, wanted)
    connection.execute("CREATE TEMP TABLE found (n INTEGER PRIMARY KEY)")
    if wanted == Filter(words=wanted.words, within=wanted.within):
        text = searched
        values: list[Any] = []
    else:
        where, values = _condition(wanted, searched)
        text = f"SELECT a.n FROM answers AS a WHERE {where}"
    made = connection.execute(f"INSERT OR IGNORE INTO found {text}", values)
    return _FEW if made.rowcount < FEW else _MANY


def choices(path: Path) -> dict[str, list[str]]:
    """The parts, and kinds of anomalies, that there are. Raises sqlite3.Error."""
    with tables.readable(path) as connection:
        parts = orjson.loads(str(tables.read(connection, "parts") or "[]"))
        odd = connection.execute("SELECT DISTINCT odd FROM answers WHERE odd > ''")
        kinds = {kind for (one,) in odd for kind in one.split(", ")}
        return {"parts": parts, "odd": sorted(kinds)}


def places(path: Path, sample: str, repeat: int) -> Places | None:
    """Of that answer to a sample; None where the index has none.

    Raises sqlite3.Error.
    """
    with tables.readable(path) as connection:
        row = connection.execute(
            "SELECT a.n, a.score_at, s.at FROM answers AS a "
            "JOIN samples AS s ON s.pos = a.pos WHERE a.id = ? AND a.number = ?",
            (sample, repeat),
        ).fetchone()
        if row is None:
            return None
        turns = connection.execute("SELECT at FROM turns WHERE n = ? ORDER BY turn", (row[0],))
        judged = connection.execute(
            "SELECT at FROM judgements WHERE id = ? AND repeat = ? ORDER BY number, turn",
            (sample, repeat),
        )
        return Places(
            turns=tuple(at for (at,) in turns),
            sample_at=row[2],
            score_at=row[1],
            judged_at=tuple(at for (at,) in judged),
        )


def pairs(
    left: tuple[Path, Path],
    right: tuple[Path, Path],
    wanted: Filter,
    *,
    differ: bool,
    offset: int,
    limit: int,
) -> tuple[list[dict[str, Any]], int, int]:
    """Answers of two tasks to the same sample and repeat, those that the filter finds on either
    side; how many there are, and how many of all common ones got another verdict or score.

    Each side is the path of an index and that of its journal. Raises sqlite3.Error, AisbenchError.
    """
    with tables.readable(left[0]) as connection:
        uri = f"{right[0].absolute().as_uri()}?mode=ro"
        connection.execute("ATTACH DATABASE ? AS other", (uri,))
        ours = theirs = ""
        if wanted.words.strip():  # a sample of either side may hold the words
            ours = _searched(connection, left[1], wanted)
            theirs = _searched(connection, right[1], wanted, "other.")
        where, values = _condition(wanted, ours)
        other, more = _condition(wanted, theirs, "b")
        kept = f"(({where}) OR ({other}))" + (f" AND {_DIFFERS}" if differ else "")
        both = "answers AS a JOIN other.answers AS b ON b.id = a.id AND b.number = a.number"
        total = connection.execute(
            f"SELECT count(*) FROM {both} WHERE {kept}", [*values, *more]
        ).fetchone()[0]
        differing = connection.execute(f"SELECT count(*) FROM {both} WHERE {_DIFFERS}").fetchone()[
            0
        ]
        rows = connection.execute(
            f"SELECT a.id, a.number AS repeat, a.part, "
            "a.verdict AS left_verdict, b.verdict AS right_verdict, a.value AS left_value, "
            "b.value AS right_value, a.extracted AS left_extracted, "
            f"b.extracted AS right_extracted FROM {both} WHERE {kept} "
            f"ORDER BY {ORDERS['set']} LIMIT ? OFFSET ?",
            [*values, *more, min(limit, MOST), max(offset, 0)],
        )
        return tables.named(rows), total, differing


_DIFFERS = "(a.verdict IS NOT b.verdict OR a.value IS NOT b.value)"


def _condition(wanted: Filter, searched: str = "", a: str = "a") -> tuple[str, list[Any]]:
    """What SQL is asked, with the values of its places. ``searched`` gives the numbers of the
    answers that hold the words."""
    parts: list[tuple[str, Sequence[Any]]] = []
    if searched:
        parts.append((f"{a}.n IN ({searched})", ()))
    if wanted.id:
        parts.append((f"{a}.id GLOB ?", (_glob(wanted.id),)))
    if wanted.verdict == "none":
        parts.append((f"{a}.verdict IS NULL", ()))
    elif wanted.verdict:
        parts.append((f"{a}.verdict = ?", (wanted.verdict,)))
    if wanted.part is not None:
        parts.append((f"{a}.part = ?", (wanted.part,)))
    if wanted.odd == "any":
        parts.append((f"{a}.odd > ''", ()))
    elif wanted.odd:
        parts.append((f"', ' || {a}.odd || ',' LIKE '%, ' || ? || ',%'", (wanted.odd,)))
    text = " AND ".join(condition for condition, _ in parts) or "1"
    return text, [value for _, values in parts for value in values]


def _searched(
    connection: sqlite3.Connection, journal: Path, wanted: Filter, base: str = "main."
) -> str:
    """Look the words up; what then gives the numbers of answers that hold them, maybe several
    times."""
    connection.execute("PRAGMA temp_store = MEMORY")
    name = f"%s_of_{base[:-1]}"
    named = name % "named"
    connection.execute(f"CREATE TEMP TABLE {named} (n INTEGER)")
    connection.execute(
        f"INSERT INTO {named} SELECT n FROM {base}answers WHERE id = ?", (wanted.words.strip(),)
    )
    found, asked = [f"SELECT n FROM {named}"], ""
    turns = f"SELECT t.n FROM %s AS w CROSS JOIN {base}turns AS t ON t.at = w.at"
    for side in ("prompt", "answer"):
        if wanted.within in ("", side) and (words := terms(wanted.words)):
            table = name % side
            known = name % "prompt" if asked else ""  # those answers are found already
            SideSearch(connection, base, side, journal, table, known).find(words)
            if side == "answer":
                found.append(turns % table)
            else:  # the words of a prompt are kept once for all repeats of a sample
                asked = f"WITH asked(n) AS ({turns % table}) "
                found += [
                    "SELECT n FROM asked",
                    f"SELECT n FROM {base}answers WHERE first IN asked",
                ]
    return asked + " UNION ALL ".join(found)


def _glob(text: str) -> str:
    """``*`` stands for anything; nothing else of a glob does."""
    return text.replace("[", "[[]").replace("?", "[?]")


def progress(path: Path, size: int) -> dict[str, Any]:
    """How far an index is, of a journal of ``size`` bytes: shares of answers and words, 0..1, and
    what was damaged. Raises sqlite3.Error."""
    with tables.readable(path) as connection:
        answers = int(tables.read(connection, "answers_end") or 0)
        words = int(tables.read(connection, "words_end") or 0)
        damage = tables.read(connection, "damage")
        count = connection.execute("SELECT count(*) FROM answers").fetchone()[0]
    whole = max(size, 1)
    return {
        "answers": count,
        "indexed": min(answers / whole, 1.0) if size else 1.0,
        "searchable": min(words / whole, 1.0) if size else 1.0,
        "damage": damage,
    }


def is_there(path: Path) -> bool:
    """Whether there is an index that can be asked."""
    if not path.exists():
        return False
    try:
        with tables.readable(path) as connection:
            return tables.read(connection, "layout") == tables.LAYOUT
    except sqlite3.Error:
        return False
