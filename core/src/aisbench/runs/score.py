"""Scoring answers that somebody already has: a run whose models are files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.config.plan import Model, Task
from aisbench.config.source import Override
from aisbench.conversation.prepare import Rows, dialogue, render
from aisbench.given.answer_file import GivenAnswers, read_answer_file
from aisbench.given.backend import GivenBackend, prompt_keys
from aisbench.runs.opening import OpenedSuite
from aisbench.settings.problems import nearest

BACKEND = "aisbench/answers"
NEVER = 1 << 40
"""Missing answers, however many, are no reason to stop."""
SHOWN = 5


@frozen(kw_only=True)
class Scoring:
    """What is to be scored: a data set's name in the suite and answers to it."""

    dataset: str
    answers: Path
    fields: Mapping[str, str]
    model: str = ""
    """The model's name where the rows name none; else the only one whose answers count."""


def suite_of(scoring: Scoring) -> list[Override]:
    """The keys of a suite in which the models are those of the file. Raises DataError."""
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
        path = ("datasets", scoring.dataset, "repeats")
        made.append(Override(path=path, value=repeats, origin=flag))
    return made


def _models(scoring: Scoring, found: Mapping[str, GivenAnswers]) -> dict[str, str]:
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
        rows = opened.rows[task.dataset.name]
        answers = given_answers(task.model)
        unknown = [one for one in answers.by_id if one not in rows.ids]
        if unknown and not allow_unknown:
            held = answers.by_id[unknown[0]]
            raise DataError(
                f"{held[min(held)].place}: {len(unknown)} ids are of no row of "
                f"{task.dataset.name}: {_some(unknown)}",
                hint=f"its ids are such as {_some(sorted(rows.ids))}; name the "
                "column of the ids with --field id=COLUMN, or leave such answers out with "
                "--allow-unknown",
            )
        if unknown:
            yield f"{task.label}: {len(unknown)} answers to unknown ids are left out"
        if beside := len(answers.by_id.keys() & rows.ids - {one.id for one in rows.samples}):
            yield f"{task.label}: {beside} answers are to rows that are not asked"
        if dialogue(task) is None:
            seed = opened.plan.suite.suite.seed
            missing = list(_without_answer(task, rows, answers, seed, allow_unknown))
        else:
            missing = [one.id for one in rows.samples if one.id not in answers.by_id]
        if missing:
            yield (
                f"{task.label}: {len(missing)} of {len(rows.samples)} rows have no answer, and "
                f"count as failed: {_some(missing)}"
            )


def _without_answer(
    task: Task, rows: Rows, answers: GivenAnswers, seed: int, allow_unknown: bool
) -> Iterator[str]:
    """The ids of rows without an answer. Raises DataError where an answer is to no prompt."""
    unused = dict(answers.by_prompt)
    example = ""
    for sample in rows.samples:
        if sample.id in answers.by_id:
            continue
        keys = list(prompt_keys(render(task, rows, sample, seed))) if answers.by_prompt else []
        example = example or (keys[-1] if keys else "")
        for key in keys:
            unused.pop(key, None)
        if not any(key in answers.by_prompt for key in keys):
            yield sample.id
    if unused and not allow_unknown:
        first = next(iter(unused.values()))
        raise DataError(
            f"{first[min(first)].place}: {len(unused)} prompts are none that {task.label} asks",
            hint=f"variant {task.variant_name} asks {_shortened(example)!r}; name another "
            "variant, give ids instead, or leave such answers out with --allow-unknown",
        )


def _shortened(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:100]} [...] {text[-200:]}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:SHOWN])) + (", ..." if len(names) > SHOWN else "")


def given_answers(model: Model) -> GivenAnswers:
    """The answers of a model that is a file. Raises DataError."""
    return cast("GivenBackend", model.weights).read()
