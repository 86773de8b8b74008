"""What this plugin offers."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import (
    BackendOffer,
    Capability,
    DatasetOffer,
    EvaluatorOffer,
    Support,
    hookimpl,
)

AISBENCH_API = 1


@hookimpl
def aisbench_backends() -> Iterable[BackendOffer]:
    yield BackendOffer(
        name="acme-json",
        summary="ACME's JSON protocol: one question, one answer.",
        target="aisbench_plugin_acme.backend:AcmeBackend",
        settings="aisbench_plugin_acme.settings:AcmeSettings",
        capabilities={Capability.TEXT: Support.FULL},
    )


@hookimpl
def aisbench_datasets() -> Iterable[DatasetOffer]:
    yield DatasetOffer(
        name="acme-sums",
        summary="Sums of two small numbers.",
        target="aisbench_plugin_acme.sums:AcmeSums",
        evaluator="acme-exact",
        metrics=("accuracy",),
        needs=frozenset({Capability.TEXT}),
    )


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer]:
    yield EvaluatorOffer(
        name="acme-exact",
        summary="The answer without its spaces, letter for letter.",
        target="aisbench_plugin_acme.exact:AcmeExact",
    )
