"""Asking an index: pages of a list, counts, the places of one answer, two tasks side by side."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from attrs import frozen

from aisbench_plugin_view.index import tables
from aisbench_plugin_view.index.words import expression

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

    ``words`` are looked for in prompts and answers, or in one of them (``within``), and as an id;
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


def page(path: Path, wanted: Filter, order: str, offset: int, limit: int) -> Page:
    """The rows from number ``offset`` on. Raises sqlite3.Error."""
    where, values = _condition(wanted)
    by = ORDERS[order]
    with tables.readable(path) as connection:
        if wanted.words.strip():
            where, values = _found(connection, wanted), []
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


def _found(connection: sqlite3.Connection, wanted: Filter) -> str:
    """Find the answers of a search once, as they are needed several times; the condition that
    they are."""
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("CREATE TEMP TABLE found (n INTEGER PRIMARY KEY)")
    if wanted == Filter(words=wanted.words, within=wanted.within):
        text, values = _searched(wanted, "main.")
    else:
        where, values = _condition(wanted)
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
        return Places(
            turns=tuple(at for (at,) in turns),
            sample_at=row[2],
            score_at=row[1],
        )


def pairs(
    left: Path, right: Path, wanted: Filter, *, differ: bool, offset: int, limit: int
) -> tuple[list[dict[str, Any]], int, int]:
    """Answers of two tasks to the same sample and repeat, those that the filter finds on either
    side; how many there are, and how many of all common ones got another verdict or score.

    Raises sqlite3.Error.
    """
    where, values = _condition(wanted)
    # A sample of either side may hold the words that are looked for.
    other, more = _condition(wanted, "b", "other.")
    kept = f"(({where}) OR ({other}))" + (f" AND {_DIFFERS}" if differ else "")
    with tables.readable(left) as connection:
        connection.execute("ATTACH DATABASE ? AS other", (f"{right.absolute().as_uri()}?mode=ro",))
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


def _condition(wanted: Filter, a: str = "a", base: str = "main.") -> tuple[str, list[Any]]:
    """What SQL is asked, with the values of its places."""
    parts: list[tuple[str, Sequence[Any]]] = []
    if wanted.words.strip():
        text, found = _searched(wanted, base)
        parts.append((f"{a}.n IN ({text})", found))
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


def _searched(wanted: Filter, base: str) -> tuple[str, list[Any]]:
    """What finds the numbers of answers that hold the words, maybe several times."""
    words = expression(wanted.words)
    found, values = [f"SELECT n FROM {base}answers WHERE id = ?"], [wanted.words.strip()]
    turns = (
        f"SELECT t.n FROM {base}%s AS w JOIN {base}turns AS t ON t.at = w.rowid WHERE w.%s MATCH ?"
    )
    if words and wanted.within != "prompt":
        found.append(turns % ("answer_words", "answer_words"))
        values.append(words)
    if not words or wanted.within == "answer":
        return " UNION ALL ".join(found), values
    # The words of a prompt are kept once for all repeats of a sample.
    asked = turns % ("prompt_words", "prompt_words")
    found += ["SELECT n FROM asked", f"SELECT n FROM {base}answers WHERE first IN asked"]
    return f"WITH asked(n) AS ({asked}) {' UNION ALL '.join(found)}", [words, *values]


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
