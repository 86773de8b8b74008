"""One model on one data set: whether the backend can do what its prompts need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from aisbench.config.foreign import advice
from aisbench.config.own_parts import (
    NO_DEFAULTS,
    defaults_of,
    is_function,
    own_evaluator,
    own_template,
    place_of,
)
from aisbench.config.part_scoring import for_the_rest, own_scoring
from aisbench.config.plan import Component, DatasetPlan, Model, Task
from aisbench.config.plan_adapters import plan_adapters
from aisbench.config.resolve import ComponentMaker
from aisbench.plugins.catalog import Listed
from aisbench.settings.keys import KeyPath
from aisbench.types.json import JsonObject
from aisbench.types.offer import (
    BackendOffer,
    Capability,
    EvaluatorOffer,
    PostprocessorOffer,
    RetrieverOffer,
    Support,
    TemplateOffer,
)
from aisbench.types.request import LIMITS
from aisbench.types.variant import Variant


def make_task(maker: ComponentMaker, model: Model, dataset: DatasetPlan) -> Task | None:
    """The task, or None with the problems noted."""
    path: KeyPath = ("datasets", dataset.name)
    common = dataset.common
    if lacking := sorted(_needs(dataset) - set(model.offer.capabilities)):
        _lacks(maker, path, model, f"the data set {dataset.offer.name}", lacking[0])
        return None
    chosen = _choose_variant(maker, model, dataset)
    if chosen is None or not _counts_prompts(maker, path, model, dataset):
        return None
    name, variant, offer, _ = chosen
    template = _template(maker, path, dataset, chosen)
    shots = variant.shots if common.shots is None else common.shots
    if not shots and (common.retriever or common.retrieval):
        maker.add((*path, "retriever"), "has no effect without shots", "set shots")
        return None
    retriever = _retriever(maker, path, dataset, name, variant) if shots else None
    generation, origin = _generation(maker, model, dataset, name, variant)
    adapters = plan_adapters(maker, model, dataset, generation, origin)
    evaluator = _evaluator(maker, path, dataset, name, variant)
    postprocessors = tuple(_postprocessors(maker, path, dataset, name, variant))

    def steps(named: tuple[str | JsonObject, ...]) -> tuple[Component, ...]:
        of_part = attrs.evolve(variant, postprocess=named)
        return tuple(_postprocessors(maker, path, dataset, name, of_part))

    complete = (retriever or not shots) and (evaluator or dataset.evaluator is None)
    if template is None or adapters is None or not complete:
        return None
    own = own_scoring(maker, path, dataset, variant, postprocessors, steps)
    return Task(
        model=model,
        dataset=dataset,
        variant_name=_label(name, variant, offer),
        variant=variant,
        template=template,
        retriever=retriever,
        shots=shots,
        generation=generation,
        generation_origin=origin,
        evaluator=evaluator,
        postprocessors=postprocessors,
        by_part=own.by_part,
        by_rows=own.by_rows,
        adapters=adapters,
    )


def _counts_prompts(
    maker: ComponentMaker, path: KeyPath, model: Model, dataset: DatasetPlan
) -> bool:
    """Whether prompts can be cut where they shall be; a problem is noted where not."""
    if dataset.common.prompt_tokens is None or model.common.tokenizer:
        return True
    maker.add(
        (*path, "prompt_tokens"),
        f"needs the tokenizer of the model {model.name!r}, which counts them",
        f'set models.{model.name}.tokenizer = "FOLDER OR HUB NAME"',
    )
    return False


def _needs(dataset: DatasetPlan) -> set[Capability]:
    """What a model must be able to, whatever the variant."""
    needs, common = set(dataset.offer.needs), dataset.common
    names = [common.variant] if common.variant else list(dataset.variants)
    own = [_sight(dataset, dataset.variants[one]) for one in names if one in dataset.variants]
    return needs if all(one <= needs for one in own) else needs - {Capability.VIDEO}


def _sight(dataset: DatasetPlan, variant: Variant) -> set[Capability]:
    """What a variant of a set of films needs: an eye for pictures where it shows frames."""
    if Capability.VIDEO not in dataset.offer.needs:
        return set()
    frames = any(map(_shown_as_pictures, (dataset.common.prompt, variant.prompt)))
    return {Capability.IMAGES if frames else Capability.VIDEO}


def _shown_as_pictures(prompt: JsonObject) -> bool:
    frames = prompt.get("frames")
    return isinstance(frames, Mapping) and not frames.get("together")


def _template(
    maker: ComponentMaker,
    path: KeyPath,
    dataset: DatasetPlan,
    chosen: tuple[str, Variant, TemplateOffer, Listed],
) -> Component | None:
    """The template with the variant's settings (if it is the variant's own) and the suite's, or
    the variant's own function."""
    name, variant, offer, listed = chosen
    common = dataset.common
    before = len(maker.problems)
    function = own_template(maker, path, dataset, name, offer.form)
    if function is not None or len(maker.problems) > before:
        return function
    own = not common.template
    return maker.component(
        (*path, "prompt"),
        f"{listed.dist}/{offer.name}",
        TemplateOffer,
        common.prompt,
        (*path, "prompt"),
        defaults_of(dataset, name, variant.prompt, "prompt") if own else NO_DEFAULTS,
    )


