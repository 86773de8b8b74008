"""[devices.NAME]: what is read of the devices beside the loads."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from aisbench.base.errors import PluginError
from aisbench.config.device_keys import DeviceSettings
from aisbench.config.plan import Component, PlannedDevices
from aisbench.config.resolve import ComponentMaker
from aisbench.config.suite import NAME
from aisbench.plugins.targets import construct
from aisbench.settings.keys import KeyPath
from aisbench.types.json import JsonObject
from aisbench.types.offer import DeviceSamplerOffer

log = logging.getLogger(__name__)

KEY = "sampler"


def find_devices(
    maker: ComponentMaker, tables: Mapping[str, JsonObject], *, loads: bool, stored: bool
) -> Iterator[PlannedDevices]:
    """Each sampler of a suite, checked. The label is the offer's name where ``sampler`` names
    none. Of a ``stored`` run one that is not installed here is left out: what it read is kept."""
    for label, table in tables.items():
        path: KeyPath = ("devices", label)
        name = table.get(KEY, label)
        if NAME.match(label) is None:
            maker.add(path, "must be letters, digits, '.', '_' and '-' (a file's name)")
        elif not loads:
            maker.add(
                path,
                "has no effect: devices are read beside loads",
                'set suite.mode = "performance" or "both"',
            )
        elif not isinstance(name, str):
            maker.add((*path, KEY), f"must be a string, got {name!r}")
        elif stored and not _installed(maker, name):
            log.warning("devices.%s: %r is not installed here, and reads nothing", label, name)
        elif found := _devices(maker, path, name, table):
            yield found


def _installed(maker: ComponentMaker, name: str) -> bool:
    try:
        maker.catalog.find(DeviceSamplerOffer, name)
    except PluginError:
        return False
    return True


def _devices(
    maker: ComponentMaker, path: KeyPath, name: str, table: Mapping[str, Any]
) -> PlannedDevices | None:
    found = maker.find((*path, KEY) if KEY in table else path, name, DeviceSamplerOffer)
    if found is None:
        return None
    listed = found[1]
    split = maker.split_settings(path, table, KEY, DeviceSettings, listed)
    if split is None:
        return None
    common, own = split
    component = Component(listed=listed, settings=own, instance=construct(listed, own))
    return PlannedDevices(label=str(path[1]), common=common, component=component)
