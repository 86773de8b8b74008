"""GivenSuite answers that somebody already has: a run whose models are files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.config.source import Override, Source, read_source
from aisbench.given.answer_file import GivenAnswers, read_answer_file
from aisbench.given.backend import GivenBackend
from aisbench.plugins.names import names_file
from aisbench.runs.opening import OpenedSuite
from aisbench.runs.placing import Placing, some
from aisbench.settings.problems import nearest

BACKEND = "aisbench/answers"
NEVER = 1 << 40
"""Missing answers, however many, are no reason to stop."""


@frozen(kw_only=True)
class GivenSuite:
    """What is to be scored: a data set, or the TOML file of one, and answers to it."""

    dataset: str
    answers: Path
    fields: Mapping[str, str]
    model: str = ""
    """The model's name where the rows name none; else the only one whose answers count."""

    @property
    def key(self) -> str:
        """The data set's name in the suite."""
        name = self.dataset
        return Path(name).stem if names_file(name) else name.rpartition("/")[2]


def source_of(
    scoring: GivenSuite, settings: Mapping[str, Any], changes: Sequence[Override]
) -> Source:
    """A suite in which the models are those of the file. ``settings`` are keys of the data set,
    ``changes`` win over all. Raises DataError, ConfigError."""
    key = scoring.key
    made = [Override(path=("suite", "name"), value=f"score-{key}", origin="aisbench score")]
    made += _models_of(scoring)
    made.append(
        Override(path=("datasets", key, "dataset"), value=scoring.dataset, origin="DATASET")
    )
    for name, value in settings.items():
        made.append(Override(path=("datasets", key, name), value=value, origin=f"--{name}"))
    return read_source(None, [*made, *changes])


def _models_of(scoring: GivenSuite) -> list[Override]:
    found = read_answer_file(scoring.answers, scoring.fields)
    models = _models(scoring, found)
    flag = f"--answers {scoring.answers}"
    made = [Override(path=("suite", "abort_after"), value=NEVER, origin="aisbench score")]
    for name, model in models.items():
        table: dict[str, Any] = {"backend": BACKEND, "file": str(scoring.answers.absolute())}
        if model:
            table["model"] = model
        if scoring.fields:
            table["fields"] = dict(scoring.fields)
        made.append(Override(path=("models", name), value=table, origin=flag))
    repeats = max(found[model].repeats for model in models.values())
    if repeats > 1:
        path = ("datasets", scoring.key, "repeats")
        made.append(Override(path=path, value=repeats, origin=flag))
    return made


def _models(scoring: GivenSuite, found: Mapping[str, GivenAnswers]) -> dict[str, str]:
    """By their names in the suite, as the file has them."""
    if "" in found and len(found) > 1:
        raise DataError(
            f"{scoring.answers}: some rows name a model, and some do not",
            hint="give `model` in all rows, or in none",
        )
    if "" in found:
        return {_plain(scoring.model) or "answers": ""}
    if scoring.model and scoring.model not in found:
        raise DataError(
            f"{scoring.answers}: there are no answers of {scoring.model!r}",
            hint=nearest(scoring.model, found) or f"there are those of: {', '.join(found)}",
        )
    wanted = [scoring.model] if scoring.model else list(found)
    return {_plain(model) or "model": model for model in wanted}


def _plain(name: str) -> str:
    """A name that can be a folder's."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")


def check_answers(opened: OpenedSuite, *, allow_unknown: bool) -> Iterator[str]:
    """Sentences on answers that are missing, and on those that belong to no row that is asked.

    Raises DataError for answers to no row of the data set, unless they are allowed.
    """
    for task in opened.plan.tasks:
        backend = task.model.backend
        if not isinstance(backend, GivenBackend):
            continue  # a model that --set adds
        rows = opened.rows[task.dataset.name]
        placing = Placing(task, rows, backend.read(), opened.plan.suite.suite.seed)
        if placing.unknown and not allow_unknown:
            raise placing.error()
        if placing.unknown:
            yield f"{task.label}: {len(placing.unknown)} answers to unknown rows are left out"
        if placing.beside:
            yield f"{task.label}: {placing.beside} answers are to rows that are not asked"
        missing = [one.id for one in rows.samples if one.id not in placing.found]
        if missing:
            yield (
                f"{task.label}: {len(missing)} of {len(rows.samples)} rows have no answer, and "
                f"count as failed: {some(missing)}"
            )
