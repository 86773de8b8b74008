"""The token ledger: what was asked for, what the server and the tokenizer counted, what came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aisbench.store.recording.columns import ABSENT, Recording
from aisbench.types.ledger import (
    InputLedger,
    OutputLedger,
    TokenLedger,
    TokenSources,
    TokenTotal,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOLERANCE = {"prompt": 0.01, "completion": 0.05}
"""Counts of the server and the tokenizer that differ by more than this disagree: what a model
wrote is not always how its tokenizer would write it, and tokens of formats are in no text."""
SPECIAL = 2
"""Tokens that only one of them sees, whatever the length: that which begins a text, or ends it."""


def disagrees(recording: Recording, side: str) -> NDArray[np.bool_]:
    """The rows in which the counts of ``side`` by the server and by the tokenizer differ:
    ``|server - tokenizer|`` is more than 2, and more than 1 % (of answers 5 %) of the greater.
    Rows without both counts agree."""
    server = recording.columns[f"{side}_tokens"]
    counted = recording.columns[f"counted_{side}"]
    allowed = np.maximum(SPECIAL, TOLERANCE[side] * np.maximum(server, counted))
    differ: NDArray[np.bool_] = compared(recording, side) & (np.abs(server - counted) > allowed)
    return differ


def compared(recording: Recording, side: str) -> NDArray[np.bool_]:
    """The rows in which both server and tokenizer counted ``side``."""
    columns = recording.columns
    server, counted = columns[f"{side}_tokens"], columns[f"counted_{side}"]
    both: NDArray[np.bool_] = (server != ABSENT) & (counted != ABSENT)
    return both


def ledger(recording: Recording) -> TokenLedger:
    """Totals over the measured requests that succeeded, and how many of them disagree."""
    rows = recording.columns.succeeded
    columns = {name: values[rows] for name, values in recording.columns.items()}
    made = columns["generates"] != 0  # of vectors, scores and labels there are no events to count
    asked, output, events = (
        columns["asked_tokens"],
        columns["completion_tokens"],
        columns["events"],
    )
    return TokenLedger(
        requests=int(np.count_nonzero(rows)),
        output=OutputLedger(
            asked=_total(asked),
            server=_total(output),
            tokenizer=_total(columns["counted_completion"]),
            events=_total(events[made]),
            reads=_total(columns["reads"][made]),
            reasoning=_total(columns["reasoning_tokens"]),
            source=_source(output, columns["counted_completion"]),
            server_tokenizer_compared=_number(compared(recording, "completion") & rows),
            server_tokenizer_differ=_number(disagrees(recording, "completion") & rows),
            events_differ=_number((output != ABSENT) & (events != ABSENT) & (output != events)),
            over_asked=_number((asked != ABSENT) & (output > asked)),
            under_asked=_number((asked != ABSENT) & (output != ABSENT) & (output < asked)),
            cancelled_events=int(recording.columns["events"][recording.columns.cut].sum()),
        ),
        input=InputLedger(
            server=_total(columns["prompt_tokens"]),
            tokenizer=_total(columns["counted_prompt"]),
            cached=_total(columns["cached_tokens"]),
            source=_source(columns["prompt_tokens"], columns["counted_prompt"]),
            server_tokenizer_compared=_number(compared(recording, "prompt") & rows),
            server_tokenizer_differ=_number(disagrees(recording, "prompt") & rows),
        ),
    )


def _number(rows: NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(rows))


def _total(values: NDArray[np.int64]) -> TokenTotal:
    known = values != ABSENT
    number = _number(known)
    return TokenTotal(total=int(values[known].sum()) if number else None, known=number)


def _source(server: NDArray[np.int64], counted: NDArray[np.int64]) -> TokenSources:
    by_server = _number(server != ABSENT)
    by_tokenizer = _number((server == ABSENT) & (counted != ABSENT))
    return TokenSources(
        server=by_server,
        tokenizer=by_tokenizer,
        unknown=len(server) - by_server - by_tokenizer,
    )
