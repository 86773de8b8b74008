"""Commands that plugins offer."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from aisbench.base.errors import PluginError
from aisbench.cli import COMMANDS
from aisbench.plugins.discovery import discover
from aisbench.plugins.targets import resolve
from aisbench.types.offer import CommandOffer


def call(name: str, words: list[str], files: Sequence[str]) -> int:
    """The exit code of the command ``name`` with ``words``; ``files`` are plugins without a
    package. Raises PluginError."""
    catalog = discover()
    if files:
        from aisbench.plugins.files import with_plugin_file

        for file in files:
            catalog = with_plugin_file(catalog, Path(file))
    known = [one.offer.name for one in catalog.of_kind("command")]
    if name not in known:
        near = difflib.get_close_matches(name, [*COMMANDS, *known], 1)
        hint = f"did you mean {near[0]!r}?" if near else "aisbench --help lists the commands"
        raise PluginError(f"there is no command {name!r}", hint=hint)
    _, listed = catalog.find(CommandOffer, name)
    code: int = resolve(listed.offer.target, listed)(words)
    return code
