"""All hook specifications. A plugin is a module that implements some of them.

Each hook is called once, when plugins are discovered, and returns light descriptors; nothing here
is called per request.
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from aisbench.types.offer import (
    BackendOffer,
    CommandOffer,
    DatasetOffer,
    DeviceSamplerOffer,
    EvaluatorOffer,
    LoadShapeOffer,
    ObserverOffer,
    PostprocessorOffer,
    ReducerOffer,
    RetrieverOffer,
    SummarizerOffer,
    TemplateOffer,
    TunerOffer,
)

PROJECT = "aisbench"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def aisbench_backends() -> Iterable[BackendOffer]:
    """Ways to reach a model."""
    raise AssertionError("a specification is never called")


@hookspec
def aisbench_datasets() -> Iterable[DatasetOffer]:
    """Data sets."""
    raise AssertionError("a specification is never called")


@hookspec
def aisbench_prompts() -> Iterable[TemplateOffer | RetrieverOffer]:
    """Prompt templates, and retrievers of few-shot examples."""
    raise AssertionError("a specification is never called")


@hookspec
def aisbench_evaluators() -> Iterable[EvaluatorOffer | ReducerOffer | PostprocessorOffer]:
    """Evaluators of single answers, post-processors of answers, and reducers that make figures
    of many scores."""
    raise AssertionError("a specification is never called")


@hookspec
def aisbench_load_shapes() -> Iterable[LoadShapeOffer]:
    """Shapes of load for performance runs."""
    raise AssertionError("a specification is never called")


@hookspec
def aisbench_summarizers() -> Iterable[SummarizerOffer]:
    """Forms of report."""
    raise AssertionError("a specification is never called")


@hookspec
def aisbench_observers() -> Iterable[ObserverOffer]:
    """What is told how a run goes. (1.2)"""
    raise AssertionError("a specification is never called")


@hookspec
def aisbench_device_samplers() -> Iterable[DeviceSamplerOffer]:
    """What reads devices beside a load. (1.3)"""
    raise AssertionError("a specification is never called")


@hookspec
def aisbench_tuners() -> Iterable[TunerOffer]:
    """Ways to search settings of a server. (1.3)"""
    raise AssertionError("a specification is never called")


@hookspec
def aisbench_commands() -> Iterable[CommandOffer]:
    """Sub-commands of ``aisbench``."""
    raise AssertionError("a specification is never called")
