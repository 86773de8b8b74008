"""With what a run is made, as flat names and values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aisbench.contract.observers import RunStart

Fact = str | int | float | bool

LEFT_OUT = ("observers", "plugins")
"""Tables of a suite that make no difference to its figures."""


def parameters(start: RunStart) -> dict[str, Fact]:
    """The suite by dotted key, lists as JSON; ``version.DISTRIBUTION``, and the checksum of each
    file of data as ``data.SET.FILE``. Empty values are left out."""
    suite = {key: value for key, value in start.suite.items() if key not in LEFT_OUT}
    found = dict(_flat(suite, ()))
    environment = start.environment
    found.update(_flat(_table(environment, "plugins"), ("version",)))
    found.update(_flat(_table(environment, "data"), ("data",)))
    sessions = environment.get("sessions")
    if isinstance(sessions, Sequence) and sessions and isinstance(sessions[-1], Mapping):
        found.update(_flat(_table(sessions[-1], "host"), ("host",)))
    return found


def tags(start: RunStart) -> dict[str, str]:
    """By what a run is found: its suite, folder, mode, models and data sets."""
    models = dict.fromkeys(one.model for one in start.tasks)
    datasets = dict.fromkeys(one.dataset for one in start.tasks)
    return {
        "aisbench.suite": start.name,
        "aisbench.run": start.path.name,
        "aisbench.mode": start.mode,
        "aisbench.models": ", ".join(models),
        "aisbench.datasets": ", ".join(datasets),
    }


def _table(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = document.get(key)
    return found if isinstance(found, Mapping) else {}


def _flat(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Fact]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _flat(one, (*path, str(key)))
    elif isinstance(value, (str, bool, int, float)):
        if value != "":
            yield ".".join(path), value
    elif isinstance(value, (list, tuple)):
        if value:
            yield ".".join(path), json.dumps(value, ensure_ascii=False, default=str)
    elif value is not None:
        yield ".".join(path), str(value)
