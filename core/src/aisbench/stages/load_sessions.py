"""What a load's rows wait for, as the run's own files say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aisbench.conversation.sessions import session_plans
from aisbench.metrics.sessions import StepFacts
from aisbench.types.sample import Sample


def step_facts(rows: Iterable[Mapping[str, Any]]) -> list[StepFacts] | None:
    """Of stored samples; None where none waits for another."""
    samples = [
        Sample(
            id=row["id"],
            after=tuple(row.get("after") or ()),
            session=row.get("session") or "",
            pauses=row.get("pauses") or {},
        )
        for row in rows
    ]
    sessions = session_plans(samples)
    if sessions is None:
        return None
    facts: dict[int, StepFacts] = {}
    for number, plan in enumerate(sessions.plans):
        for step in plan.steps:
            facts[step.row] = StepFacts(
                session=number,
                after=tuple(plan.steps[one].row for one in step.after),
                tool_ns=samples[step.row].pauses.get("tool", 0),
            )
    return [facts[row] for row in range(len(samples))]
