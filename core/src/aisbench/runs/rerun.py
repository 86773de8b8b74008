"""Asking some rows of a run again, in a run of its own."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
from attrs import frozen

from aisbench.base.errors import AisbenchError
from aisbench.base.wildcards import Wildcards
from aisbench.config.row_choice import CHOICE_KEYS
from aisbench.config.source import Source, read_source
from aisbench.runs.again import StoredRun
from aisbench.settings.problems import nearest
from aisbench.stages.result_files import read_results
from aisbench.store.journal import read_rows
from aisbench.store.seals import verify
from aisbench.types.anomaly import Anomaly
from aisbench.types.score import Verdict

OUTCOMES = tuple(one.value for one in Verdict)
ANOMALIES = tuple(one.value for one in Anomaly)
SUFFIX = "-rerun"
SHOWN = 20

Pair = tuple[str, str]
"""A model and a data set."""


@frozen(kw_only=True)
class RerunWish:
    """Which rows are asked again; what is empty matches all. Names and ids may be patterns."""

    outcomes: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()

    def described(self) -> str:
        """In words, for the record of the run."""
        keys = ("outcomes", "odd", "models", "datasets", "parts", "ids")
        said = {key.removesuffix("s"): getattr(self, key) for key in keys}
        return "; ".join(f"{key} {', '.join(some)}" for key, some in said.items() if some)


def chosen_rows(stored: StoredRun, wish: RerunWish) -> dict[Pair, list[str]]:
    """The ids of the rows to ask again, by model and data set, in the order of the data set.

    Raises DamageError for a damaged run, AisbenchError where there are none, where names match
    nothing, for figures that are older than the answers, and for a run under a load.
    """
    plan, run = stored.plan, stored.run
    if plan.loads:
        raise AisbenchError(
            f"{run.path}: measured performance, and rows of a load are not asked again",
            hint="aisbench run with its suite and suite.mode=accuracy asks them all",
        )
    _check_names(stored, wish)
    verify(run)  # half a file of scores would choose half of the rows
    read_results(plan, run)  # they are there, and of the answers that are there
    found: dict[Pair, list[str]] = {}
    choice = _Choice(wish)
    for task in plan.tasks:
        pair = (task.model.name, task.dataset.name)
        if choice.models.match(pair[0]) and choice.datasets.match(pair[1]):
            rows = read_rows(run.scores(*pair))
            if ids := dict.fromkeys(row["sample"] for row in rows if choice.takes(row)):
                found[pair] = list(ids)
    choice.check_all()
    _add_rivals(stored, found)
    if not found:
        hint = f"the outcomes of its answers are: {', '.join(sorted(choice.seen)) or 'none'}"
        if wish.odd:
            hint += f"; odd ones are: {', '.join(sorted(choice.kinds)) or 'none'}"
        if wish.odd and not plan.suite.suite.anomalies:
            hint = f"nobody looked: aisbench evaluate {run.path} --set suite.anomalies=true"
        raise AisbenchError(
            f"{run.path}: no answer is one of those ({wish.described()})", hint=hint
        )
    return found


def _add_rivals(stored: StoredRun, found: dict[Pair, list[str]]) -> None:
    """Answers that are compared with those of another model need these again, too."""
    for task in stored.plan.tasks:
        ids = found.get((task.model.name, task.dataset.name))
        judged = task.judged_evaluator
        if ids and judged is not None and judged.against:
            rival = (judged.against, task.dataset.name)
            found[rival] = list(dict.fromkeys([*found.get(rival, ()), *ids]))


class _Choice:
    """Goes through the scores of answers, and takes those that are wished."""

    def __init__(self, wish: RerunWish) -> None:
        self.models = Wildcards(wish.models)
        self.datasets = Wildcards(wish.datasets)
        self.seen: set[str] = set()
        """The outcomes that there are."""
        self.kinds: set[str] = set()
        """The kinds of odd answers that there are."""
        self._outcomes = Wildcards(wish.outcomes)
        self._odd = Wildcards(wish.odd)
        self._parts = Wildcards(wish.parts)
        self._ids = Wildcards(wish.ids)
        self._all_parts: dict[str, None] = {}
        self._all_ids: dict[str, None] = {}

    def takes(self, row: Mapping[str, Any]) -> bool:
        """Whether the row of an answer is to be asked again."""
        verdict, part, name = row["score"]["verdict"], row.get("part", ""), row["sample"]
        self.seen.add(verdict)
        self._all_parts[part] = None
        self._all_ids[name] = None
        kinds = [one["kind"] for one in row.get("anomalies", ())]
        self.kinds.update(kinds)
        return (
            self._outcomes.match(verdict)
            and (not self._odd.texts or any(map(self._odd.match, kinds)))
            and self._parts.match(part)
            and self._ids.match(name)
        )

    def check_all(self) -> None:
        """Raises AisbenchError for a part, or an id, that no row has."""
        _check_each("part", self._parts.texts, self._all_parts)
        _check_each("ids", self._ids.texts, self._all_ids)


def _check_each(flag: str, patterns: Sequence[str], names: Mapping[str, None]) -> None:
    for pattern in patterns:
        if pattern in names or any(map(Wildcards([pattern]).match, names)):
            continue
        known = [one for one in names if one]
        some = ", ".join(known[:SHOWN]) + (", ..." if len(known) > SHOWN else "")
        raise AisbenchError(
            f"--{flag} {pattern}: no row that was asked has it",
            hint=nearest(pattern, known) or (f"there are: {some}" if known else "there are none"),
        )


def _check_names(stored: StoredRun, wish: RerunWish) -> None:
    tasks = stored.plan.tasks
    models = dict.fromkeys(task.model.name for task in tasks)
    datasets = dict.fromkeys(task.dataset.name for task in tasks)
    for flag, patterns, names in (
        ("outcome", wish.outcomes, OUTCOMES),
        ("odd", wish.odd, ANOMALIES),
        ("model", wish.models, models),
        ("dataset", wish.datasets, datasets),
    ):
        for pattern in patterns:
            if not any(map(Wildcards([pattern]).match, names)):
                raise AisbenchError(
                    f"--{flag} {pattern}: there is none of that name",
                    hint=f"there are: {', '.join(names)}",
                )


def rerun_source(
    stored: StoredRun, chosen: Mapping[Pair, Sequence[str]], wish: RerunWish
) -> Source:
    """The suite of the run, with the chosen rows alone, under a name of its own."""
    source = read_source(stored.run.suite, copies=stored.run.files)
    tables = copy.deepcopy(dict(source.tables))
    asked = dict.fromkeys(model for model, _ in chosen)
    datasets = dict.fromkeys(dataset for _, dataset in chosen)
    every = {one.name for one in stored.plan.tested}
    kept = {*asked, *_judges(stored, chosen)}
    tables["models"] = {name: one for name, one in tables["models"].items() if name in kept}
    tables["datasets"] = {
        name: {
            **_without(table, CHOICE_KEYS),
            "ids": _ids(name, asked, chosen),
        }
        for name, table in tables["datasets"].items()
        if name in datasets
    }
    tables["exclude"] = [
        {"model": model, "dataset": dataset}
        for model in tables["models"]
        for dataset in datasets
        if model in every and (model, dataset) not in chosen
    ]
    used = {table.get("server") for table in tables["models"].values()}
    if "servers" in tables:
        tables["servers"] = {name: one for name, one in tables["servers"].items() if name in used}
    # Figures of groups need all of their members' rows.
    tables.pop("groups", None)
    suite = tables["suite"]
    suite.pop("groups", None)
    suite["name"] = f"{suite['name'].removesuffix(SUFFIX)}{SUFFIX}"
    tables["rerun"] = {"of": str(stored.run.path.absolute()), "chosen": wish.described()}
    return attrs.evolve(source, tables=tables)


def _judges(stored: StoredRun, chosen: Mapping[Pair, Sequence[str]]) -> Iterator[str]:
    """The models that judge the answers of the chosen rows."""
    for task in stored.plan.tasks:
        if task.judged_evaluator is not None and (task.model.name, task.dataset.name) in chosen:
            yield task.judged_evaluator.judge


def _without(table: Mapping[str, Any], names: Sequence[str] | set[str]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key not in names}


def _ids(
    dataset: str, models: Mapping[str, None], chosen: Mapping[Pair, Sequence[str]]
) -> list[str] | dict[str, list[str]]:
    """The ids of a data set; by model where these are asked different rows."""
    by_model = {
        model: list(chosen[model, dataset]) for model in models if (model, dataset) in chosen
    }
    first, *others = by_model.values()
    return first if all(one == first for one in others) else by_model
