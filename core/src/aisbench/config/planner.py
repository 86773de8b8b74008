"""From a raw suite to a plan: every section is read, and all problems are reported at once."""

from __future__ import annotations

import fnmatch
import importlib.metadata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import attrs
from packaging.requirements import InvalidRequirement, Requirement

from aisbench.base.errors import DataError
from aisbench.config.absent_backends import absent_model
from aisbench.config.hub_paths import local_path
from aisbench.config.named_files import with_suite_plugins
from aisbench.config.offer_keys import common_settings
from aisbench.config.own_parts import is_function, place_of
from aisbench.config.plan import Component, DatasetPlan, Model, Plan, Task
from aisbench.config.plan_adapters import checked_adapters
from aisbench.config.plan_choice import checked_choice
from aisbench.config.plan_devices import find_devices
from aisbench.config.plan_groups import find_groups, planned_groups
from aisbench.config.plan_judges import find_judges
from aisbench.config.plan_loads import make_loads
from aisbench.config.plan_metrics import make_metrics, usual_metrics
from aisbench.config.plan_observers import find_observers
from aisbench.config.plan_servers import check_servers
from aisbench.config.plan_tasks import make_task
from aisbench.config.plan_tune import make_tune
from aisbench.config.resolve import ComponentMaker
from aisbench.config.routes import route_problem
from aisbench.config.source import Source
from aisbench.config.suite import (
    NAME,
    DatasetSettings,
    Exclusion,
    ServiceSettings,
    Suite,
    check_reasoning,
    check_service,
    urls,
)
from aisbench.contract.datasets import ChoosingDataset, Dataset, VaryingDataset
from aisbench.contract.service_backends import RoutedBackend
from aisbench.plugins.catalog import Catalog, Listed
from aisbench.plugins.targets import construct, named
from aisbench.settings.convert import structure
from aisbench.settings.keys import KeyPath
from aisbench.settings.problems import Problems, nearest
from aisbench.types.json import JsonObject
from aisbench.types.offer import (
    BackendOffer,
    Capability,
    DatasetOffer,
    EvaluatorOffer,
    SummarizerOffer,
)

AUTO = "auto"
"""Stands for the evaluator that a data set chooses by its files."""


def make_plan(
    source: Source, catalog: Catalog, backends: Mapping[str, JsonObject] | None = None
) -> Plan:
    """Find all plugins and check all settings. Raises ConfigError with every problem found.

    ``backends`` are what a stored run recorded of those of its models: a model whose own is not
    installed is planned as it was then, for stages that do not ask it.
    """
    maker = ComponentMaker(source, catalog)
    suite = _read_suite(maker)
    maker.catalog, troubles = with_suite_plugins(source, catalog, suite.suite.plugins)
    maker.add_all((), troubles)
    _check_requirements(maker, suite)
    _check_sections(maker, suite)
    named = [
        absent_model(maker, name, table, (backends or {}).get(name))
        or _model(maker, name, table, suite)
        for name, table in suite.models.items()
    ]
    models = [model for model in named if model is not None]
    datasets = list(_datasets(maker, suite))
    summarizers = tuple(_summarizers(maker, suite))
    observers = tuple(find_observers(maker, suite.observers, stored=backends is not None))
    for index, exclusion in enumerate(suite.exclude):
        _check_exclusion(maker, index, exclusion, suite)
    tasks = list(_tasks(maker, suite, models, datasets))
    judges = find_judges(maker, suite, models, tasks)
    groups = find_groups(maker, suite)
    named_sets = {one: one for one in suite.datasets}  # also those that could not be read
    named_sets.update((one.name, one.offer.name) for one in datasets)
    planned_groups(groups, named_sets, lambda one: maker.add(one.path, one.message, one.hint))
    loads = make_loads(maker, suite, models)
    in_loads = suite.suite.mode != "accuracy"
    devices = find_devices(maker, suite.devices, loads=in_loads, stored=backends is not None)
    sampled = tuple(devices)
    tune = make_tune(maker, suite, models, loads)
    # The server of a model that could not be read may be used by it.
    check_servers(maker, suite, models, every_model_read=len(models) == len(named))
    if not tasks and not maker.problems:
        maker.add(("exclude",), "leaves nothing to do", "narrow an [[exclude]]")
    if maker.problems:
        raise source.error(maker.problems)
    return Plan(
        suite=suite,
        source=source,
        tasks=tuple(tasks),
        summarizers=summarizers,
        loads=loads if in_loads else {},
        judges=judges,
        groups=groups,
        observers=observers,
        tune=tune,
        devices=sampled,
        catalog=maker.catalog,
    )


