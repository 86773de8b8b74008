"""Checking, before anything is sent, that every row can be scored."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from aisbench.base.errors import DataError, PluginError
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
    # Row by row: all of them together may be too long for the memory.
    scored, without = 0, []
    checks: dict[int, _RowChecks] = {}
    for sample in samples:
        if not sample.scored:
            continue
        scored += 1
        evaluator = task.scoring_of(sample).evaluator
        if sample.target is None and evaluator.reference != "unused":
            without.append(sample.place or sample.id)
        else:
            checks.setdefault(id(evaluator), _RowChecks(task, evaluator)).check(sample)
    for one in checks.values():
        one.finish()
    if not without:
        return
    offer = task.evaluator.listed.offer
    if len(without) == scored and not task.dataset.offer.submits:
        raise DataError(
            f"datasets.{task.dataset.name}: no row has a reference, which the evaluator "
            f"{offer.name!r} compares answers with",
            hint="name the column of the reference, ask a split that has it, set an evaluator "
            'that needs none (such as judge-rating; its offer says reference = "unused"), or '
            'suite.mode = "performance"',
        )
    log.warning(
        "%s: %d of %d rows have no reference (%s): their answers are unjudged, and in no figure",
        task.label, len(without), scored, _named(without),
    )  # fmt: skip


class _RowChecks:
    """What an evaluator says of the rows that it is to score."""

    def __init__(self, task: Task, evaluator: Component) -> None:
        self._task, self._evaluator = task, evaluator
        self._check = getattr(evaluator.instance, "check", None)
        self._rows = self._refused = 0
        self._problems: list[str] = []
        self._hint = ""

    def check(self, sample: Sample) -> None:
        """Raises PluginError where the evaluator fails."""
        self._rows += 1
        if self._check is None:
            return
        try:
            self._check(with_long_texts(sample))
        except DataError as error:
            self._refused += 1
            self._hint = self._hint if self._problems else error.hint
            if len(self._problems) < SHOWN:
                self._problems.append(f"{_place(sample)}: {error.message}")
        except PLUGIN_ERRORS as error:
            evaluator = self._evaluator
            raise PluginError(
                f"evaluator {evaluator.owner} fails to check sample {sample.id}: "
                f"{described(error)}",
                hint=report_to(evaluator.listed),
            ) from error

    def finish(self) -> None:
        """Raises DataError where it refused some."""
        if not self._refused:
            return
        more = self._refused - len(self._problems)
        problems = [*self._problems]
        problems += [f"and {more} more of {self._rows} rows"] if more else []
        raise DataError(
            f"datasets.{self._task.dataset.name}: rows that the evaluator "
            f"{self._evaluator.listed.offer.name!r} can never score:\n  " + "\n  ".join(problems),
            hint=self._hint,
        )


def _place(sample: Sample) -> str:
    return f"{sample.place} (sample {sample.id})" if sample.place else f"sample {sample.id}"


def _named(places: Sequence[str]) -> str:
    names = ", ".join(places[:SHOWN])
    return f"{names}, ..." if len(places) > SHOWN else names
