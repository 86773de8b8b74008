"""[observers.NAME]: what is told how the run goes."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from aisbench.base.errors import PluginError
from aisbench.config.observer_keys import ObserverSettings
from aisbench.config.plan import Component, PlannedObserver
from aisbench.config.resolve import ComponentMaker
from aisbench.config.suite import NAME
from aisbench.plugins.targets import construct
from aisbench.settings.keys import KeyPath
from aisbench.types.json import JsonObject
from aisbench.types.offer import ObserverOffer

log = logging.getLogger(__name__)

KEY = "observer"


@frozen
class _NamedObserver:
    """A table with the offer that it means."""

    path: KeyPath
    key_path: KeyPath
    name: str


def find_observers(
    maker: ComponentMaker, tables: Mapping[str, JsonObject], *, stored: bool
) -> Iterator[PlannedObserver]:
    """Each observer of a suite, checked. The label is the offer's name where ``observer`` names
    none. Of a ``stored`` run one that is not installed here is left out, with a line in the log:
    its figures can be made without it."""
    for label, table in tables.items():
        path: KeyPath = ("observers", label)
        name = table.get(KEY, label)
        if NAME.match(label) is None:
            maker.add(path, "must be letters, digits, '.', '_' and '-' (a folder name)")
        elif not isinstance(name, str):
            maker.add((*path, KEY), f"must be a string, got {name!r}")
        elif stored and not _installed(maker, name):
            log.warning("observers.%s: %r is not installed here, and is told nothing", label, name)
        elif found := _observer(maker, _NamedObserver(path, (*path, KEY), name), table):
            yield found


def _installed(maker: ComponentMaker, name: str) -> bool:
    try:
        maker.catalog.find(ObserverOffer, name)
    except PluginError:
        return False
    return True


def _observer(
    maker: ComponentMaker, named: _NamedObserver, table: Mapping[str, Any]
) -> PlannedObserver | None:
    where = named.key_path if KEY in table else named.path
    found = maker.find(where, named.name, ObserverOffer)
    if found is None:
        return None
    listed = found[1]
    split = maker.split_settings(named.path, table, KEY, ObserverSettings, listed)
    if split is None:
        return None
    common, own = split
    component = Component(listed=listed, settings=own, instance=construct(listed, own))
    return PlannedObserver(label=str(named.path[1]), common=common, component=component)
