"""From the workers' raw files to Parquet, and from both to a recording."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from attrs import frozen

from aisbench.errors import StoreError
from aisbench.store.arrays import ABSENT, FIELDS, PLACE, EventBlock, Recording
from aisbench.store.journal import write_atomically

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TIMES = (
    "scheduled",
    "dispatched",
    "sent",
    "first_byte",
    "first_token",
    "first_answer",
    "last_token",
    "done",
)
"""Columns that hold instants."""

NANOSECONDS = (*TIMES, "connect")
BLOCK_READS = 4_000_000
"""Reads in one block, about: 64 MB of memory, one row group of the file."""


@frozen
class LoadFolder:
    """The files of one load, in ``performance/MODEL/DATASET/LOAD/``."""

    path: Path

    @property
    def requests(self) -> Path:
        """One row an attempt."""
        return self.path / "requests.parquet"

    @property
    def events(self) -> Path:
        """One row a read of the socket that brought tokens."""
        return self.path / "events.parquet"

    @property
    def failures(self) -> Path:
        """The words of what failed."""
        return self.path / "failures.jsonl"

    @property
    def answers(self) -> Path:
        """Prompts and answers, where they were kept."""
        return self.path / "answers.jsonl"

    @property
    def point(self) -> Path:
        """What was asked, when it started, how it ended, and how the client fared."""
        return self.path / "load.json"

    @property
    def scrapes(self) -> Path:
        """What the server published, a line a reading."""
        return self.path / "scrapes.jsonl"

    @property
    def summary(self) -> Path:
        """The figures."""
        return self.path / "summary.json"

    def raw(self, name: str) -> list[Path]:
        """The workers' files of that kind, by worker."""
        found = self.path.glob(f"{name}-*.*")
        return sorted(found, key=lambda path: int(path.stem.rpartition("-")[2]))


def read_raw_rows(path: Path) -> NDArray[np.int64]:
    """The whole rows of a worker's file, shape (rows, fields)."""
    import numpy as np

    data = np.fromfile(path, dtype="<i8")
    whole = len(data) // len(FIELDS)
    return data[: whole * len(FIELDS)].reshape(whole, len(FIELDS))


def finish(folder: LoadFolder, start: int, counted: Mapping[int, tuple[int, int]]) -> None:
    """Make requests.parquet, events.parquet and failures.jsonl; then drop the raw files.

    ``start`` is the instant that becomes 0. ``counted`` holds the tokenizer's counts of prompt
    and answer by row. Does nothing when it has been done. Raises StoreError.
    """
    import numpy as np

    raw = folder.raw("requests")
    if not raw and folder.requests.exists():
        return
    rows = [read_raw_rows(path) for path in raw]
    table = np.concatenate(rows) if rows else np.empty((0, len(FIELDS)), dtype=np.int64)
    for row, (prompt, answer) in counted.items():
        table[row, PLACE["counted_prompt"]] = prompt
        table[row, PLACE["counted_completion"]] = answer
    for name in TIMES:
        column = table[:, PLACE[name]]
        column[column != ABSENT] -= start
    failures = _merge_failures(folder, [len(one) for one in rows])
    try:
        _write_events(folder, rows, table, start)
        write_atomically(folder.failures, b"".join(orjson.dumps(one) + b"\n" for one in failures))
        write_requests(folder, table)
    except OSError as error:
        raise StoreError(
            f"{folder.path}: cannot be written: {error.strerror or error}",
            hint="the workers' files are kept; free space, then: aisbench report RUN",
        ) from error
    for name in ("requests", "events", "failures"):
        for path in folder.raw(name):
            path.unlink()


def write_requests(folder: LoadFolder, table: NDArray[np.int64]) -> None:
    """Make requests.parquet of records, one row each, shape (rows, fields)."""
    import pyarrow
    import pyarrow.parquet

    from aisbench.load.records import FAULTS, FINISHES
    from aisbench.store.arrays import Outcome, Phase

    def words(name: str, values: list[str]) -> Any:
        column = table[:, PLACE[name]]
        codes = pyarrow.array(column, mask=column == ABSENT, type=pyarrow.int64())
        taken = pyarrow.array(values).take(codes)
        return taken.dictionary_encode()

    meanings = {
        "phase": [phase.name.lower() for phase in Phase],
        "outcome": [outcome.name.lower() for outcome in Outcome],
        "fault": [kind.value for kind in FAULTS],
        "finish": [reason.value for reason in FINISHES],
    }
    columns = {}
    for name in FIELDS:
        column = table[:, PLACE[name]]
        key = f"{name}_ns" if name in NANOSECONDS else name
        if name in meanings:
            columns[key] = words(name, meanings[name])
        elif name == "final":
            columns[key] = pyarrow.array(column != 0)
        else:
            # Instants may be below 0 in a warm-up; only the very value of ABSENT means nothing.
            columns[key] = pyarrow.array(column, mask=column == ABSENT)
    temporary = folder.requests.with_suffix(".tmp")
    pyarrow.parquet.write_table(pyarrow.table(columns), temporary, compression="zstd")
    temporary.replace(folder.requests)


EVENT_NAMES = ("request", "time_ns", "events")


