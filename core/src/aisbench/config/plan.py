"""A suite with its plugins found and every setting checked: what is to be done, as objects."""

from __future__ import annotations

import fnmatch
import importlib.metadata
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import attrs
from attrs import frozen
from packaging.requirements import InvalidRequirement, Requirement

from aisbench.config.convert import Problems, nearest, structure
from aisbench.config.source import KeyPath, Source
from aisbench.config.suite import (
    NAME,
    DatasetSettings,
    ServiceSettings,
    Suite,
    check_service,
)
from aisbench.contract import Dataset, ServiceBackend
from aisbench.errors import PluginError, Problem
from aisbench.plugins import Catalog, Listed, construct, settings_class
from aisbench.types.offer import (
    BackendOffer,
    Capability,
    DatasetOffer,
    EvaluatorOffer,
    Offer,
    ReducerOffer,
    RetrieverOffer,
    SummarizerOffer,
    Support,
    TemplateOffer,
)
from aisbench.types.variant import Variant

AnyOffer = TypeVar("AnyOffer", bound=Offer)


@frozen(kw_only=True)
class Part:
    """A plugin's object beside where it came from and the settings it was made with."""

    listed: Listed
    settings: Any
    made: Any


@frozen(kw_only=True)
class Model:
    """[models.NAME], checked."""

    name: str
    offer: BackendOffer
    listed: Listed
    service: ServiceSettings
    settings: Any
    backend: ServiceBackend


@frozen(kw_only=True)
class DatasetPlan:
    """[datasets.NAME], checked, but for what depends on the model."""

    name: str
    offer: DatasetOffer
    listed: Listed
    common: DatasetSettings
    settings: Any
    dataset: Dataset
    variants: Mapping[str, Variant]
    evaluator: Part
    metrics: Mapping[str, Part]


@frozen(kw_only=True)
class Task:
    """One model on one data set, with the prompt variant that fits both."""

    model: Model
    dataset: DatasetPlan
    variant_name: str
    variant: Variant
    template: Part
    retriever: Part | None
    shots: int
    generation: Mapping[str, Any]
    generation_origin: Mapping[str, str]

    @property
    def label(self) -> str:
        """How messages call it."""
        return f"{self.model.name} / {self.dataset.name}"


@frozen(kw_only=True)
class Plan:
    """Everything that a run is to do."""

    suite: Suite
    source: Source
    tasks: tuple[Task, ...]
    summarizers: tuple[Part, ...]

    @property
    def models(self) -> tuple[Model, ...]:
        """Models with at least one task."""
        return tuple({task.model.name: task.model for task in self.tasks}.values())

    @property
    def datasets(self) -> tuple[DatasetPlan, ...]:
        """Data sets with at least one task."""
        return tuple({task.dataset.name: task.dataset for task in self.tasks}.values())


def read_suite(source: Source) -> Suite:
    """Core's own keys. Raises ConfigError with every problem in them."""
    try:
        return structure(Suite, source.tables, source.base)
    except Problems as error:
        raise source.error(error.problems) from None


def make_plan(source: Source, catalog: Catalog) -> Plan:
    """Find all plugins and check all settings. Raises ConfigError with every problem found."""
    return _Planner(source, catalog).plan()


