"""Load shapes: schedules that can be kept, and repeated."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from typing import TypeGuard

from aisbench.api import ClosedLoop, DataError, LoadContext, LoadShape, OpenLoop
from aisbench_testkit.checks.trial import NotChecked, trial

SECOND = 1_000_000_000
ROWS = 40


def _contexts() -> dict[str, LoadContext]:
    """Loads that end by number, by time, by both; with and without recorded arrivals."""
    none: list[int | None] = [None] * ROWS
    recorded: list[int | None] = [row * SECOND // 4 for row in range(ROWS)]
    long, short = 20 * SECOND, 2 * SECOND

    def load(
        arrivals: list[int | None], requests: int | None, duration: int | None, tail: int = 0
    ) -> LoadContext:
        return LoadContext(
            arrivals_ns=arrivals, requests=requests, duration_ns=duration, seed=1, tail_ns=tail
        )

    return {
        "30 requests": load(none, 30, None),
        "30 requests of a trace": load(recorded, 30, None),
        "20 s": load(none, None, long),
        "20 s of a trace": load(recorded, None, long),
        "30 requests in 2 s at most": load(none, 30, short),
        "30 requests and 2 s of cool-down": load(none, 30, None, short),
        "1 request": load(none, 1, None),
        "1 request of a trace": load(recorded, 1, None),
    }


def check_shape(make: Callable[[], LoadShape]) -> list[str]:
    """Schedules are in order, in their bounds, and equal for equal seeds."""
    problems: list[str] = []
    refused: list[str] = []
    contexts = _contexts()
    for name, context in contexts.items():
        what = f"schedule() of {name}"
        with trial(problems, what):
            random.seed(1)
            state = random.getstate()
            try:
                schedule = make().schedule(context)
            except DataError as error:
                refused.append(error.message)
                continue
            if random.getstate() != state:
                problems.append(
                    f"{what} draws from the random module itself: make a "
                    "random.Random of context.seed"
                )
            problems += _check(schedule, context, what)
            random.seed(2)
            if _values(make().schedule(context)) != _values(schedule):
                problems.append(f"{what} is another the second time: context.seed is all it has")
    if len(refused) == len(contexts):
        raise NotChecked(f"refuses every load: {refused[0]}")
    return list(dict.fromkeys(problems))


def _values(schedule: object) -> object:
    if isinstance(schedule, OpenLoop):
        return list(schedule.due_ns), None if schedule.rows is None else list(schedule.rows)
    return list(schedule.clients) if isinstance(schedule, ClosedLoop) else None


def _check(schedule: object, context: LoadContext, what: str) -> list[str]:
    if isinstance(schedule, OpenLoop):
        return _check_open(schedule, context, what)
    if isinstance(schedule, ClosedLoop):
        return _check_closed(schedule, what)
    return [f"{what} returns {type(schedule).__name__}, not OpenLoop or ClosedLoop"]


def _integers(values: Sequence[object]) -> TypeGuard[Sequence[int]]:
    return all(isinstance(one, int) and not isinstance(one, bool) for one in values)


def _check_open(schedule: OpenLoop, context: LoadContext, what: str) -> list[str]:
    due = list(schedule.due_ns)
    if not due:
        return [f"{what} is empty: raise DataError that says why nothing can be sent"]
    if not _integers(due):
        return [f"{what} has instants that are not whole numbers of ns"]
    problems = []
    if any(a > b for a, b in itertools.pairwise(due)):
        problems.append(f"{what} is not in order")
    if min(due) < 0:
        problems.append(f"{what} has an instant before the start")
    if context.horizon_ns is not None and max(due) >= context.horizon_ns:
        problems.append(f"{what} goes on beyond context.horizon_ns")
    if context.requests is not None and not context.tail_ns and len(due) > context.requests:
        problems.append(f"{what} has {len(due)} instants")
    if schedule.rows is not None:
        problems += _check_rows(list(schedule.rows), len(due), what)
    return problems


def _check_rows(rows: Sequence[object], instants: int, what: str) -> list[str]:
    problems = []
    if len(rows) != instants:
        problems.append(f"{what} has {len(rows)} rows for {instants} instants")
    if not _integers(rows) or not all(0 <= row < ROWS for row in rows):
        problems.append(f"{what} names rows that the data set does not have")
    return problems


def _check_closed(schedule: ClosedLoop, what: str) -> list[str]:
    clients = list(schedule.clients)
    if not clients:
        return [f"{what} has no client: raise DataError that says why nothing can be sent"]
    problems = []
    for client in clients:
        ends = [] if client.end_ns is None else [client.end_ns]
        if not _integers([client.begin_ns, *ends]):
            problems.append(f"{what} has instants that are not whole numbers of ns")
        elif client.begin_ns < 0 or (ends and ends[0] <= client.begin_ns):
            problems.append(f"{what} has a client from {client.begin_ns} to {client.end_ns} ns")
    if min(client.begin_ns for client in clients) > 0:
        problems.append(f"{what} begins with no client at 0 ns")
    return problems
