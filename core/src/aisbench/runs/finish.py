"""From what a run stored to its figures: scored, measured, and shown by its summarizers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import attrs

from aisbench.config.plan import Plan
from aisbench.runs.beside import compare
from aisbench.runs.display import RunDisplay
from aisbench.runs.observers import Observers
from aisbench.runs.result import RunResult, result_of
from aisbench.runs.session import Session
from aisbench.stages.results import collect
from aisbench.stages.summarize import summarize
from aisbench.store.environment import record_complete, record_end
from aisbench.store.run import RunFolder


def finish(session: Session) -> RunResult:
    """The figures at the end of a session, which is noted in the history of the run.

    Raises AisbenchError, StoreError.
    """
    host = session.host
    result = score_stored(
        session.plan,
        session.run,
        host.display,
        host.resume_words,
        observers=session.observers,
    )
    record_end(session.run)
    return result


def score_stored(
    plan: Plan,
    run: RunFolder,
    display: RunDisplay,
    resume_words: Callable[[Path], str],
    notes: Sequence[str] = (),
    *,
    observers: Observers,
) -> RunResult:
    """Evaluate, measure and summarize what is stored. Raises AisbenchError, StoreError.

    ``notes`` are what a reader must know of how it was evaluated.
    """
    results = collect(plan, run, notes, display.say, observers.task)
    if told := observers.note_failures():
        new = [one for one in told if one not in results.warnings]
        results = attrs.evolve(results, warnings=(*results.warnings, *new))
    shown = summarize(results, run, plan.summarizers, display.width)
    for text in shown.texts:
        display.say("")
        display.say(text)
    observers.summary(results)
    if not plan.summarizers:
        display.say("no summarizer is installed: the figures are in results/ alone")
    for sentence in compare(plan, run):
        display.say(sentence)
    display.say(f"\nresults: {run.path}")
    for page in shown.pages:
        display.say(f"report: {page}")
    record_complete(run, complete=results.complete)
    result = result_of(plan, run, results)
    if result.failed_share > result.max_failed:
        what = "requests of a load" if result.loads else "samples of a task"
        again = "" if result.loads else f"; ask them again with: {resume_words(run.path)}"
        display.say(
            f"{result.failed_share:.1%} of the {what} failed, {result.max_failed:.1%} are "
            f"allowed (suite.max_failed){again}"
        )
    return result
