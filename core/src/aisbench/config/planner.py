"""From a raw suite to a plan: every section read, every problem told in one go."""

from __future__ import annotations

import fnmatch
import importlib.metadata
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from packaging.requirements import InvalidRequirement, Requirement

from aisbench.base.errors import DataError
from aisbench.config.metric_names import metric_spellings
from aisbench.config.offer_keys import common_settings
from aisbench.config.plan import Component, DatasetPlan, Model, Plan, Task
from aisbench.config.plan_judges import find_judges
from aisbench.config.plan_loads import make_loads
from aisbench.config.plan_tasks import make_task
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
from aisbench.contract.datasets import ChoosingDataset, Dataset
from aisbench.contract.service_backends import RoutedBackend
from aisbench.plugins.catalog import Catalog, construct
from aisbench.settings.convert import Problems, nearest, structure
from aisbench.settings.keys import KeyPath
from aisbench.types.offer import (
    BackendOffer,
    Capability,
    DatasetOffer,
    EvaluatorOffer,
    ReducerOffer,
    SummarizerOffer,
)

AUTO = "auto"
"""The evaluator of data sets that choose one by their files."""


def make_plan(source: Source, catalog: Catalog) -> Plan:
    """Find all plugins and check all settings. Raises ConfigError with every problem found."""
    parts = ComponentMaker(source, catalog)
    suite = _read_suite(parts)
    _check_requirements(parts, suite)
    for kind in ("models", "datasets"):
        if not getattr(suite, kind) and not _troubled(parts, kind):
            parts.add((kind,), "is empty", f"add a [{kind}.NAME] table")
    models = [_model(parts, name, table, suite) for name, table in suite.models.items()]
    datasets = [
        _dataset(parts, name, table, suite.suite.mode) for name, table in suite.datasets.items()
    ]
    summarizers = tuple(_summarizers(parts, suite))
    for index, one in enumerate(suite.exclude):
        _check_exclusion(parts, index, one, suite)
    tasks: list[Task] = []
    for model in filter(None, models):
        for dataset in filter(None, datasets):
            if model.common.role == "tested" and not _excluded(suite, model, dataset):
                task = make_task(parts, model, dataset)
                tasks += [task] if task else []
    judges = find_judges(parts, suite, [model for model in models if model], tasks)
    loads = make_loads(parts, suite, [model for model in models if model])
    _check_servers(parts, suite, models)
    if not tasks and not parts.problems:
        parts.add(("exclude",), "leaves nothing to do", "narrow an [[exclude]]")
    if parts.problems:
        raise source.error(parts.problems)
    return Plan(
        suite=suite,
        source=source,
        tasks=tuple(tasks),
        summarizers=summarizers,
        loads=loads if suite.suite.mode != "accuracy" else {},
        judges=judges,
    )


def _read_suite(parts: ComponentMaker) -> Suite:
    """Core's own keys; of sections with a problem, what is to be used to find further ones."""
    tables, base = parts.source.tables, parts.source.base
    try:
        return structure(Suite, tables, base)
    except Problems as error:
        parts.add_all((), error.problems)
        troubled = {problem.path[0] for problem in error.problems if problem.path}
        return structure(
            Suite, {key: value for key, value in tables.items() if key not in troubled}, base
        )


def _troubled(parts: ComponentMaker, section: str) -> bool:
    return any(problem.path[:1] == (section,) for problem in parts.problems)


def _check_requirements(parts: ComponentMaker, suite: Suite) -> None:
    for index, text in enumerate(suite.suite.requires):
        path: KeyPath = ("suite", "requires", index)
        try:
            wanted = Requirement(text)
            version = importlib.metadata.version(wanted.name)
        except InvalidRequirement:
            parts.add(path, f"{text!r} is not a requirement", 'write "name>=1.2"')
        except importlib.metadata.PackageNotFoundError:
            parts.add(path, f"{text} is not installed", f'pip install "{text}"')
        else:
            if not wanted.specifier.contains(version, prereleases=True):
                parts.add(path, f"{text}: {version} is installed", f'pip install "{text}"')


