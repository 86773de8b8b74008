"""A suite with its plugins found and every setting checked: what is to be done, as objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from attrs import field, frozen

from aisbench.config.load_keys import LoadSettings, Search
from aisbench.config.source import Source
from aisbench.config.suite import DatasetSettings, ModelSettings, ServiceSettings, Suite
from aisbench.contract.datasets import Dataset
from aisbench.contract.evaluators import JudgedEvaluator
from aisbench.contract.local_backends import LocalBackend
from aisbench.contract.service_backends import ServiceBackend
from aisbench.plugins.catalog import Listed
from aisbench.types.offer import BackendOffer, DatasetOffer, EvaluatorOffer
from aisbench.types.variant import Variant


@frozen(kw_only=True)
class Component:
    """A plugin's object beside where it came from and the settings it was made with."""

    listed: Listed
    settings: Any
    made: Any

    @property
    def reference(self) -> str:
        """What an evaluator does with samples that have no target, see
        :class:`~aisbench.api.EvaluatorOffer`."""
        offer = self.listed.offer
        return offer.reference if isinstance(offer, EvaluatorOffer) else "unused"


@frozen(kw_only=True)
class Model:
    """[models.NAME], checked."""

    name: str
    offer: BackendOffer
    listed: Listed
    common: ModelSettings
    settings: Any
    backend: ServiceBackend | LocalBackend

    @property
    def local(self) -> bool:
        """Whether it runs in this process."""
        return self.offer.local

    @property
    def service(self) -> ServiceSettings:
        """Core's keys of a model that is reached over HTTP."""
        assert isinstance(self.common, ServiceSettings)
        return self.common

    @property
    def codec(self) -> ServiceBackend:
        """The protocol of a model that is reached over HTTP."""
        assert not self.local
        return cast("ServiceBackend", self.backend)

    @property
    def weights(self) -> LocalBackend:
        """A model in this process."""
        assert self.local
        return cast("LocalBackend", self.backend)

    @property
    def stream(self) -> bool:
        """Whether tokens come as they are made."""
        return isinstance(self.common, ServiceSettings) and self.common.stream


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
    evaluator: str | None
    """Its name; None in a performance run of a data set that has nothing to judge."""
    metrics: Mapping[str, Component]


@frozen(kw_only=True)
class Task:
    """One model on one data set, with the prompt variant that fits both."""

    model: Model
    dataset: DatasetPlan
    variant_name: str
    """What reports call the variant; with the template, where that is another than its own."""
    variant: Variant
    template: Component
    retriever: Component | None
    shots: int
    generation: Mapping[str, Any]
    generation_origin: Mapping[str, str]
    evaluator: Component | None = None
    postprocessors: tuple[Component, ...] = ()
    """What is made of an answer's text before it is judged, in order."""

    @property
    def judge(self) -> Component:
        """The evaluator, where the mode is one that judges: the planner saw to it."""
        assert self.evaluator is not None
        return self.evaluator

    @property
    def opinion(self) -> JudgedEvaluator | None:
        """The evaluator, where it asks another model."""
        part = self.evaluator
        if part is None or not isinstance(part.listed.offer, EvaluatorOffer):
            return None
        return cast("JudgedEvaluator", part.made) if part.listed.offer.judged else None

    @property
    def label(self) -> str:
        """How messages call it."""
        return f"{self.model.name} / {self.dataset.name}"


@frozen(kw_only=True)
class LoadPoint:
    """One load: core's settings and the shape, with the changes of a sweep made.

    ``asked`` are the keys and values of [load] that made it.
    """

    label: str
    settings: LoadSettings
    shape: Component
    asked: Mapping[str, Any]


@frozen(kw_only=True)
class LoadPlan:
    """[load], checked, for one model: whose ``concurrency`` counts where the shape's is absent.

    ``make`` builds a further load for a search: the same with some keys changed.
    """

    points: tuple[LoadPoint, ...]
    search: Search | None
    search_key: str
    make: Callable[[Mapping[str, Any]], LoadPoint]


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
    """Models whose opinion evaluators ask for; a tested one may be among them."""

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