def _read_suite(maker: ComponentMaker) -> Suite:
    """Core's own keys. Sections with a problem are left out, so that the problems of the others
    are found in the same run."""
    tables, base = maker.source.tables, maker.source.base
    try:
        return structure(Suite, tables, base)
    except Problems as error:
        maker.add_all((), error.problems)
        troubled = {problem.path[0] for problem in error.problems if problem.path}
        sound = {key: value for key, value in tables.items() if key not in troubled}
        if "suite" in troubled and isinstance(own := tables["suite"], Mapping):
            # Its other keys, such as the mode, decide what is a problem elsewhere.
            wrong = {one.path[1:2] for one in error.problems if one.path[:1] == ("suite",)}
            if () not in wrong:
                sound["suite"] = {key: one for key, one in own.items() if (key,) not in wrong}
        return structure(Suite, sound, base)


def _check_sections(maker: ComponentMaker, suite: Suite) -> None:
    for kind in ("models", "datasets"):
        if not getattr(suite, kind) and not _troubled(maker, kind):
            maker.add((kind,), "is empty", f"add a [{kind}.NAME] table")


def _tasks(
    maker: ComponentMaker, suite: Suite, models: Sequence[Model], datasets: Sequence[DatasetPlan]
) -> Iterator[Task]:
    for model in models:
        for dataset in datasets:
            if model.common.role != "tested" or _excluded(suite, model, dataset):
                continue
            if task := make_task(maker, model, dataset):
                yield task


def _troubled(maker: ComponentMaker, section: str) -> bool:
    return any(problem.path[:1] == (section,) for problem in maker.problems)


def _check_requirements(maker: ComponentMaker, suite: Suite) -> None:
    for index, text in enumerate(suite.suite.requires):
        path: KeyPath = ("suite", "requires", index)
        try:
            wanted = Requirement(text)
            version = importlib.metadata.version(wanted.name)
        except InvalidRequirement:
            maker.add(path, f"{text!r} is not a requirement", 'write "name>=1.2"')
        except importlib.metadata.PackageNotFoundError:
            maker.add(path, f"{text} is not installed", f'pip install "{text}"')
        else:
            if not wanted.specifier.contains(version, prereleases=True):
                maker.add(path, f"{text}: {version} is installed", f'pip install "{text}"')


def _check_exclusion(maker: ComponentMaker, index: int, one: Exclusion, suite: Suite) -> None:
    for key, names in (("model", suite.models), ("dataset", suite.datasets)):
        pattern = getattr(one, key)
        if not fnmatch.filter(names, pattern):
            maker.add(
                ("exclude", index, key),
                f"{pattern!r} matches nothing",
                nearest(pattern, names) or f"names are: {', '.join(names)}",
            )


def _excluded(suite: Suite, model: Model, dataset: DatasetPlan) -> bool:
    return any(
        fnmatch.fnmatchcase(model.name, one.model)
        and fnmatch.fnmatchcase(dataset.name, one.dataset)
        for one in suite.exclude
    )


def _check_name(maker: ComponentMaker, path: KeyPath, name: str) -> bool:
    if NAME.match(name):
        return True
    hint = "use letters, digits, '.', '_' and '-'"
    maker.add(path, f"the name {name!r} cannot be a folder", hint)
    return False


def _model(
    maker: ComponentMaker, name: str, table: Mapping[str, Any], suite: Suite
) -> Model | None:
    path: KeyPath = ("models", name)
    found = maker.find_named(path, table, "backend", BackendOffer)
    if found is None or not _check_name(maker, path, name):
        return None
    offer, listed = found
    common = common_settings(offer)
    assert common is not None
    settings = maker.split_settings(path, table, "backend", common, listed)
    if settings is not None and not offer.local and "stream" not in table:
        # A key that nobody wrote asks for no more than there is.
        streams = offer.capabilities.get(Capability.STREAM) is not None
        settings = attrs.evolve(settings[0], stream=settings[0].stream and streams), settings[1]
    if settings is None or not (
        offer.local or _service_fits(maker, path, settings[0], offer, suite)
    ):
        return None
    if wrong := check_reasoning(settings[0].reasoning):
        maker.add((*path, "reasoning", wrong[0]), wrong[1])
        return None
    common = checked_adapters(maker, path, settings[0])
    backend = construct(listed, settings[1])
    if not _protocol_fits(maker, path, common, offer, backend):
        return None
    return Model(
        name=name,
        offer=offer,
        listed=listed,
        common=common,
        settings=settings[1],
        backend=backend,
        command=_command_of(common, suite),
    )


def _protocol_fits(
    maker: ComponentMaker, path: KeyPath, common: object, offer: BackendOffer, backend: object
) -> bool:
    """Whether the urls are those of servers, and contents can reach them as they are to."""
    if not isinstance(common, ServiceSettings):
        return True
    servers = urls(common) if common.url else ()
    if offer.transport == "http":
        routes = backend.routes() if isinstance(backend, RoutedBackend) else ()
        for url in servers:
            if wrong := route_problem(url, routes):
                maker.add((*path, "url"), *wrong)
                return False
    key, message, hint = common.media.problem(offer, backend, len(servers))
    if key:
        maker.add((*path, "media", key), message, hint)
    return not key


def _command_of(common: object, suite: Suite) -> tuple[str, ...]:
    """What starts a model's server, where the suite does."""
    name = common.server if isinstance(common, ServiceSettings) else ""
    known = suite.servers.get(name)
    return () if known is None else known.command


