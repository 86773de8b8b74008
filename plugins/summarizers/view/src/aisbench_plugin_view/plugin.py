"""What this package offers."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import CommandOffer, hookimpl

AISBENCH_API = "1.2"


@hookimpl
def aisbench_commands() -> Iterable[CommandOffer]:
    return [
        CommandOffer(
            name="view",
            summary="Look at a folder of runs in a browser: figures, trends, every single answer.",
            target="aisbench_plugin_view.command:main",
        )
    ]
