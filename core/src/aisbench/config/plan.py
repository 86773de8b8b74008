"""A suite with its plugins found and every setting checked: what is to be done, as objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from attrs import Factory, field, frozen

from aisbench.config.adapter_keys import ADAPTER_ID, PlannedAdapters
from aisbench.config.device_keys import DeviceSettings
from aisbench.config.group_keys import SuiteGroupTable
from aisbench.config.load_keys import LoadSettings, Search
from aisbench.config.observer_keys import ObserverSettings
from aisbench.config.source import Source
from aisbench.config.suite import DatasetSettings, ModelSettings, ServiceSettings, Suite
from aisbench.config.tune_command import TunedVariable
from aisbench.config.tune_keys import TuneSettings
from aisbench.config.tune_objective import Objective
from aisbench.contract.datasets import Dataset
from aisbench.contract.evaluators import JudgedEvaluator
from aisbench.contract.local_backends import LocalBackend
from aisbench.contract.service_backends import LimitedBackend, ServiceBackend
from aisbench.contract.transports import TransportBackend
from aisbench.data.conditions import Condition
from aisbench.data.paths import MissingPart
from aisbench.media.delivery import MediaDelivery
from aisbench.plugins.catalog import Catalog, Listed
from aisbench.types.json import JsonObject
from aisbench.types.offer import BackendOffer, DatasetOffer, EvaluatorOffer
from aisbench.types.sample import Sample
from aisbench.types.tuning import TuneSpace
from aisbench.types.variant import Variant


@frozen(kw_only=True)
class Component:
    """A plugin's object, with its offer and the settings that it was made with."""

    listed: Listed
    settings: Any
    instance: Any

    @property
    def reference(self) -> str:
        """What an evaluator does with samples that have no target, see
        :class:`~aisbench.api.EvaluatorOffer`."""
        offer = self.listed.offer
        return offer.reference if isinstance(offer, EvaluatorOffer) else "unused"

    @property
    def judged(self) -> bool:
        """Whether it is an evaluator that asks another model."""
        offer = self.listed.offer
        return isinstance(offer, EvaluatorOffer) and offer.judged

    @property
    def owner(self) -> str:
        """Name, distribution and version, for messages that blame it."""
        return f"{self.listed.offer.name!r} of {self.listed.dist} {self.listed.version}"


@frozen(kw_only=True)
class Model:
    """[models.NAME], checked."""

    name: str
    offer: BackendOffer
    listed: Listed
    common: ModelSettings
    settings: Any
    backend: ServiceBackend | LocalBackend | TransportBackend
    command: tuple[str, ...] = ()
    """What starts its server, where the suite does."""

    @property
    def local(self) -> bool:
        """Whether it runs in this process."""
        return self.offer.local

    @property
    def own(self) -> bool:
        """Whether it is reached by a transport of its plugin's own."""
        return self.offer.transport == "own"

    @property
    def service(self) -> ServiceSettings:
        """Core's keys of a model behind a server."""
        assert isinstance(self.common, ServiceSettings)
        return self.common

    @property
    def codec(self) -> ServiceBackend:
        """The protocol of a model that is reached over HTTP."""
        assert not self.local
        assert not self.own
        return cast("ServiceBackend", self.backend)

    @property
    def transport(self) -> TransportBackend:
        """The transport of a model that has one of its plugin's own."""
        assert self.own
        return cast("TransportBackend", self.backend)

    @property
    def weights(self) -> LocalBackend:
        """A model in this process."""
        assert self.local
        return cast("LocalBackend", self.backend)

    @property
    def delivery(self) -> MediaDelivery | None:
        """How contents of prompts reach its server; None for a model in this process."""
        common, backend = self.common, self.backend
        if not isinstance(common, ServiceSettings):
            return None
        known = backend.media_limits(self.command) if isinstance(backend, LimitedBackend) else {}
        return common.media.delivery(self.name, known)

    @property
    def stream(self) -> bool:
        """Whether tokens come as they are made."""
        return isinstance(self.common, ServiceSettings) and self.common.stream


@frozen(kw_only=True)
class DatasetPlan:
    """[datasets.NAME], checked as far as it does not depend on the model."""

    name: str
    offer: DatasetOffer
    listed: Listed
    common: DatasetSettings
    settings: Any
    dataset: Dataset
    variants: Mapping[str, Variant]
    hub: str = ""
    """Where on a hub its files are from."""
    evaluator: str | None
    """Its name; None in a performance run of a data set without one."""
    metrics: Mapping[str, Component]


@frozen(kw_only=True)
class ScoringPlan:
    """Who scores an answer, and the steps before it, in order."""

    evaluator: Component
    postprocessors: tuple[Component, ...] = ()


@frozen(kw_only=True)
class RowsScoring:
    """Who scores the rows whose fields are as said."""

    scoring: ScoringPlan
    parts: frozenset[str]
    """Of which parts; empty: of all."""
    where: JsonObject
    _conditions: tuple[Condition, ...] = field(
        init=False,
        eq=False,
        default=Factory(
            lambda self: tuple(Condition(*one) for one in self.where.items()), takes_self=True
        ),
    )

    def fits(self, sample: Sample) -> bool:
        """Whether a sample is one of them; one without a field is not."""
        if self.parts and sample.part not in self.parts:
            return False
        try:
            return all(one.holds(sample.fields) for one in self._conditions)
        except MissingPart:
            return False


