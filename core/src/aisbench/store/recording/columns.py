"""The layout of what a load records: a row of integers a request attempt, flat arrays of events.

Workers write both as raw little-endian integers, which costs next to nothing and is whole up to
the last flush whatever happens; :mod:`aisbench.store.recording.parquet` makes Parquet of them.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from attrs import frozen

from aisbench.types.response import FaultKind, FinishReason

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ABSENT = -1
"""What stands for "did not happen" or "not known" in a column."""

FIELDS = (
    "row",  # index of the sample among those chosen
    "repeat",  # how often that row had been asked before
    "turn",  # request of the conversation, from 0
    "conversation",  # number of the conversation, in the order of the schedule
    "attempt",  # from 1
    "final",  # 1: no further attempt followed
    "phase",  # see Phase
    "worker",
    "replica",  # index of the model's urls
    "outcome",  # see Outcome
    "fault",  # index into FAULTS, when failed
    "status",  # HTTP status, when failed with one
    "finish",  # index into FINISHES, when the server said why it stopped
    "scheduled",  # when it should have been sent; all times are ns after the point's start
    "dispatched",  # when the client began with it
    "sent",  # when its bytes were handed to the kernel
    "first_byte",
    "first_token",
    "first_answer",  # first token that is not reasoning, where the protocol tells
    "last_token",
    "done",  # when the answer's last byte was read, or it failed
    "connect",  # ns spent on opening a connection between dispatched and sent; 0: one was open
    "asked_tokens",  # max_tokens asked for
    "prompt_tokens",  # the server's counts
    "completion_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "counted_prompt",  # the tokenizer's counts
    "counted_completion",
    "events",  # events that carried tokens
    "reads",  # reads of the socket that brought such events: rows of the event arrays
)
"""Columns of a request's record, all int64."""

FAULTS = tuple(FaultKind)
"""What the column "fault" counts in."""

FINISHES = tuple(FinishReason)
"""What the column "finish" counts in."""

PLACE = {name: place for place, name in enumerate(FIELDS)}


class Phase(enum.IntEnum):
    """To which part of a load a request belongs."""

    WARM_UP = 0
    MEASURED = 1
    COOL_DOWN = 2


class AttemptOutcome(enum.IntEnum):
    """How an attempt ended."""

    SUCCESS = 0
    FAILED = 1
    CANCELLED = 2
    """By the client: the grace period was over, or the user stopped the run."""


@frozen(kw_only=True)
class EventBlock:
    """The reads of some whole requests.

    ``rows[i]`` is the request's row in the table of requests; its reads are
    ``time_ns[offsets[i]:offsets[i + 1]]``, in order, each with the number of token events that it
    brought, at least 1. Every request with reads is in exactly one block.
    """

    rows: NDArray[np.int64]
    offsets: NDArray[np.int64]
    time_ns: NDArray[np.int64]
    events: NDArray[np.int32]


@frozen(kw_only=True)
class Recording:
    """Everything that one load recorded.

    ``columns`` has a key for each of :data:`FIELDS`, all of one length. ``blocks`` starts to read
    the events anew at each call: they may be far larger than memory.
    """

    columns: Mapping[str, NDArray[np.int64]]
    blocks: Callable[[], Iterator[EventBlock]]

    def __len__(self) -> int:
        return len(self.columns["row"])
