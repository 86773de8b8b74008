"""Models that judge the answers of others."""

from __future__ import annotations

from collections.abc import Sequence

from aisbench.config.plan import Model, Task
from aisbench.config.resolve import ComponentMaker
from aisbench.config.suite import Suite
from aisbench.settings.keys import KeyPath
from aisbench.settings.problems import nearest
from aisbench.types.offer import Capability


def find_judges(
    maker: ComponentMaker, suite: Suite, models: Sequence[Model], tasks: Sequence[Task]
) -> tuple[Model, ...]:
    """The models that the tasks' evaluators ask, with every problem noted."""
    by_name = {model.name: model for model in models}
    found: dict[str, Model] = {}
    for task in tasks:
        evaluator = task.judged_evaluator
        if evaluator is None:
            continue
        path: KeyPath = ("datasets", task.dataset.name, "evaluation")
        if suite.suite.mode != "accuracy":
            maker.add(
                ("suite", "mode"),
                f"is {suite.suite.mode}, and {task.dataset.name} is judged by a model",
                'judge in a run of its own, with mode = "accuracy"',
            )
        judge = _named(maker, suite, by_name, (*path, "judge"), evaluator.judge)
        if task.postprocessors:
            maker.add(
                ("datasets", task.dataset.name, "postprocess"),
                "has no effect: the judge reads the answers unchanged",
                "leave it out, or name another evaluator",
            )
        if evaluator.against:
            _check_rival(maker, suite, by_name, tasks, task, (*path, "against"))
        if judge is None:
            continue
        found[judge.name] = judge
        if Capability.CHAT not in judge.offer.capabilities:
            maker.add(
                (*path, "judge"),
                f"{judge.name!r} has the backend {judge.offer.name}, which takes no messages",
                "a judge is asked with chat messages",
            )
        generation = {**evaluator.generation, **judge.common.generation}
        for key, advice in judge.backend.refused(generation).items():
            maker.add(
                (*path, "judge"),
                f"generation.{key} of judgements is refused by {judge.offer.name}",
                advice,
            )
    for model in models:
        if model.common.role == "judge" and model.name not in found and tasks:
            maker.add(
                ("models", model.name, "role"),
                "is judge, and no evaluator names it",
                f'set evaluation = {{ judge = "{model.name}" }} in a data set',
            )
    return tuple(found.values())


def _named(
    maker: ComponentMaker, suite: Suite, known: dict[str, Model], path: KeyPath, name: str
) -> Model | None:
    if name in known:
        return known[name]
    if name not in suite.models:
        hint = nearest(name, suite.models) or f"models are: {', '.join(suite.models)}"
        maker.add(path, f"there is no [models.{name}]", hint)
    return None  # a model that could not be read: its problem is noted already


def _check_rival(
    maker: ComponentMaker,
    suite: Suite,
    known: dict[str, Model],
    tasks: Sequence[Task],
    task: Task,
    path: KeyPath,
) -> None:
    assert task.judged_evaluator is not None
    name = task.judged_evaluator.against
    if _named(maker, suite, known, path, name) is None:
        return
    answering = {one.model.name for one in tasks if one.dataset is task.dataset}
    if name not in answering:
        maker.add(
            path,
            f"{name!r} does not answer {task.dataset.name}",
            "name a tested model that answers the data set too",
        )
