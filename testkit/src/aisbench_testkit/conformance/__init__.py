"""Classes that a plugin's tests subclass: set the attributes, inherit the tests."""

from __future__ import annotations

from aisbench_testkit.checks.backend import Recorded
from aisbench_testkit.checks.evaluator import Gold
from aisbench_testkit.checks.transport_answers import Expected
from aisbench_testkit.conformance.backend import BackendConformance
from aisbench_testkit.conformance.base import OfferConformance
from aisbench_testkit.conformance.command import CommandConformance
from aisbench_testkit.conformance.dataset import DatasetConformance
from aisbench_testkit.conformance.device_sampler import DeviceSamplerConformance
from aisbench_testkit.conformance.evaluator import EvaluatorConformance
from aisbench_testkit.conformance.judged import JudgedEvaluatorConformance
from aisbench_testkit.conformance.local import LocalBackendConformance
from aisbench_testkit.conformance.observer import ObserverConformance
from aisbench_testkit.conformance.packaging import PackagingConformance
from aisbench_testkit.conformance.postprocessor import PostprocessorConformance
from aisbench_testkit.conformance.prompting import RetrieverConformance, TemplateConformance
from aisbench_testkit.conformance.reducer import ReducerConformance
from aisbench_testkit.conformance.shape import LoadShapeConformance
from aisbench_testkit.conformance.summarizer import SummarizerConformance
from aisbench_testkit.conformance.transport import TransportConformance
from aisbench_testkit.conformance.tuner import TunerConformance

__all__ = [
    "BackendConformance",
    "CommandConformance",
    "DatasetConformance",
    "DeviceSamplerConformance",
    "EvaluatorConformance",
    "Expected",
    "Gold",
    "JudgedEvaluatorConformance",
    "LoadShapeConformance",
    "LocalBackendConformance",
    "ObserverConformance",
    "OfferConformance",
    "PackagingConformance",
    "PostprocessorConformance",
    "Recorded",
    "ReducerConformance",
    "RetrieverConformance",
    "SummarizerConformance",
    "TemplateConformance",
    "TransportConformance",
    "TunerConformance",
]
