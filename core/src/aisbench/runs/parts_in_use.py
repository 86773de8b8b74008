"""The offers that a plan uses, and the distributions that they are from."""

from __future__ import annotations

from aisbench.config.plan import Plan
from aisbench.plugins.catalog import Listed
from aisbench.store.environment import with_core


def parts_in_use(plan: Plan) -> list[Listed]:
    """All of them, some more than once."""
    found = [part.listed for part in plan.summarizers]
    found += [one.component.listed for one in plan.observers]
    for task in plan.tasks:
        found += [task.model.listed, task.dataset.listed, task.template.listed]
        found += [part.listed for part in task.scorers]
        found += [part.listed for part in task.dataset.metrics.values()]
    return found


def distributions(plan: Plan) -> dict[str, str]:
    """Distribution -> version, aisbench included; files without a package have none."""
    return with_core({one.dist: one.version for one in parts_in_use(plan) if one.file is None})
