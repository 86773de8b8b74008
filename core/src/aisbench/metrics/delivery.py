"""How the answers came: whole streams in one piece, coarse ones, empty ones, short ones.

None of these is the client's doing, and each changes what the figures mean.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import field, frozen

from aisbench.metrics.requests import in_one_piece, several
from aisbench.store.recording.columns import Recording
from aisbench.types.performance import RequestCounts

Tell = Callable[[str, int, int, float], None]
"""Takes a sentence, how many it is about, of how many, and the share that is no doubt."""

HELD_BACK = 0.05
"""Streams in one piece, or coarse ones, beyond this share are a cause for doubt: a short answer
may come with one read by chance."""
COARSE = 2
"""Events a read from which on a stream is coarse."""
SEVERAL_TOKENS = 1.5
"""Tokens an event from which on that is told."""
NOTABLE = 0.01
"""Empty or short answers beyond this share are a cause for doubt."""


@frozen(kw_only=True)
class Delivery:
    """``doubts`` say which figures are not what they seem, ``notes`` what a reader should know;
    ``values`` are plain numbers for the client's health."""

    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    values: dict[str, float] = field(factory=dict)


def delivery(recording: Recording, counts: RequestCounts, streamed: bool) -> Delivery:
    """What is to be told of the measured requests that succeeded."""
    doubts: list[str] = []
    notes: list[str] = []
    values: dict[str, float] = {}

    def tell(sentence: str, number: int, total: int, allowed: float) -> None:
        if number:
            (doubts if number > allowed * total else notes).append(sentence)

    if streamed:
        _pieces(recording, tell, notes, values)
    tell(
        f"{counts.empty} of {counts.success} answers were empty: no token came. They are among "
        "the successful requests and the request throughput, have no latencies, and are never "
        "good",
        counts.empty,
        counts.success,
        NOTABLE,
    )
    tell(
        f"{counts.short} of {counts.success} answers ended before the tokens that were demanded "
        "of them (ignore_eos, min_tokens): the server had less to do than was asked for",
        counts.short,
        counts.success,
        NOTABLE,
    )
    return Delivery(doubts=tuple(doubts), notes=tuple(notes), values=values)


def _pieces(
    recording: Recording,
    tell: Tell,
    notes: list[str],
    values: dict[str, float],
) -> None:
    columns = recording.columns
    able = columns.succeeded & several(recording)
    streams = int(np.count_nonzero(able))
    whole = able & in_one_piece(recording)
    pieces = int(np.count_nonzero(whole))
    values["streams"], values["streams_in_one_piece"] = streams, pieces
    tell(
        f"{pieces} of {streams} streams came in one piece: something before the client holds "
        "answers back (a gateway that buffers, or a server that does not stream). TPOT, ITL and "
        "the decode rate of these are unknown, their TTFT is the time of the whole answer, and "
        "no SLO on TPOT or ITL is met by them",
        pieces,
        streams,
        HELD_BACK,
    )
    events, reads = columns["events"], columns["reads"]
    coarse = able & ~whole & (events >= COARSE * reads)
    number = int(np.count_nonzero(coarse))
    values["streams_coarse"] = number
    if number:
        a_read = events[coarse].sum() / reads[coarse].sum()
        tell(
            f"{number} of {streams} streams came in coarse pieces, {a_read:.1f} events with each "
            "read: TTFT reads too high and TPOT too low by what was held back, and ITL is that of "
            "the reads, not of the server",
            number,
            streams,
            HELD_BACK,
        )
    count = columns.tokens("completion")
    known = able & ~whole & ~np.isnan(count)
    an_event = float(count[known].sum()) / max(1, int(events[known].sum()))
    if an_event >= SEVERAL_TOKENS:
        notes.append(
            f"an event carried {an_event:.1f} tokens on average: ITL is between events; "
            'load.itl = "token" spreads it over tokens'
        )
