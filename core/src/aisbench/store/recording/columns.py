"""The layout of what a load records: a row of integers a request attempt, flat arrays of events.

Workers write both as raw little-endian integers, which costs next to nothing and is whole up to
the last flush whatever happens; :mod:`aisbench.store.recording.parquet` makes Parquet of them.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from attrs import frozen

from aisbench.types.response import FaultKind, FinishReason

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ABSENT = -1
"""What stands for "did not happen" or "not known" in a column."""


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


FAULTS = tuple(FaultKind)
"""What the column "fault" counts in."""

FINISHES = tuple(FinishReason)
"""What the column "finish" counts in."""


class ColumnKind(enum.Enum):
    """What the integers of a column are."""

    NUMBER = enum.auto()
    INSTANT = enum.auto()
    """ns. As clocked in the workers' files, after the start of the load in the lasting ones."""
    DURATION = enum.auto()
    """ns."""
    FLAG = enum.auto()
    """0 or 1."""
    CODE = enum.auto()
    """Places in the column's ``words``."""


@frozen
class Column:
    """One column of the table of attempts."""

    name: str
    meaning: str
    kind: ColumnKind = ColumnKind.NUMBER
    words: tuple[str, ...] = ()
    """Of codes: the word that each stands for, in order. They stand in the Parquet file."""

    @property
    def key(self) -> str:
        """The name in the Parquet file, which ends with the unit of times."""
        timed = self.kind in (ColumnKind.INSTANT, ColumnKind.DURATION)
        return f"{self.name}_ns" if timed else self.name


def _instant(name: str, meaning: str) -> Column:
    return Column(name, meaning, ColumnKind.INSTANT)


def _code(name: str, meaning: str, words: Iterable[str]) -> Column:
    return Column(name, meaning, ColumnKind.CODE, tuple(words))


COLUMNS = (
    Column("row", "index of the sample among those chosen"),
    Column("repeat", "how often that row had been asked before"),
    Column("turn", "request of the conversation, from 0"),
    Column("conversation", "number of the conversation, in the order of the schedule"),
    Column("attempt", "number of the attempt at the request, from 1"),
    Column("final", "whether no further attempt followed", ColumnKind.FLAG),
    _code("phase", "part of the load", (one.name.lower() for one in Phase)),
    Column("worker", "number of the process that sent it"),
    Column("replica", "index of the model's urls"),
    _code("outcome", "how it ended", (one.name.lower() for one in AttemptOutcome)),
    _code("fault", "what went wrong, when it failed", (one.value for one in FAULTS)),
    Column("status", "HTTP status, when it failed with one"),
    _code("finish", "why the server stopped, when it said so", (one.value for one in FINISHES)),
    _instant("scheduled", "when it should have been sent"),
    _instant("dispatched", "when the client began with it"),
    _instant("sent", "when its bytes were handed to the kernel"),
    _instant("first_byte", "when the first byte of the answer was read"),
    _instant("first_token", "when the first event with tokens was read"),
    _instant("first_answer", "when the first token came that is no reasoning, if it was told"),
    _instant("last_token", "when the last event with tokens was read"),
    _instant("done", "when the last byte of the answer was read, or it failed"),
    Column(
        "connect",
        "spent on opening a connection between dispatched and sent; 0: one was open",
        ColumnKind.DURATION,
    ),
    Column("asked_tokens", "max_tokens of the request"),
    Column("prompt_tokens", "input tokens, by the server's count"),
    Column("completion_tokens", "output tokens, by the server's count"),
    Column("cached_tokens", "input tokens from the server's cache, by its count"),
    Column("reasoning_tokens", "output tokens that are reasoning, by the server's count"),
    Column("counted_prompt", "input tokens, by the tokenizer's count"),
    Column("counted_completion", "output tokens, by the tokenizer's count"),
    Column("events", "events that carried tokens"),
    Column("reads", "reads of the socket that brought such events: rows of the event arrays"),
)
"""The columns of an attempt's row, in order, all int64; ABSENT where a value is not known.

The workers' files, the Parquet schema and everything that finds a column derive from it.
"""

FIELDS = tuple(one.name for one in COLUMNS)
"""The names of the columns."""

PLACE = {name: place for place, name in enumerate(FIELDS)}
"""Where a column stands in a row. Hot paths keep it: a name that does not exist is an error when
they are imported."""

INSTANTS = tuple(one.name for one in COLUMNS if one.kind is ColumnKind.INSTANT)
"""The columns that hold instants."""


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
