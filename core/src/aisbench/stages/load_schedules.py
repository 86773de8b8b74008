"""When the requests of a load are due: what a shape makes of its settings and of the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aisbench.base.errors import DataError
from aisbench.config.plan import LoadPoint, Plan, Task
from aisbench.config.suite import urls
from aisbench.contract.shapes import LoadShape
from aisbench.conversation.prepare import Rows
from aisbench.loadgen.capacity import Capacity, plan_capacity
from aisbench.loadgen.spec import SECOND
from aisbench.stages.token_totals import check_tokenizers
from aisbench.types.load import LoadContext, Schedule


def context_of(task: Task, point: LoadPoint, rows: Rows, seed: int) -> LoadContext:
    """What a shape must know of a load."""
    settings = point.settings
    requests, duration = settings.requests, settings.duration
    arrivals = rows.arrivals_ns
    if requests is None and duration is None:
        requests = len(arrivals) * task.dataset.common.repeats
    return LoadContext(
        arrivals_ns=arrivals,
        requests=requests,
        duration_ns=None if duration is None else int(duration * SECOND),
        seed=seed,
        tail_ns=int(settings.cool_down * SECOND),
    )


def schedule_of(point: LoadPoint, context: LoadContext) -> Schedule:
    """The shape's schedule. Raises DataError that says which load."""
    shape: LoadShape = point.shape.instance
    try:
        return shape.schedule(context)
    except DataError as error:
        name = point.shape.listed.offer.name
        raise DataError(f"load, shape {name}: {error.message}", hint=error.hint) from error


def check_only(plan: Plan, task: Task, point: LoadPoint) -> None:
    """Raises DataError for a load of one phase that cannot be one."""
    only = point.settings.only
    if not only:
        return
    place = f'{task.label}: load.only = "{only}"'
    if task.dataset.offer.dialogue:
        raise DataError(
            f"{place}: the data set plays conversations, whose later prompts hold answers",
            hint="use a data set of one prompt a row, such as synthetic",
        )
    if only == "decode" and point.settings.salt:
        raise DataError(
            f"{place}: load.salt changes the prompts, so that no cache has them",
            hint="leave one of the two out",
        )
    if plan.suite.suite.mode != "performance":
        raise DataError(
            f"{place}: answers of such a load are no answers to score",
            hint='set suite.mode = "performance"',
        )


def preflight(
    plan: Plan, rows: Mapping[str, Rows]
) -> Iterator[tuple[Task, LoadPoint, Schedule, Capacity]]:
    """Every load as it would be run. Raises AisbenchError for one that cannot be.

    Also loads the tokenizers that are named.
    """
    check_tokenizers(plan)
    for task in plan.tasks:
        service = task.model.service
        addresses = ["http://127.0.0.1:1"] if service.server else list(urls(service))
        for point in plan.loads[task.model.name].points:
            check_only(plan, task, point)
            context = context_of(task, point, rows[task.dataset.name], plan.suite.suite.seed)
            schedule = schedule_of(point, context)
            width = rows[task.dataset.name].width
            yield task, point, schedule, plan_capacity(point.settings, schedule, addresses, width)
