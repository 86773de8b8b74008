"""What a plugin offers: that it can be imported, and that what it names exists."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import attrs

from aisbench.api import (
    AisbenchError,
    BackendOffer,
    Capability,
    DatasetOffer,
    Download,
    EvaluatorOffer,
    LoadShapeOffer,
    ReducerOffer,
)
from aisbench.config.metric_names import metric_spellings
from aisbench.plugins.catalog import Catalog, Listed
from aisbench.plugins.targets import downloads_of, resolve, settings_class
from aisbench_testkit.checks.settings import check_settings

_NAME = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*(@[a-z]+(_[a-z]+)?|@[0-9]+)?\Z")


def check_offer(listed: Listed) -> list[str]:
    """Name, summary, target and settings."""
    offer = listed.offer
    problems = []
    if not _NAME.match(offer.name):
        problems.append(f"the name {offer.name!r} is not lower-case kebab, such as gsm8k-demo")
    if not 5 <= len(offer.summary) <= 120:
        problems.append(f"the summary of {offer.name} is not one line of 5 to 120 characters")
    try:
        target = resolve(offer.target, listed)
    except AisbenchError as error:
        return [*problems, error.message]
    if not callable(target):
        problems.append(f"the target {offer.target} of {offer.name} cannot be called")
    try:
        cls = settings_class(listed)
    except AisbenchError as error:
        return [*problems, error.message]
    if cls is not None:
        problems += check_settings(cls, offer)
    if isinstance(offer, BackendOffer):
        problems += _check_capabilities(offer)
    if isinstance(offer, LoadShapeOffer):
        problems += _check_strength(offer, cls)
    return problems


def _check_strength(offer: LoadShapeOffer, cls: Any) -> list[str]:
    if not offer.strength:
        return []
    types = {} if cls is None else {field.name: field.type for field in attrs.fields(cls)}
    if types.get(offer.strength) not in (int, float, "int", "float"):
        return [
            f"the strength {offer.strength!r} of {offer.name} is not a setting with a number: "
            "searches could not vary it"
        ]
    return []


FORMS = {
    Capability.TEXT, Capability.TOKENS, Capability.CHAT, Capability.EMBED, Capability.RERANK,
    Capability.CLASSIFY, Capability.TRANSCRIBE,
}  # fmt: skip
"""The forms that prompts have."""


def _check_capabilities(offer: BackendOffer) -> list[str]:
    if not offer.capabilities.keys() & FORMS:
        return [
            f"{offer.name} has none of the capabilities TEXT, TOKENS, CHAT, EMBED, RERANK, "
            "CLASSIFY and TRANSCRIBE: no prompt can reach it"
        ]
    return []


def check_names_used(offer: DatasetOffer, catalog: Catalog) -> list[str]:
    """The evaluator and the metrics that a data set names are installed with it."""
    if offer.evaluator in (None, "auto"):
        return []  # a workload, which nobody judges
    problems = []
    names = {one.offer.name for one in catalog.of_kind(EvaluatorOffer.kind)}
    name = str(offer.evaluator)
    if ":" not in name and name.rpartition("/")[2] not in names:
        problems.append(
            f"the evaluator {offer.evaluator!r} is not installed: add the plugin that offers it "
            "to the dependencies"
        )
    reducers = {one.offer.name for one in catalog.of_kind(ReducerOffer.kind)}
    problems += [
        f"the metric {metric!r} is not installed: add the plugin that offers it to the "
        "dependencies"
        for metric in offer.metrics
        if not reducers & {name.rpartition("/")[2] for name, _ in metric_spellings(metric)}
    ]
    return problems


def check_downloads(listed: Listed) -> list[str]:
    """Every file can be fetched safely: https, a checksum, a plain name."""
    assert isinstance(listed.offer, DatasetOffer)
    assert listed.offer.downloads is not None
    try:
        files = downloads_of(listed)
    except AisbenchError as error:
        return [error.message]
    if not all(isinstance(one, Download) for one in files):
        return [f"{listed.offer.name} offers downloads that are not Download"]
    problems = []
    for one in files:
        if urlsplit(one.url).scheme != "https":
            problems.append(f"{one.url} is not https")
        if not re.fullmatch(r"[0-9a-f]{64}", one.sha256):
            problems.append(f"{one.filename}: its sha256 is not 64 lower-case hex digits")
        if one.filename.startswith((".", "/")) or ".." in one.filename or "\\" in one.filename:
            problems.append(f"{one.filename!r} is not a plain file name")
    if len({one.filename for one in files}) < len(files):
        problems.append("two downloads have one file name")
    return problems
