"""Scoring many answers, on one core or on all, as the evaluator's cost says."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import time
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

from attrs import define, frozen

from aisbench.base.errors import AisbenchError, DataError, PluginError
from aisbench.base.orphans import leave_signals_to
from aisbench.base.raised import described
from aisbench.config.plan import Task
from aisbench.conversation.blame import PLUGIN_ERRORS
from aisbench.sandbox.host import programs_ended
from aisbench.stages.outcome import StepError, score_answer
from aisbench.types.answer import Answer
from aisbench.types.offer import EvaluatorOffer
from aisbench.types.response import Fault, FaultKind
from aisbench.types.sample import Sample
from aisbench.types.score import Score, Verdict

log = logging.getLogger(__name__)

FEW = 32
"""Up to so many answers are scored without further processes."""
CHUNK = 16
"""Answers that a process takes at once."""

BY_CORE = (Verdict.FAILED, Verdict.REFUSED, Verdict.FILTERED, Verdict.UNFINISHED)
"""Verdicts of answers that no evaluator saw."""

Item = tuple[Sample, Answer]
Tell = Callable[[str], None]

FIRST_WORD = 10.0
"""Seconds after which it is said how many answers are scored; then after twice as many."""
LONGEST_SILENCE = 60.0


def nobody(text: str) -> None:
    """Nobody is told."""


@frozen
class ScoringFailure:
    """An evaluator, or a postprocessor, raised an exception at an answer. ``whose`` names the
    postprocessor."""

    error: str
    trace: str = ""
    whose: str = ""

    @classmethod
    def of(cls, error: BaseException) -> ScoringFailure:
        """From what it raised."""
        whose = ""
        if isinstance(error, StepError):
            whose, error = error.whose, error.error
        return cls(described(error), "".join(traceback.format_exception(error)), whose)


@define
class EvaluatorFailures:
    """The answers at which the evaluator of one task failed: each fails its own sample.

    An evaluator that fails at every answer is an error of the whole evaluation.
    """

    task: Task
    failed: int = 0
    scored: int = 0
    first: str = ""

    def score(self, sample: Sample, result: Score | ScoringFailure) -> Score:
        """The score that goes into figures."""
        if isinstance(result, Score):
            # A verdict of core's says nothing about the evaluator.
            self.scored += result.verdict not in BY_CORE
            return result
        self.failed += 1
        whose = self._whose(sample, result)
        self.first = self.first or f"{whose} fails at sample {sample.id}: {result.error}"
        log.info(
            "%s: %s fails at sample %s: %s\n%s",
            self.task.label, whose, sample.id, result.error, result.trace,
        )  # fmt: skip
        return Score(value=0.0, verdict=Verdict.FAILED, reason=self._fault(sample, result).message)

    def fault(
        self, sample: Sample, answer: Answer, result: Score | ScoringFailure
    ) -> Fault | None:
        """Why a sample has no score: its request failed, or what was to score its answer."""
        if (fault := answer.response.fault) is not None or isinstance(result, Score):
            return fault
        return self._fault(sample, result)

    def _fault(self, sample: Sample, result: ScoringFailure) -> Fault:
        return Fault(
            kind=FaultKind.PLUGIN,
            message=f"{self._whose(sample, result)} fails: {result.error}, at sample {sample.id}",
            deterministic=True,
        )

    def _whose(self, sample: Sample, result: ScoringFailure) -> str:
        return result.whose or f"evaluator {self.task.scoring_of(sample).evaluator.owner}"

    def check(self, run: object) -> None:
        """Raises PluginError when it failed at every answer. ``run`` is for the message."""
        if self.failed and not self.scored:
            raise PluginError(
                f"{self.task.label}: {self.first}"
                + (f", and at {self.failed - 1} more" if self.failed > 1 else ""),
                hint="the answers are kept; repair or change the evaluator, then: aisbench "
                f"evaluate {run}",
            )

    def sentences(self) -> tuple[str, ...]:
        """Sentences for the report."""
        if not self.failed:
            return ()
        return (
            f"{self.failed} answers could not be scored and count as failed: {self.first}; "
            "log.jsonl has the traceback of each",
        )


def score_all(task: Task, items: Sequence[Item]) -> Iterator[Score | ScoringFailure]:
    """The score of each item, in order. A sample that the evaluator itself says it cannot score
    (DataError) is unjudged.

    Raises PluginError for a score that cannot be, AisbenchError when the evaluator says why.
    """
    offers = [one.evaluator.listed.offer for one in task.scorings]
    costs = {offer.cost for offer in offers if isinstance(offer, EvaluatorOffer)}
    one = partial(_score, task)
    cores = _cores()
    if "compute" in costs and cores > 1 and len(items) > FEW:
        return _in_processes(one, items, cores)
    if "wait" in costs:
        return _in_pool(ThreadPoolExecutor(cores), one, items)
    return map(one, items)


def watched(
    scores: Iterable[Score | ScoringFailure], label: str, total: int, tell: Tell
) -> Generator[Score | ScoringFailure, None, None]:
    """The scores as they come; where that takes long, ``tell`` hears how far they are."""
    begun = time.monotonic()
    silence = FIRST_WORD
    due = begun + silence
    for number, one in enumerate(scores, 1):
        now = time.monotonic()
        if now >= due and number < total:
            left = (now - begun) / number * (total - number)
            tell(f"{label}: {number} of {total} scored, about {left:.0f} s left")
            silence = min(2 * silence, LONGEST_SILENCE)
            due = now + silence
        yield one


def _cores() -> int:
    """Those that this process may use; macOS tells only how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _score(task: Task, item: Item) -> Score | ScoringFailure:
    sample, answer = item
    try:
        return score_answer(task.scoring_of(sample), sample, answer)
    except DataError as error:
        return unjudged(error)
    except AisbenchError:
        raise
    except PLUGIN_ERRORS as error:
        return ScoringFailure.of(error)


