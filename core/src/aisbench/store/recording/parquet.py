"""The lasting files of a load: written once, read as a recording."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aisbench.base.errors import DamageError
from aisbench.store.files import replacing
from aisbench.store.recording.columns import (
    ABSENT,
    COLUMNS,
    FIELDS,
    FIELDS_OF_SCHEMA_3,
    PLACE,
    ColumnKind,
    Columns,
    EventBlock,
    LabelColumn,
    Recording,
)
from aisbench.store.recording.folder import LoadFolder, remedy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LABEL = "label."
"""What the names of the columns of labels in requests.parquet begin with."""


def read_raw_rows(path: Path, width: int = len(FIELDS)) -> NDArray[np.int64]:
    """The whole rows of a worker's file, shape (rows, fields). ``width`` is how many columns its
    version knew: those that came later are ABSENT."""
    import numpy as np

    data = np.fromfile(path, dtype="<i8")
    whole = len(data) // width
    rows = np.full((whole, len(FIELDS)), ABSENT, dtype=np.int64)
    rows[:, :width] = data[: whole * width].reshape(whole, width)
    return rows


def write_requests(
    folder: LoadFolder,
    table: NDArray[np.int64],
    labels: Mapping[str, LabelColumn] | None = None,
) -> None:
    """Make requests.parquet of records, one row each, shape (rows, fields), and their labels."""
    import pyarrow
    import pyarrow.parquet

    columns = {}
    for one in COLUMNS:
        values = table[:, PLACE[one.name]]
        if one.kind is ColumnKind.FLAG:
            columns[one.key] = pyarrow.array(values != 0)
            continue
        # Instants may be below 0 in a warm-up; only the very value of ABSENT means nothing.
        column = pyarrow.array(values, mask=values == ABSENT)
        if one.kind is ColumnKind.CODE:
            column = pyarrow.array(one.words).take(column).dictionary_encode()
        columns[one.key] = column
    for name, label in (labels or {}).items():
        places = pyarrow.array(label.codes.astype("int32"), mask=label.codes == ABSENT)
        words = pyarrow.array(label.values, pyarrow.string())
        columns[LABEL + name] = pyarrow.DictionaryArray.from_arrays(places, words)
    with replacing(folder.requests) as temporary:
        pyarrow.parquet.write_table(pyarrow.table(columns), temporary, compression="zstd")


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


def read_recording(folder: LoadFolder) -> Recording:
    """What was recorded, from the Parquet files, which must hold as much as load.json says.

    Raises DamageError.
    """
    import numpy as np
    import pyarrow
    import pyarrow.compute
    import pyarrow.parquet

    columns: dict[str, NDArray[np.int64]] = {}
    labels = {}
    with reading(folder.requests):
        table = pyarrow.parquet.read_table(folder.requests)
        for place, one in enumerate(COLUMNS):
            if place >= FIELDS_OF_SCHEMA_3 and one.key not in table.column_names:
                columns[one.name] = np.full(len(table), ABSENT, dtype=np.int64)
                continue
            column = table.column(one.key).combine_chunks()
            if one.kind is ColumnKind.CODE:
                words = pyarrow.array(one.words)
                column = pyarrow.compute.index_in(column.cast(pyarrow.string()), words)
            column = column.cast(pyarrow.int64()).fill_null(ABSENT)
            columns[one.name] = column.to_numpy(zero_copy_only=False)
        for name in table.column_names:
            if name.startswith(LABEL):
                labels[name.removeprefix(LABEL)] = _label(table.column(name))
    reads = columns["reads"]
    recorded = folder.document().recorded if folder.load_json.exists() else None
    if recorded is not None:
        with reading(folder.requests):
            _same("requests", len(reads), recorded.requests)
    with reading(folder.events), pyarrow.parquet.ParquetFile(folder.events) as file:
        _same("reads", file.metadata.num_rows, int(reads.sum()))

    def blocks() -> Iterator[EventBlock]:
        return _read_blocks(folder.events, reads)

    return Recording(columns=Columns(columns), blocks=blocks, labels=labels)


def _label(column: Any) -> LabelColumn:
    import pyarrow

    found = column.combine_chunks()
    if not pyarrow.types.is_dictionary(found.type):
        found = found.cast(pyarrow.string()).dictionary_encode()
    codes = found.indices.cast(pyarrow.int64()).fill_null(ABSENT)
    return LabelColumn(
        values=tuple(found.dictionary.to_pylist()), codes=codes.to_numpy(zero_copy_only=False)
    )


def _read_blocks(path: Path, reads: NDArray[np.int64]) -> Iterator[EventBlock]:
    import numpy as np
    import pyarrow
    import pyarrow.parquet

    with_reads = np.flatnonzero(reads)
    ends = np.cumsum(reads[with_reads])
    with reading(path), pyarrow.parquet.ParquetFile(path) as file:
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


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong while a table is read into a DamageError that names it."""
    import pyarrow

    try:
        yield
    except FileNotFoundError:
        raise DamageError(
            f"{path}: cannot be read: it is missing", hint=remedy(path.parent)
        ) from None
    except (OSError, KeyError, ValueError, TypeError, pyarrow.ArrowException) as error:
        raise DamageError(f"{path}: cannot be read: {error}", hint=remedy(path.parent)) from error


def _same(what: str, have: int, promised: int) -> None:
    if have != promised:
        raise ValueError(f"it holds {have:,} {what} instead of {promised:,}")
