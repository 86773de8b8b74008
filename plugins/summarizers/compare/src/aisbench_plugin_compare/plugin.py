"""What this package offers."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import CommandOffer, hookimpl

AISBENCH_API = "1.2"


@hookimpl
def aisbench_commands() -> Iterable[CommandOffer]:
    return [
        CommandOffer(
            name="compare",
            summary="Compare runs sample by sample, with a verdict; fail where a gate says so.",
            target="aisbench_plugin_compare.command:main",
        ),
        CommandOffer(
            name="import",
            summary="Make a run of another tool's answers, scored again, its verdicts beside.",
            target="aisbench_plugin_compare.foreign.importing:main",
        ),
        CommandOffer(
            name="probe",
            summary="Ask rows again, one at a time and many at once: is the server deterministic?",
            target="aisbench_plugin_compare.foreign.probing:main",
        ),
    ]
