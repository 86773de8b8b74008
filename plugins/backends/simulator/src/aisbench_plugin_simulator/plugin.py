"""What this package offers to AISBench."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import CommandOffer, hookimpl

AISBENCH_API = "1.3"


@hookimpl
def aisbench_commands() -> Iterable[CommandOffer]:
    return [
        CommandOffer(
            name="simulate",
            summary="Serve a simulated model over the OpenAI API, for demos and tests.",
            target="aisbench_plugin_simulator.command:main",
        )
    ]
