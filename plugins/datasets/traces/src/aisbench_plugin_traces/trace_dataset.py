"""What every trace does with its rows: order, window, lengths, samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

from aisbench.api import (
    DataError,
    ExactText,
    JsonValue,
    PlainWords,
    Sample,
    Variant,
    load_tokenizer,
    load_variants,
    make_rows,
)
from aisbench_plugin_traces.row_files import Place, RecordedRequest, read_trace
from aisbench_plugin_traces.settings import SessionSettings, TraceDatasetSettings

SECOND = 1_000_000_000
_CHARACTERS_A_TOKEN = 4


class TraceDataset:
    """Rows of one file. A format says how to read them and what a prompt is made of."""

    name: ClassVar[str]
    source: ClassVar[str]
    """Where such files come from, for messages."""
    in_file_order: ClassVar[bool] = True
    """Whether rows of a file are to be in the order of their times."""

    def __init__(self, settings: TraceDatasetSettings) -> None:
        self.settings = settings
        self._all: list[RecordedRequest] = []
        self._begins: dict[str, int] = {}
        """When each session began."""

    def variants(self) -> Mapping[str, Variant]:
        return load_variants("aisbench_plugin_traces")

    def files(self) -> Sequence[Path]:
        """The trace, and the tokenizer where it is a file: other tokens are another workload."""
        found = self.trace_files()
        for one in found:
            if not one.is_file():
                read_trace(one, self.source)  # it says what is wrong
        path = Path(self.settings.tokenizer).expanduser()
        file = path / "tokenizer.json" if path.is_dir() else path
        own = [file] if self.settings.tokenizer and file.is_file() else []
        return [*found, *own]

    def samples(self) -> Sequence[Sample]:
        settings = self.settings
        rows = self._in_order(self.rows())
        if not rows:
            raise DataError(f"{settings.path}: the trace has no rows", hint=self.source)
        start = rows[0].at_ns
        end = None if settings.end is None else start + round(settings.end * SECOND)
        begin = start + round(settings.begin * SECOND)
        self._all = rows
        begins = self._begins = {}
        for row in rows:
            if row.session:
                begins[row.session] = min(begins.get(row.session, row.at_ns), row.at_ns)
        # Whole sessions: one that is cut would begin in the middle.
        rows = [
            row
            for row in rows
            if (at := begins.get(row.session, row.at_ns)) >= begin and (end is None or at < end)
        ]
        if not rows:
            raise DataError(
                f"{settings.path}: no row lies between begin and end",
                hint="both are seconds after the trace's first row",
            )
        rows = self._with_answers(self._few(self.chosen(rows)))
        rows = self._whole(rows)
        if first := next((row for row in rows if row.input_length is not None), None):
            self._needs_filler(first)
        origin = rows[0].at_ns
        tokens = sum(map(self._size, rows))
        return make_rows(len(rows), lambda number: self._sample(rows[number], origin), tokens)

    def examples(self) -> Sequence[Sample]:
        raise DataError(f"{self.name}: there are no few-shot examples", hint="set shots = 0")

    # What a format says.

    def trace_files(self) -> Sequence[Path]:
        """The files of the trace."""
        return [self.settings.path]

    def rows(self) -> list[RecordedRequest]:
        """All rows of all files. Raises DataError."""
        return self.read(read_trace(self.settings.path, self.source))

    def read(self, text: str) -> list[RecordedRequest]:
        """All rows of the file."""
        raise NotImplementedError

    def when(self, at_ns: int) -> str:
        """An instant as the file writes it."""
        return f"{at_ns / SECOND:g} s"

    def chosen(self, rows: list[RecordedRequest]) -> list[RecordedRequest]:
        """The rows that settings of the format keep. Raises DataError when there is none."""
        return rows

    def parts(self, row: RecordedRequest) -> list[tuple[str, int]]:
        """The keys of the texts that the prompt is made of, and how many tokens of each."""
        assert row.input_length is not None
        return [(f"row/{row.line}", row.input_length)]

    def fields(self, row: RecordedRequest) -> dict[str, JsonValue]:
        """Further fields of the sample."""
        return {}

    # The rest is the same for all.

    @cached_property
    def _filler(self) -> ExactText | PlainWords:
        settings = self.settings
        if settings.unit == "words":
            return PlainWords(settings.seed)
        return ExactText(load_tokenizer(settings.tokenizer), settings.seed)

    def _needs_filler(self, row: RecordedRequest) -> None:
        if not self.settings.tokenizer and self.settings.unit == "tokens":
            raise Place(self.settings.path, row.line).fault(
                f"the row has {row.input_length} tokens, and no tokenizer is named to make a "
                "prompt of so many",
                "set tokenizer to the model's folder, its tokenizer.json or its name on the hub; "
                'or set unit = "words", and lengths are words, some of which are more than one '
                "token",
            )
        _ = self._filler  # loaded now: what is wrong with it is said before the first request

    def _in_order(self, rows: list[RecordedRequest]) -> list[RecordedRequest]:
        if self.settings.sort or not self.in_file_order:
            return in_waiting_order(rows)
        for before, row in pairwise(rows):
            if row.at_ns < before.at_ns:
                raise Place(self.settings.path, row.line).fault(
                    f"the trace is not in order: this row was recorded at {self.when(row.at_ns)}, "
                    f"and line {before.line} at {self.when(before.at_ns)}",
                    "set sort = true, or sort the file by time",
                )
        return in_waiting_order(rows) if any(row.after for row in rows) else rows

    def _with_answers(self, rows: list[RecordedRequest]) -> list[RecordedRequest]:
        handling = self.settings.empty_answers
        if handling == "error":
            for row in rows:
                if row.output_length == 0:
                    raise Place(self.settings.path, row.line).fault(
                        "the row has 0 output tokens, which no server can be asked for",
                        'set empty_answers to "drop" such rows, or to "one" to ask for one token',
                    )
        if handling == "drop":
            rows = [row for row in rows if row.output_length != 0]
            if not rows:
                raise DataError(
                    f"{self.settings.path}: every row that is left has 0 output tokens",
                    hint='set empty_answers = "one" to ask for one token each',
                )
        return rows

    def _few(self, rows: list[RecordedRequest]) -> list[RecordedRequest]:
        """The sessions that the settings keep; a row without one is a session by itself."""
        settings = self.settings
        if not isinstance(settings, SessionSettings):
            return rows
        if (most := settings.longest_input) is not None:
            long = {_unit(row) for row in rows if (row.input_length or 0) > most}
            rows = [row for row in rows if _unit(row) not in long]
            if not rows:
                raise DataError(
                    f"{settings.path}: each session has a prompt of more than longest_input = "
                    f"{most} tokens",
                    hint="raise longest_input",
                )
        if settings.sessions is not None:
            kept = set(list(dict.fromkeys(map(_unit, rows)))[: settings.sessions])
            rows = [row for row in rows if _unit(row) in kept]
        return rows

    def _whole(self, rows: list[RecordedRequest]) -> list[RecordedRequest]:
        """Rows that wait for none that was left out: they wait for what that one waited for."""
        kept = {row.id for row in rows}
        if all(one in kept for row in rows for one in row.after):
            return rows
        waits = {row.id: row for row in self._all}
        for row in rows:
            found: dict[str, None] = {}
            open_ = list(row.after)
            while open_:
                one = open_.pop(0)
                if one in kept:
                    found[one] = None
                else:
                    open_ += waits[one].after
            row.after = tuple(found)
        return rows

    def _size(self, row: RecordedRequest) -> int:
        if row.input_length is not None:
            return row.input_length
        return len(repr(row.detail)) // _CHARACTERS_A_TOKEN

    def _sample(self, row: RecordedRequest, origin: int) -> Sample:
        fields: dict[str, JsonValue] = {
            "input_length": row.input_length,
            "output_length": row.output_length,
            **self.fields(row),
        }
        if row.input_length is not None:
            fields["prompt"] = self._filler.chain(self.parts(row))
        generation: dict[str, JsonValue] = {}
        if row.output_length is not None:
            generation["max_tokens"] = max(row.output_length, 1)
            if self.settings.ignore_eos:
                generation["ignore_eos"] = True
        labels = dict(row.labels)
        if row.session:
            labels["session"] = row.session
        # What waits for others counts from their end; the trace's own clock would count twice.
        at_once = not row.after or row.timed
        factor = self._factor
        return Sample(
            id=row.id or f"line-{row.line}",
            fields=fields,
            generation=generation,
            arrival_ns=self._arrival(row, origin) if at_once else None,
            after=row.after,
            session=row.session,
            pauses={kind: self._pause(ns * factor) for kind, ns in row.pauses.items()},
            labels=labels,
        )

    @property
    def _factor(self) -> float:
        return self.settings.pauses if isinstance(self.settings, SessionSettings) else 1.0

    def _pause(self, ns: float) -> int:
        most = self.settings.longest_pause if isinstance(self.settings, SessionSettings) else None
        return round(ns if most is None else min(ns, most * SECOND))

    def _arrival(self, row: RecordedRequest, origin: int) -> int:
        """ns after the trace's begin; inside a session pauses are as long as the settings say."""
        begun = self._begins.get(row.session)
        if begun is None:
            return row.at_ns - origin
        return begun - origin + round((row.at_ns - begun) * self._factor)


def _unit(row: RecordedRequest) -> str:
    return row.session or f"line-{row.line}"


def in_waiting_order(rows: list[RecordedRequest]) -> list[RecordedRequest]:
    """By time, and each behind those that it waits for."""
    rows = sorted(rows, key=lambda row: row.at_ns)
    if not any(row.after for row in rows):
        return rows
    by_id = {row.id: row for row in rows if row.id}
    placed: set[int] = set()
    found: list[RecordedRequest] = []
    for row in rows:
        open_ = [row]
        while open_:
            last = open_[-1]
            ahead = [by_id[one] for one in last.after if id(by_id[one]) not in placed]
            if ahead:
                open_ += ahead
                continue
            open_.pop()
            if id(last) not in placed:
                placed.add(id(last))
                found.append(last)
    return found
