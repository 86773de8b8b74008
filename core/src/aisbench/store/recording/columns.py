"""The layout of what a load records: a row of integers a request attempt, flat arrays of events.

Workers write both as raw little-endian integers, which costs next to nothing and is whole up to
the last flush whatever happens; :mod:`aisbench.store.recording.parquet` makes Parquet of them.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import field, frozen

from aisbench.types.response import FaultKind, FinishReason

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Side: TypeAlias = Literal["prompt", "completion"]
"""Of a request: its input, or its output."""

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
    _instant("sent", "when its bytes were handed to the kernel: the last one"),
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
    Column("labels", "number of its set of labels, whose words stand in columns of their own"),
    Column("items", "texts, documents or sounds of a request that is no conversation"),
    Column("generates", "whether it has output tokens at all: 0 for vectors, scores and labels"),
    Column("audio", "how long its sounds are", ColumnKind.DURATION),
    Column(
        "upload",
        "spent on handing a large request to the kernel, before sent",
        ColumnKind.DURATION,
    ),
    Column("uploaded", "bytes of the request"),
    Column("pictures", "pictures in it"),
    Column("pixels", "pixels of its pictures"),
    Column("frames", "frames of the films in it"),
    Column("film", "how long its films are", ColumnKind.DURATION),
)
"""The columns of an attempt's row, in order, all int64; ABSENT where a value is not known.

The workers' files, the Parquet schema and everything that finds a column derive from it.
"""

FIELDS = tuple(one.name for one in COLUMNS)
"""The names of the columns."""

FIELDS_OF_SCHEMA_3 = 31
"""How many of them the recordings of load.json's schema 3 and before have: the first ones. Later
columns stand behind these."""

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


class Columns(Mapping[str, "NDArray[np.int64]"]):
    """The table of attempts by column, each of :data:`FIELDS`, and which of its rows are what.

    A mask has a value for each row; it is worked out once, and cannot be written to.
    """

    def __init__(self, columns: Mapping[str, NDArray[np.int64]]) -> None:
        self._columns = {name: columns[name] for name in FIELDS}

    def __getitem__(self, name: str) -> NDArray[np.int64]:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def rows(self) -> int:
        """How many attempts there are."""
        return len(self._columns["row"])

    def phase(self, phase: Phase) -> NDArray[np.bool_]:
        """The attempts of one part of the load."""
        return _kept(self["phase"] == int(phase))

    @cached_property
    def measured(self) -> NDArray[np.bool_]:
        """The measured attempts, those that were followed by another included."""
        return self.phase(Phase.MEASURED)

    @cached_property
    def last(self) -> NDArray[np.bool_]:
        """The attempts that no other one followed, of all phases: each request once."""
        return _kept(self["final"] == 1)

    @cached_property
    def requests(self) -> NDArray[np.bool_]:
        """The measured requests, each by its last attempt."""
        return _kept(self.measured & self.last)

    @cached_property
    def succeeded(self) -> NDArray[np.bool_]:
        """The measured requests that were answered in full."""
        return _kept(self.requests & self._ended_as(AttemptOutcome.SUCCESS))

    @cached_property
    def silent(self) -> NDArray[np.bool_]:
        """The attempts whose answers are vectors, scores or labels: they have no output tokens,
        which is not the same as none that are known."""
        return _kept(self["generates"] == 0)

    @cached_property
    def cancelled(self) -> NDArray[np.bool_]:
        """The measured requests that the client cut at the end of the load."""
        return _kept(self.requests & self._ended_as(AttemptOutcome.CANCELLED))

    @cached_property
    def cut(self) -> NDArray[np.bool_]:
        """Those of the cancelled ones that had brought tokens."""
        return _kept(self.cancelled & (self["events"] > 0))

    @cached_property
    def failed_attempts(self) -> NDArray[np.bool_]:
        """The attempts that failed, of all phases."""
        return _kept(self._ended_as(AttemptOutcome.FAILED))

    @cached_property
    def was_sent(self) -> NDArray[np.bool_]:
        """The attempts that were sent, of all phases."""
        return _kept(self["sent"] != ABSENT)

    @cached_property
    def departed(self) -> NDArray[np.int64]:
        """When the first byte of each was handed to the kernel, ns; ABSENT where none was."""
        upload, sent = self["upload"], self.was_sent
        begun = self["sent"] - upload * (upload > 0)
        found: NDArray[np.int64] = begun * sent + ABSENT * ~sent
        return found

    @cached_property
    def has_ended(self) -> NDArray[np.bool_]:
        """The attempts that have an end, of all phases."""
        return _kept(self["done"] != ABSENT)

    @cached_property
    def travelled(self) -> NDArray[np.bool_]:
        """The measured attempts that were sent and ended."""
        return _kept(self.measured & self.was_sent & self.has_ended)

    @cached_property
    def started(self) -> NDArray[np.int64]:
        """When each attempt began, ns: sent, or dispatched or scheduled when it never was."""
        import numpy as np

        begun = self["sent"]
        for earlier in ("dispatched", "scheduled"):
            begun = np.where(begun != ABSENT, begun, self[earlier])
        begun.setflags(write=False)
        return begun

    def tokens(self, side: Side) -> NDArray[np.float64]:
        """Token counts of ``side``: the server's, else the tokenizer's; NaN where neither
        counted."""
        return self._prompt_tokens if side == "prompt" else self._completion_tokens

    @cached_property
    def _prompt_tokens(self) -> NDArray[np.float64]:
        return _counts(self["prompt_tokens"], self["counted_prompt"])

    @cached_property
    def _completion_tokens(self) -> NDArray[np.float64]:
        return _counts(self["completion_tokens"], self["counted_completion"])

    def _ended_as(self, outcome: AttemptOutcome) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = self["outcome"] == int(outcome)
        return found


def _kept(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    mask.setflags(write=False)
    return mask


def _counts(server: NDArray[np.int64], counted: NDArray[np.int64]) -> NDArray[np.float64]:
    import numpy as np

    count = np.where(server != ABSENT, server, counted)
    found = np.where(count != ABSENT, count.astype(np.float64), np.nan)
    found.setflags(write=False)
    return found


@frozen(kw_only=True)
class LabelColumn:
    """One label of all attempts: the place of each attempt's value in ``values``, ABSENT where it
    has none. No two values are alike."""

    values: tuple[str, ...]
    codes: NDArray[np.int64]


@frozen(kw_only=True)
class Recording:
    """Everything that one load recorded.

    ``blocks`` starts to read the events anew at each call: they may be far larger than memory.
    ``labels`` are those of the requests, by name.
    """

    columns: Columns
    blocks: Callable[[], Iterator[EventBlock]]
    labels: Mapping[str, LabelColumn] = field(factory=dict)

    def of(self, rows: NDArray[np.int64]) -> Recording:
        """The attempts of some rows alone, without their events and labels."""
        columns = Columns({name: values[rows] for name, values in self.columns.items()})
        return Recording(columns=columns, blocks=lambda: iter(()))

    def __len__(self) -> int:
        return self.columns.rows
