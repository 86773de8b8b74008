"""Who scores parts and rows of a data set that need another evaluator than the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
from attrs import field, frozen

from aisbench.config.own_parts import (
    Defaults,
    is_function,
    own_evaluator,
    place_of_evaluators,
)
from aisbench.config.plan import Component, DatasetPlan, RowsScoring, ScoringPlan
from aisbench.config.resolve import ComponentMaker
from aisbench.plugins.targets import groups_of, settings_class
from aisbench.settings.keys import KeyPath
from aisbench.types.json import JsonObject
from aisbench.types.offer import EvaluatorOffer, PartEvaluator, parts_of
from aisbench.types.variant import Variant

Steps = Callable[[tuple[str | JsonObject, ...]], tuple[Component, ...]]
"""Makes post-processors of what a data set names."""


@frozen
class OwnScoring:
    """Who scores what in a data set with several evaluators."""

    by_part: Mapping[str, ScoringPlan] = field(factory=dict)
    by_rows: tuple[RowsScoring, ...] = ()


def own_scoring(
    maker: ComponentMaker,
    path: KeyPath,
    dataset: DatasetPlan,
    variant: Variant,
    common_steps: tuple[Component, ...],
    steps: Steps,
) -> OwnScoring:
    """What the data set's own evaluators score, by the name of each part and by rows. Empty where
    the suite names an evaluator, which scores all. Problems are noted."""
    if dataset.common.evaluator:
        return OwnScoring()
    groups = {group.name: group.members for group in groups_of(dataset.listed)}
    found: dict[str, ScoringPlan] = {}
    of_rows: list[RowsScoring] = []
    for number, one in enumerate(dataset.offer.evaluators):
        evaluator = _evaluator(maker, path, dataset, variant, number)
        own_steps = one.postprocess is not None and dataset.common.postprocess is None
        made = steps(one.postprocess or ()) if own_steps else common_steps
        if evaluator is None:
            continue
        if evaluator.judged:
            maker.add(
                path,
                f"{place_of_evaluators(dataset, number, 'evaluator')}: {one.evaluator!r} asks a "
                "judge, and judges score a whole data set",
                "make a data set of its own of these parts",
            )
        scoring = ScoringPlan(evaluator=evaluator, postprocessors=made)
        if one.where:
            parts = frozenset(parts_of(one.parts, groups))
            of_rows.append(RowsScoring(scoring=scoring, parts=parts, where=one.where))
            continue
        for part in parts_of(one.parts, groups):
            if part in found:
                where = place_of_evaluators(dataset, number, "parts")
                maker.add(path, f"{where}: {part!r} has an evaluator already")
            found[part] = scoring
    return OwnScoring(found, tuple(of_rows))


def _evaluator(
    maker: ComponentMaker, path: KeyPath, dataset: DatasetPlan, variant: Variant, number: int
) -> Component | None:
    one = dataset.offer.evaluators[number]
    if is_function(one.evaluator):
        for key in one.evaluation:
            where = place_of_evaluators(dataset, number, "evaluation")
            maker.add(path, f"{where}.{key}: has no effect: the evaluator is {one.evaluator}")
        return own_evaluator(maker, path, dataset, one.evaluator, {})
    defaults = Defaults(
        {**_known(maker, dataset, one, variant.evaluation), **one.evaluation},
        place_of_evaluators(dataset, number, "evaluation"),
        place_of_evaluators(dataset, number, "evaluator"),
    )
    return maker.component(
        (*path, "evaluator"),
        one.evaluator,
        EvaluatorOffer,
        _known(maker, dataset, one, dataset.common.evaluation),
        (*path, "evaluation"),
        defaults,
        dataset.listed.dist,
    )


def _known(
    maker: ComponentMaker, dataset: DatasetPlan, one: PartEvaluator, table: Mapping[str, Any]
) -> dict[str, Any]:
    """The settings of a table for all parts that a part's evaluator has, and those in the table
    that is called like it."""
    names = _setting_names(maker, dataset, one.evaluator)
    every = {key: value for key, value in table.items() if key in names}
    return every | _own_table(table, one.evaluator)


def _own_table(table: Mapping[str, Any], name: str) -> dict[str, Any]:
    """``evaluation.NAME``: settings of one evaluator where others have a key of that name."""
    own = table.get(name)
    return dict(own) if isinstance(own, Mapping) else {}


def _setting_names(maker: ComponentMaker, dataset: DatasetPlan, name: str) -> frozenset[str]:
    if is_function(name):
        return frozenset()
    found = maker.find(("datasets", dataset.name), name, EvaluatorOffer, dataset.listed.dist)
    cls: Any = settings_class(found[1]) if found else None
    return frozenset(one.name for one in attrs.fields(cls)) if cls else frozenset()


def for_the_rest(
    maker: ComponentMaker, dataset: DatasetPlan, variant: Variant
) -> tuple[JsonObject, JsonObject]:
    """The suite's and the variant's settings of the evaluator that scores the other parts: those
    that only evaluators of parts have are left out."""
    tables = (dataset.common.evaluation, variant.evaluation)
    if dataset.common.evaluator or not dataset.offer.evaluators or dataset.evaluator is None:
        return tables
    of_parts = {
        key
        for one in dataset.offer.evaluators
        for key in _setting_names(maker, dataset, one.evaluator)
    }
    others = of_parts - _setting_names(maker, dataset, dataset.evaluator)
    others |= {one.evaluator for one in dataset.offer.evaluators} | {dataset.evaluator}
    name = dataset.evaluator
    first, second = (
        {key: value for key, value in table.items() if key not in others} | _own_table(table, name)
        for table in tables
    )
    return first, second