def event_writer(path: Path) -> Any:
    """A writer of events.parquet; its row groups hold whole requests."""
    import pyarrow
    import pyarrow.parquet

    schema = pyarrow.schema(
        [
            ("request", pyarrow.int32()),
            ("time_ns", pyarrow.int64()),
            ("events", pyarrow.uint16()),
        ]
    )
    return pyarrow.parquet.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=["request", "events"],
        # Instants of a request follow each other closely: their differences are small.
        column_encoding={"time_ns": "DELTA_BINARY_PACKED"},
        write_statistics=["request"],
    )


def write_event_group(
    writer: Any,
    request: NDArray[np.int32],
    time_ns: NDArray[np.int64],
    events: NDArray[np.uint16],
) -> None:
    """Add one row group."""
    import pyarrow

    table = pyarrow.table([request, time_ns, events], schema=writer.schema)
    writer.write_table(table, row_group_size=len(request))


def _write_events(
    folder: LoadFolder,
    rows: list[NDArray[np.int64]],
    table: NDArray[np.int64],
    start: int,
) -> None:
    import numpy as np

    temporary = folder.events.with_suffix(".tmp")
    base = 0
    with event_writer(temporary) as writer:
        for path, mine in zip(folder.raw("requests"), rows, strict=True):
            source = path.with_name(path.name.replace("requests-", "events-"))
            reads = mine[:, PLACE["reads"]]
            ends = np.cumsum(reads)
            # Whole reads: a kill or a full disk may have torn the last one.
            have = source.stat().st_size // 16 if source.exists() else 0
            pairs = np.memmap(source, "<i8", "r", shape=(2 * have,)) if have else None
            if len(ends) and ends[-1] > have:
                raise StoreError(f"{source}: is damaged: it holds {have} reads of {ends[-1]}")
            first = 0
            while first < len(reads):
                begin = int(ends[first] - reads[first])
                last = int(np.searchsorted(ends, begin + BLOCK_READS, side="right"))
                last = max(last, first + 1)
                end = int(ends[last - 1])
                if end > begin and pairs is not None:
                    part = np.asarray(pairs[2 * begin : 2 * end]).reshape(-1, 2)
                    numbers = np.arange(base + first, base + last, dtype=np.int32)
                    write_event_group(
                        writer,
                        np.repeat(numbers, reads[first:last]),
                        part[:, 0] - start,
                        np.minimum(part[:, 1], 65535).astype(np.uint16),
                    )
                first = last
            base += len(reads)
    temporary.replace(folder.events)


def _merge_failures(folder: LoadFolder, counts: list[int]) -> list[Any]:
    found = []
    for path in folder.raw("failures"):
        worker = int(path.stem.rpartition("-")[2])
        names = [int(one.stem.rpartition("-")[2]) for one in folder.raw("requests")]
        if worker not in names:
            continue
        base = sum(counts[: names.index(worker)])
        limit = counts[names.index(worker)]
        for line in path.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            row = orjson.loads(line)
            if row["row"] < limit:
                found.append({**row, "row": row["row"] + base})
    return found


def read_recording(folder: LoadFolder) -> Recording:
    """What was recorded, from the Parquet files. Raises StoreError."""
    import pyarrow
    import pyarrow.compute
    import pyarrow.parquet

    from aisbench.load.records import FAULTS, FINISHES
    from aisbench.store.arrays import Outcome, Phase

    meanings: Mapping[str, list[str]] = {
        "phase": [phase.name.lower() for phase in Phase],
        "outcome": [outcome.name.lower() for outcome in Outcome],
        "fault": [kind.value for kind in FAULTS],
        "finish": [reason.value for reason in FINISHES],
    }
    try:
        table = pyarrow.parquet.read_table(folder.requests)
    except (OSError, pyarrow.ArrowException) as error:
        raise StoreError(f"{folder.requests}: cannot be read: {error}") from error
    columns: dict[str, NDArray[np.int64]] = {}
    for name in FIELDS:
        column = table.column(f"{name}_ns" if name in NANOSECONDS else name).combine_chunks()
        if name in meanings:
            values = pyarrow.array(meanings[name])
            column = pyarrow.compute.index_in(column.cast(pyarrow.string()), values)
        column = column.cast(pyarrow.int64()).fill_null(ABSENT)
        columns[name] = column.to_numpy(zero_copy_only=False)
    reads = columns["reads"]

    def blocks() -> Iterator[EventBlock]:
        return _read_blocks(folder.events, reads)

    return Recording(columns=columns, blocks=blocks)


def _read_blocks(path: Path, reads: NDArray[np.int64]) -> Iterator[EventBlock]:
    import numpy as np
    import pyarrow
    import pyarrow.parquet

    with_reads = np.flatnonzero(reads)
    ends = np.cumsum(reads[with_reads])
    try:
        file = pyarrow.parquet.ParquetFile(path)
        done = first = 0
        for group in range(file.num_row_groups):
            # Which request a read belongs to is known from the counts: no need to read it.
            table = file.read_row_group(group, columns=["time_ns", "events"])
            count = len(table)
            last = int(np.searchsorted(ends, done + count, side="right"))
            offsets = np.concatenate(([0], ends[first:last] - done))
            yield EventBlock(
                rows=with_reads[first:last],
                offsets=offsets,
                time_ns=table.column(0).combine_chunks().to_numpy(),
                events=table.column(1).combine_chunks().to_numpy().astype(np.int32),
            )
            done += count
            first = last
    except (OSError, pyarrow.ArrowException) as error:
        raise StoreError(f"{path}: cannot be read: {error}") from error
