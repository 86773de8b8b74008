"""Sessions of steps that wait for each other: each depth of steps by itself, and whole sessions.

A session's time is that of its critical path: from the step that ended last back to the one that
it waited for longest, and so on to the beginning. What is on it is told apart: requests, tools,
thinking, and the client's own delay; together they are the session's duration, to the nanosecond.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import attrs
import numpy as np
from attrs import define, frozen

from aisbench.metrics.columns import MetricOptions
from aisbench.metrics.conversations import by_part_of_turns
from aisbench.metrics.dictionary import DICTIONARY
from aisbench.metrics.statistics import describe
from aisbench.store.recording.columns import ABSENT, AttemptOutcome, Columns, Recording
from aisbench.types.figure import Figure
from aisbench.types.performance import Population, Statistics


@frozen
class StepFacts:
    """What is known of a row of the data set: the rows that it waits for, and the pauses of tools
    behind them (ns)."""

    session: int
    after: tuple[int, ...] = ()
    tool_ns: int = 0


@define
class _Path:
    """Parts of a critical path in ns."""

    requests: int = 0
    tools: int = 0
    thinking: int = 0
    delay: int = 0


def by_session(
    recording: Recording, facts: Sequence[StepFacts], options: MetricOptions
) -> tuple[Population, ...]:
    """The populations "step N" (from 1: the depth in the graph) and "sessions"."""
    depth: list[int] = []
    for one in facts:
        depth.append(1 + max((depth[row] for row in one.after), default=-1))
    levels = np.array(depth, dtype=np.int64)[recording.columns["row"]]
    columns = Columns({**recording.columns, "turn": levels})
    steps = by_part_of_turns(attrs.evolve(recording, columns=columns), options, "step")
    return (*steps, _sessions(recording, facts, options))


def _sessions(
    recording: Recording, facts: Sequence[StepFacts], options: MetricOptions
) -> Population:
    columns = recording.columns
    planned: dict[int, int] = defaultdict(int)
    for one in facts:
        planned[one.session] += 1
    held: dict[int, list[int]] = defaultdict(list)
    for place in np.flatnonzero(columns.requests).tolist():
        held[int(columns["conversation"][place])].append(place)
    values: dict[str, list[float]] = defaultdict(list)
    begun: list[int] = []
    for places in held.values():
        rows = {int(columns["row"][place]): place for place in places}
        fine = all(columns["outcome"][place] == AttemptOutcome.SUCCESS for place in places)
        if not fine or len(rows) < planned[facts[next(iter(rows))].session]:
            continue
        begun.append(min(int(columns["sent"][place]) for place in places))
        for name, value in _values(columns, rows, facts, begun[-1]):
            values[name].append(value)
    order = np.array(begun, dtype=np.int64)
    statistics: list[Statistics | None] = [
        describe(
            name,
            DICTIONARY[name].unit,
            np.array(found, dtype=np.float64),
            order,
            options.all_percentiles,
        )
        for name, found in values.items()
    ]
    total, whole = len(held), len(begun)
    sent = columns["sent"][columns.requests]
    done = columns["done"][columns.requests]
    return Population(
        name="sessions",
        begin_ns=int(sent.min()) if total else 0,
        end_ns=int(done.max()) if total else 0,
        statistics=tuple(one for one in statistics if one is not None),
        figures=(
            Figure(name="total_sessions", value=total, unit="sessions", n=total),
            Figure(name="success_sessions", value=whole, unit="sessions", n=total),
        ),
        note="sessions whose steps were all answered",
    )


def _values(
    columns: Columns, rows: Mapping[int, int], facts: Sequence[StepFacts], begun: int
) -> Iterator[tuple[str, float]]:
    """The figures of one session. ``rows`` are its steps, and where each stands in the table."""
    sent, done = columns["sent"], columns["done"]
    path = _critical(columns, rows, facts, begun)
    tokens = [int(columns["completion_tokens"][place]) for place in rows.values()]
    yield "session_duration", (max(int(done[one]) for one in rows.values()) - begun) / 1e6
    yield "session_critical_path", path.requests / 1e6
    yield "session_tools", path.tools / 1e6
    yield "session_thinking", path.thinking / 1e6
    yield "session_delay", path.delay / 1e6
    yield "session_waiting", sum(int(done[one]) - int(sent[one]) for one in rows.values()) / 1e6
    yield "session_steps", float(len(rows))
    unknown = ABSENT in tokens
    yield "session_output_tokens", float("nan") if unknown else float(sum(tokens))


def _critical(
    columns: Columns, rows: Mapping[int, int], facts: Sequence[StepFacts], begun: int
) -> _Path:
    sent, done, scheduled = columns["sent"], columns["done"], columns["scheduled"]

    def ended(row: int) -> int:
        return int(done[rows[row]])

    path = _Path()
    row = max(rows, key=ended)
    while True:
        place = rows[row]
        path.requests += int(done[place]) - int(sent[place])
        before = facts[row].after
        last = max(before, key=ended) if before else None
        gap = int(sent[place]) - (begun if last is None else ended(last))
        delay = min(gap, max(0, int(sent[place]) - int(scheduled[place])))
        if last is None and int(sent[place]) == begun:
            delay = 0
        tools = min(gap - delay, facts[row].tool_ns)
        path.delay += delay
        path.tools += tools
        path.thinking += gap - delay - tools
        if last is None:
            return path
        row = last
