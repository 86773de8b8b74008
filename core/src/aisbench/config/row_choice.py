"""The keys of a suite that choose among the rows of a data set, whatever plugin reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import orjson
from attrs import frozen

from aisbench.settings.fields import at_least, each_at_least_one, setting

_SPAN = re.compile(r"\s*(-?\d{1,18})?\s*:\s*(-?\d{1,18})?\s*(?::\s*(\d{1,18})?\s*)?\Z")

Ids = tuple[str, ...]


def span_problem(text: str) -> str | None:
    """What is wrong with a range."""
    if not text:
        return None
    found = _SPAN.match(text)
    if found is None or int(found[3] or 1) == 0:
        return (
            'must be "START:END" or "START:END:STEP", as Python\'s slices are: "100:200", ":50", '
            '"-20:", "::10"'
        )
    return None


def span(text: str) -> slice:
    """The slice that a range, which :func:`span_problem` finds right, means."""
    found = _SPAN.match(text)
    assert found is not None
    start, end, step = (None if one is None else int(one) for one in found.groups())
    return slice(start, end, step)


def _sample(value: float | None) -> str | None:
    if value is None:
        return None
    fits = value >= 1 if isinstance(value, int) else 0 < value <= 1
    return None if fits else "must be a number of rows, or a share of them above 0 and up to 1.0"


@frozen(kw_only=True)
class RowChoice:
    """Which rows are asked. The keys narrow the rows one after the other, in this order."""

    ids: Path | Ids | Mapping[str, Ids] = setting(
        default=(),
        help="only these rows: their ids (* and ? match), or a file of ids (a line each, or JSON "
        "lines with id or sample), or by model; empty: all",
        example=["test-7", "anatomy/*"],
    )
    range: str = setting(
        default="",
        check=span_problem,
        help='the rows from one place to another, from 0: "START:END", as Python\'s slices',
        example="100:200",
    )
    part_range: str = setting(
        default="", check=span_problem, help="the same of each part", example="0:20"
    )
    sample: int | float | None = setting(
        default=None,
        check=_sample,
        help="draw so many rows, or such a share of them, with the suite's seed: of each part in "
        "proportion to its size; a larger sample holds the smaller ones",
        example=0.1,
    )
    part_limit: int | Mapping[str, int] | None = setting(
        default=None,
        check=each_at_least_one,
        help="at most so many rows of each part, the first ones; or by part",
        example=20,
    )
    limit: int | None = setting(
        default=None,
        check=at_least(1),
        help="ask at most this many rows, the same number of each part where possible",
        example=200,
    )
    shuffle: bool = setting(default=False, help="draw the rows of `limit` with the suite's seed")

    def described(self) -> str:
        """The choice as a reader of figures wants it; "" where all rows are asked."""
        return ", ".join(_words(self))


CHOICE_KEYS = tuple(one.name for one in attrs.fields(RowChoice))


def _words(choice: RowChoice) -> Iterator[str]:
    if isinstance(choice.ids, Mapping):
        yield "ids by model"
    elif choice.ids:
        assert isinstance(choice.ids, tuple)
        few = len(choice.ids) <= 3
        yield f"ids {' '.join(choice.ids)}" if few else f"{len(choice.ids)} ids"
    for key in ("range", "part_range", "sample", "part_limit", "limit"):
        if value := getattr(choice, key):
            if isinstance(value, Mapping):
                value = " ".join(f"{name}={one}" for name, one in value.items())
            drawn = ", drawn" if key == "limit" and choice.shuffle else ""
            yield f"{key.replace('_', ' ')} {value}{drawn}"


def read_ids(path: Path) -> Ids:
    """The ids in a file: of a ``.jsonl`` the ``id`` or ``sample`` of each line, of a ``.json`` a
    list of ids, else each line that is not empty. Raises OSError, ValueError with a sentence."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line} is not UTF-8 text") from None
    if path.suffix == ".json":
        found = orjson.loads(text)
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise ValueError("must hold a list of ids as strings")
        ids = found
    elif path.suffix == ".jsonl":
        # By LF alone: JSON strings may hold other line separators unescaped.
        lines = text.split("\n")
        ids = [_id_of(line, number) for number, line in enumerate(lines, 1) if line.strip()]
    else:
        ids = [line.strip() for line in text.split("\n") if line.strip()]
    if not ids:
        raise ValueError("holds no id")
    return tuple(dict.fromkeys(ids))


def _id_of(line: str, number: int) -> str:
    try:
        row: Any = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"line {number} is not JSON: {error}") from None
    found = row.get("id", row.get("sample")) if isinstance(row, dict) else row
    if not isinstance(found, str):
        raise ValueError(f"line {number} has neither an id nor a sample that is a string")
    return found