_SECRET_OPTION = re.compile(
    r"--?[\w-]*(api[-_]?key|token|password|secret)(=.*)?\Z", re.IGNORECASE | re.DOTALL
)


def _check_command(parts: ComponentMaker, name: str, command: Sequence[str]) -> None:
    """A command stands in files of the run, and in the machine's list of processes."""
    for index, word in enumerate(command):
        found = _SECRET_OPTION.match(word)
        if found and (found[2] or index + 1 < len(command)):
            parts.add(
                ("servers", name, "command", index),
                f"{word.partition('=')[0]} puts a secret into the command, and so into the run",
                "let the server read it from the environment, which it gets (vLLM: VLLM_API_KEY)",
            )


def _check_servers(parts: ComponentMaker, suite: Suite, models: Sequence[Model | None]) -> None:
    used = {model.service.server for model in models if model and not model.local}
    for name, server in suite.servers.items():
        _check_command(parts, name, server.command)
        # With a wrong model it is not known whom its server was for.
        if name not in used and None not in models:
            parts.add(("servers", name), "is used by no model", f'set server = "{name}" in one')


def _check_exclusion(parts: ComponentMaker, index: int, one: Exclusion, suite: Suite) -> None:
    for key, names in (("model", suite.models), ("dataset", suite.datasets)):
        pattern = getattr(one, key)
        if not fnmatch.filter(names, pattern):
            parts.add(
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


def _check_name(parts: ComponentMaker, path: KeyPath, name: str) -> bool:
    if NAME.match(name):
        return True
    hint = "use letters, digits, '.', '_' and '-'"
    parts.add(path, f"the name {name!r} cannot be a folder", hint)
    return False


def _model(
    parts: ComponentMaker, name: str, table: Mapping[str, Any], suite: Suite
) -> Model | None:
    path: KeyPath = ("models", name)
    found = parts.find_named(path, table, "backend", BackendOffer)
    if found is None or not _check_name(parts, path, name):
        return None
    offer, listed = found
    common = common_settings(offer)
    assert common is not None
    settings = parts.split(path, table, "backend", common, listed)
    if settings is None or not (offer.local or _fits(parts, path, settings[0], offer, suite)):
        return None
    if wrong := check_reasoning(settings[0].reasoning):
        parts.add((*path, "reasoning", wrong[0]), wrong[1])
        return None
    backend = construct(listed, settings[1])
    if not offer.local:
        routes = backend.routes() if isinstance(backend, RoutedBackend) else ()
        for url in urls(settings[0]) if settings[0].url else ():
            if wrong := route_problem(url, routes):
                parts.add((*path, "url"), *wrong)
                return None
    return Model(
        name=name,
        offer=offer,
        listed=listed,
        common=settings[0],
        settings=settings[1],
        backend=backend,
    )


def _fits(
    parts: ComponentMaker,
    path: KeyPath,
    service: ServiceSettings,
    offer: BackendOffer,
    suite: Suite,
) -> bool:
    """Whether the keys of a service agree with each other, and with the rest of the suite."""
    if wrong := check_service(service):
        parts.add((*path, wrong[0]), wrong[1])
        return False
    if service.server and service.server not in suite.servers:
        if not _troubled(parts, "servers"):
            missing = f"there is no [servers.{service.server}]"
            parts.add((*path, "server"), missing, nearest(service.server, suite.servers))
        return False
    if service.stream and offer.capabilities.get(Capability.STREAM) is None:
        parts.add((*path, "stream"), f"{offer.name} cannot stream", "set stream = false")
    return True


def _dataset(
    parts: ComponentMaker, name: str, table: Mapping[str, Any], mode: str
) -> DatasetPlan | None:
    path: KeyPath = ("datasets", name)
    found = parts.find_named(path, table, "dataset", DatasetOffer)
    if found is None or not _check_name(parts, path, name):
        return None
    offer, listed = found
    settings = parts.split(path, table, "dataset", DatasetSettings, listed)
    if settings is None:
        return None
    common: DatasetSettings = settings[0]
    dataset: Dataset = construct(listed, settings[1])
    variants = dataset.variants()
    if common.variant and common.variant not in variants:
        parts.add(
            (*path, "variant"),
            f"{offer.name} has no variant {common.variant!r}",
            nearest(common.variant, variants) or f"variants are: {', '.join(variants)}",
        )
        variants = {}
    if common.shuffle and common.limit is None:
        parts.add((*path, "shuffle"), "is of no use without limit", "set limit")
    name_of_evaluator = common.evaluator or _own_evaluator(parts, path, offer, dataset, mode)
    if name_of_evaluator == AUTO:
        return None
    if name_of_evaluator is not None:
        parts.find((*path, "evaluator"), name_of_evaluator, EvaluatorOffer)
    elif mode != "performance":
        parts.add(
            (*path, "evaluator"),
            f"is missing: {offer.name} has none of its own",
            'name one (aisbench plugins list --kind evaluator), or set suite.mode = "performance"',
        )
    metrics = _metrics(parts, (*path, "metrics"), common, offer) if name_of_evaluator else {}
    return DatasetPlan(
        name=name,
        offer=offer,
        listed=listed,
        common=common,
        settings=settings[1],
        dataset=dataset,
        variants=variants,
        evaluator=name_of_evaluator,
        metrics=metrics,
    )


def _own_evaluator(
    parts: ComponentMaker, path: KeyPath, offer: DatasetOffer, dataset: Dataset, mode: str
) -> str | None:
    """The data set's evaluator; a performance run does not open files to find out."""
    if offer.evaluator != AUTO:
        return offer.evaluator
    if mode == "performance":
        return None
    try:
        return cast("ChoosingDataset", dataset).judged_by()
    except DataError as error:
        parts.add(path, error.message, error.hint)
        return AUTO


def _metrics(
    parts: ComponentMaker, path: KeyPath, common: DatasetSettings, offer: DatasetOffer
) -> dict[str, Component]:
    metrics: dict[str, Component] = {}
    for index, metric in enumerate(common.metrics or offer.metrics):
        if metric in metrics:
            parts.add((*path, index), f"{metric} is named twice", "name it once")
        elif part := _metric(parts, (*path, index), metric, common.repeats):
            metrics[metric] = part
    return metrics


def _metric(parts: ComponentMaker, path: KeyPath, metric: str, repeats: int) -> Component | None:
    names = {one.offer.name for one in parts.catalog.of_kind("reducer")}
    wanted: tuple[str, dict[str, Any]] = (metric, {})
    for spelling in metric_spellings(metric):
        if spelling[0].rpartition("/")[2] in names:
            wanted = spelling
            break
    part = parts.part(path, wanted[0], ReducerOffer, wanted[1], path)
    count = getattr(part.settings, "k", getattr(part.settings, "n", 1)) if part else 1
    if isinstance(count, int) and count > repeats:
        message = f"{metric} needs {count} repeats, and there are {repeats}"
        parts.add(path, message, f"set repeats = {count}")
        return None
    return part


def _summarizers(parts: ComponentMaker, suite: Suite) -> Iterator[Component]:
    if suite.summarizers is None:
        for one in parts.catalog.of_kind("summarizer"):
            if isinstance(one.offer, SummarizerOffer) and one.offer.default:
                name = f"{one.dist}/{one.offer.name}"
                if part := parts.part(("summarizers",), name, SummarizerOffer, {}, ()):
                    yield part
        return
    for index, table in enumerate(suite.summarizers):
        path: KeyPath = ("summarizers", index)
        if found := parts.find_named(path, table, "summarizer", SummarizerOffer):
            rest = {key: item for key, item in table.items() if key != "summarizer"}
            name = f"{found[1].dist}/{found[0].name}"
            if part := parts.part((*path, "summarizer"), name, SummarizerOffer, rest, path):
                yield part
