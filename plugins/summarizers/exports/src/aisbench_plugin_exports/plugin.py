"""What this package offers."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import CommandOffer, hookimpl

AISBENCH_API = "1.2"


@hookimpl
def aisbench_commands() -> Iterable[CommandOffer]:
    return [
        CommandOffer(
            name="export",
            summary="write runs as JSON, CSV, Parquet, LaTeX, or as other tools write them",
            target="aisbench_plugin_exports.command:main",
        ),
        CommandOffer(
            name="leaderboard",
            summary="show many runs as one table: models by data sets",
            target="aisbench_plugin_exports.leaderboard.command:main",
        ),
    ]
