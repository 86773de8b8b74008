"""Everything that can be checked of a distribution without its author's help."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from packaging.utils import canonicalize_name

from aisbench.api import (
    AisbenchError,
    BackendOffer,
    DatasetOffer,
    EvaluatorOffer,
    LoadShapeOffer,
    ReducerOffer,
    RetrieverOffer,
    SummarizerOffer,
    TemplateOffer,
)
from aisbench.plugins.catalog import Catalog, Listed
from aisbench_testkit import canned
from aisbench_testkit.checks import (
    backend,
    dataset,
    evaluator,
    imports,
    importing,
    local,
    offers,
    packaging,
    prompting,
    reducer,
    shape,
    summarizer,
)
from aisbench_testkit.checks.making import guessed, make
from aisbench_testkit.checks.trial import NotChecked, told

Step: TypeAlias = "tuple[str, Callable[[], list[str]]]"


def check_distribution(dist: str, catalog: Catalog) -> tuple[list[str], list[str]]:
    """Problems, and what was found to be well (or could not be checked, and why)."""
    problems: list[str] = []
    passed: list[str] = []
    if packaging.find(dist) is None:
        return [f"no distribution {dist!r} is installed"], []
    for label, check in _steps(dist, catalog):
        try:
            found = check()
        except NotChecked as reason:
            passed.append(f"{label}: not checked: {reason}")
        except AisbenchError as error:
            problems.append(f"{label}: {error.message}")
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it is reported
            problems.append(f"{label}: raises {told(error)}")
        else:
            problems += [f"{label}: {problem}" for problem in found]
            if not found:
                passed.append(label)
    return problems, passed


def _steps(dist: str, catalog: Catalog) -> Iterator[Step]:
    found = packaging.find(dist)
    assert found is not None
    core = canonicalize_name(found.name) == packaging.CORE
    yield "names", lambda: packaging.check_names(found)
    yield "entry points", lambda: packaging.check_entry_points(found)
    if not core:
        yield "metadata", lambda: packaging.check_metadata(found)
    yield "loading", lambda: packaging.check_loaded(found, catalog)
    for entry in packaging.entries(found):
        yield f"light import of {entry.module}", lambda m=entry.module: importing.check_light(m)  # type: ignore[misc]
    if not core:
        for package in packaging.packages(found):
            yield f"imports of {package}", lambda p=package: imports.check_imports(p)  # type: ignore[misc]
    for listed in catalog.listed:
        if canonicalize_name(listed.dist) == canonicalize_name(found.name):
            yield from offer_steps(listed, catalog)


def offer_steps(listed: Listed, catalog: Catalog) -> Iterator[Step]:
    """What applies to one offer."""
    offer = listed.offer
    name = f"{offer.kind} {offer.name}"
    yield f"{name}: offer and settings", lambda: offers.check_offer(listed)
    if isinstance(offer, BackendOffer):
        yield from _backend(offer, listed, name)
    elif isinstance(offer, DatasetOffer):
        yield from _dataset(offer, listed, name, catalog)
    elif isinstance(offer, EvaluatorOffer):
        yield f"{name}: any answer", lambda: _evaluator(listed)
    elif isinstance(offer, ReducerOffer):
        yield f"{name}: figures", lambda: reducer.check_reducer(make(listed, guessed(listed)))
    elif isinstance(offer, LoadShapeOffer):
        yield f"{name}: schedules", lambda: _shape(listed)
    elif isinstance(offer, SummarizerOffer):
        yield f"{name}: any result", lambda: _summarizer(listed)
    elif isinstance(offer, TemplateOffer):
        form = offer.form
        yield (
            f"{name}: prompts",
            lambda: prompting.check_template(make(listed, guessed(listed)), form),
        )
    elif isinstance(offer, RetrieverOffer):
        yield f"{name}: examples", lambda: prompting.check_retriever(make(listed))


def _backend(offer: BackendOffer, listed: Listed, name: str) -> Iterator[Step]:
    if offer.local:
        yield f"{name}: settings of generation", lambda: local.check_refused(make(listed))
        return
    requests = canned.requests(offer)
    if not requests:
        return

    def once(check: Callable[..., list[str]]) -> Callable[[], list[str]]:
        return lambda: check(make(listed), requests[-1])

    yield f"{name}: encode", lambda: backend.check_encode(lambda: make(listed), requests)
    yield (
        f"{name}: generation settings",
        lambda: backend.check_generation(lambda: make(listed), requests[0]),
    )
    yield f"{name}: bodies that are no answer", once(backend.check_junk)
    yield f"{name}: error statuses", once(backend.check_errors)
    yield f"{name}: list of models", lambda: backend.check_models(make(listed))


def _dataset(offer: DatasetOffer, listed: Listed, name: str, catalog: Catalog) -> Iterator[Step]:
    yield (
        f"{name}: evaluator and metrics",
        lambda: offers.check_names_used(offer, catalog),
    )
    if offer.downloads:
        yield f"{name}: downloads", lambda: offers.check_downloads(listed)
    yield f"{name}: variants", lambda: dataset.check_variants(make(listed), catalog)

    def loaded() -> list[str]:
        made = make(listed)
        dataset.needs_data(made)
        found = dataset.check_files(made) + dataset.check_samples(lambda: make(listed))
        return found or dataset.check_render(made, catalog)

    def examples() -> list[str]:
        made = make(listed)
        dataset.needs_data(made)
        return dataset.check_examples(made, dataset.shots(made))

    yield f"{name}: rows and prompts", loaded
    yield f"{name}: few-shot examples", examples
    if offer.dialogue:
        yield f"{name}: conversations", lambda: dataset.check_dialogue(make(listed), offer, catalog)


def _evaluator(listed: Listed) -> list[str]:
    sample = evaluator.sample_for(make(listed))
    found = evaluator.check_answers(lambda: make(listed), sample)
    return found + evaluator.check_references(make(listed), sample)


def _shape(listed: Listed) -> list[str]:
    return shape.check_shape(lambda: make(listed, guessed(listed)))


def _summarizer(listed: Listed) -> list[str]:
    return summarizer.check_summarizer(lambda: make(listed))
