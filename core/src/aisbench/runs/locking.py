"""Locking a suite."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

from aisbench.base.errors import ConfigError
from aisbench.config.hub_paths import with_hub_data
from aisbench.config.plan import DatasetPlan
from aisbench.config.planner import make_plan
from aisbench.config.source import Source
from aisbench.plugins.catalog import Catalog
from aisbench.runs.lock_asked import suite_checksum
from aisbench.runs.lock_checks import check_opened, locked_now
from aisbench.runs.lock_file import (
    LockDocument,
    LockedContent,
    dump_lock,
    packed,
    with_content,
)
from aisbench.runs.opening import checked_rows
from aisbench.settings.fields import data_home


def lock_suite(
    source: Source, catalog: Catalog, *, rows: bool = False
) -> tuple[bytes, LockDocument]:
    """The lock of a suite, with its data where ``rows``. The data are fetched, if they are not
    there; no model is asked.

    Raises AisbenchError.
    """
    if source.lock is not None:
        raise ConfigError(
            [f"{source.name}: is a lock\n  help: lock the suite that it was made of"]
        )
    # Whoever is told how a run goes is no part of what is measured.
    tables = {key: one for key, one in source.tables.items() if key != "observers"}
    source = with_hub_data(attrs.evolve(source, tables=tables))
    plan = make_plan(source, catalog)
    found = checked_rows(plan)
    content = {}
    if rows:
        content = {one.name: made for one in plan.datasets if (made := _content(one)) is not None}
    suite = suite_checksum(source.tables)
    lock = attrs.evolve(locked_now(plan, found), suite=suite, content=content)
    if content:
        _check_content(source, catalog, lock)
    return dump_lock(source.tables, lock, source.name), lock


def _content(dataset: DatasetPlan) -> LockedContent | None:
    """The files of a data set; None where they are part of its package, or it names none.

    Raises ConfigError.
    """
    if not hasattr(dataset.settings, "path"):
        return None  # rows that are made: what they are made with, a tokenizer, is the machine's
    files = tuple(dataset.dataset.files())
    package = [Path(one).resolve() for one in _packages(dataset)]
    if not files or all(any(one.resolve().is_relative_to(at) for at in package) for one in files):
        return None
    try:
        return packed(_root(dataset, files), files)
    except ValueError:
        raise ConfigError(
            [f"datasets.{dataset.name}: its files lie in several places\n  help: lock without "
             "--rows, and copy them to where the lock is run"]
        ) from None  # fmt: skip


def _packages(dataset: DatasetPlan) -> Iterator[str]:
    """The folders of installed packages: what is there comes with the plugin's version."""
    try:
        found = importlib.metadata.distribution(dataset.listed.dist)
    except importlib.metadata.PackageNotFoundError:
        return
    module = dataset.listed.dist.replace("-", "_")
    spec = importlib.util.find_spec(module)
    if spec is not None and spec.submodule_search_locations:
        yield from spec.submodule_search_locations
    for one in found.files or ():
        if one.name == "__init__.py" and one.parts[0] == module:
            yield str(Path(str(found.locate_file(one))).parent)


def _root(dataset: DatasetPlan, files: Sequence[Path]) -> Path:
    """What the key ``path`` stands for: the folder or the file that it names, else where a fetched
    set lies."""
    named = getattr(dataset.settings, "path", None)
    if named is not None:
        return Path(named)
    home = data_home() / dataset.offer.name
    return home if all(one.is_relative_to(home) for one in files) else files[0].parent


def _check_content(source: Source, catalog: Catalog, lock: LockDocument) -> None:
    """Raises ConfigError unless the suite asks the same rows of what the lock holds."""
    again = with_content(source, lock)
    plan = make_plan(again, catalog)
    check_opened(source, lock, plan, checked_rows(plan))
