"""Files in Arrow's own format, as `save_to_disk` of Hugging Face's `datasets` writes them.

Either of the two forms of https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format:
`datasets` writes streams, pandas (Feather) files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ENDING = ".arrow"


class ArrowFile:
    """The table of a file, which is mapped into memory: what is not looked at is not read.

    Raises pyarrow.ArrowException and OSError, as a Parquet file does.
    """

    def __init__(self, file: Path | str) -> None:
        import pyarrow.ipc

        self._source = pyarrow.memory_map(str(file))
        try:
            reader = pyarrow.ipc.open_file(self._source)
        except pyarrow.ArrowInvalid:
            self._source.seek(0)
            reader = pyarrow.ipc.open_stream(self._source)
        self._table = reader.read_all()

    @property
    def schema_arrow(self) -> Any:
        return self._table.schema

    @property
    def rows(self) -> int:
        return int(self._table.num_rows)

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()

    def read(self, columns: Sequence[str] | None = None) -> Any:
        """The table of some columns."""
        return self._table if columns is None else self._table.select(list(columns))

    def iter_batches(
        self, batch_size: int, columns: Sequence[str], use_threads: bool = False
    ) -> Iterator[Any]:
        """A few rows at a time."""
        return iter(self.read(columns).to_batches(max_chunksize=batch_size))

    def lacks(self, path: str) -> bool:
        """Whether some row has no value at a column, or at a part of one ("image.bytes")."""
        name, _, part = path.partition(".")
        column = self._table.column(name)
        return any(
            chunk.null_count or (part and chunk.field(part).null_count) for chunk in column.chunks
        )

    def cell(self, name: str, row: int) -> Any:
        """The value of a row, from 0. Raises IndexError where there is none."""
        return self._table.column(name)[row].as_py()
