"""Keys of a declaration about which rows its files hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import frozen

from aisbench.settings.fields import at_least, each_at_least_one, not_empty, setting
from aisbench.types.json import JsonValue

Format = Literal["", "jsonl", "json", "csv", "tsv", "parquet", "lines"]


@frozen
class JoinTable:
    """[[rows.join]]: columns of a second file."""

    file: str | tuple[str, ...] | Mapping[str, str | tuple[str, ...]] = setting(
        help="the file, or several names of which one is there; {part} and {split} stand in them; "
        "or split -> file, and other splits have none",
        check=not_empty,
    )
    by: str = setting(
        help='"line": the n-th row with the n-th; else the column that tells which rows belong '
        "together",
        check=not_empty,
    )
    other: str = setting(default="", help="that column in the second file, where it differs")
    under: str = setting(default="", help="the column under which those of the file go")
    names: tuple[str, ...] = setting(default=(), help="names of its columns, as in [columns]")
    records: str = setting(default="", help="where a JSON file holds its rows, as in [columns]")
    format: Format = setting(default="", help="its format, where the ending is not that")
    key: str = setting(default="", help="the column that the keys of an object of rows become")
    quotes: bool = setting(default=True, help='false: " is a character like any other')
    skip: int = setting(default=0, check=at_least(0), help="lines before the first")


@frozen
class RowTable:
    """[rows]: what a row is."""

    use: str = setting(
        default="", help='"module:function" that reads a file: f(file, split, part) -> rows'
    )
    beside: tuple[str, ...] = setting(
        default=(),
        help="further files that the function `use` reads, in the folder: their content counts, "
        "too; * matches",
    )
    format: Format = setting(default="", help="the files' format, where the ending is not that")
    quotes: bool = setting(default=True, help='false: " is a character like any other in CSV')
    skip: int = setting(
        default=0,
        check=at_least(0),
        help="lines before the header of CSV, or before the first row where columns are named",
    )
    key: str = setting(
        default="", help="the column that the keys become, where a JSON file is an object of rows"
    )
    explode: str | tuple[str | tuple[str, ...], ...] = setting(
        default=(),
        help="lists whose items are the rows, one inside the other; [[a, b]]: lists that belong "
        "together, item by item",
    )
    item: str = setting(
        default="", help="the column that an item's place in the last of these lists becomes"
    )
    join: tuple[JoinTable, ...] = setting(default=(), help="columns of a second file")
    parse: Mapping[str, Literal["json", "literal", "list"]] = setting(
        factory=dict,
        help="columns whose texts hold data: JSON, a literal of Python, or, where they begin with "
        "[, a list of Python",
    )
    rename: Mapping[str, str] = setting(
        factory=dict,
        help='columns by another name from here on, such as { target = "spans" } where {target} '
        'would be the reference; "old?" may be absent',
    )
    where: Mapping[str, JsonValue] = setting(
        factory=dict,
        help="rows that are kept: column = value, [values], { not = ... }, { matches = REGEX } or "
        "{ present = true }",
    )
    limit: int | Mapping[str, int] | None = setting(
        default=None, check=each_at_least_one, help="at most so many rows of each part; or by part"
    )


@frozen
class SplitTable:
    """[splits.NAME]: what is different in one split's files."""

    columns: Mapping[str, JsonValue] = setting(factory=dict, help="laid over [columns]")
    rows: Mapping[str, JsonValue] = setting(factory=dict, help="laid over [rows]")
