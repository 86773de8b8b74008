"""From the workers' raw files to the lasting ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import orjson

from aisbench.base.errors import DamageError
from aisbench.store.files import remove, replacing, write_atomically
from aisbench.store.recording.columns import (
    ABSENT,
    FIELDS,
    FIELDS_OF_SCHEMA_3,
    INSTANTS,
    PLACE,
)
from aisbench.store.recording.documents import (
    LABELS_SINCE,
    RECORDED_SINCE,
    SCHEMA,
    LoadDocument,
    RecordedTotals,
    write_document,
)
from aisbench.store.recording.folder import LoadFolder, remedy, worker_of
from aisbench.store.recording.labels import take_labels
from aisbench.store.recording.parquet import (
    event_writer,
    read_raw_rows,
    write_event_group,
    write_requests,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RAW = ("requests", "events", "failures", "answers", "texts", "labels", "worker")
"""Kinds of the workers' files."""
BLOCK_READS = 4_000_000
"""Reads in one block, about: 64 MB of memory, one row group of the file."""


def is_converted(folder: LoadFolder, document: LoadDocument) -> bool:
    """Whether the lasting files are whole: said by load.json, which is written after them.

    A load.json of schema 1 says nothing: there the workers' files are gone when all is done.
    """
    if document.recorded is not None:
        return True
    earlier = document.schema < RECORDED_SINCE
    return earlier and folder.requests.exists() and not folder.raw("requests")


def convert(folder: LoadFolder, start: int, counted: Mapping[int, tuple[int, int]]) -> None:
    """Make the lasting files of the workers' raw ones, then drop these.

    ``start`` is the instant that becomes 0. ``counted`` holds the tokenizer's counts of prompt
    and answer by row. All files are on the disk before load.json says so, in one step, with how
    much they hold; only then is the first raw file removed. Whenever it is killed, the next call
    begins anew or goes on removing. Raises StoreError, DamageError when raw files hold less than
    their worker wrote.
    """
    import numpy as np

    document = folder.document()
    if not is_converted(folder, document):
        raw = folder.raw("requests")
        if not raw and folder.requests.exists():
            raise DamageError(
                f"{folder.path}: requests.parquet is there, but {folder.load_json.name} does not "
                "say that it is whole, and the workers' files are gone",
                hint=f"remove {folder.path}: --resume runs the load again",
            )
        width = len(FIELDS) if document.schema >= LABELS_SINCE else FIELDS_OF_SCHEMA_3
        rows = [read_raw_rows(path, width) for path in raw]
        _compare(folder, document, rows)
        labels = take_labels(folder, rows)
        table = np.concatenate(rows) if rows else np.empty((0, len(FIELDS)), dtype=np.int64)
        for row, (prompt, answer) in counted.items():
            table[row, PLACE["counted_prompt"]] = prompt
            if table[row, PLACE["generates"]] != 0:  # of vectors and scores there are none
                table[row, PLACE["counted_completion"]] = answer
        for name in INSTANTS:
            column = table[:, PLACE[name]]
            column[column != ABSENT] -= start
        failures = _merge_failures(folder, [len(one) for one in rows])
        _write_events(folder, rows, start)
        write_atomically(folder.failures, b"".join(orjson.dumps(one) + b"\n" for one in failures))
        answers = _merge_answers(folder)
        write_requests(folder, table, labels)
        recorded = RecordedTotals(
            requests=len(table),
            reads=int(table[:, PLACE["reads"]].sum()),
            failures=len(failures),
            answers=answers,
        )
        # All keys are known now: a document of an earlier schema becomes one of the present.
        written = attrs.evolve(document, schema=SCHEMA, recorded=recorded)
        write_document(folder.load_json, written)
    for name in RAW:
        remove(folder.raw(name))


def _compare(
    folder: LoadFolder, document: LoadDocument, rows: Sequence[NDArray[np.int64]]
) -> None:
    """Raises DamageError when a worker reported more than its files hold."""
    have = {
        worker_of(path): len(one) for path, one in zip(folder.raw("requests"), rows, strict=True)
    }
    for report in document.workers:
        worker, recorded = report.worker, report.recorded
        if recorded is None:
            continue  # it died: what it had handed to the kernel is all there is
        lines = {}
        for name in ("failures", "answers"):
            path = folder.path / f"{name}-{worker}.jsonl"
            lines[name] = path.read_bytes().count(b"\n") if path.exists() else 0
        for name, suffix, count, wrote in (
            ("requests", "bin", have.get(worker, 0), recorded.requests),
            ("failures", "jsonl", lines["failures"], recorded.failures),
            ("answers", "jsonl", lines["answers"], recorded.answers),
        ):
            if count != wrote:
                raise DamageError(
                    f"{folder.path / name}-{worker}.{suffix}: is damaged: it holds {count:,} of "
                    f"the {wrote:,} {name} that its worker wrote",
                    hint=remedy(folder.path),
                )


def _write_events(folder: LoadFolder, rows: list[NDArray[np.int64]], start: int) -> None:
    with replacing(folder.events) as temporary, event_writer(temporary) as writer:
        base = 0
        for path, mine in zip(folder.raw("requests"), rows, strict=True):
            source = path.with_name(path.name.replace("requests-", "events-"))
            _write_reads(writer, source, mine[:, PLACE["reads"]], base, start)
            base += len(mine)


def _write_reads(
    writer: Any, source: Path, reads: NDArray[np.int64], base: int, start: int
) -> None:
    """Add the reads of one worker's requests, the first of which is row ``base`` of the table."""
    import numpy as np

    ends = np.cumsum(reads)
    # Whole reads: a kill or a full disk may have torn the last one.
    have = source.stat().st_size // 16 if source.exists() else 0
    pairs = np.memmap(source, "<i8", "r", shape=(2 * have,)) if have else None
    if len(ends) and ends[-1] > have:
        raise DamageError(
            f"{source}: is damaged: it holds {have} reads of {ends[-1]}",
            hint=remedy(source.parent),
        )
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


def _merge_answers(folder: LoadFolder) -> int:
    """Make answers.jsonl of the workers' files, if they kept any; how many it holds."""
    raw = folder.raw("answers")
    if not raw:
        return 0
    count = 0
    with replacing(folder.answers) as temporary, temporary.open("wb") as file:
        for path in raw:
            data = path.read_bytes()
            file.write(data[: data.rfind(b"\n") + 1])
            count += data.count(b"\n")
    return count


def _merge_failures(folder: LoadFolder, counts: list[int]) -> list[Any]:
    found = []
    for path in folder.raw("failures"):
        worker = worker_of(path)
        names = [worker_of(one) for one in folder.raw("requests")]
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
