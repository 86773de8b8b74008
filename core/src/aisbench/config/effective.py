"""The suite in effect: every setting with its value, to keep, compare and show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from aisbench.config.own_parts import is_function
from aisbench.config.plan import DatasetPlan, Model, Plan, PlannedDevices, PlannedObserver
from aisbench.declared.offers import DeclaredOffer
from aisbench.plugins.catalog import Listed
from aisbench.settings.keys import KeyPath, dotted
from aisbench.settings.plain import plain
from aisbench.types.offer import EvaluatorOffer


def resolved_tables(plan: Plan) -> dict[str, Any]:
    """A suite that spells out every setting and means the same. Secrets stay references."""
    suite = plan.suite
    tables: dict[str, Any] = {"suite": plain(suite.suite)}
    tables["models"] = {
        model.name: {"backend": _name(model.listed), **_settings(model)} for model in plan.models
    }
    tables["datasets"] = {
        dataset.name: {
            "dataset": _name(dataset.listed),
            **_settings(dataset),
            **({"path": dataset.hub} if dataset.hub else {}),
            **_evaluation(plan, dataset),
        }
        for dataset in plan.datasets
    }
    used = {model.service.server for model in plan.models if not model.local}
    servers = {name: plain(one) for name, one in suite.servers.items() if name in used}
    if servers:
        tables["servers"] = servers
    if exclusions := _used_exclusions(plan):
        tables["exclude"] = exclusions
    if suite.summarizers is not None:
        tables["summarizers"] = [
            {"summarizer": _name(one.listed), **(plain(one.settings) or {})}
            for one in plan.summarizers
        ]
    tables |= _beside(plan)
    if plan.loads:
        tables["load"] = _load_table(plan)
    tables["plugins"] = plain(suite.plugins)
    tables |= {"rerun": plain(suite.rerun)} if suite.rerun is not None else {}
    return {**tables, **_groups(tables, plan)}


def _beside(plan: Plan) -> dict[str, Any]:
    """What is told, read and tried beside the questions."""
    tables: dict[str, Any] = {}
    if plan.observers:
        tables["observers"] = dict(map(_observer, plan.observers))
    if plan.devices:
        tables["devices"] = dict(map(_devices, plan.devices))
    if plan.tune is not None:
        tables["tune"] = dict(plan.tune.table)
    return tables


def _settings(part: Model | DatasetPlan) -> dict[str, Any]:
    """Those that all of its kind have, and its own."""
    return {**plain(part.common), **(plain(part.settings) or {})}


def _observer(one: PlannedObserver) -> tuple[str, dict[str, Any]]:
    """Its label and its table."""
    settings = plain(one.component.settings) or {}
    return one.label, {
        "observer": _name(one.component.listed),
        **plain(one.common),
        **settings,
    }


def _devices(one: PlannedDevices) -> tuple[str, dict[str, Any]]:
    """Its label and its table."""
    settings = plain(one.component.settings) or {}
    return one.label, {
        "sampler": _name(one.component.listed),
        **plain(one.common),
        **settings,
    }


def _groups(tables: dict[str, Any], plan: Plan) -> dict[str, Any]:
    """Groups with their members, so that the packages that bring them are not needed again."""
    if not plan.groups:
        return {}
    return {
        "suite": {**tables["suite"], "groups": []},
        "groups": {name: plain(one) for name, one in plan.groups.items()},
    }


def _evaluation(plan: Plan, dataset: DatasetPlan) -> dict[str, Any]:
    if dataset.offer.evaluators and not dataset.common.evaluator:
        # One name here would stand for all parts.
        return {
            "evaluation": dataset.common.evaluation,
            "metrics": list(dataset.metrics),
            **({} if dataset.common.postprocess is None else _steps(plan, dataset)),
        }
    evaluators = [
        task.evaluator
        for task in plan.tasks
        if task.dataset is dataset and task.evaluator is not None
    ]
    if not evaluators:
        return {}
    settings = plain(evaluators[0].settings) or {}
    # Variants bring settings too. Where models are asked in different variants, only those that
    # the suite sets itself hold for all.
    same = all((plain(one.settings) or {}) == settings for one in evaluators)
    if not same:
        settings = {key: settings[key] for key in dataset.common.evaluation}
    return {
        "evaluator": _name(evaluators[0].listed),
        "evaluation": settings,
        "metrics": list(dataset.metrics),
        **_steps(plan, dataset),
    }


def _steps(plan: Plan, dataset: DatasetPlan) -> dict[str, Any]:
    """The steps between answers and their evaluator, where all variants that are asked have the
    same."""
    tasks = [task for task in plan.tasks if task.dataset is dataset]
    found = [
        [{"use": _name(one.listed), **(plain(one.settings) or {})} for one in task.postprocessors]
        for task in tasks
    ]
    same = all(steps == found[0] for steps in found)
    return {"postprocess": found[0]} if same else {}


def _load_table(plan: Plan) -> dict[str, Any]:
    """[load] as the suite has it, without what a sweep or a model's concurrency makes of it."""
    point = next(iter(plan.loads.values())).make({})
    own = {key: value for key, value in plan.suite.load.items() if key != "shape"}
    return {"shape": _name(point.shape.listed), **plain(point.settings), **own}


def _name(listed: Listed) -> str:
    """The name with its distribution: a plugin installed later may offer the same name. A data
    set that is a file has its path."""
    if isinstance(listed.offer, DeclaredOffer) and listed.file is not None:
        return str(listed.file)
    if isinstance(listed.offer, EvaluatorOffer) and is_function(listed.offer.name):
        return listed.offer.name
    return f"{listed.dist}/{listed.offer.name}"


def _used_exclusions(plan: Plan) -> list[dict[str, str]]:
    """The pairs spelt out: a pattern may match none of the models and data sets that are kept."""
    pairs = {(task.model.name, task.dataset.name) for task in plan.tasks}
    return [
        {"model": model.name, "dataset": dataset.name}
        for model in plan.models
        for dataset in plan.datasets
        if (model.name, dataset.name) not in pairs
    ]


def leaves(table: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Every value that is not a table, with its key path. An empty table counts as a value."""
    if isinstance(table, Mapping) and table:
        for key, value in table.items():
            yield from leaves(value, (*path, key))
    else:
        yield path, table


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What changed between two resolved suites, a sentence each."""
    old, new = dict(leaves(before)), dict(leaves(now))
    found = []
    for path in dict.fromkeys([*old, *new]):
        if old.get(path, attrs.NOTHING) != new.get(path, attrs.NOTHING):
            was = repr(old[path]) if path in old else "absent"
            found.append(
                f"{dotted(path)}: {was} -> {repr(new[path]) if path in new else 'absent'}"
            )
    return found
