"""Data sets of a suite whose ``path`` is on a hub."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from aisbench.base.errors import Problem
from aisbench.config.source import Source
from aisbench.data.hub import fetched, on_hub, read_source
from aisbench.settings.problems import Problems
from aisbench.types.json import JsonObject

PATH = "path"


def with_hub_data(source: Source) -> Source:
    """The source with every ``path`` on a hub pinned to what is on this machine now, fetched if it
    was not. Mistakes in a path are left for the plan to report. Raises DataError."""
    datasets = source.tables.get("datasets")
    if not isinstance(datasets, Mapping):
        return source
    pinned: dict[str, Any] = {}
    for name, table in datasets.items():
        pinned[name] = table
        if isinstance(table, Mapping) and on_hub(table.get(PATH)):
            try:
                found = read_source(table[PATH])
            except ValueError:
                continue
            pinned[name] = {**table, PATH: fetched(found).text}
    return attrs.evolve(source, tables={**source.tables, "datasets": pinned})


def fetched_path(settings: JsonObject) -> JsonObject:
    """Settings with a ``path`` on a hub fetched, and replaced by its folder on this machine.
    Raises Problems for one that cannot be, DataError."""
    text = settings.get(PATH)
    if not isinstance(text, str) or not on_hub(text):
        return settings
    try:
        return {**settings, PATH: str(fetched(read_source(text)).path)}
    except ValueError as error:
        raise Problems([Problem(path=(PATH,), message=str(error), hint="")]) from None


def local_path(table: Mapping[str, Any]) -> tuple[Mapping[str, Any], str, Problem | None]:
    """A data set's table with the folder of this machine as its path, and the path that it had, if
    that is on a hub; else as it is, and "". Nothing is fetched."""
    text = table.get(PATH)
    if not on_hub(text):
        return table, "", None
    assert isinstance(text, str)
    try:
        source = read_source(text)
    except ValueError as error:
        return table, "", Problem(path=(PATH,), message=f"{error}, got {text!r}", hint="")
    folder: Path = source.path
    return {**table, PATH: str(folder)}, source.text, None
