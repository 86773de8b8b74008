"""Core's own offers, found and listed like any plugin's: templates, retrievers, load shapes, and
answers in a file as a model."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import (
    BackendOffer,
    Capability,
    LoadShapeOffer,
    RetrieverOffer,
    Support,
    TemplateOffer,
    TunerOffer,
    hookimpl,
)

AISBENCH_API = "1.1"


PROMPTS: tuple[TemplateOffer | RetrieverOffer, ...] = (
    TemplateOffer(
        name="chat",
        summary="Chat messages: system text, few-shot turns, the question.",
        target="aisbench.prompting.templates:ChatTemplate",
        settings="aisbench.prompting.templates:ChatSettings",
        form=Capability.CHAT,
    ),
    TemplateOffer(
        name="text",
        summary="One string: an introduction, few-shot examples, the question.",
        target="aisbench.prompting.templates:TextTemplate",
        settings="aisbench.prompting.templates:TextSettings",
        form=Capability.TEXT,
    ),
    TemplateOffer(
        name="text-choices",
        summary="One string, and the texts whose log-probabilities after it are compared.",
        target="aisbench.prompting.choices:TextChoicesTemplate",
        settings="aisbench.prompting.choices:TextChoicesSettings",
        form=Capability.TEXT,
        needs=frozenset({Capability.LOGPROBS}),
    ),
    TemplateOffer(
        name="text-score",
        summary="A text that is scored instead of answered, by its own log-probabilities.",
        target="aisbench.prompting.choices:TextScoreTemplate",
        settings="aisbench.prompting.choices:TextScoreSettings",
        form=Capability.TEXT,
        needs=frozenset({Capability.LOGPROBS}),
    ),
    TemplateOffer(
        name="chat-choices",
        summary="Chat messages, and the answers whose log-probabilities are compared.",
        target="aisbench.prompting.choices:ChatChoicesTemplate",
        settings="aisbench.prompting.choices:ChatChoicesSettings",
        form=Capability.CHAT,
        needs=frozenset({Capability.LOGPROBS}),
    ),
    TemplateOffer(
        name="tokens",
        summary="Token ids of a field, for prompts that are exact on every server.",
        target="aisbench.prompting.templates:TokensTemplate",
        settings="aisbench.prompting.templates:TokensSettings",
        form=Capability.TOKENS,
    ),
    TemplateOffer(
        name="embed",
        summary="Texts of which a model makes vectors (embeddings).",
        target="aisbench.prompting.batches:EmbedTemplate",
        settings="aisbench.prompting.batches:EmbedSettings",
        form=Capability.EMBED,
    ),
    TemplateOffer(
        name="rerank",
        summary="A query and documents, of which a model says how well each fits it.",
        target="aisbench.prompting.batches:RerankTemplate",
        settings="aisbench.prompting.batches:RerankSettings",
        form=Capability.RERANK,
    ),
    TemplateOffer(
        name="classify",
        summary="Texts to which a model gives its labels.",
        target="aisbench.prompting.batches:ClassifyTemplate",
        settings="aisbench.prompting.batches:ClassifySettings",
        form=Capability.CLASSIFY,
    ),
    TemplateOffer(
        name="transcribe",
        summary="A sound whose words are to be written down, or translated into English.",
        target="aisbench.prompting.batches:TranscribeTemplate",
        settings="aisbench.prompting.batches:TranscribeSettings",
        form=Capability.TRANSCRIBE,
    ),
    RetrieverOffer(
        name="fixed",
        summary="The examples with the given ids, or the first ones of the pool.",
        target="aisbench.prompting.retrievers:FixedRetriever",
        settings="aisbench.prompting.retrievers:FixedSettings",
    ),
    RetrieverOffer(
        name="random",
        summary="Examples drawn with the suite's seed, anew for each question.",
        target="aisbench.prompting.retrievers:RandomRetriever",
    ),
    RetrieverOffer(
        name="similar",
        summary="The examples most like each question, by the words that they share (BM25).",
        target="aisbench.prompting.retrievers:SimilarRetriever",
        settings="aisbench.prompting.retrievers:SimilarSettings",
    ),
)

_NOT_GIVEN = (
    Capability.STREAM, Capability.USAGE, Capability.EMBED, Capability.RERANK, Capability.CLASSIFY,
)  # fmt: skip
"""Answers in a file are texts."""

GIVEN = BackendOffer(
    name="answers",
    summary="No model: answers that somebody already has, from a file.",
    target="aisbench.given.backend:GivenBackend",
    settings="aisbench.given.backend:GivenSettings",
    local=True,
    capabilities={one: Support.FULL for one in Capability if one not in _NOT_GIVEN},
)

LOAD_SHAPES = (
    LoadShapeOffer(
        name="closed",
        summary="A fixed number of requests in flight.",
        target="aisbench.shapes.closed:Closed",
        settings="aisbench.shapes.closed:ClosedSettings",
        strength="concurrency",
    ),
    LoadShapeOffer(
        name="pressure",
        summary="A closed loop for a duration, whose clients may start one after the other.",
        target="aisbench.shapes.closed:Pressure",
        settings="aisbench.shapes.closed:PressureSettings",
        strength="concurrency",
    ),
    LoadShapeOffer(
        name="users",
        summary="Users who ask at a rate of their own, session after session.",
        target="aisbench.shapes.users:Users",
        settings="aisbench.shapes.users:UsersSettings",
        strength="users",
    ),
    LoadShapeOffer(
        name="closed-stages",
        summary="A closed loop whose number of clients changes in steps.",
        target="aisbench.shapes.ramps:ClientStages",
        settings="aisbench.shapes.ramps:ClientStagesSettings",
    ),
    LoadShapeOffer(
        name="constant",
        summary="Arrivals at even intervals.",
        target="aisbench.shapes.steady:ConstantRate",
        settings="aisbench.shapes.steady:RateSettings",
        strength="rate",
    ),
    LoadShapeOffer(
        name="poisson",
        summary="Independent arrivals at a mean rate.",
        target="aisbench.shapes.steady:Poisson",
        settings="aisbench.shapes.steady:RandomSettings",
        strength="rate",
    ),
    LoadShapeOffer(
        name="gamma",
        summary="Arrivals at a mean rate, burstier or more even than Poisson's.",
        target="aisbench.shapes.steady:Gamma",
        settings="aisbench.shapes.steady:GammaSettings",
        strength="rate",
    ),
    LoadShapeOffer(
        name="linear-ramp",
        summary="A rate that grows or falls evenly with time.",
        target="aisbench.shapes.ramps:LinearRamp",
        settings="aisbench.shapes.ramps:LinearRampSettings",
    ),
    LoadShapeOffer(
        name="exponential-ramp",
        summary="A rate that grows or falls by a factor per second.",
        target="aisbench.shapes.ramps:ExponentialRamp",
        settings="aisbench.shapes.ramps:ExponentialRampSettings",
    ),
    LoadShapeOffer(
        name="stages",
        summary="Several rates, one after the other.",
        target="aisbench.shapes.ramps:Stages",
        settings="aisbench.shapes.ramps:StagesSettings",
    ),
    LoadShapeOffer(
        name="traffic",
        summary="AISBench's request_rate and traffic_cfg.",
        target="aisbench.shapes.traffic:Traffic",
        settings="aisbench.shapes.traffic:TrafficSettings",
        strength="request_rate",
    ),
    LoadShapeOffer(
        name="burst",
        summary="Many requests at one instant, once or repeatedly.",
        target="aisbench.shapes.events:Burst",
        settings="aisbench.shapes.events:BurstSettings",
        strength="size",
    ),
    LoadShapeOffer(
        name="trace",
        summary="Each row when it was recorded: faster, slower, a part, or in a loop.",
        target="aisbench.shapes.events:Trace",
        settings="aisbench.shapes.events:TraceSettings",
        strength="speed",
    ),
)


@hookimpl
def aisbench_backends() -> Iterable[BackendOffer]:
    return (GIVEN,)


@hookimpl
def aisbench_prompts() -> Iterable[TemplateOffer | RetrieverOffer]:
    return PROMPTS


@hookimpl
def aisbench_load_shapes() -> Iterable[LoadShapeOffer]:
    return LOAD_SHAPES


TUNERS = (
    TunerOffer(
        name="grid",
        summary="Every combination of the values of all variables.",
        target="aisbench.tuners.grid:GridTuner",
    ),
    TunerOffer(
        name="random",
        summary="Points drawn at random, from the suite's seed.",
        target="aisbench.tuners.drawn:RandomTuner",
    ),
)


@hookimpl
def aisbench_tuners() -> Iterable[TunerOffer]:
    return TUNERS
