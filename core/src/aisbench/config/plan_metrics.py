"""Which figures are made of a data set's scores."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from aisbench.base.errors import PluginError
from aisbench.config.metric_names import metric_spellings
from aisbench.config.own_parts import is_function
from aisbench.config.plan import Component
from aisbench.config.resolve import ComponentMaker
from aisbench.config.suite import DatasetSettings
from aisbench.plugins.catalog import Listed
from aisbench.settings.keys import KeyPath
from aisbench.types.offer import DatasetOffer, EvaluatorOffer, ReducerOffer

_ACCURACY = ("accuracy",)


@frozen
class UsualMetrics:
    """What is reported where a suite names nothing, and the distribution that says so."""

    names: tuple[str, ...]
    dist: str


def usual_metrics(
    maker: ComponentMaker, evaluator: str, common: DatasetSettings, listed: Listed
) -> UsualMetrics:
    """The data set's metrics; those of its evaluator, where that has some and the data set has
    nothing but "accuracy"."""
    assert isinstance(listed.offer, DatasetOffer)
    own = UsualMetrics(listed.offer.metrics, listed.dist)
    if own.names != _ACCURACY or is_function(evaluator):
        return own
    named_by = "" if common.evaluator else listed.dist
    try:
        offer, found = maker.catalog.find(EvaluatorOffer, evaluator, named_by)
    except PluginError:
        return own  # told where the evaluator is named
    return UsualMetrics(offer.metrics, found.dist) if offer.metrics else own


def make_metrics(
    maker: ComponentMaker,
    path: KeyPath,
    common: DatasetSettings,
    usual: UsualMetrics,
    ways: int,
) -> dict[str, Component]:
    """By name. ``ways`` are those in which the data set asks each question."""
    answers = common.repeats * ways
    named_by = "" if common.metrics else usual.dist
    metrics: dict[str, Component] = {}
    for index, metric in enumerate(common.metrics or usual.names):
        if metric in metrics:
            maker.add((*path, index), f"{metric} is named twice", "name it once")
        elif component := _metric(maker, (*path, index), metric, answers, named_by):
            metrics[metric] = component
    return metrics


def _metric(
    maker: ComponentMaker, path: KeyPath, metric: str, answers: int, named_by: str
) -> Component | None:
    names = {one.offer.name for one in maker.catalog.of_kind("reducer")}
    wanted: tuple[str, dict[str, Any]] = (metric, {})
    for spelling in metric_spellings(metric):
        if spelling[0].rpartition("/")[2] in names:
            wanted = spelling
            break
    reducer = maker.component(path, wanted[0], ReducerOffer, wanted[1], path, named_by=named_by)
    count = getattr(reducer.settings, "k", getattr(reducer.settings, "n", 1)) if reducer else 1
    if isinstance(count, int) and count > answers:
        message = f"{metric} needs {count} repeats, and there are {answers}"
        maker.add(path, message, f"set repeats = {count}")
        return None
    return reducer