@frozen(kw_only=True)
class Task:
    """One model on one data set, with the prompt variant that fits both."""

    model: Model
    dataset: DatasetPlan
    variant_name: str
    """What reports call the variant; it includes the template where the suite names another."""
    variant: Variant
    template: Component
    retriever: Component | None
    shots: int
    generation: Mapping[str, Any]
    generation_origin: Mapping[str, str]
    evaluator: Component | None = None
    postprocessors: tuple[Component, ...] = ()
    """Steps between an answer's text and its score, in order."""
    by_part: Mapping[str, ScoringPlan] = field(factory=dict)
    """Who scores parts of the data set that the evaluator does not."""
    adapters: PlannedAdapters = PlannedAdapters()
    """Which LoRA adapter answers which row."""
    by_rows: tuple[RowsScoring, ...] = ()
    """Who scores some rows of them, by their fields; the first that fits."""

    @property
    def adapter(self) -> str:
        """The LoRA adapter that answers all rows; empty: the model itself, or one of a mix."""
        return str(self.generation.get(ADAPTER_ID) or "")

    @property
    def required_evaluator(self) -> Component:
        """The evaluator, in a mode that scores answers: the planner makes sure of it."""
        assert self.evaluator is not None
        return self.evaluator

    def scoring_of(self, sample: Sample) -> ScoringPlan:
        """Who scores the answers to a sample."""
        for one in self.by_rows:
            if one.fits(sample):
                return one.scoring
        own = self.by_part.get(sample.part)
        if own is not None:
            return own
        return ScoringPlan(evaluator=self.required_evaluator, postprocessors=self.postprocessors)

    @property
    def divided(self) -> bool:
        """Whether not all rows are scored alike."""
        return bool(self.by_part or self.by_rows)

    @property
    def scorings(self) -> tuple[ScoringPlan, ...]:
        """All that score answers, each once; none in a performance run of a data set without
        references."""
        if self.evaluator is None:
            return ()
        common = ScoringPlan(evaluator=self.evaluator, postprocessors=self.postprocessors)
        of_rows = (one.scoring for one in self.by_rows)
        found = {id(one): one for one in (common, *self.by_part.values(), *of_rows)}
        return tuple(found.values())

    @property
    def scorers(self) -> tuple[Component, ...]:
        """Evaluators and post-processors, each once."""
        found = (part for one in self.scorings for part in (one.evaluator, *one.postprocessors))
        return tuple({id(one): one for one in found}.values())

    @property
    def judged_evaluator(self) -> JudgedEvaluator | None:
        """The evaluator, where it asks a judge: another model of the suite."""
        if self.evaluator is None or not self.evaluator.judged:
            return None
        return cast("JudgedEvaluator", self.evaluator.instance)

    @property
    def label(self) -> str:
        """How messages call it."""
        return f"{self.model.name} / {self.dataset.name}"


@frozen(kw_only=True)
class LoadPoint:
    """One load: core's settings and the shape, with one combination of a sweep's values."""

    label: str
    settings: LoadSettings
    shape: Component


@frozen(kw_only=True)
class LoadPlan:
    """[load], checked, for one model; its ``concurrency`` stands in for a shape's own.

    ``make`` builds another load for a search: this one with some keys changed.
    """

    points: tuple[LoadPoint, ...]
    search: Search | None
    search_key: str
    make: Callable[[Mapping[str, Any]], LoadPoint]


@frozen(kw_only=True)
class PlannedObserver:
    """[observers.LABEL], checked."""

    label: str
    common: ObserverSettings
    component: Component


@frozen(kw_only=True)
class PlannedDevices:
    """[devices.LABEL], checked."""

    label: str
    common: DeviceSettings
    component: Component


@frozen(kw_only=True)
class TunedServer:
    """A server of which settings are tried: its variables by name, as many points at most as
    ``size`` says (None: the tuner has no end of its own)."""

    name: str
    variables: Mapping[str, TunedVariable]
    space: TuneSpace
    size: int | None


@frozen(kw_only=True)
class TunePlan:
    """[tune], checked; ``table`` is the suite's own, with the tuner's full name."""

    settings: TuneSettings
    table: JsonObject
    tuner: Component
    objective: Objective
    against: Objective
    servers: tuple[TunedServer, ...]


@frozen(kw_only=True)
class Plan:
    """Everything that a run is to do."""

    suite: Suite
    source: Source
    tasks: tuple[Task, ...]
    summarizers: tuple[Component, ...]
    loads: Mapping[str, LoadPlan] = field(factory=dict)
    """By model; empty in an accuracy run."""
    judges: tuple[Model, ...] = ()
    """Models that evaluators ask for judgements; a tested one may be among them."""
    groups: Mapping[str, SuiteGroupTable] = field(factory=dict)
    """Groups of data sets: those of the suite, and the ready-made ones that it names."""
    observers: tuple[PlannedObserver, ...] = ()
    """What is told how the run goes."""
    tune: TunePlan | None = None
    """Settings of servers to be tried; each point runs all loads of the server's models."""
    devices: tuple[PlannedDevices, ...] = ()
    """What is read of devices beside the loads."""
    catalog: Catalog
    """What is installed, and what the suite's own plugin files offer."""

    @property
    def tested(self) -> tuple[Model, ...]:
        """Models with at least one task."""
        return tuple({task.model.name: task.model for task in self.tasks}.values())

    @property
    def models(self) -> tuple[Model, ...]:
        """Every model that is asked anything."""
        return tuple({one.name: one for one in (*self.tested, *self.judges)}.values())

    @property
    def datasets(self) -> tuple[DatasetPlan, ...]:
        """Data sets with at least one task."""
        return tuple({task.dataset.name: task.dataset for task in self.tasks}.values())