def _retriever(
    maker: ComponentMaker, path: KeyPath, dataset: DatasetPlan, name: str, variant: Variant
) -> Component | None:
    """The retriever with the variant's settings (if it is the variant's own) and the suite's."""
    common = dataset.common
    own = common.retriever in ("", variant.retriever)
    return maker.component(
        (*path, "retriever"),
        common.retriever or variant.retriever,
        RetrieverOffer,
        common.retrieval,
        (*path, "retrieval"),
        defaults_of(dataset, name, variant.retrieval, "retrieval") if own else NO_DEFAULTS,
        "" if common.retriever else dataset.listed.dist,
    )


def _label(name: str, variant: Variant, template: TemplateOffer) -> str:
    """How reports call the variant. With a template of the suite's it is another way of asking:
    choices that are scored are not a chat."""
    if template.name == variant.template.rpartition("/")[2]:
        return name
    return f"{name}, template {template.name}"


def _evaluator(
    maker: ComponentMaker, path: KeyPath, dataset: DatasetPlan, name: str, variant: Variant
) -> Component | None:
    """The evaluator with the variant's settings (if it is the data set's own) and the suite's."""
    if dataset.evaluator is None:
        return None
    own = dataset.common.evaluator in ("", dataset.offer.evaluator)
    common, of_variant = for_the_rest(maker, dataset, variant)
    if is_function(dataset.evaluator):
        settings = {**(of_variant if own else {}), **common}
        return own_evaluator(maker, path, dataset, dataset.evaluator, settings)
    return maker.component(
        (*path, "evaluator"),
        dataset.evaluator,
        EvaluatorOffer,
        common,
        (*path, "evaluation"),
        defaults_of(dataset, name, of_variant, "evaluation") if own else NO_DEFAULTS,
        "" if dataset.common.evaluator else dataset.listed.dist,
    )


def _postprocessors(
    maker: ComponentMaker, path: KeyPath, dataset: DatasetPlan, variant_name: str, variant: Variant
) -> Iterator[Component]:
    """The suite's steps, or else the variant's, which belong to the data set's own evaluator."""
    steps = dataset.common.postprocess
    own = steps is None
    if steps is None:
        scorer = dataset.common.evaluator.rpartition("/")[2]
        steps = variant.postprocess if scorer in ("", dataset.offer.evaluator) else ()
    for index, one in enumerate(steps):
        name, table = (one, {}) if isinstance(one, str) else (one.get("use"), one)
        settings = {key: value for key, value in table.items() if key != "use"}
        at: KeyPath = path if own else (*path, "postprocess", index)
        own_step = defaults_of(dataset, variant_name, settings, "postprocess", index)
        if not isinstance(name, str):
            maker.add(
                at,
                f"{own_step.where}: names no post-processor" if own else "names no post-processor",
                'write "NAME", or { use = "NAME", SETTING = ... } '
                "(aisbench plugins list --kind postprocessor)",
            )
            continue
        named_by = dataset.listed.dist if own else ""
        if own and not maker.find(at, name, PostprocessorOffer, named_by, own_step.where):
            continue
        postprocessor = maker.component(
            at,
            name,
            PostprocessorOffer,
            {} if own else settings,
            at,
            own_step if own else NO_DEFAULTS,
            named_by,
        )
        if postprocessor is not None:
            yield postprocessor


