"""Single requests on an axis of time: all, or as many as a screen shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aisbench.store.recording.columns import (
    ABSENT,
    FAULTS,
    AttemptOutcome,
    Columns,
    Phase,
)
from aisbench.types.series import PhaseSpan, RequestSpan, RequestTimeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 300
"""Attempts: a screen has no more rows that can be told apart."""
MOST_FAILED = 60


def timeline(
    columns: Columns, most: int = MOST, most_failed: int = MOST_FAILED
) -> RequestTimeline:
    """Up to ``most`` attempts that did not fail and ``most_failed`` that did, drawn evenly by the
    order in which they began; those that neither began nor were due are left out."""
    begun = columns.started
    rows = np.flatnonzero(begun != ABSENT)
    rows = rows[np.argsort(begun[rows], kind="stable")]
    bad = columns["outcome"][rows] == int(AttemptOutcome.FAILED)
    failed = rows[bad]
    shown = np.concatenate([_evenly(rows[~bad], most), _evenly(failed, most_failed)])
    shown = shown[np.argsort(begun[shown], kind="stable")]
    tokens = columns.tokens("completion")
    return RequestTimeline(
        spans=tuple(_span(columns, int(row), tokens) for row in shown),
        total=len(rows),
        failed=len(failed),
        failed_shown=min(len(failed), most_failed),
    )


def _evenly(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    if len(rows) <= most:
        return rows
    # The middle of each of `most` equal stretches.
    return rows[((np.arange(most) + 0.5) * len(rows) / most).astype(np.int64)]


def _span(columns: Columns, row: int, tokens: NDArray[np.float64]) -> RequestSpan:
    def instant(name: str) -> int | None:
        value = int(columns[name][row])
        return None if value == ABSENT else value

    fault = int(columns["fault"][row])
    return RequestSpan(
        row=int(columns["row"][row]),
        conversation=int(columns["conversation"][row]),
        turn=int(columns["turn"][row]),
        attempt=int(columns["attempt"][row]),
        phase=Phase(int(columns["phase"][row])).name.lower(),
        outcome=AttemptOutcome(int(columns["outcome"][row])).name.lower(),
        fault=None if fault == ABSENT else FAULTS[fault].value,
        scheduled_ns=instant("scheduled"),
        sent_ns=instant("sent"),
        first_token_ns=instant("first_token"),
        done_ns=instant("done"),
        output_tokens=None if np.isnan(tokens[row]) else int(tokens[row]),
    )


def phase_spans(columns: Columns) -> tuple[PhaseSpan, ...]:
    """When warm-up, measured part and cool-down were; those without an attempt that was sent and
    ended are left out."""
    found = []
    for phase in Phase:
        rows = columns.phase(phase) & columns.was_sent & columns.has_ended
        if rows.any():
            found.append(
                PhaseSpan(
                    name=phase.name.lower(),
                    begin_ns=int(columns["sent"][rows].min()),
                    end_ns=int(columns["done"][rows].max()),
                    requests=int(np.count_nonzero(rows)),
                )
            )
    return tuple(found)
