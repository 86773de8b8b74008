"""Trying what a plugin offers with a few rows of data, without any model."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from aisbench.base.errors import AisbenchError, ConfigError, PluginError
from aisbench.config.plan import Plan, Task
from aisbench.config.planner import make_plan
from aisbench.config.source import Override, Source, override, source_of_tables
from aisbench.conversation.prepare import prepare
from aisbench.plugins.catalog import Catalog, Listed
from aisbench.plugins.files import find_dataset
from aisbench.plugins.names import names_file
from aisbench.runs.simulated import SimulatedAnswer, StandIn
from aisbench.types.offer import (
    BackendOffer,
    Capability,
    DatasetOffer,
    EvaluatorOffer,
    Offer,
    PostprocessorOffer,
    RetrieverOffer,
    TemplateOffer,
)
from aisbench.types.prompt import Prompt
from aisbench.types.request import Request
from aisbench.types.sample import Sample

TRYABLE: tuple[type[Offer], ...] = (
    DatasetOffer, TemplateOffer, RetrieverOffer, EvaluatorOffer, PostprocessorOffer, BackendOffer,
)  # fmt: skip
ROWS = str(Path(__file__).parent / "rows_to_try" / "arithmetic.toml")
"""What is no data set is tried with these rows, where no others are named."""
SHOTS = 2
"""Examples that a retriever is tried with, where the data set's variant shows none."""
JUDGE = "judge"

Note = Callable[[Iterable[Path]], None]


@frozen(kw_only=True)
class Wish:
    """What is to be tried: ``dataset``, a name or the path of a TOML file, with ``component`` in
    the place of its own part of that kind."""

    dataset: str
    component: Listed | None = None
    rows: int = 3
    variant: str = ""
    path: Path | None = None
    backend: str = ""
    settings: Sequence[Override] = ()
    """Keys of the data set's table."""
    answers: Sequence[str] = ()
    """Texts that are scored instead of simulated ones."""


@frozen(kw_only=True)
class TriedSample:
    """One row: its requests in order, answers with their scores, and, where another model judges,
    what that is asked about the first of them."""

    sample: Sample
    requests: tuple[Request, ...]
    answers: tuple[SimulatedAnswer, ...]
    questions: tuple[Prompt, ...] = ()


@frozen(kw_only=True)
class TryOut:
    """What came of it."""

    task: Task
    samples: tuple[TriedSample, ...]


def try_out(wish: Wish, catalog: Catalog, note: Note = lambda files: None) -> TryOut:
    """Make prompts, requests and scores of a few rows. Nothing is sent. ``note`` is told of files
    that decide what comes of it, also where that is an error. Raises AisbenchError."""
    plan = _plan(wish, catalog)
    (task,) = plan.tasks
    note(_files(task))
    rows = prepare(plan)[task.dataset.name]
    simulator = StandIn(task, rows, plan.suite.suite.seed)
    chosen = [one for one in rows.samples if not one.after][: wish.rows]
    return TryOut(task=task, samples=tuple(_tried(simulator, one, wish) for one in chosen))


def _files(task: Task) -> Iterator[Path]:
    """Declarations, code and data."""
    listed = [task.dataset.listed, task.template.listed]
    listed += [one.listed for one in task.scorers]
    listed += [task.retriever.listed] if task.retriever is not None else []
    for one in listed:
        module = sys.modules.get(one.offer.target.partition(":")[0])
        if (file := getattr(module, "__file__", None)) is not None:
            yield Path(file)
        if place := getattr(one.offer, "place", ""):
            yield Path(place)
    if (folder := getattr(task.dataset.settings, "path", None)) is not None:
        yield Path(folder)
    with contextlib.suppress(AisbenchError):
        yield from task.dataset.dataset.files()


def _tried(simulator: StandIn, sample: Sample, wish: Wish) -> TriedSample:
    if wish.answers and simulator.task.evaluator is not None:
        answers = [simulator.given(sample, text) for text in wish.answers]
    else:
        answers = simulator.answers(sample)
    judged = simulator.task.judged_evaluator
    questions: Sequence[Prompt] = ()
    if judged is not None and answers:
        rival = answers[0].answer if judged.against else None
        questions = judged.questions(sample, answers[0].answer, rival)
    return TriedSample(
        sample=sample,
        requests=tuple(simulator.requests(sample)),
        answers=tuple(answers),
        questions=tuple(questions),
    )


