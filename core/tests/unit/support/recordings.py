"""Small recordings for tests of metrics, written request by request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from aisbench.store.recording.columns import (
    ABSENT,
    FIELDS,
    AttemptOutcome,
    Columns,
    EventBlock,
    LabelColumn,
    Phase,
    Recording,
)

MS = 1_000_000


class Maker:
    """Collects attempts; ``recording()`` puts them into arrays, ``per_block`` rows a block."""

    def __init__(self, per_block: int = 3) -> None:
        self.rows: list[dict[str, int]] = []
        self.reads: list[list[tuple[int, int]]] = []
        self.labels: list[dict[str, str]] = []
        self.per_block = per_block

    def add(self, reads: Sequence[tuple[int, int]] = (), **fields: int) -> dict[str, int]:
        """An attempt with ``reads`` (time in ns, events); other fields by their names."""
        row = dict.fromkeys(FIELDS, ABSENT)
        row.update(
            row=len(self.rows),
            repeat=0,
            turn=0,
            conversation=len(self.rows),
            attempt=1,
            final=1,
            phase=int(Phase.MEASURED),
            worker=0,
            replica=0,
            outcome=int(AttemptOutcome.SUCCESS),
            connect=0,
            events=sum(count for _, count in reads),
            reads=len(reads),
        )
        if reads:
            row.update(first_token=reads[0][0], first_byte=reads[0][0], last_token=reads[-1][0])
        row.update(fields)
        self.rows.append(row)
        self.reads.append(list(reads))
        return row

    def simple(
        self,
        sent: float,
        ttft: float,
        gap: float,
        count: int,
        prompt: int = 10,
        **fields: int,
    ) -> dict[str, int]:
        """A successful request, times in ms: ``count`` tokens of one event each, done with the
        last."""
        start = int(sent * MS)
        reads = [(start + int((ttft + gap * i) * MS), 1) for i in range(count)]
        values = {
            "scheduled": start,
            "dispatched": start,
            "sent": start,
            "done": reads[-1][0] if reads else start + int(ttft * MS),
            "prompt_tokens": prompt,
            "completion_tokens": count,
        }
        return self.add(reads, **(values | fields))

    def label(self, **labels: str) -> None:
        """Label the last attempt."""
        self.labels += [{} for _ in range(len(self.rows) - len(self.labels))]
        self.labels[-1] = labels

    def recording(self) -> Recording:
        columns = {
            name: np.array([row[name] for row in self.rows], dtype=np.int64) for name in FIELDS
        }

        def blocks() -> Iterator[EventBlock]:
            numbers = [i for i, reads in enumerate(self.reads) if reads]
            # Not in the order of the table: workers write when requests end.
            numbers.reverse()
            for begin in range(0, len(numbers), self.per_block):
                rows = numbers[begin : begin + self.per_block]
                lengths = [len(self.reads[i]) for i in rows]
                flat = [read for i in rows for read in self.reads[i]]
                yield EventBlock(
                    rows=np.array(rows, dtype=np.int64),
                    offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
                    time_ns=np.array([time for time, _ in flat], dtype=np.int64),
                    events=np.array([count for _, count in flat], dtype=np.int32),
                )

        return Recording(columns=Columns(columns), blocks=blocks, labels=self._labels())

    def _labels(self) -> dict[str, LabelColumn]:
        given = [*self.labels, *({} for _ in range(len(self.rows) - len(self.labels)))]
        found = {}
        for name in {name for one in given for name in one}:
            values = tuple(dict.fromkeys(one[name] for one in given if name in one))
            codes = [values.index(one[name]) if name in one else ABSENT for one in given]
            found[name] = LabelColumn(values=values, codes=np.array(codes, dtype=np.int64))
        return found
