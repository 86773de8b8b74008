"""Judging the answers that a run stored: the judges are asked, the models are not."""

from __future__ import annotations

import logging

from aisbench.base.errors import AbortError
from aisbench.config.secrets import check_own_keys, doubts, redactor_of
from aisbench.engine.client import reveal_headers
from aisbench.runs.accuracy import ask_models
from aisbench.runs.again import StoredRun
from aisbench.runs.guard import clean_errors
from aisbench.runs.observing import observed
from aisbench.runs.result import RunResult
from aisbench.runs.session import Host, Session
from aisbench.runs.stages_of import Last, check_judges, stages_of
from aisbench.store.locking import locked

log = logging.getLogger(__name__)


def judge_again(stored: StoredRun, last: Last | None, host: Host) -> RunResult:
    """Ask the judges what is not judged yet, and score all, unless ``last`` says to stop.

    Judgements that fit no longer, as those of another judge, are set aside. The changes with which
    the run was opened become those of the run. Raises AisbenchError, AbortError.
    """
    stages = stages_of("judgements", last)
    plan, run = stored.plan, stored.run
    check_judges(plan, run)
    for doubt in doubts(plan):
        log.warning("%s", doubt)
    for model in plan.judges:
        if not model.local:
            # What is not set is an error now.
            reveal_headers(model.service)
            check_own_keys(model)
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
            return observed(session, ask_models)
        except KeyboardInterrupt:
            raise AbortError(
                "stopped before the end; what is stored is whole",
                hint=f"continue with: {session.resume_words}",
            ) from None
