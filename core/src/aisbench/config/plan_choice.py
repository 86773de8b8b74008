"""The rows that a suite chooses, as far as they can be checked without reading the data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs

from aisbench.config.resolve import ComponentMaker
from aisbench.config.row_choice import read_ids
from aisbench.config.suite import DatasetSettings, Suite
from aisbench.settings.keys import KeyPath
from aisbench.settings.problems import nearest


def checked_choice(
    maker: ComponentMaker, path: KeyPath, common: DatasetSettings, suite: Suite
) -> DatasetSettings:
    """The settings with the ids that a file of them holds; problems are noted."""
    if common.shuffle and common.limit is None:
        maker.add((*path, "shuffle"), "has no effect without limit", "set limit")
    if isinstance(common.ids, Path):
        try:
            common = attrs.evolve(common, ids=read_ids(common.ids))
        except OSError as error:
            maker.add(
                (*path, "ids"),
                f"{common.ids}: cannot be read: {error.strerror or error}",
                "name a file of ids, or list them: ids = [...]",
            )
        except ValueError as error:
            maker.add(
                (*path, "ids"),
                f"{common.ids}: {error}",
                "write an id in each line; or JSON lines (.jsonl) with id or sample",
            )
    if isinstance(common.ids, Mapping):
        _check_models(maker, (*path, "ids"), common.ids, suite)
    return common


def _check_models(
    maker: ComponentMaker, path: KeyPath, ids: Mapping[str, tuple[str, ...]], suite: Suite
) -> None:
    if suite.suite.mode != "accuracy":
        maker.add(path, "cannot differ by model under a load", "list them: ids = [...]")
    for name in ids:
        if name not in suite.models:
            hint = nearest(name, suite.models) or f"models are: {', '.join(suite.models)}"
            maker.add((*path, name), "is no model of the suite", hint)