def _plan(wish: Wish, catalog: Catalog) -> Plan:
    """The plan with the first backend that can ask so: those that chat come first."""
    first: ConfigError | None = None
    for backend in _backends(wish, catalog):
        try:
            return make_plan(_source(wish, catalog, backend), catalog)
        except ConfigError as error:
            first = first or error
    if first is None:
        raise PluginError(
            "no installed plugin offers a backend that reaches a server and can ask so, and a "
            "request needs one",
            hint="install the plugin of the server that you use",
        )
    raise first


def _backends(wish: Wish, catalog: Catalog) -> list[BackendOffer]:
    if wish.backend:
        offer, _ = catalog.find(BackendOffer, wish.backend)
        if offer.local:
            raise PluginError(
                f"{wish.backend} answers in this process, and sends no request",
                hint="name a backend that reaches a server",
            )
        return [offer]
    needs = _needs(wish)
    offers = [
        one.offer
        for one in catalog.of_kind(BackendOffer.kind)
        if isinstance(one.offer, BackendOffer)
        and not one.offer.local
        and needs <= one.offer.capabilities.keys()
    ]

    def fitness(offer: BackendOffer) -> tuple[bool, int, str]:
        return (Capability.CHAT not in offer.capabilities, -len(offer.capabilities), offer.name)

    return sorted(offers, key=fitness)


def _needs(wish: Wish) -> set[Capability]:
    """What a template that is tried asks of a backend."""
    offer = wish.component.offer if wish.component is not None else None
    return {offer.form, *offer.needs} if isinstance(offer, TemplateOffer) else set()


def _source(wish: Wish, catalog: Catalog, backend: BackendOffer) -> Source:
    listed = find_dataset(catalog, wish.dataset)
    name = listed.offer.name
    table: dict[str, Any] = {"dataset": _named(wish.dataset, listed)}
    if wish.variant:
        table["variant"] = wish.variant
    if wish.path is not None:
        table["path"] = str(wish.path.expanduser().absolute())
    if wish.component is not None:
        table |= _in_place(wish.component)
    url = f"{backend.schemes[0]}://127.0.0.1:8000"
    tested = {"backend": backend.name, "url": url, "model": "MODEL"}
    tables: dict[str, Any] = {
        "suite": {"name": "try"},
        "models": {"tested": tested},
        "datasets": {name: table},
    }
    changes = [
        Override(path=("datasets", name, *one.path), value=one.value, origin=one.origin)
        for one in wish.settings
    ]
    limit = Override(path=("datasets", name, "limit"), value=wish.rows, origin="--rows")
    source = override(source_of_tables(tables, "aisbench plugins try"), [*changes, limit])
    return _judged(_loaded(source, listed, name), catalog, listed, name)


def _named(name: str, listed: Listed) -> str:
    if names_file(name):
        return str(Path(name).expanduser().absolute())
    return f"{listed.dist}/{listed.offer.name}"


def _in_place(component: Listed) -> dict[str, Any]:
    """The keys of a data set that put a component to use."""
    name = f"{component.dist}/{component.offer.name}"
    kind = type(component.offer)
    if kind is TemplateOffer:
        return {"template": name}
    if kind is RetrieverOffer:
        return {"retriever": name, "shots": SHOTS}
    if kind is EvaluatorOffer:
        return {"evaluator": name}
    return {"postprocess": [name]}


def _loaded(source: Source, listed: Listed, name: str) -> Source:
    """A data set without an evaluator is a workload: it is planned as one."""
    offer = listed.offer
    assert isinstance(offer, DatasetOffer)
    if offer.evaluator is not None or source.tables["datasets"][name].get("evaluator"):
        return source
    return override(source, [_key("suite", "mode", "performance")])


def _judged(source: Source, catalog: Catalog, listed: Listed, name: str) -> Source:
    """A judge, where the evaluator asks one."""
    table = source.tables["datasets"][name]
    assert isinstance(listed.offer, DatasetOffer)
    evaluator = table.get("evaluator") or listed.offer.evaluator
    known = {one.offer.name: one.offer for one in catalog.of_kind(EvaluatorOffer.kind)}
    offer = known.get(str(evaluator).rpartition("/")[2])
    if not isinstance(offer, EvaluatorOffer) or not offer.judged:
        return source
    judge = {**source.tables["models"]["tested"], "role": JUDGE, "model": "JUDGE"}
    evaluation = {JUDGE: JUDGE, **table.get("evaluation", {})}
    return override(
        source,
        [_key("models", JUDGE, judge), _key("datasets", name, "evaluation", evaluation)],
    )


def _key(*path_and_value: Any) -> Override:
    *path, value = path_and_value
    return Override(path=tuple(path), value=value, origin="aisbench plugins try")
