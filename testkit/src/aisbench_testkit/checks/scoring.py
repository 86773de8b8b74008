"""A data set with its evaluator: every row can be scored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, cast

import attrs

from aisbench.api import (
    ChoosingDataset,
    DataError,
    Dataset,
    DatasetOffer,
    EvaluatorOffer,
    JsonObject,
    Sample,
)
from aisbench.config.plan import RowsScoring
from aisbench.plugins.catalog import Catalog, Listed
from aisbench.plugins.targets import settings_class
from aisbench.types.offer import parts_of
from aisbench_testkit.checks.making import WrongSettings, guessed, make
from aisbench_testkit.checks.trial import NotChecked, told

_NOBODY: Any = None
_ENOUGH = 8
"""So many rows with one and the same right option are no chance."""


def evaluator_of(dataset: Dataset, offer: DatasetOffer, catalog: Catalog) -> Listed:
    """The evaluator that a suite gets when it names none. Raises NotChecked for none."""
    name = offer.evaluator
    if name == "auto":
        name = cast("ChoosingDataset", dataset).evaluator_name()
    if name is None:
        raise NotChecked("a workload: nothing scores it")
    if ":" in name:
        raise NotChecked(
            f"scored by a function of its own, {name}: only a trial shows what it says"
        )
    return catalog.find(EvaluatorOffer, name)[1]


def check_scorable(
    dataset: Dataset,
    offer: DatasetOffer,
    samples: Sequence[Sample],
    catalog: Catalog,
    evaluation: JsonObject | None = None,
) -> list[str]:
    """References are there, of a form that the evaluator can read, and not all the same.
    ``evaluation`` are settings of the evaluator, beside those of the first variant."""
    listed = evaluator_of(dataset, offer, catalog)
    assert isinstance(listed.offer, EvaluatorOffer)
    scored = [one for one in samples if one.scored]
    problems = []
    missing = [one for one in scored if one.target is None]
    if missing and listed.offer.reference == "needed" and not offer.submits:
        which = "no row has" if len(missing) == len(scored) else f"{len(missing)} rows lack"
        problems.append(
            f"{which} a reference, such as {missing[0].id!r}, and the evaluator "
            f"{listed.offer.name} needs one: they would all be unjudged"
        )
    problems += _one_letter(scored)
    try:
        for own, rows, settings in _by_evaluator(offer, listed, scored, catalog):
            problems += _refused(dataset, own, rows, {**settings, **(evaluation or {})})
        return problems
    except WrongSettings as error:
        if problems:
            return problems
        raise NotChecked(
            f"the evaluator needs settings: {error}",
            give=f"[tool.aisbench.check.{offer.name}] evaluation = {{ {min(error.names)} = ... }}",
        ) from None


def _by_evaluator(
    offer: DatasetOffer, listed: Listed, samples: Sequence[Sample], catalog: Catalog
) -> list[tuple[Listed, list[Sample], JsonObject]]:
    """The rows of each evaluator, with its settings; ``listed`` scores the rest. Rows that a
    function scores are left out."""
    groups = {
        one.name: one.members for one in (offer.groups if isinstance(offer.groups, tuple) else ())
    }
    left, found = list(samples), []
    # Those for rows come before those for whole parts.
    for one in sorted(offer.evaluators, key=lambda own: not own.where):
        parts = frozenset(parts_of(one.parts, groups))
        rule = RowsScoring(scoring=_NOBODY, parts=parts, where=one.where)
        mine = [sample for sample in left if rule.fits(sample)]
        left = [sample for sample in left if not rule.fits(sample)]
        if ":" not in one.evaluator and mine:
            own = catalog.find(EvaluatorOffer, one.evaluator)[1]
            found.append((own, mine, one.evaluation))
    return [*found, (listed, left, {})]


def _one_letter(samples: Sequence[Sample]) -> list[str]:
    counts = Counter(str(one.target) for one in samples if one.target is not None)
    if len(counts) != 1 or sum(counts.values()) < _ENOUGH:
        return []
    (only,) = counts
    if len(only) != 1 or not only.isalpha():
        return []
    return [
        f"every right answer is {only!r}: a model that always says so would be perfect; look at "
        "how the reference is read, or shuffle the options"
    ]


def _refused(
    dataset: Dataset, listed: Listed, samples: Sequence[Sample], evaluation: JsonObject
) -> list[str]:
    """What the evaluator's own check() says of the rows."""
    variant = next(iter(dataset.variants().values()))
    names = {one.name for one in attrs.fields(cls)} if (cls := settings_class(listed)) else set()
    known = {key: value for key, value in variant.evaluation.items() if key in names}
    settings = {**guessed(listed), **known, **evaluation}
    evaluator: Any = make(listed, settings)
    check: Callable[[Sample], None] | None = getattr(evaluator, "check", None)
    if check is None:
        return []
    needed = getattr(listed.offer, "reference", "needed") != "unused"
    refused = []
    for one in samples:
        if one.target is None and needed:
            continue
        try:
            check(one)
        except DataError as error:
            refused.append(f"{one.id!r}: {error.message}")
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it is reported
            return [f"check() of {listed.offer.name} raises {told(error)}"]
    if not refused:
        return []
    more = f" (and {len(refused) - 1} more rows)" if len(refused) > 1 else ""
    return [f"the evaluator {listed.offer.name} cannot score the row {refused[0]}{more}"]
