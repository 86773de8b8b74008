"""Which LoRA adapter answers which row of a task: what a suite says of it, checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import attrs

from aisbench.config.adapter_keys import ADAPTER_ID, PlannedAdapters, read_map
from aisbench.config.plan import DatasetPlan, Model
from aisbench.config.resolve import ComponentMaker
from aisbench.config.suite import DatasetSettings, ModelSettings
from aisbench.settings.keys import KeyPath

Common = TypeVar("Common", bound=DatasetSettings | ModelSettings)

_ANY = "adapter"
"""Stands for the names that rows have, which are not known yet."""


def checked_adapters(maker: ComponentMaker, path: KeyPath, common: Common) -> Common:
    """The settings with the adapters that a file of them names; problems are noted."""
    mix = common.adapters
    if mix is None:
        return common
    path = (*path, "adapters")
    given = [name for name in ("share", "field", "map") if getattr(mix, name)]
    if len(given) != 1:
        what = f"has {' and '.join(given)}" if given else "does not say who answers"
        maker.add(path, what, "set one of share, field and map")
    if given == ["share"] and mix.rest is not None:
        maker.add((*path, "rest"), "has no effect beside share", "give it a share")
    if not isinstance(mix.map, Path):
        return common
    named: Mapping[str, str] = {}
    try:
        named = read_map(mix.map)
    except OSError as error:
        why = error.strerror or str(error)
        maker.add((*path, "map"), f"{mix.map}: cannot be read: {why}", "name a JSON file")
    except ValueError as error:
        maker.add((*path, "map"), f"{mix.map}: {error}", 'write {"0": "ADAPTER", ...}')
    return attrs.evolve(common, adapters=attrs.evolve(mix, map=named))


def plan_adapters(
    maker: ComponentMaker,
    model: Model,
    dataset: DatasetPlan,
    generation: dict[str, Any],
    origin: dict[str, str],
) -> PlannedAdapters | None:
    """What the data set says, or else the model; None with problems noted. One adapter for all
    rows becomes one of the settings of ``generation``, with its ``origin``."""
    found = [one for one in _said(model, dataset) if one.one or one.mix is not None]
    if not found:
        return PlannedAdapters()
    chosen = found[0]
    path: KeyPath = tuple(chosen.where.split("."))
    before = len(maker.problems)
    if len(found) > 1 and found[1].where.split(".")[:2] == chosen.where.split(".")[:2]:
        maker.add(path, f"stands beside {found[1].where}", "set one of them")
    if ADAPTER_ID in generation:
        maker.add(path, f"stands beside generation.{ADAPTER_ID}", "set one of them")
    mix = chosen.mix
    names = (chosen.one,) if mix is None else mix.names or ((_ANY,) if mix.field else ())
    for name in names:
        refused = model.backend.refused({**generation, ADAPTER_ID: name})
        if ADAPTER_ID in refused:
            maker.add(
                path,
                f"backend {model.offer.name!r} of model {model.name!r} cannot ask an adapter: "
                f"{refused[ADAPTER_ID]}",
                "ask the model by a protocol that can (docs: how-to/adapters), or leave the pair "
                "out with [[exclude]]",
            )
            break
    if len(maker.problems) > before:
        return None
    if chosen.one:
        generation[ADAPTER_ID], origin[ADAPTER_ID] = chosen.one, chosen.where
    return chosen


def _said(model: Model, dataset: DatasetPlan) -> Iterator[PlannedAdapters]:
    for kind, name, common in (
        ("datasets", dataset.name, dataset.common),
        ("models", model.name, model.common),
    ):
        where = f"{kind}.{name}"
        yield PlannedAdapters(one=common.adapter, where=f"{where}.adapter")
        yield PlannedAdapters(mix=common.adapters, where=f"{where}.adapters")
