"""Many answers scored, on one core or on all, as the evaluator's cost says."""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

from aisbench.config.plan import Task
from aisbench.errors import AisbenchError, DataError, PluginError
from aisbench.stages.judge import judge
from aisbench.types.offer import EvaluatorOffer
from aisbench.types.sample import Sample
from aisbench.types.score import Score, Transcript, Verdict

log = logging.getLogger(__name__)

FEW = 32
"""So few answers are not worth a process."""
CHUNK = 16
"""Answers that a process takes at once."""

Item = tuple[Sample, Transcript]


def score_all(task: Task, items: Sequence[Item], run: Path) -> Iterator[Score]:
    """The score of each item, in order. ``run`` is for messages. A sample that the evaluator
    cannot judge, as it says itself (DataError), is unjudged.

    Raises PluginError when the evaluator fails, AisbenchError when it says why.
    """
    offer = task.judge.listed.offer
    assert isinstance(offer, EvaluatorOffer)
    one = partial(_score, task, run)
    cores = len(os.sched_getaffinity(0))
    if offer.cost == "wait":
        return _on(ThreadPoolExecutor(cores), one, items, 1)
    if offer.cost == "compute" and cores > 1 and len(items) > FEW:
        # Forked: evaluators need not be picklable, and what they imported is there already.
        context = multiprocessing.get_context("fork")
        return _on(ProcessPoolExecutor(cores, mp_context=context), _in_child, items, CHUNK, one)
    return map(one, items)


_inherited: Callable[[Item], Score] | None = None
"""What forked children call: set before the fork, as it may be anything but pickled."""


def _in_child(item: Item) -> Score:
    assert _inherited is not None
    return _inherited(item)


def _on(
    pool: Executor,
    call: Callable[[Item], Score],
    items: Sequence[Item],
    chunk: int,
    inherit: Callable[[Item], Score] | None = None,
) -> Iterator[Score]:
    global _inherited
    _inherited = inherit
    try:
        with pool:
            yield from pool.map(call, items, chunksize=chunk)
    except BrokenProcessPool as error:
        raise PluginError(
            "a process that scored answers died",
            hint="it may have been killed for its memory; look into the system's log",
        ) from error
    finally:
        _inherited = None


def _score(task: Task, run: Path, item: Item) -> Score:
    sample, transcript = item
    listed = task.judge.listed
    try:
        return judge(task.judge, sample, transcript, task.postprocessors)
    except DataError as error:
        # Of this row alone, and known too late: the others' answers were paid for.
        told = f"{error.message} ({error.hint})" if error.hint else error.message
        return Score(value=0.0, verdict=Verdict.UNJUDGED, reason=told)
    except AisbenchError:
        raise
    except Exception as error:
        log.debug("evaluator %s", listed.offer.name, exc_info=True)
        raise PluginError(
            f"evaluator {listed.offer.name!r} of {listed.dist} {listed.version} fails at sample "
            f"{sample.id}: {type(error).__name__}: {error}",
            hint=f"the answers are kept; mend or change the evaluator, then: aisbench evaluate "
            f"{run}",
        ) from error
