"""Which stages a session is to do: all of them, or some, so that others are done elsewhere."""

from __future__ import annotations

from typing import Literal, get_args

from aisbench.base.errors import AisbenchError, ConfigError
from aisbench.config.absent_backends import check_present
from aisbench.config.plan import Plan
from aisbench.runs.result import RunResult
from aisbench.store.run import RunFolder

Stage = Literal["answers", "judgements", "scores"]
"""Asking the models; asking the judges of what they answered; scoring, and showing the figures."""
Last = Literal["answers", "judgements"]
"""After which stage a session may be told to stop."""
STAGES: tuple[Stage, ...] = get_args(Stage)
LASTS: tuple[Last, ...] = get_args(Last)


def stages_of(first: Stage, last: Last | None) -> tuple[Stage, ...]:
    """From ``first`` to ``last``; to the end, if that is None. Raises ConfigError."""
    if last is not None and last not in LASTS:
        raise ConfigError([f"stop after: {last!r} is none of {', '.join(LASTS)}"])
    end = STAGES.index(last or "scores") + 1
    return STAGES[STAGES.index(first) : end]


def check_stages(plan: Plan, stages: tuple[Stage, ...]) -> None:
    """Raises ConfigError for a performance run that is to stop between stages."""
    if plan.loads and stages != STAGES:
        raise ConfigError(
            ["stop after: a performance run has no stages apart\n  help: leave it "
             'out, or set suite.mode = "accuracy"']
        )  # fmt: skip


def check_judges(plan: Plan, run: RunFolder) -> None:
    """Raises AisbenchError where no judge can be asked: there is none, it is not installed here,
    or there is no answer to judge."""
    if not plan.judges:
        raise AisbenchError(
            f"{run.path}: no evaluator of this run asks a judge",
            hint=f"to score its answers: aisbench evaluate {run.path}",
        )
    check_present(plan.judges, "it is to judge")
    judged = [one for one in plan.tasks if one.judged_evaluator is not None]
    if not any(run.predictions(one.model.name, one.dataset.name).exists() for one in judged):
        raise AisbenchError(
            f"{run.path}: holds no answer to judge",
            hint=f"aisbench run --resume {run.path} --stop-after answers",
        )


def next_words(plan: Plan, run: RunFolder, last: Stage) -> str:
    """What is to be done after a session that stopped early, here or elsewhere."""
    if last == "answers" and plan.judges:
        return (
            f"next: aisbench judge {run.path} (here, or where the judge is: copy the folder; "
            "the model's backend and the data files are not needed)"
        )
    return (
        f"next: aisbench evaluate {run.path} (here, or on a machine with the evaluators alone: "
        "copy the folder; no model, no backend and no data files are needed)"
    )


def unscored(plan: Plan, run: RunFolder, failed_share: float) -> RunResult:
    """What a program gets of a session that stopped before the scores."""
    return RunResult(
        path=run.path,
        name=plan.suite.suite.name,
        mode=plan.suite.suite.mode,
        scores=(),
        loads=(),
        searches=(),
        complete=False,
        failed_share=failed_share,
        max_failed=plan.suite.suite.max_failed,
    )
