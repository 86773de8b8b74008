"""Conversations of several turns: each turn by itself, and each conversation as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aisbench.metrics.columns import MetricOptions
from aisbench.metrics.dictionary import DICTIONARY
from aisbench.metrics.requests import STREAMED_ONLY, request_metrics
from aisbench.metrics.statistics import describe
from aisbench.store.recording.columns import ABSENT, AttemptOutcome, Columns, Recording
from aisbench.types.figure import Figure
from aisbench.types.performance import Population, Statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_TURNS = 20
"""Turns that are reported one by one."""


def by_turn(recording: Recording, options: MetricOptions) -> tuple[Population, ...]:
    """The populations "turn N" (from 1) and "conversations"; none where all have one turn."""
    found = by_part_of_turns(recording, options, "turn")
    return (*found, _conversations(recording, options)) if found else ()


def by_part_of_turns(
    recording: Recording, options: MetricOptions, word: str
) -> tuple[Population, ...]:
    """The requests of each value of the column "turn", named by ``word`` and from 1; none where
    all have the first."""
    turns = recording.columns["turn"]
    rows = recording.columns.requests
    if not (turns[rows] > 0).any():
        return ()
    metrics = request_metrics(recording, options.streamed)
    last = min(int(turns[rows].max()) + 1, MOST_TURNS)
    return tuple(_turn(recording, options, metrics, turn, word) for turn in range(last))


def turn_intervals(columns: Columns) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Of each turn but a conversation's first the time from the sending of the turn before to its
    own, in ms, and when it was sent."""
    rows = np.flatnonzero(columns.requests & (columns["sent"] != ABSENT))
    order = rows[np.lexsort((columns["turn"][rows], columns["conversation"][rows]))]
    same = np.diff(columns["conversation"][order]) == 0
    sent = columns["sent"][order]
    return np.diff(sent)[same] / 1e6, sent[1:][same]


def _span(recording: Recording, rows: NDArray[np.bool_]) -> tuple[int, int]:
    sent, done = recording.columns["sent"][rows], recording.columns["done"][rows]
    known = sent != ABSENT
    if not known.any():
        return 0, 0
    return int(sent[known].min()), int(done[known].max())


def _turn(
    recording: Recording,
    options: MetricOptions,
    metrics: dict[str, NDArray[np.float64]],
    turn: int,
    word: str,
) -> Population:
    mine = recording.columns["turn"] == turn
    rows, good = recording.columns.requests & mine, recording.columns.succeeded & mine
    order = recording.columns["sent"][good]
    statistics = [
        describe(name, DICTIONARY[name].unit, column[good], order, options.all_percentiles)
        for name, column in metrics.items()
        if options.streamed or name not in STREAMED_ONLY
    ]
    begin, end = _span(recording, rows)
    total = int(np.count_nonzero(rows))
    return Population(
        name=f"{word} {turn + 1}",
        begin_ns=begin,
        end_ns=end,
        statistics=tuple(one for one in statistics if one is not None),
        figures=(
            Figure(name="total_requests", value=total, unit="requests", n=total),
            Figure(
                name="success_requests",
                value=int(np.count_nonzero(good)),
                unit="requests",
                n=total,
            ),
        ),
    )


def _conversations(recording: Recording, options: MetricOptions) -> Population:
    """Of those whose turns all succeeded; one that a duration cut short has fewer turns."""
    columns = recording.columns
    rows = np.flatnonzero(columns.requests)
    order = rows[np.lexsort((columns["turn"][rows], columns["conversation"][rows]))]
    starts = np.flatnonzero(np.diff(columns["conversation"][order], prepend=-(2**62)))
    bad = np.add.reduceat(
        (columns["outcome"][order] != AttemptOutcome.SUCCESS).astype(np.int64), starts
    )
    whole = bad == 0
    first, done = columns["sent"][order], columns["done"][order]
    begun = first[starts]
    ended = np.maximum.reduceat(done, starts)
    waited = np.add.reduceat((done - first) / 1e6, starts)
    tokens = np.add.reduceat(
        np.where(columns["completion_tokens"][order] == ABSENT, np.nan,
                 columns["completion_tokens"][order]), starts)  # fmt: skip
    sizes = np.diff(np.append(starts, len(order))).astype(np.float64)
    values = {
        "conversation_duration": (ended - begun) / 1e6,
        "conversation_waiting": waited,
        "conversation_turns": sizes,
        "conversation_output_tokens": tokens,
    }
    statistics: list[Statistics | None] = [
        describe(name, DICTIONARY[name].unit, column[whole], begun[whole], options.all_percentiles)
        for name, column in values.items()
    ]
    intervals, sent = turn_intervals(columns)
    statistics.append(
        describe("turn_interval", "ms", intervals, sent, options.all_percentiles)
        if len(intervals)
        else None
    )
    begin, end = _span(recording, columns.requests)
    count = len(starts)
    return Population(
        name="conversations",
        begin_ns=begin,
        end_ns=end,
        statistics=tuple(one for one in statistics if one is not None),
        figures=(
            Figure(name="total_conversations", value=count, unit="conversations", n=count),
            Figure(
                name="success_conversations",
                value=int(np.count_nonzero(whole)),
                unit="conversations",
                n=count,
            ),
        ),
        note="conversations whose turns all succeeded",
    )