def _service_fits(
    maker: ComponentMaker,
    path: KeyPath,
    service: ServiceSettings,
    offer: BackendOffer,
    suite: Suite,
) -> bool:
    """Whether the keys of a service agree with each other, and with the rest of the suite."""
    if wrong := check_service(service, offer.schemes, own=offer.transport == "own"):
        maker.add((*path, wrong[0]), wrong[1])
        return False
    if service.server and service.server not in suite.servers:
        if not _troubled(maker, "servers"):
            message = f"there is no [servers.{service.server}]"
            maker.add((*path, "server"), message, nearest(service.server, suite.servers))
        return False
    if service.stream and offer.capabilities.get(Capability.STREAM) is None:
        maker.add((*path, "stream"), f"{offer.name} cannot stream", "set stream = false")
    return True


def _datasets(maker: ComponentMaker, suite: Suite) -> Iterator[DatasetPlan]:
    for name, table in suite.datasets.items():
        if dataset := _dataset(maker, name, table, suite):
            yield dataset


def _dataset(
    maker: ComponentMaker, name: str, table: Mapping[str, Any], suite: Suite
) -> DatasetPlan | None:
    path: KeyPath = ("datasets", name)
    mode = suite.suite.mode
    found = maker.find_named(path, table, "dataset", DatasetOffer)
    if found is None or not _check_name(maker, path, name):
        return None
    offer, listed = found
    table, hub, wrong = local_path(table)
    if wrong is not None:
        maker.add_all(path, [wrong])
        return None
    settings = maker.split_settings(path, table, "dataset", DatasetSettings, listed)
    if settings is None:
        return None
    common = checked_choice(maker, path, settings[0], suite)
    common = checked_adapters(maker, path, common)
    dataset: Dataset = construct(listed, settings[1])
    with named(listed, "fails at variants()"):
        variants = dataset.variants()
    if common.variant and common.variant not in variants:
        maker.add(
            (*path, "variant"),
            f"{offer.name} has no variant {common.variant!r}",
            nearest(common.variant, variants) or f"variants are: {', '.join(variants)}",
        )
        variants = {}
    evaluator_name = common.evaluator or _default_evaluator(maker, path, offer, dataset, mode)
    if evaluator_name == AUTO:
        return None
    _check_evaluator(maker, path, evaluator_name, common, listed, mode)
    metrics: dict[str, Component] = {}
    if evaluator_name:
        ways = dataset.variations if isinstance(dataset, VaryingDataset) else 1
        usual = usual_metrics(maker, evaluator_name, common, listed)
        metrics = make_metrics(maker, (*path, "metrics"), common, usual, ways)
    return DatasetPlan(
        name=name,
        offer=offer,
        listed=listed,
        common=common,
        settings=settings[1],
        dataset=dataset,
        hub=hub,
        variants=variants,
        evaluator=evaluator_name,
        metrics=metrics,
    )


def _check_evaluator(
    maker: ComponentMaker,
    path: KeyPath,
    name: str | None,
    common: DatasetSettings,
    listed: Listed,
    mode: str,
) -> None:
    """Note a problem where there is no evaluator of that name, or none and one is needed."""
    offer = listed.offer
    assert isinstance(offer, DatasetOffer)
    if name is None:
        if mode != "performance":
            maker.add(
                (*path, "evaluator"),
                f"is missing: {offer.name} has none of its own",
                "name one (aisbench plugins list --kind evaluator), or set "
                'suite.mode = "performance"',
            )
    elif not is_function(name):
        named_by = "" if common.evaluator else listed.dist
        where = "" if common.evaluator else place_of(offer, "", "evaluator")
        maker.find((*path, "evaluator"), name, EvaluatorOffer, named_by, where)


def _default_evaluator(
    maker: ComponentMaker, path: KeyPath, offer: DatasetOffer, dataset: Dataset, mode: str
) -> str | None:
    """The data set's own evaluator. A performance run needs none, so no file is opened for it."""
    if offer.evaluator != AUTO:
        return offer.evaluator
    if mode == "performance":
        return None
    try:
        return cast("ChoosingDataset", dataset).evaluator_name()
    except DataError as error:
        maker.add(path, error.message, error.hint)
        return AUTO


def _summarizers(maker: ComponentMaker, suite: Suite) -> Iterator[Component]:
    if suite.summarizers is None:
        for one in maker.catalog.default_summarizers():
            name = f"{one.dist}/{one.offer.name}"
            if summarizer := maker.component(("summarizers",), name, SummarizerOffer, {}, ()):
                yield summarizer
        return
    for index, table in enumerate(suite.summarizers):
        path: KeyPath = ("summarizers", index)
        if found := maker.find_named(path, table, "summarizer", SummarizerOffer):
            rest = {key: item for key, item in table.items() if key != "summarizer"}
            name = f"{found[1].dist}/{found[0].name}"
            if summarizer := maker.component(
                (*path, "summarizer"), name, SummarizerOffer, rest, path
            ):
                yield summarizer
