"""Many answers scored, on one core or on all, as the evaluator's cost says."""

from __future__ import annotations

import logging
import multiprocessing
import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

from attrs import define, frozen

from aisbench.base.errors import AisbenchError, DataError, PluginError
from aisbench.base.orphans import leave_signals_to
from aisbench.config.plan import Task
from aisbench.stages.outcome import score_transcript
from aisbench.types.offer import EvaluatorOffer
from aisbench.types.sample import Sample
from aisbench.types.score import Score, Transcript, Verdict

log = logging.getLogger(__name__)

FEW = 32
"""So few answers are not worth a process."""
CHUNK = 16
"""Answers that a process takes at once."""

BY_CORE = (Verdict.FAILED, Verdict.REFUSED, Verdict.FILTERED, Verdict.UNFINISHED)
"""Verdicts of answers that no evaluator saw."""

Item = tuple[Sample, Transcript]


@frozen
class ScoringFailure:
    """An evaluator (or a postprocessor) failed at an answer."""

    error: str
    trace: str = ""

    @classmethod
    def of(cls, error: BaseException) -> ScoringFailure:
        """From what it raised."""
        trace = "".join(traceback.format_exception(error))
        return cls(f"{type(error).__name__}: {error}"[:1000], trace)


@define
class EvaluatorFailures:
    """Answers at which the evaluator of one task failed: each fails its own sample.

    One that fails at every answer is broken itself: that is an error of the whole.
    """

    task: Task
    failed: int = 0
    judged: int = 0
    first: str = ""

    def score(self, sample: Sample, made: Score | ScoringFailure) -> Score:
        """The score that goes into figures."""
        if isinstance(made, Score):
            # What core decides by itself says nothing of the evaluator.
            self.judged += made.verdict not in BY_CORE
            return made
        self.failed += 1
        self.first = self.first or f"at sample {sample.id}: {made.error}"
        log.info(
            "%s: %s fails at sample %s: %s\n%s",
            self.task.label, self.name, sample.id, made.error, made.trace,
        )  # fmt: skip
        return Score(
            value=0.0, verdict=Verdict.FAILED, reason=f"the evaluator failed: {made.error}"
        )

    @property
    def name(self) -> str:
        """The evaluator, and whose it is."""
        listed = self.task.required_evaluator.listed
        return f"evaluator {listed.offer.name!r} of {listed.dist} {listed.version}"

    def check(self, run: object) -> None:
        """Raises PluginError when it failed at every answer. ``run`` is for the message."""
        if self.failed and not self.judged:
            raise PluginError(
                f"{self.name} fails {self.first}"
                + (f", and at {self.failed - 1} more" if self.failed > 1 else ""),
                hint="the answers are kept; mend or change the evaluator, then: aisbench "
                f"evaluate {run}",
            )

    def sentences(self) -> tuple[str, ...]:
        """Sentences for the report."""
        if not self.failed:
            return ()
        return (
            f"{self.failed} answers could not be judged and count as failed: {self.name} fails "
            f"{self.first}; log.jsonl has the traceback of each",
        )


def score_all(task: Task, items: Sequence[Item]) -> Iterator[Score | ScoringFailure]:
    """The score of each item, in order. A sample that the evaluator cannot judge, as it says
    itself (DataError), is unjudged.

    Raises PluginError for a score that cannot be, AisbenchError when the evaluator says why.
    """
    offer = task.required_evaluator.listed.offer
    assert isinstance(offer, EvaluatorOffer)
    one = partial(_score, task)
    cores = _cores()
    if offer.cost == "wait":
        return _on(ThreadPoolExecutor(cores), one, items)
    if offer.cost == "compute" and cores > 1 and len(items) > FEW:
        return _in_processes(one, items, cores)
    return map(one, items)


def _cores() -> int:
    """Those that this process may use; macOS tells only how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _score(task: Task, item: Item) -> Score | ScoringFailure:
    sample, transcript = item
    try:
        return score_transcript(task.required_evaluator, sample, transcript, task.postprocessors)
    except DataError as error:
        # Of this row alone, and known too late: the others' answers were paid for.
        told = f"{error.message} ({error.hint})" if error.hint else error.message
        return Score(value=0.0, verdict=Verdict.UNJUDGED, reason=told)
    except AisbenchError:
        raise
    except Exception as error:  # noqa: BLE001 - one odd answer fails its own sample
        return ScoringFailure.of(error)


# -- many at once

Call = Callable[[Item], Score | ScoringFailure]

_inherited: Call | None = None
"""What forked children call: set before the fork, as it may be anything but pickled."""


def _in_child(items: Sequence[Item]) -> list[Score | ScoringFailure]:
    assert _inherited is not None
    return [_inherited(item) for item in items]


def _on(pool: Executor, call: Call, items: Sequence[Item]) -> Iterator[Score | ScoringFailure]:
    try:
        yield from pool.map(call, items)
    finally:
        # After Ctrl-C what has not begun is not begun.
        pool.shutdown(wait=True, cancel_futures=True)


def _in_processes(
    call: Call, items: Sequence[Item], cores: int
) -> Iterator[Score | ScoringFailure]:
    """In order. An answer at which a process dies (out of memory, a fault in a C library) fails
    alone: what was in the same chunk is scored again, one at a time."""
    global _inherited
    _inherited = call
    chunks = [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
    try:
        done = 0
        while done < len(chunks):
            with _forked(cores) as pool:
                try:
                    waiting = [pool.submit(_in_child, chunk) for chunk in chunks[done:]]
                    for future in waiting:
                        yield from future.result()
                        done += 1
                except BrokenProcessPool:
                    pass
                finally:
                    pool.shutdown(wait=False, cancel_futures=True)
            if done < len(chunks):
                yield from [_alone(item) for item in chunks[done]]
                done += 1
    finally:
        _inherited = None


def _alone(item: Item) -> Score | ScoringFailure:
    with _forked(1) as pool:
        future: Future[list[Score | ScoringFailure]] = pool.submit(_in_child, [item])
        try:
            (made,) = future.result()
        except BrokenProcessPool:
            return ScoringFailure("the process that scored it died (out of memory?)")
    return made


def _forked(workers: int) -> ProcessPoolExecutor:
    # Forked: evaluators need not be picklable, and what they imported is there already.
    return ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("fork"),
        initializer=leave_signals_to,
        initargs=(os.getpid(),),
    )
