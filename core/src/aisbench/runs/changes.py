"""Which keys of a stored run may still be changed."""

from __future__ import annotations

from collections.abc import Sequence

from aisbench.base.errors import ConfigError
from aisbench.config.plan import Plan
from aisbench.config.source import Override

OF_SCORES = frozenset({"evaluator", "evaluation", "postprocess", "metrics"})
"""Keys of a data set that concern what becomes of answers that are there."""
PLACE = "dataset"
"""The key of a data set that may say where its declaration lies now: the run has a copy."""
OF_READING = frozenset({"reasoning", "tool_parser", "tokenizer"})
"""Keys of a model that concern how its answers are read."""


def check_changes(plan: Plan, changes: Sequence[Override]) -> None:
    """Raises ConfigError for changes of what the models were asked, who are not asked again: the
    run would say of its answers what is not true of them."""
    judges = {one.name for one in plan.judges}
    tested = {one.name for one in plan.tested} - judges
    problems = [
        f"{one.origin}: the models are not asked again, and their answers are of the suite as it "
        "was"
        for one in changes
        if _asks(one, tested)
    ]
    if problems:
        may = [
            f"{', '.join(sorted(OF_SCORES))} of data sets",
            f"{', '.join(sorted(OF_READING))} of models",
            *(f"all of {name}, which judges" for name in sorted(judges)),
        ]
        problems.append(
            f"  help: to be changed here are {'; '.join(may)}. To ask with it: aisbench run with "
            "the suite and this change"
        )
        raise ConfigError(problems)


def _asks(change: Override, tested: set[str]) -> bool:
    """Whether a change concerns what the models, not the judges, are asked."""
    table, *rest = change.path
    if table == "models":
        return not rest or (rest[0] in tested and (len(rest) < 2 or rest[1] not in OF_READING))
    if table == "datasets":
        return len(rest) < 2 or rest[1] not in {PLACE, *OF_SCORES}
    return tuple(change.path) == ("suite", "seed")
