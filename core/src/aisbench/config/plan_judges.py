"""Models that judge the answers of others."""

from __future__ import annotations

from collections.abc import Sequence

from aisbench.config.plan import Model, Task
from aisbench.config.resolve import ComponentMaker
from aisbench.config.suite import Suite
from aisbench.settings.convert import nearest
from aisbench.settings.keys import KeyPath
from aisbench.types.offer import Capability


def find_judges(
    parts: ComponentMaker, suite: Suite, models: Sequence[Model], tasks: Sequence[Task]
) -> tuple[Model, ...]:
    """The models that the tasks' evaluators ask, with every problem noted."""
    by_name = {model.name: model for model in models}
    found: dict[str, Model] = {}
    for task in tasks:
        opinion = task.opinion
        if opinion is None:
            continue
        path: KeyPath = ("datasets", task.dataset.name, "evaluation")
        if suite.suite.mode != "accuracy":
            parts.add(
                ("suite", "mode"),
                f"is {suite.suite.mode}, and {task.dataset.name} is judged by a model",
                'judge in a run of its own, with mode = "accuracy"',
            )
        judge = _named(parts, suite, by_name, (*path, "judge"), opinion.judge)
        if task.postprocessors:
            parts.add(
                ("datasets", task.dataset.name, "postprocess"),
                "is of no use: the judge reads the answers as they are",
                "leave it out, or name another evaluator",
            )
        if opinion.against:
            _check_rival(parts, suite, by_name, tasks, task, (*path, "against"))
        if judge is None:
            continue
        found[judge.name] = judge
        if Capability.CHAT not in judge.offer.capabilities:
            parts.add(
                (*path, "judge"),
                f"{judge.name!r} has the backend {judge.offer.name}, which takes no messages",
                "judges are asked in chat form",
            )
        generation = {**opinion.generation, **judge.common.generation}
        for key, advice in judge.backend.refused(generation).items():
            parts.add(
                (*path, "judge"),
                f"generation.{key} of judgements is refused by {judge.offer.name}",
                advice,
            )
    for model in models:
        if model.common.role == "judge" and model.name not in found and tasks:
            parts.add(
                ("models", model.name, "role"),
                "is judge, and no evaluator names it",
                f'set evaluation = {{ judge = "{model.name}" }} in a data set',
            )
    return tuple(found.values())


def _named(
    parts: ComponentMaker, suite: Suite, known: dict[str, Model], path: KeyPath, name: str
) -> Model | None:
    if name in known:
        return known[name]
    if name not in suite.models:
        hint = nearest(name, suite.models) or f"models are: {', '.join(suite.models)}"
        parts.add(path, f"there is no [models.{name}]", hint)
    return None  # else its problem was noted where it stands


def _check_rival(
    parts: ComponentMaker,
    suite: Suite,
    known: dict[str, Model],
    tasks: Sequence[Task],
    task: Task,
    path: KeyPath,
) -> None:
    assert task.opinion is not None
    name = task.opinion.against
    if _named(parts, suite, known, path, name) is None:
        return
    asked = {one.model.name for one in tasks if one.dataset is task.dataset}
    if name not in asked:
        parts.add(
            path,
            f"{name!r} does not answer {task.dataset.name}",
            "it must be a tested model whose answers can be compared",
        )
