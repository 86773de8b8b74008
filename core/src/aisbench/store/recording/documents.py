"""load.json: what one load was asked to do, what its processes said of themselves, how it ended.

The classes here are the one place that names the keys of load.json and of the workers' reports. A
document of the present schema has every key and no other: anything else is its damage, and is
told with the key. Documents of earlier schemas go through :func:`_from_earlier`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import attrs
import orjson
from attrs import define, frozen

from aisbench.base.errors import AisbenchError, DamageError
from aisbench.store.files import write_atomically
from aisbench.store.run import RESTORE, read_json, understanding
from aisbench.store.strict import structured
from aisbench.types.json import JsonObject

SCHEMA = 4
"""Of load.json. 1 did not say how much was recorded; 2 left out keys that had nothing to say; the
workers' rows of 3 had no labels."""

LABELS_SINCE = 4
"""The first schema whose workers wrote the column of labels."""

RECORDED_SINCE = 2
"""The first schema whose documents say how much was recorded."""


@frozen
class WorkerTotals:
    """The counters of one worker when it ended: the slots of its shared memory, in this order.

    Requests are counted with their warm-up and cool-down unless it is said otherwise.
    """

    state: int = 0
    """See STATE_* of :mod:`aisbench.loadgen.shared_counters`."""
    opened: int = 0
    """Connections opened."""
    opened_before: int = 0
    """Connections opened before the start."""
    opening_ns: int = 0
    """Spent on opening the connections that were opened before the start, in all."""
    opening_longest_ns: int = 0
    """Spent on the slowest of them."""
    begun: int = 0
    """Conversations begun."""
    sent: int = 0
    """Requests sent."""
    in_flight: int = 0
    """Requests sent whose answers have not ended."""
    measured_open: int = 0
    """Measured conversations that have not ended."""
    waiting: int = 0
    """Requests that are due and held back: no connection may be opened, or max_concurrency is
    reached."""
    measured_begun: int = 0
    """Measured conversations begun."""
    done: int = 0
    """Requests that succeeded, without the warm-up."""
    failed: int = 0
    """Requests that failed, without the warm-up."""
    cancelled: int = 0
    """Requests that the client cut, without the warm-up."""
    retried: int = 0
    """Attempts that were followed by another."""
    events: int = 0
    """Events with tokens."""
    tokens: int = 0
    """Output tokens, as the server counted them."""
    reconnects: int = 0
    """Idle connections that the server had closed, and that were opened again."""
    late_connects: int = 0
    """Connections that had to be opened after the start."""
    held_back: int = 0
    """Requests that ever waited."""
    cpu_ns: int = 0
    """Processor time between the start and the end."""
    wall_ns: int = 0
    """Time between the start and the end."""


@frozen(kw_only=True)
class WorkerError:
    """What went wrong in a worker, in words for the user."""

    message: str
    hint: str


@frozen(kw_only=True)
class BreakerTrip:
    """The failure that so many requests had in a row that the load was ended."""

    kind: str
    """A :class:`~aisbench.types.response.FaultKind`."""
    message: str
    body: str
    """What the server sent; empty where there was nothing."""


@frozen(kw_only=True)
class WorkerRecorded:
    """How much one worker handed to the disk: rows of requests, failures, answers."""

    requests: int
    failures: int
    answers: int


@define(kw_only=True)
class WorkerReport:
    """What a worker tells when it ends, in ``worker-N.json``, later an entry of load.json.

    None stands for what is not known or did not happen. A worker that died could tell nothing:
    the coordinator makes its report.
    """

    worker: int
    pid: int | None = None
    max_rss_bytes: int | None = None
    """The most memory that it ever held."""
    loop_lag_ns: tuple[int, ...] = ()
    """How late its event loop woke up, each time."""
    read_lag_ns: tuple[int, ...] = ()
    """Between the writing of a stamp into its pipe and its reading, each time."""
    recorded: WorkerRecorded | None = None
    tripped: BreakerTrip | None = None
    error: WorkerError | None = None
    bug: str | None = None
    """The traceback of an exception that nobody expected."""
    died: int | None = None
    """The exit code of a process that ended without a word; negative: the signal."""

    @property
    def broken(self) -> bool:
        """Whether the worker did not come to a good end."""
        found = (self.tripped, self.error, self.bug, self.died)
        return any(one is not None for one in found)


@frozen(kw_only=True)
class RecordedTotals:
    """How much the lasting files of a load hold: rows of requests.parquet and events.parquet,
    lines of failures.jsonl and answers.jsonl."""

    requests: int
    reads: int
    failures: int
    answers: int


