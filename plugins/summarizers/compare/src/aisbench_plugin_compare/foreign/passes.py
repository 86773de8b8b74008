"""Asking the same rows again and again, one at a time and many at once, as runs of their own."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

import tomli
from attrs import field, frozen

from aisbench import RunResult, load_run, rerun, run
from aisbench.api import DataError
from aisbench_plugin_compare.foreign.files import read_bytes
from aisbench_plugin_compare.foreign.neighbours import Neighbours
from aisbench_plugin_compare.foreign.spoken import texts
from aisbench_plugin_compare.foreign.suite_keys import suite_key

Way: TypeAlias = Literal["alone", "beside", "together"]
"""One request at a time; one at a time, with others in flight that are not asked for; or many of
the rows in flight at once."""
Seeds: TypeAlias = Literal["same", "each"]


@frozen(kw_only=True)
class ProbeWish:
    """What is asked, how often, and in which ways."""

    source: Path
    """A run directory, or a suite.toml."""
    rows: int
    concurrency: int
    repeats: int
    neighbours: bool = True
    """Whether rows are asked one at a time beside others, too: once, whatever ``repeats`` is."""
    temperature: float | None = 0.0
    """None: as the suite has it."""
    seeds: Seeds = "same"
    models: Sequence[str] = ()
    datasets: Sequence[str] = ()
    overrides: Mapping[str, Any] = field(factory=dict)
    output: Path | None = None
    seed: int = 42
    """Decides which rows are asked."""


@frozen(kw_only=True)
class ProbePass:
    """All rows asked once. ``results`` are its runs, one a data set."""

    way: Way
    number: int
    results: Sequence[RunResult]

    @property
    def name(self) -> str:
        return f"{self.way}-{self.number}"


def ask(wish: ProbeWish, say: Callable[[str], None]) -> list[ProbePass]:
    """Every pass, one after the other. Raises AisbenchError."""
    asked = _AskedRun.of(wish) if wish.source.is_dir() else _AskedSuite.of(wish)
    found: list[ProbePass] = []
    ways: tuple[Way, ...] = ("alone", "beside", "together")
    for way in ways:
        times = 1 if way == "beside" else wish.repeats
        if way == "beside" and not _has_neighbours(wish, asked.tables, say):
            continue
        for number in range(1, times + 1):
            say(f"{way}-{number}")
            results = list(asked.results(way, number, len(found)))
            found.append(ProbePass(way=way, number=number, results=results))
    return found


def _has_neighbours(
    wish: ProbeWish, tables: Mapping[str, Any], say: Callable[[str], None]
) -> bool:
    """Whether rows are asked beside others; says why they are not where they cannot be."""
    if not wish.neighbours:
        return False
    own = [name for name in _servers(wish, tables) if tables["models"][name].get("server")]
    if own:
        # A second process with this suite would start a second server.
        say(
            texts().text(
                "beside others: left out, as the suite itself starts the server of {models}; "
                "serve it, and name its url, to have that too",
                models=", ".join(own),
            )
        )
    return not own


def _changes(
    wish: ProbeWish, tables: Mapping[str, Any], way: Way, number: int, place: int
) -> dict[str, Any]:
    """What all passes change of the suite, and each for itself."""
    found: dict[str, Any] = {
        "suite.name": f"probe-{tables.get('suite', {}).get('name', 'suite')}-{way}-{number}"
    }
    if wish.seeds == "each":
        found["suite.seed"] = wish.seed + place
    for model in _servers(wish, tables):
        found[suite_key("models", model, "concurrency")] = (
            wish.concurrency if way == "together" else 1
        )
        if wish.temperature is not None:
            found[suite_key("models", model, "generation", "temperature")] = wish.temperature
    return found


def _servers(wish: ProbeWish, tables: Mapping[str, Any]) -> Iterator[str]:
    """The models that are asked; judges are left as they are. Raises DataError."""
    for model, table in tables.get("models", {}).items():
        if not isinstance(table, Mapping) or table.get("role", "tested") != "tested":
            continue
        if wish.models and model not in wish.models:
            continue
        if not {"url", "urls", "concurrency", "server"} & set(table):
            raise DataError(
                f"{wish.source}: models.{model}: {table.get('backend')} is no server: there are "
                "no other requests beside which its answers could change",
                hint="--model names another one" if len(tables["models"]) > 1 else
                "name a run or a suite that asks a server",
            )  # fmt: skip
        yield model


def _check_names(wish: ProbeWish, tables: Mapping[str, Any]) -> None:
    for flag, given, table in (
        ("--model", wish.models, "models"),
        ("--dataset", wish.datasets, "datasets"),
    ):
        for name in given:
            if name not in tables.get(table, {}):
                known = ", ".join(tables.get(table, {})) or "none"
                raise DataError(
                    f"{flag} {name}: {wish.source} has none of that name", hint=f"it has: {known}"
                )


@frozen
class _AskedRun:
    """Rows of a run, asked again."""

    wish: ProbeWish
    tables: Mapping[str, Any]
    ids: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, wish: ProbeWish) -> _AskedRun:
        """Raises AisbenchError."""
        stored = load_run(wish.source)
        _check_names(wish, stored.suite)
        held: dict[str, dict[str, None]] = {}
        for one in stored.samples():
            if not one.load and (not wish.datasets or one.dataset in wish.datasets):
                held.setdefault(one.dataset, {})[one.sample.id] = None
        if not held:
            raise DataError(
                f"{wish.source}: has no answers to ask again",
                hint="name a run of accuracy, or a suite.toml: loads keep no answers",
            )
        chance = random.Random(wish.seed)
        chosen = {
            name: sorted(chance.sample(sorted(ids), min(wish.rows, len(ids))))
            for name, ids in held.items()
        }
        return cls(wish, stored.suite, chosen)

    def results(self, way: Way, number: int, place: int) -> Iterator[RunResult]:
        """A run for each data set. Raises AisbenchError."""
        for dataset, ids in self.ids.items():
            changes = _changes(self.wish, self.tables, way, number, place)
            changes[suite_key("datasets", dataset, "repeats")] = 1
            for models, kept in _beside(self.wish, self.tables, way, [dataset]):
                with kept:
                    yield rerun(
                        self.wish.source,
                        models=models,
                        datasets=[dataset],
                        ids=ids,
                        overrides={**changes, **self.wish.overrides},
                        output=self.wish.output,
                    )


@frozen
class _AskedSuite:
    """Rows of a suite. The first pass draws them; the others ask the same ones."""

    wish: ProbeWish
    tables: Mapping[str, Any]
    drawn: dict[str, list[str]] = field(factory=dict)

    @classmethod
    def of(cls, wish: ProbeWish) -> _AskedSuite:
        """Raises AisbenchError."""
        try:
            tables = tomli.loads(read_bytes(wish.source).decode("utf-8"))
        except ValueError as error:
            raise DataError(f"{wish.source}: is not valid TOML: {error}") from None
        _check_names(wish, tables)
        return cls(wish, tables)

    def results(self, way: Way, number: int, place: int) -> Iterator[RunResult]:
        """One run. Raises AisbenchError."""
        changes = _changes(self.wish, self.tables, way, number, place)
        changes["suite.mode"] = "accuracy"
        chosen = [one for one in self.tables.get("datasets", {}) if self._is_meant(one)]
        for models, kept in _beside(self.wish, self.tables, way, chosen):
            with kept:
                yield self._result(models, changes)

    def _is_meant(self, dataset: str) -> bool:
        return not self.wish.datasets or dataset in self.wish.datasets

    def _result(self, models: Sequence[str], common: Mapping[str, Any]) -> RunResult:
        changes = dict(common)
        if left_out := _left_out(self.tables, models, self.wish.datasets):
            changes["exclude"] = left_out
        for dataset in self.tables.get("datasets", {}):
            changes[suite_key("datasets", dataset, "repeats")] = 1
            if dataset in self.drawn:
                changes[suite_key("datasets", dataset, "ids")] = self.drawn[dataset]
            else:
                changes[suite_key("datasets", dataset, "sample")] = self.wish.rows
        result = run(
            self.wish.source,
            overrides={**changes, **self.wish.overrides},
            output=self.wish.output,
        )
        if not self.drawn:
            for one in result.samples():
                held = self.drawn.setdefault(one.dataset, [])
                if one.sample.id not in held:
                    held.append(one.sample.id)
        return result


def _left_out(
    tables: Mapping[str, Any], models: Sequence[str], datasets: Sequence[str]
) -> list[dict[str, str]]:
    """Pairs of the suite that are not meant, as ``[[exclude]]`` has them, and those that it
    leaves out itself. Nothing named: all are meant."""
    found = [
        *({"model": one, "dataset": "*"} for one, table in tables.get("models", {}).items()
          if models and one not in models and table.get("role", "tested") == "tested"),
        *({"model": "*", "dataset": one} for one in tables.get("datasets", {})
          if datasets and one not in datasets),
    ]  # fmt: skip
    return [*tables.get("exclude", ()), *found] if found else []


def _beside(
    wish: ProbeWish,
    tables: Mapping[str, Any],
    way: Way,
    datasets: Sequence[str],
) -> Iterator[tuple[Sequence[str], contextlib.AbstractContextManager[None]]]:
    """The models that are asked together, each with what is in flight meanwhile. Beside others
    each model is asked by itself: they are of its own data sets, the first one."""
    if way != "beside":
        yield wish.models, contextlib.nullcontext()
        return
    for model in _servers(wish, tables):
        near = Neighbours(
            source=wish.source,
            tables=tables,
            model=model,
            dataset=datasets[0],
            count=wish.concurrency - 1,
            temperature=wish.temperature,
            overrides=wish.overrides,
        )
        yield [model], near.kept()
