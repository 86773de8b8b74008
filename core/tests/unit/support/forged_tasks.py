"""A task as the planner would make it of a suite, without a suite or plugins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aisbench.calibration.codec import PROMPT, PlainBackend
from aisbench.config.plan import Component, DatasetPlan, Model, Task
from aisbench.config.suite import DatasetSettings, ServiceSettings
from aisbench.plugins.catalog import Listed
from aisbench.types.offer import BackendOffer, Capability, DatasetOffer, TemplateOffer
from aisbench.types.prompt import Prompt
from aisbench.types.sample import Sample
from aisbench.types.variant import Variant


class Words:
    """Template and data set in one: the same prompt for every row."""

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        return PROMPT

    def variants(self) -> Mapping[str, Variant]:
        return {}

    def files(self) -> Sequence[object]:
        return ()

    def samples(self) -> Sequence[Sample]:
        return [Sample(id="0")]

    def examples(self) -> Sequence[Sample]:
        return ()


def make_task(url: str, tokens: int) -> Task:
    """A model at ``url``, asked one prompt for ``tokens`` tokens."""

    def listed(offer: BackendOffer | DatasetOffer | TemplateOffer) -> Listed:
        return Listed(offer=offer, plugin="calibration", dist="aisbench", version="0")

    words = Words()
    backend = BackendOffer(name="calibration", summary="calibration", target="a:b")
    dataset = DatasetOffer(name="calibration", summary="calibration", target="a:b")
    template = TemplateOffer(
        name="calibration", summary="calibration", target="a:b", form=Capability.CHAT
    )
    model = Model(
        name="calibration",
        offer=backend,
        listed=listed(backend),
        common=ServiceSettings(url=url, model="calibration"),
        settings=None,
        backend=PlainBackend(),
    )
    plan = DatasetPlan(
        name="calibration",
        offer=dataset,
        listed=listed(dataset),
        common=DatasetSettings(),
        settings=None,
        dataset=words,  # type: ignore[arg-type]
        variants={},
        evaluator=None,
        metrics={},
    )
    return Task(
        model=model,
        dataset=plan,
        variant_name="",
        variant=Variant(template="calibration", prompt={}, source=""),
        template=Component(listed=listed(template), settings=None, instance=words),
        retriever=None,
        shots=0,
        generation={"max_tokens": tokens},
        generation_origin={},
    )
