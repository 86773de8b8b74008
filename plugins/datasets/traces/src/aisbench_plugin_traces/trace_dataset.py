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
from aisbench_plugin_traces.settings import TraceDatasetSettings

SECOND = 1_000_000_000
_CHARACTERS_A_TOKEN = 4


class TraceDataset:
    """Rows of one file. A format says how to read them and what a prompt is made of."""

    name: ClassVar[str]
    source: ClassVar[str]
    """Where such files come from, for messages."""

    def __init__(self, settings: TraceDatasetSettings) -> None:
        self.settings = settings

    def variants(self) -> Mapping[str, Variant]:
        return load_variants("aisbench_plugin_traces")

    def files(self) -> Sequence[Path]:
        """The trace, and the tokenizer where it is a file: other tokens are another workload."""
        if not self.settings.path.is_file():
            read_trace(self.settings.path, self.source)  # it says what is wrong
        path = Path(self.settings.tokenizer).expanduser()
        file = path / "tokenizer.json" if path.is_dir() else path
        own = [file] if self.settings.tokenizer and file.is_file() else []
        return [self.settings.path, *own]

    def samples(self) -> Sequence[Sample]:
        settings = self.settings
        rows = self._in_order(self.read(read_trace(settings.path, self.source)))
        if not rows:
            raise DataError(f"{settings.path}: the trace has no rows", hint=self.source)
        start = rows[0].at_ns
        end = None if settings.end is None else start + round(settings.end * SECOND)
        begin = start + round(settings.begin * SECOND)
        rows = [row for row in rows if row.at_ns >= begin and (end is None or row.at_ns < end)]
        if not rows:
            raise DataError(
                f"{settings.path}: no row lies between begin and end",
                hint="both are seconds after the trace's first row",
            )
        rows = self._with_answers(self.chosen(rows))
        if first := next((row for row in rows if row.input_length is not None), None):
            self._needs_filler(first)
        origin = rows[0].at_ns
        tokens = sum(map(self._size, rows))
        return make_rows(len(rows), lambda number: self._sample(rows[number], origin), tokens)

    def examples(self) -> Sequence[Sample]:
        raise DataError(f"{self.name}: there are no few-shot examples", hint="set shots = 0")

    # What a format says.

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
        if self.settings.sort:
            return sorted(rows, key=lambda row: row.at_ns)
        for before, row in pairwise(rows):
            if row.at_ns < before.at_ns:
                raise Place(self.settings.path, row.line).fault(
                    f"the trace is not in order: this row was recorded at {self.when(row.at_ns)}, "
                    f"and line {before.line} at {self.when(before.at_ns)}",
                    "set sort = true, or sort the file by time",
                )
        return rows

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
        return Sample(
            id=f"line-{row.line}",
            fields=fields,
            generation=generation,
            arrival_ns=row.at_ns - origin,
        )