@frozen(kw_only=True)
class LoadDocument:
    """load.json. Written when the load begins, when its clock starts, when it ends, and when the
    lasting files are whole; what is known only later is None or empty until then."""

    schema: int = SCHEMA
    label: str
    """The load's name among those of the task ("rate=8")."""
    shape: str
    """The name of the load shape; empty in a calibration."""
    asked: JsonObject
    """What makes two loads the same: their settings without those of the report."""
    settings: JsonObject
    """:class:`aisbench.config.load_keys.LoadSettings`, all keys."""
    model: str
    """The name that the server knows the model by."""
    urls: tuple[str, ...]
    stream: bool
    """Whether answers were asked for in pieces."""
    seed: int
    nonce: str
    requests: int | None
    """Measured conversations to begin at most; None: the duration alone ends the load."""
    duration_ns: int | None
    """After which nothing new is begun."""
    open_loop: bool
    """Whether requests have due times, instead of virtual clients that wait for answers."""
    in_flight: int | None
    """Requests that the load was to keep in flight; None in an open loop without a limit."""
    workers_planned: int
    sources: tuple[str, ...]
    """The addresses of this host to connect from; empty: as the system chooses."""
    began: str
    """UTC, ISO 8601."""
    clock_ns: int
    """The clock of all recorded instants at ``began``."""
    state: Literal["running", "interrupted", "finished"] = "running"
    """"running" stays where the whole program was killed."""
    reason: str = ""
    """Why the load ended before it was asked to, in words."""
    start_ns: int | None = None
    """The instant that becomes 0; None before it, 0 where the load never came to it."""
    ended: str | None = None
    """UTC, ISO 8601."""
    workers: tuple[WorkerReport, ...] = ()
    counters: tuple[WorkerTotals, ...] = ()
    """One for each worker, in order."""
    stalls_ns: tuple[int, ...] = ()
    """For how long the coordinator was not let run, each time."""
    memory_bytes: int | None = None
    """The most memory that the coordinator ever held."""
    recorded: RecordedTotals | None = None
    """None until the lasting files are whole."""

    @property
    def zero_ns(self) -> int:
        """The instant that becomes 0, also of a load that never started."""
        return self.start_ns or self.clock_ns


def read_document(path: Path) -> LoadDocument:
    """load.json at ``path``, of whatever schema.

    Raises DamageError, with the key, for a missing, an unknown or an ill-typed one; AisbenchError
    for a schema of a later version.
    """
    content = read_json(path)
    schema = content.get("schema", SCHEMA)
    if isinstance(schema, int) and schema > SCHEMA:
        raise AisbenchError(
            f"{path}: was written by a later version: its schema is {schema}, and this version "
            f"knows those up to {SCHEMA}",
            hint="use the version of aisbench that made the run, or a later one",
        )
    if isinstance(schema, int) and 1 <= schema < SCHEMA:
        content = _from_earlier(path, content)
    return structured(path, content, LoadDocument)


def write_document(
    path: Path, document: LoadDocument, clean: Callable[[Any], Any] = lambda value: value
) -> None:
    """Write load.json in one step; ``clean`` takes the secrets out of it. Raises StoreError."""
    content = clean(attrs.asdict(document))
    write_atomically(path, orjson.dumps(content, option=orjson.OPT_INDENT_2))


def dump_report(report: WorkerReport, clean: Callable[[Any], Any]) -> bytes:
    """``worker-N.json``; ``clean`` takes the secrets out of it."""
    return orjson.dumps(clean(attrs.asdict(report)))


def read_report(path: Path) -> WorkerReport:
    """``worker-N.json``, written a moment ago by a process of this very load.

    Raises DamageError.
    """
    return structured(path, read_json(path), WorkerReport)


def _from_earlier(path: Path, content: Mapping[str, Any]) -> dict[str, Any]:
    """A document of schema 1, 2 or 3 as one of the present schema.

    The first two left out what had nothing to say. Keys that every document had from the first
    are still demanded; unknown ones are passed over, as the versions of their time did.
    """
    if missing := [name for name in _ALWAYS if name not in content]:
        names = ", ".join(map(repr, missing))
        raise DamageError(f"{path}: is damaged: it has no {names}", hint=RESTORE)
    known = {name: content[name] for name in attrs.fields_dict(LoadDocument) if name in content}
    with understanding(path):
        return {
            **_ABSENT,
            **known,
            "workers": [_filled(WorkerReport, one) for one in content.get("workers", ())],
            "counters": [_filled(WorkerTotals, one) for one in content.get("counters", ())],
        }


_ALWAYS = ("asked", "settings", "stream", "open_loop", "clock_ns", "state")
"""Keys without which a document of an earlier schema could not be used either."""

_ABSENT: Mapping[str, Any] = {
    "label": "",
    "shape": "",
    "model": "",
    "urls": [],
    "seed": 0,
    "nonce": "",
    "requests": None,
    "duration_ns": None,
    "in_flight": None,
    "workers_planned": 0,
    "sources": [],
    "began": "",
    "reason": "",
    "start_ns": None,
    "ended": None,
    "stalls_ns": [],
    "memory_bytes": None,
    "recorded": None,
}
"""What an earlier document meant where it had no such key."""


def _filled(cls: type[Any], content: Any) -> Any:
    """``content`` with the defaults of the keys that it lacks, without those of no meaning."""
    if not isinstance(content, Mapping):
        return content
    made = {}
    for one in attrs.fields(cls):
        if one.name in content:
            made[one.name] = content[one.name]
        elif one.default is not attrs.NOTHING:
            made[one.name] = one.default
    return made
