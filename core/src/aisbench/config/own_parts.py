"""Parts of a task that its data set brings along: settings of its variants, and functions in the
places of an evaluator or a template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from attrs import field, frozen

from aisbench.base.errors import PluginError
from aisbench.config.plan import Component, DatasetPlan
from aisbench.declared.offers import DeclaredOffer, table_of
from aisbench.plugins.catalog import Listed
from aisbench.settings.keys import KeyPath, dotted
from aisbench.types.json import JsonObject
from aisbench.types.offer import (
    Capability,
    DatasetOffer,
    EvaluatorOffer,
    Offer,
    TemplateOffer,
)

if TYPE_CHECKING:
    from aisbench.config.resolve import ComponentMaker
    from aisbench.declared.dataset import DeclaredDataset


@frozen
class Defaults:
    """Settings that a data set's variant brings; ``where`` is their file and key, and ``named``
    that of the component's name, for messages."""

    table: JsonObject = field(factory=dict)
    where: str = ""
    named: str = ""


NO_DEFAULTS = Defaults()


def place_of(dataset: DatasetOffer, variant: str, *key: str | int) -> str:
    """Where a data set says something of a variant, or of all variants: file and key; empty for
    one that no file declares."""
    if not isinstance(dataset, DeclaredOffer):
        return ""
    variants: Any = table_of(dataset)["variants"]
    own = variants.get(variant, {})
    common = isinstance(own, Mapping) and key[0] not in own
    return f"{dataset.place}: {dotted(key if common else ('variants', variant, *key))}"


def defaults_of(
    dataset: DatasetPlan, variant: str, table: JsonObject, *key: str | int
) -> Defaults:
    """A variant's settings of one component, under their ``key`` in the variant's table."""
    where = place_of(dataset.offer, variant, *key)
    if not where:
        where = f"{dataset.listed.dist}: {dataset.offer.name}, variant {variant}: {dotted(key)}"
    name_keys = {"retrieval": "retriever", "evaluation": "evaluator"}
    name_key = name_keys.get(str(key[0]))
    named = place_of(dataset.offer, variant, name_key) if name_key else ""
    return Defaults(table, where, named)


def place_of_evaluators(dataset: DatasetPlan, number: int, key: str) -> str:
    """Where a data set names the evaluator of some of its parts, for messages."""
    where = f"{dotted(('evaluators', number))}.{key}"
    if isinstance(dataset.offer, DeclaredOffer):
        return f"{dataset.offer.place}: {where}"
    return f"{dataset.listed.dist}: {dataset.offer.name}: {where}"


def is_function(name: str) -> bool:
    """Whether a name is that of a function, ``"module:function"``."""
    return ":" in name


def own_evaluator(
    maker: ComponentMaker,
    path: KeyPath,
    dataset: DatasetPlan,
    name: str,
    settings: Mapping[str, Any],
) -> Component | None:
    """The function that a declared data set names as its evaluator, or as that of parts."""
    if not isinstance(dataset.offer, DeclaredOffer) or name not in _named_by(dataset.offer):
        maker.add(
            (*path, "evaluator"),
            f"{name!r} is a function, and only a declared data set names one, in its own file",
            "write the name of an evaluator (aisbench plugins list --kind evaluator)",
        )
        return None
    for key in settings:
        maker.add((*path, "evaluation", key), f"has no effect: the evaluator is {name}")
    if settings:
        return None
    offer = EvaluatorOffer(name=name, summary=f"A function of {dataset.offer.name}.", target=name)
    try:
        instance = cast("DeclaredDataset", dataset.dataset).own_evaluator(name)
    except PluginError as error:
        maker.add((*path, "evaluator"), error.message, error.hint)
        return None
    return Component(listed=_listed(dataset, offer), settings=None, instance=instance)


def _named_by(offer: DatasetOffer) -> frozenset[str]:
    return frozenset((offer.evaluator or "", *(one.evaluator for one in offer.evaluators)))


def own_template(
    maker: ComponentMaker, path: KeyPath, dataset: DatasetPlan, variant: str, form: Capability
) -> Component | None:
    """The function that a variant of a declared data set names as its prompt; None where it
    names none, or with the problem noted."""
    if not isinstance(dataset.offer, DeclaredOffer) or dataset.common.template:
        return None
    declared = cast("DeclaredDataset", dataset.dataset)
    try:
        instance = declared.own_template(variant, chat=form is Capability.CHAT)
    except PluginError as error:
        maker.add((*path, "variant"), error.message, error.hint)
        return None
    if instance is None:
        return None
    for key in dataset.common.prompt:
        maker.add((*path, "prompt", key), f"has no effect: the prompt is {instance.name}")
    offer = TemplateOffer(
        name=instance.name,
        summary=f"A function of {dataset.offer.name}.",
        target=instance.name,
        form=form,
    )
    return Component(listed=_listed(dataset, offer), settings=None, instance=instance)


def _listed(dataset: DatasetPlan, offer: Offer) -> Listed:
    """The function, as a part of the data set's own plugin."""
    own = dataset.listed
    return Listed(
        offer=offer, plugin=own.plugin, dist=own.dist, version=own.version, file=own.file
    )
