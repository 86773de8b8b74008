"""Judging the answers that a run stored: the judges are asked, the models are not."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from aisbench.base.errors import AbortError, ConfigError
from aisbench.config.plan import Plan
from aisbench.config.secrets import doubts, redactor_of
from aisbench.config.source import Override
from aisbench.engine.client import reveal_headers
from aisbench.runs.accuracy import ask_models
from aisbench.runs.again import StoredRun
from aisbench.runs.guard import clean_errors
from aisbench.runs.result import RunResult
from aisbench.runs.session import Host, Session
from aisbench.runs.stages_of import Last, check_judges, stages_of
from aisbench.store.locking import locked

OF_SCORES = frozenset({"evaluator", "evaluation", "postprocess", "metrics"})
"""Keys of a data set that concern what becomes of answers that are there."""

log = logging.getLogger(__name__)


def judge_again(
    stored: StoredRun, changes: Sequence[Override], last: Last | None, host: Host
) -> RunResult:
    """Ask the judges what is not judged yet, and score all, unless ``last`` says to stop.

    Judgements that fit no longer, as those of another judge, are set aside. The ``changes`` with
    which the run was opened become those of the run. Raises AisbenchError, AbortError.
    """
    stages = stages_of("judgements", last)
    plan, run = stored.plan, stored.run
    _check_changes(plan, changes)
    check_judges(plan, run)
    for doubt in doubts(plan):
        log.warning("%s", doubt)
    for model in plan.judges:
        if not model.local:
            reveal_headers(model.service)  # what is not set is an error now
    redactor = redactor_of(plan)
    with host.display.hiding(redactor), clean_errors(redactor), locked(run):
        session = Session(
            plan=plan,
            catalog=plan.catalog,
            rows={},
            run=run,
            redactor=redactor,
            host=host,
            stages=stages,
        )
        host.interrupts.check()
        try:
            return ask_models(session)
        except KeyboardInterrupt:
            raise AbortError(
                "stopped before the end; what is stored is whole",
                hint=f"continue with: {session.resume_words}",
            ) from None


def _check_changes(plan: Plan, changes: Sequence[Override]) -> None:
    """Raises ConfigError for changes of what the models were asked: the run would say of its
    answers what is not true of them."""
    judges = {one.name for one in plan.judges}
    tested = {one.name for one in plan.tested} - judges
    problems = [
        f"{one.origin}: the models are not asked again, and the stored answers are of the "
        "suite as it was"
        for one in changes
        if _asks(one, tested)
    ]
    if problems:
        raise ConfigError(
            [
                *problems,
                "to ask them again with it: aisbench run with the suite and this change; "
                f"here models that judge may be changed ({', '.join(sorted(judges)) or 'none'}), "
                f"and {', '.join(sorted(OF_SCORES))} of data sets",
            ]
        )


def _asks(change: Override, tested: set[str]) -> bool:
    """Whether a change concerns what the models, not the judges, are asked."""
    table, *rest = change.path
    if table == "models":
        return not rest or rest[0] in tested
    if table == "datasets":
        return len(rest) < 2 or rest[1] not in OF_SCORES
    return tuple(change.path) == ("suite", "seed")