def unjudged(error: DataError) -> Score:
    """The score where an evaluator says that it cannot score a row: that concerns this row alone,
    and the answers to the others were paid for."""
    return Score(value=0.0, verdict=Verdict.UNJUDGED, reason=described(error))


# -- many at once

Call = Callable[[Item], Score | ScoringFailure]

_inherited: tuple[Call, Sequence[Item]] | None = None
"""What forked children call, and with what. It is set before the fork: a call cannot always be
pickled, and long documents need not be."""


def _in_child(begin: int, end: int) -> list[Score | ScoringFailure]:
    assert _inherited is not None
    call, items = _inherited
    return [call(item) for item in items[begin:end]]


def _in_pool(
    pool: Executor, call: Call, items: Sequence[Item]
) -> Iterator[Score | ScoringFailure]:
    try:
        yield from pool.map(call, items)
    except BaseException:
        # After Ctrl-C nothing new is begun, and what runs is not waited for.
        with programs_ended():
            pool.shutdown(wait=True, cancel_futures=True)
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _in_processes(
    call: Call, items: Sequence[Item], cores: int
) -> Iterator[Score | ScoringFailure]:
    """The scores in order. An answer at which a process dies (out of memory, a fault in a C
    library) fails alone: the others of its chunk are scored again, one at a time."""
    global _inherited
    _inherited = call, items
    chunks = [(start, min(start + CHUNK, len(items))) for start in range(0, len(items), CHUNK)]
    try:
        done = 0
        while done < len(chunks):
            with _forked(cores) as pool:
                try:
                    waiting = [pool.submit(_in_child, *chunk) for chunk in chunks[done:]]
                    for future in waiting:
                        yield from future.result()
                        done += 1
                except BrokenProcessPool:
                    pass
                finally:
                    pool.shutdown(wait=False, cancel_futures=True)
            if done < len(chunks):
                yield from map(_alone, range(*chunks[done]))
                done += 1
    finally:
        _inherited = None


def _alone(place: int) -> Score | ScoringFailure:
    with _forked(1) as pool:
        future: Future[list[Score | ScoringFailure]] = pool.submit(_in_child, place, place + 1)
        try:
            (result,) = future.result()
        except BrokenProcessPool:
            return ScoringFailure("the process that scored it died (out of memory?)")
    return result


@contextlib.contextmanager
def _forked(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Processes, which end at once where what they do is no longer wanted: on Ctrl-C a program
    that they run may have minutes left. Its sandbox ends with them."""
    others = set(multiprocessing.active_children())
    # Forked: evaluators need not be picklable, and have imported what they need.
    with ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("fork"),
        initializer=leave_signals_to,
        initargs=(os.getpid(),),
    ) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for one in multiprocessing.active_children():
                if one not in others:
                    one.kill()
            raise
