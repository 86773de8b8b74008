"""A data set with its evaluator: every row can be scored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, cast

from aisbench.api import (
    ChoosingDataset,
    DataError,
    Dataset,
    DatasetOffer,
    EvaluatorOffer,
    JsonObject,
    Sample,
)
from aisbench.plugins.catalog import Catalog, Listed
from aisbench_testkit.checks.making import WrongSettings, guessed, make
from aisbench_testkit.checks.trial import NotChecked, told

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
        return problems + _refused(dataset, listed, scored, evaluation or {})
    except WrongSettings as error:
        if problems:
            return problems
        raise NotChecked(
            f"the evaluator needs settings: {error}",
            give=f"[tool.aisbench.check.{offer.name}] evaluation = {{ {min(error.names)} = ... }}",
        ) from None


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
    settings = {**guessed(listed), **variant.evaluation, **evaluation}
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
