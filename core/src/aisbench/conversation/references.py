"""Checking, before anything is sent, that every row can be scored."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from aisbench.base.errors import AisbenchError, DataError, PluginError
from aisbench.base.raised import described
from aisbench.config.plan import Component, Task
from aisbench.conversation.blame import PLUGIN_ERRORS
from aisbench.plugins.targets import report_to
from aisbench.store.long_texts import with_long_texts
from aisbench.types.sample import Sample

log = logging.getLogger(__name__)

SHOWN = 5
"""Rows that a message names."""


def check_references(task: Task, samples: Sequence[Sample]) -> None:
    """Ask the evaluator of a task about each row that it is to score.

    Raises DataError, naming files and lines, for references that it cannot read, and when no row
    has one. Warns of single rows without one, which stay unjudged.
    """
    if task.evaluator is None:
        return
    scored = [sample for sample in samples if sample.scored]
    without = []
    by_evaluator: dict[int, tuple[Component, list[Sample]]] = {}
    for sample in scored:
        evaluator = task.scoring_of(sample).evaluator
        if sample.target is None and evaluator.reference != "unused":
            without.append(sample)
        else:
            by_evaluator.setdefault(id(evaluator), (evaluator, []))[1].append(sample)
    for evaluator, samples_of in by_evaluator.values():
        _check(task, evaluator, samples_of)
    if not without:
        return
    offer = task.evaluator.listed.offer
    if len(without) == len(scored) and not task.dataset.offer.submits:
        raise DataError(
            f"datasets.{task.dataset.name}: no row has a reference, which the evaluator "
            f"{offer.name!r} compares answers with",
            hint="name the column of the reference, ask a split that has it, set an evaluator "
            'that needs none (such as judge-rating; its offer says reference = "unused"), or '
            'suite.mode = "performance"',
        )
    log.warning(
        "%s: %d of %d rows have no reference (%s): their answers are unjudged, and in no figure",
        task.label, len(without), len(scored), _named(without),
    )  # fmt: skip


def _check(task: Task, evaluator: Component, samples: Sequence[Sample]) -> None:
    check = getattr(evaluator.instance, "check", None)
    if check is None:
        return
    refused: list[tuple[Sample, AisbenchError]] = []
    for sample in samples:
        try:
            check(with_long_texts(sample))
        except DataError as error:
            refused.append((sample, error))
        except PLUGIN_ERRORS as error:
            raise PluginError(
                f"evaluator {evaluator.owner} fails to check sample {sample.id}: "
                f"{described(error)}",
                hint=report_to(evaluator.listed),
            ) from error
    if refused:
        problems = [f"{_place(sample)}: {error.message}" for sample, error in refused[:SHOWN]]
        more = len(refused) - len(problems)
        problems += [f"and {more} more of {len(samples)} rows"] if more else []
        raise DataError(
            f"datasets.{task.dataset.name}: rows that the evaluator "
            f"{evaluator.listed.offer.name!r} can never score:\n  " + "\n  ".join(problems),
            hint=refused[0][1].hint,
        )


def _place(sample: Sample) -> str:
    return f"{sample.place} (sample {sample.id})" if sample.place else f"sample {sample.id}"


def _named(samples: Sequence[Sample]) -> str:
    names = ", ".join(sample.place or sample.id for sample in samples[:SHOWN])
    return f"{names}, ..." if len(samples) > SHOWN else names
