"""Opening what plugins offer by name, outside a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aisbench.base.errors import AisbenchError
from aisbench.contract.datasets import Dataset
from aisbench.plugins.catalog import Listed
from aisbench.plugins.discovery import discover
from aisbench.plugins.names import names_file
from aisbench.plugins.targets import construct, named, settings_class
from aisbench.types.json import JsonObject
from aisbench.types.offer import DatasetOffer


def open_dataset(name: str, settings: JsonObject | None = None) -> Dataset:
    """The data set that an installed plugin offers under ``name``, or that a TOML file declares,
    ``name`` being its path.

    Relative paths are taken from the current folder. Raises PluginError for an unknown name,
    AisbenchError for wrong settings.
    """
    # aisbench.api, which every plugin module imports, holds this function: what is heavy is
    # imported only when it is called.
    if names_file(name):
        from aisbench.plugins.files import set_of_file

        listed = set_of_file(Path(name).expanduser())
    else:
        _, listed = discover().find(DatasetOffer, name)
    dataset: Dataset = open_component(listed, settings or {})
    return dataset


def open_component(listed: Listed, settings: JsonObject) -> Any:
    """What an offer describes, made with these settings. Relative paths in them are taken from
    the current folder. Raises AisbenchError for wrong ones."""
    from aisbench.config.hub_paths import fetched_path
    from aisbench.settings.convert import structure
    from aisbench.settings.keys import dotted
    from aisbench.settings.problems import Problems

    cls = settings_class(listed)
    name = f"{listed.offer.kind} {listed.offer.name}"
    if cls is None and settings:
        raise AisbenchError(f"{name} has no settings, and {', '.join(settings)} is given")
    try:
        with named(listed, "fails at its settings"):
            own = structure(cls, fetched_path(settings), Path.cwd()) if cls else None
    except Problems as error:
        text = "; ".join(f"{dotted(one.path)}: {one.message}" for one in error.problems)
        raise AisbenchError(f"{name}: {text}") from None
    return construct(listed, own)