class _Planner:
    def __init__(self, source: Source, catalog: Catalog) -> None:
        self.source = source
        self.catalog = catalog
        self.problems: list[Problem] = []

    def plan(self) -> Plan:
        suite = read_suite(self.source)
        self._requires(suite)
        for kind in ("models", "datasets"):
            if not getattr(suite, kind):
                self._add((kind,), "is empty", f"add a [{kind}.NAME] table")
        models = [self._model(name, table, suite) for name, table in suite.models.items()]
        datasets = [self._dataset(name, table) for name, table in suite.datasets.items()]
        summarizers = list(self._summarizers(suite))
        tasks: list[Task] = []
        excluded = [self._exclusion(index, suite) for index in range(len(suite.exclude))]
        for model in filter(None, models):
            for dataset in filter(None, datasets):
                if not any(
                    fnmatch.fnmatchcase(model.name, one.model)
                    and fnmatch.fnmatchcase(dataset.name, one.dataset)
                    for one in excluded
                ) and (task := self._task(model, dataset)):
                    tasks.append(task)
        if self.problems:
            raise self.source.error(self.problems)
        if not tasks:
            self._add(("exclude",), "leaves nothing to do", "narrow an [[exclude]]")
            raise self.source.error(self.problems)
        return Plan(
            suite=suite, source=self.source, tasks=tuple(tasks), summarizers=tuple(summarizers)
        )

    # -- sections

    def _requires(self, suite: Suite) -> None:
        for index, text in enumerate(suite.suite.requires):
            path: KeyPath = ("suite", "requires", index)
            try:
                wanted = Requirement(text)
                version = importlib.metadata.version(wanted.name)
            except InvalidRequirement:
                self._add(path, f"{text!r} is not a requirement", 'write "name>=1.2"')
            except importlib.metadata.PackageNotFoundError:
                self._add(path, f"{text} is not installed", f'pip install "{text}"')
            else:
                if not wanted.specifier.contains(version, prereleases=True):
                    self._add(path, f"{text}: {version} is installed", f'pip install "{text}"')

    def _exclusion(self, index: int, suite: Suite) -> Any:
        one = suite.exclude[index]
        for key, names in (("model", suite.models), ("dataset", suite.datasets)):
            pattern = getattr(one, key)
            if not fnmatch.filter(names, pattern):
                self._add(
                    ("exclude", index, key),
                    f"{pattern!r} matches nothing",
                    nearest(pattern, names) or f"names are: {', '.join(names)}",
                )
        return one

    def _model(self, name: str, table: Mapping[str, Any], suite: Suite) -> Model | None:
        path: KeyPath = ("models", name)
        found = self._named(path, table, "backend", BackendOffer)
        if found is None:
            return None
        offer, listed = found
        service, settings = self._split(path, table, "backend", ServiceSettings, listed)
        if service is None or not self._check_name(path, name):
            return None
        if wrong := check_service(service):
            self._add((*path, wrong[0]), wrong[1])
            return None
        if service.server and service.server not in suite.servers:
            self._add(
                (*path, "server"),
                f"there is no [servers.{service.server}]",
                nearest(service.server, suite.servers),
            )
            return None
        backend = construct(listed, settings)
        if service.stream and offer.capabilities.get(Capability.STREAM) is None:
            self._add((*path, "stream"), f"{offer.name} cannot stream", "set stream = false")
        return Model(
            name=name,
            offer=offer,
            listed=listed,
            service=service,
            settings=settings,
            backend=backend,
        )

    def _dataset(self, name: str, table: Mapping[str, Any]) -> DatasetPlan | None:
        path: KeyPath = ("datasets", name)
        found = self._named(path, table, "dataset", DatasetOffer)
        if found is None:
            return None
        offer, listed = found
        common, settings = self._split(path, table, "dataset", DatasetSettings, listed)
        if common is None or not self._check_name(path, name):
            return None
        dataset: Dataset = construct(listed, settings)
        variants = dataset.variants()
        if common.variant and common.variant not in variants:
            self._add(
                (*path, "variant"),
                f"{offer.name} has no variant {common.variant!r}",
                nearest(common.variant, variants) or f"variants are: {', '.join(variants)}",
            )
            return None
        evaluator = self._part(
            (*path, "evaluator"),
            common.evaluator or offer.evaluator,
            EvaluatorOffer,
            common.evaluation,
            (*path, "evaluation"),
        )
        metrics = {}
        for index, metric in enumerate(common.metrics or offer.metrics):
            if part := self._metric((*path, "metrics", index), metric, common.repeats):
                metrics[metric] = part
        if evaluator is None or len(metrics) < len(common.metrics or offer.metrics):
            return None
        return DatasetPlan(
            name=name,
            offer=offer,
            listed=listed,
            common=common,
            settings=settings,
            dataset=dataset,
            variants=variants,
            evaluator=evaluator,
            metrics=metrics,
        )

    def _metric(self, path: KeyPath, metric: str, repeats: int) -> Part | None:
        names = {one.offer.name for one in self.catalog.of_kind("reducer")}
        for offer_name, settings in metric_spellings(metric):
            if offer_name.rpartition("/")[2] in names:
                part = self._part(path, offer_name, ReducerOffer, settings, path)
                break
        else:
            part = self._part(path, metric, ReducerOffer, {}, path)
        count = getattr(part.settings, "k", getattr(part.settings, "n", 1)) if part else 1
        if part and isinstance(count, int) and count > repeats:
            self._add(
                path,
                f"{metric} needs {count} repeats, and there are {repeats}",
                f"set repeats = {count}",
            )
            return None
        return part

    def _summarizers(self, suite: Suite) -> Iterator[Part]:
        if suite.summarizers is None:
            for one in self.catalog.of_kind("summarizer"):
                if isinstance(one.offer, SummarizerOffer) and one.offer.default:
                    name = f"{one.dist}/{one.offer.name}"
                    if part := self._part(("summarizers",), name, SummarizerOffer, {}, ()):
                        yield part
            return
        for index, table in enumerate(suite.summarizers):
            path: KeyPath = ("summarizers", index)
            if found := self._named(path, table, "summarizer", SummarizerOffer):
                rest = {key: item for key, item in table.items() if key != "summarizer"}
                name = f"{found[1].dist}/{found[0].name}"
                if part := self._part((*path, "summarizer"), name, SummarizerOffer, rest, path):
                    yield part

    def _task(self, model: Model, dataset: DatasetPlan) -> Task | None:
        path: KeyPath = ("datasets", dataset.name)
        common = dataset.common
        for need in sorted(dataset.offer.needs):
            if need not in model.offer.capabilities:
                self._lacks(path, model, f"the data set {dataset.offer.name}", need)
                return None
        chosen = [common.variant] if common.variant else list(dataset.variants)
        fitting = []
        for name in chosen:
            variant = dataset.variants[name]
            template = common.template or variant.template
            found = self._find((*path, "template"), template, TemplateOffer)
            if found is None:
                return None
            if found[0].form in model.offer.capabilities:
                fitting.append((name, variant, found))
        if not fitting:
            found = self.catalog.find(TemplateOffer, dataset.variants[chosen[0]].template)
            what = f"the variant {chosen[0]!r} of {dataset.offer.name}"
            self._lacks((*path, "variant"), model, what, found[0].form)
            return None
        name, variant, (offer, listed) = fitting[0]
        texts = {**({} if common.template else variant.prompt), **common.prompt}
        part = self._part(
            (*path, "prompt"),
            f"{listed.dist}/{offer.name}",
            TemplateOffer,
            texts,
            (*path, "prompt"),
        )
        shots = variant.shots if common.shots is None else common.shots
        retriever = None
        if shots:
            same = common.retriever in ("", variant.retriever)
            retriever = self._part(
                (*path, "retriever"),
                common.retriever or variant.retriever,
                RetrieverOffer,
                {**(variant.retrieval if same else {}), **common.retrieval},
                (*path, "retrieval"),
            )
        elif common.retriever or common.retrieval:
            self._add((*path, "retriever"), "is of no use without shots", "set shots")
            return None
        if part is None or (shots and retriever is None):
            return None
        layers = (
            (f"variant {name}", variant.generation),
            (f"[models.{model.name}.generation]", model.service.generation),
            (f"[datasets.{dataset.name}.generation]", common.generation),
        )
        generation: dict[str, Any] = {}
        origin: dict[str, str] = {}
        for label, layer in layers:
            generation.update(layer)
            origin.update(dict.fromkeys(layer, label))
        # The whole is asked, not each layer: two settings may only clash together.
        for key, advice in model.backend.refused(generation).items():
            owner = (
                ("datasets", dataset.name) if key in common.generation else ("models", model.name)
            )
            self._add((*owner, "generation", key), f"is refused by {model.offer.name}", advice)
        return Task(
            model=model,
            dataset=dataset,
            variant_name=name,
            variant=variant,
            template=part,
            retriever=retriever,
            shots=shots,
            generation=generation,
            generation_origin=origin,
        )

    # -- helpers

    def _add(self, path: KeyPath, message: str, hint: str = "") -> None:
        problem = Problem(path=path, message=message, hint=hint)
        if problem not in self.problems:
            self.problems.append(problem)

    def _check_name(self, path: KeyPath, name: str) -> bool:
        if not NAME.match(name):
            self._add(
                path,
                f"the name {name!r} cannot be a folder",
                "use letters, digits, '.', '_' and '-'",
            )
            return False
        return True

    def _lacks(self, path: KeyPath, model: Model, what: str, need: Capability) -> None:
        able = [
            one.offer.name
            for one in self.catalog.of_kind("backend")
            if isinstance(one.offer, BackendOffer)
            and one.offer.capabilities.get(need) in (Support.FULL, Support.DEPENDS)
        ]
        self._add(
            path,
            f"{what} needs {need.value!r}, which backend {model.offer.name!r} of model "
            f"{model.name!r} does not have",
            f"backends that have it: {', '.join(able) or 'none installed'}; "
            "or leave the pair out with [[exclude]]",
        )

    def _named(
        self, path: KeyPath, table: Mapping[str, Any], key: str, kind: type[AnyOffer]
    ) -> tuple[AnyOffer, Listed] | None:
        name = table.get(key)
        if not isinstance(name, str):
            names = ", ".join(one.offer.name for one in self.catalog.of_kind(kind.kind))
            message = "is missing" if name is None else f"must be a string, got {name!r}"
            self._add((*path, key), message, f"installed: {names or 'none'}")
            return None
        return self._find((*path, key), name, kind)

    def _find(
        self, path: KeyPath, name: str, kind: type[AnyOffer]
    ) -> tuple[AnyOffer, Listed] | None:
        try:
            return self.catalog.find(kind, name)
        except PluginError as error:
            self._add(path, error.message, error.hint)
            return None

    def _part(
        self,
        path: KeyPath,
        name: str,
        kind: type[Offer],
        table: Mapping[str, Any],
        settings_path: KeyPath,
    ) -> Part | None:
        """Find, check the settings of, and make one of a plugin's objects."""
        found = self._find(path, name, kind)
        if found is None:
            return None
        listed = found[1]
        cls: Any = settings_class(listed)
        settings: Any = None
        if cls is None:
            for key in table:
                self._add((*settings_path, key), f"{listed.offer.name} has no settings")
            return (
                None if table else Part(listed=listed, settings=None, made=construct(listed, None))
            )
        try:
            settings = structure(cls, table, self.source.base)
        except Problems as error:
            self.problems += [
                attrs.evolve(problem, path=(*settings_path, *problem.path))
                for problem in error.problems
            ]
            return None
        return Part(listed=listed, settings=settings, made=construct(listed, settings))

    def _split(
        self,
        path: KeyPath,
        table: Mapping[str, Any],
        key: str,
        common_class: type[Any],
        listed: Listed,
    ) -> tuple[Any, Any]:
        """One flat table holds core's keys and the plugin's: check both; (None, None) if wrong."""
        own_class = settings_class(listed)
        common_names = {field.name for field in attrs.fields(common_class)}
        own_names = {field.name for field in attrs.fields(own_class)} if own_class else set()
        if both := common_names & own_names:
            raise PluginError(
                f"{listed.dist} {listed.version} defines the settings {', '.join(sorted(both))} "
                f"of {listed.offer.name!r}, which are core's",
                hint=f"report it to the authors of {listed.dist}",
            )
        before = len(self.problems)
        common: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for name, value in table.items():
            if name in common_names:
                common[name] = value
            elif name in own_names:
                own[name] = value
            elif name != key:
                known = [key, *common_names, *own_names]
                self._add(
                    (*path, name),
                    "is not a key here",
                    nearest(name, known) or f"keys are: {', '.join(sorted(known))}",
                )
        made: list[Any] = []
        for cls, part in ((common_class, common), (own_class, own)):
            try:
                made.append(structure(cls, part, self.source.base) if cls else None)
            except Problems as error:
                self.problems += [
                    attrs.evolve(problem, path=(*path, *problem.path))
                    for problem in error.problems
                ]
        return (None, None) if len(self.problems) > before else (made[0], made[1])


_METRIC = re.compile(r"(?P<stem>.+)@(?P<first>\d+)(?:_(?P<second>\d+(?:\.\d+)?))?\Z")


def metric_spellings(metric: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Offers that ``metric`` may mean, with settings: ``pass@5`` -> ``pass@k``, ``{"k": 5}``."""
    yield metric, {}
    if match := _METRIC.match(metric):
        first = int(match["first"])
        if match["second"] is None:
            for letter in ("k", "n"):
                yield f"{match['stem']}@{letter}", {letter: first}
        else:
            yield f"{match['stem']}@k_tau", {"k": first, "tau": float(match["second"])}


def relative_to_cwd(path: Path) -> Path:
    """A path as a user would type it here."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
