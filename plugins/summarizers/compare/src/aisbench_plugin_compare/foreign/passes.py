"""Asking the same rows again and again, one at a time and many at once, as runs of their own."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

import tomli
from attrs import field, frozen

from aisbench import RunResult, load_run, rerun, run
from aisbench.api import DataError
from aisbench_plugin_compare.foreign.files import read_bytes

Way: TypeAlias = Literal["alone", "together"]
"""One request at a time, or many in flight at once."""
Seeds: TypeAlias = Literal["same", "each"]


@frozen(kw_only=True)
class ProbeWish:
    """What is asked, how often, and in which ways."""

    source: Path
    """A run directory, or a suite.toml."""
    rows: int
    concurrency: int
    repeats: int
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
    ways: tuple[Way, ...] = ("alone", "together")
    for way in ways:
        for number in range(1, wish.repeats + 1):
            say(f"{way}-{number}")
            results = list(asked.results(way, number, len(found), say))
            found.append(ProbePass(way=way, number=number, results=results))
    return found


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
        found[f"models.{model}.concurrency"] = 1 if way == "alone" else wish.concurrency
        if wish.temperature is not None:
            found[f"models.{model}.generation.temperature"] = wish.temperature
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

    def results(
        self, way: Way, number: int, place: int, say: Callable[[str], None]
    ) -> Iterator[RunResult]:
        """A run for each data set. Raises AisbenchError."""
        for dataset, ids in self.ids.items():
            changes = _changes(self.wish, self.tables, way, number, place)
            changes[f"datasets.{dataset}.repeats"] = 1
            yield rerun(
                self.wish.source,
                models=self.wish.models,
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

    def results(
        self, way: Way, number: int, place: int, say: Callable[[str], None]
    ) -> Iterator[RunResult]:
        """One run. Raises AisbenchError."""
        changes = _changes(self.wish, self.tables, way, number, place)
        changes["suite.mode"] = "accuracy"
        if left_out := self._left_out():
            changes["exclude"] = [*self.tables.get("exclude", ()), *left_out]
        for dataset in self.tables.get("datasets", {}):
            changes[f"datasets.{dataset}.repeats"] = 1
            if dataset in self.drawn:
                changes[f"datasets.{dataset}.ids"] = self.drawn[dataset]
            else:
                changes[f"datasets.{dataset}.sample"] = self.wish.rows
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
        yield result

    def _left_out(self) -> list[dict[str, str]]:
        """Pairs of the suite that are not meant, as [[exclude]] has them."""
        models = [
            {"model": name, "dataset": "*"}
            for name in self.tables.get("models", {})
            if self.wish.models and name not in self.wish.models
        ]
        datasets = [
            {"model": "*", "dataset": name}
            for name in self.tables.get("datasets", {})
            if self.wish.datasets and name not in self.wish.datasets
        ]
        return [*models, *datasets]
