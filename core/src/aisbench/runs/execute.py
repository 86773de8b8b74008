"""A session from its beginning to its end, whatever it measures."""

from __future__ import annotations

import contextlib
from pathlib import Path

from aisbench.base.errors import AbortError
from aisbench.config.secrets import redactor_of
from aisbench.runs.accuracy import ask_models
from aisbench.runs.guard import clean_errors
from aisbench.runs.observing import observed
from aisbench.runs.offline import offline
from aisbench.runs.opening import OpenedSuite, check_ready, folder_for
from aisbench.runs.performance import load_models
from aisbench.runs.result import RunResult
from aisbench.runs.session import Host, Session
from aisbench.runs.stages_of import Last, check_stages, stages_of
from aisbench.store.locking import locked


def execute(
    opened: OpenedSuite, resume: str | Path | None, host: Host, last: Last | None = None
) -> RunResult:
    """Ask, score and summarize, in a new run or in one to ``resume``: its path, or the word
    :data:`~aisbench.runs.opening.LATEST`. The run is locked meanwhile. ``last`` is the stage
    after which it stops before the scores.

    Raises AisbenchError, AbortError when it is stopped, Crash for a bug.
    """
    stages = stages_of("answers", last)
    check_stages(opened.plan, stages)
    check_ready(opened)
    run = folder_for(opened.plan, resume)
    redactor = redactor_of(opened.plan)
    quiet = offline() if opened.locked else contextlib.nullcontext()
    with quiet, host.display.hiding(redactor), clean_errors(redactor), locked(run):
        session = Session(
            plan=opened.plan,
            catalog=opened.catalog,
            rows=opened.taken(),
            run=run,
            redactor=redactor,
            host=host,
            stages=stages,
        )
        host.interrupts.check()
        try:
            return observed(session, load_models if opened.plan.loads else ask_models)
        except KeyboardInterrupt:
            raise AbortError(
                "stopped before the end; what is stored is whole",
                hint=f"continue with: {session.resume_words}",
            ) from None