def _choose_variant(
    maker: ComponentMaker, model: Model, dataset: DatasetPlan
) -> tuple[str, Variant, TemplateOffer, Listed] | None:
    """The variant that the suite names, or else the first that the backend can do."""
    path: KeyPath = ("datasets", dataset.name)
    common = dataset.common
    names = [common.variant] if common.variant else list(dataset.variants)
    first: tuple[str, Capability] | None = None
    for name in names:
        variant = dataset.variants.get(name)
        if variant is None:
            return None  # a problem that was noted when the data set was read
        found = maker.find(
            (*path, "template"),
            common.template or variant.template,
            TemplateOffer,
            "" if common.template else dataset.listed.dist,
            "" if common.template else place_of(dataset.offer, name, "template"),
        )
        if found is None:
            return None
        lacking = [
            need
            for need in (found[0].form, *sorted({*found[0].needs, *_sight(dataset, variant)}))
            if need not in model.offer.capabilities
        ]
        if not lacking:
            return name, variant, *found
        first = first or (name, lacking[0])
    if first is not None:
        what = f"the variant {first[0]!r} of {dataset.offer.name}"
        _lacks(maker, (*path, "variant"), model, what, first[1])
    return None


def _generation(
    maker: ComponentMaker, model: Model, dataset: DatasetPlan, name: str, variant: Variant
) -> tuple[dict[str, Any], dict[str, str]]:
    """The sampling settings, later layers winning, and where each of them is from."""
    layers: tuple[tuple[str, Any, KeyPath], ...] = (
        (f"variant {name}", variant.generation, ("datasets", dataset.name, "variant")),
        (
            f"[models.{model.name}.generation]",
            model.common.generation,
            ("models", model.name, "generation"),
        ),
        (
            f"[datasets.{dataset.name}.generation]",
            dataset.common.generation,
            ("datasets", dataset.name, "generation"),
        ),
    )
    generation: dict[str, Any] = {}
    origin: dict[str, str] = {}
    places: dict[str, KeyPath] = {}
    for label, layer, path in layers:
        if any(limit in layer for limit in LIMITS):
            # A bound replaces that of a layer below, whatever name each has.
            for limit in LIMITS:
                generation.pop(limit, None)
                origin.pop(limit, None)
        for key, value in layer.items():
            generation[key] = value
            origin[key] = label
            places[key] = path if layer is variant.generation else (*path, key)
    # The backend sees all settings at once: some clash only with each other.
    refused = dict(model.backend.refused(generation))
    refused |= {key: wish for key in generation if (wish := advice("generation", key))}
    for key, instead in refused.items():
        what = "is" if places[key][-1] == key else f"generation.{key} is"
        maker.add(places[key], f"{what} refused by {model.offer.name}", instead)
    return generation, origin


def _lacks(
    maker: ComponentMaker, path: KeyPath, model: Model, what: str, need: Capability
) -> None:
    able = [
        one.offer.name
        for one in maker.catalog.of_kind("backend")
        if isinstance(one.offer, BackendOffer)
        and one.offer.capabilities.get(need) in (Support.FULL, Support.DEPENDS)
    ]
    maker.add(
        path,
        f"{what} needs {need.value!r}, which backend {model.offer.name!r} of model "
        f"{model.name!r} does not have",
        f"backends that have it: {', '.join(able) or 'none installed'}; "
        "or leave the pair out with [[exclude]]",
    )
