"""What this package offers."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import CommandOffer, hookimpl

AISBENCH_API = "1.2"


@hookimpl
def aisbench_commands() -> Iterable[CommandOffer]:
    return [
        CommandOffer(
            name="migrate",
            summary="Make a suite of what AISBench, OpenCompass, lm-eval and others were told.",
            target="aisbench_plugin_migrate.command:main",
        )
    ]
