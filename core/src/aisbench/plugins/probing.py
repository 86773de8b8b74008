"""Plugins without a manifest are asked in a process of their own what they offer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from aisbench.plugins.faults import PluginFault
from aisbench.plugins.importing import TARGET_LIMITS
from aisbench.types.json import JsonObject

_SCRIPT = (
    "import json, sys\n"
    "request = json.load(sys.stdin)\n"
    "sys.path[:] = request['path']\n"
    "import aisbench.api\n"  # which every plugin imports: once for all forks
    "from aisbench.plugins.probe import serve\n"
    "serve(request)\n"
)
_START = 60.0
"""Seconds that the process itself may take beyond what its plugins may."""


@frozen(kw_only=True)
class Probed:
    """What came of importing a plugin: what a manifest would say of it, or what is wrong.

    Both are None for a plugin that can be imported, and whose offers are no plain data:
    ``not_plain`` says why. ``notes`` are what it did beside. ``unusable`` are the targets that
    could not be imported: target -> why.
    """

    entry: JsonObject | None = None
    fault: PluginFault | None = None
    not_plain: str = ""
    notes: tuple[str, ...] = ()
    unusable: Mapping[str, PluginFault] = field(factory=dict)


def probe(
    plugins: Sequence[Mapping[str, Any]], limit: float, path: Sequence[str] | None = None
) -> list[Probed] | None:
    """What each of ``plugins`` ({"value": module, "dist": distribution}) offers, in their order;
    with "targets" ("module:attribute") these are imported as well.

    ``limit`` is the seconds that one may take; ``path`` is where they are imported from, if that
    is not sys.path. None where no process can be started.
    """
    if not sys.executable or not hasattr(os, "fork"):
        return None
    request = {
        "parent": os.getpid(),
        "path": list(path or sys.path),
        "limit": limit,
        "plugins": list(plugins),
    }
    try:
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT],
            input=json.dumps(request).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_START + sum(_longest(one, limit) for one in plugins),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found: dict[int, Probed] = {}
    for line in done.stdout.splitlines():
        try:
            answer = json.loads(line)
        except ValueError:
            return None
        found[answer.pop("number")] = _probed(answer)
    if len(found) != len(plugins):
        return None
    return [found[number] for number in range(len(plugins))]


def _longest(plugin: Mapping[str, Any], limit: float) -> float:
    return (limit + 1) * (1 + TARGET_LIMITS * len(plugin.get("targets", ())))


def _probed(answer: dict[str, Any]) -> Probed:
    notes = tuple(dict.fromkeys(answer.pop("notes")))
    unusable = {
        one["target"]: PluginFault(**{key: value for key, value in one.items() if key != "target"})
        for one in answer.pop("unusable", ())
    }
    if fault := answer.get("fault"):
        return Probed(fault=PluginFault(**fault), notes=notes, unusable=unusable)
    if reason := answer.get("not_plain"):
        return Probed(not_plain=reason, notes=notes, unusable=unusable)
    return Probed(entry=answer, notes=notes, unusable=unusable)
