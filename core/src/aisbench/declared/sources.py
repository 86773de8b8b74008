"""The files that a declaration is made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tomli

from aisbench.declared.offers import DeclaredOffer, table_of


def sources_of(offer: DeclaredOffer) -> tuple[Path, ...]:
    """The file of a declaration, those that it extends, and the Python files beside it whose
    functions it names; not its data. Raises ValueError, OSError."""
    file = Path(offer.place)
    found = [file, *_extended(file), *_code(table_of(offer), file.parent)]
    return tuple(dict.fromkeys(found))


def _extended(file: Path) -> Iterator[Path]:
    """Reading the offer has made sure that each is there, and that none extends itself."""
    base = tomli.loads(file.read_text(encoding="utf-8")).get("extends")
    if isinstance(base, str):
        beside = file.parent / f"{base.removesuffix('.toml')}.toml"
        yield beside
        yield from _extended(beside)


def _code(table: Any, folder: Path) -> Iterator[Path]:
    named = [
        _used(table.get("rows")),
        *(_used(one.get("rows")) for one in _tables(table.get("splits"))),
        table.get("evaluator"),
        *(one.get("evaluator") for one in _listed(table.get("evaluators"))),
        *(one.get("prompt") for one in _tables(table.get("variants"))),
    ]
    for one in named:
        if isinstance(one, str) and ":" in one:
            file = folder / f"{one.partition(':')[0]}.py"
            if file.is_file():
                yield file


def _used(rows: Any) -> Any:
    return rows.get("use") if isinstance(rows, dict) else rows


def _listed(tables: Any) -> Iterator[dict[str, Any]]:
    """The tables in a list of tables."""
    for one in tables if isinstance(tables, list) else ():
        if isinstance(one, dict):
            yield one


def _tables(group: Any) -> Iterator[dict[str, Any]]:
    """The tables in a table of tables, of a declaration that nobody has checked yet."""
    for one in group.values() if isinstance(group, dict) else ():
        if isinstance(one, dict):
            yield one
