"""A file of answers: its rows, checked, by the question that each belongs to."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from aisbench.base.errors import DataError
from aisbench.data.paths import MissingPart, read_path, value_at
from aisbench.data.row import Row
from aisbench.data.tables import kind_of, stream_table
from aisbench.types.response import FinishReason, Response, Scored, Thinking
from aisbench.types.tools import ToolCall

KEYS = (
    "id", "row", "prompt", "text", "calls", "turns", "logprobs", "unconditional", "reasoning",
    "finish_reason", "repeat", "model",
)  # fmt: skip
"""What a row may say. Other columns are left alone."""

HINT = (
    'a row is {"id": "test-0", "text": "..."}, or has row or prompt instead of id, and calls, '
    "turns or logprobs instead of text; --field KEY=COLUMN names columns that are called otherwise"
)

Turns = tuple[Response, ...]
AnswerKey = tuple[str, str]
"""What an answer is one to: ("id", the id), ("row", its place) or ("prompt", its key)."""


@frozen
class GivenAnswer:
    """The answer to one repeat of a question: a response for each turn, or the log-probabilities
    of each choice, behind the question and (``unconditional``) behind the text without it.
    ``place`` is its file and line."""

    place: str
    turns: Turns = ()
    choices: Turns = ()
    unconditional: Turns = ()


@define
class GivenAnswers:
    """The answers of one model: by what they are answers to, and the number of the repeat."""

    held: dict[AnswerKey, dict[int, GivenAnswer]] = field(factory=dict)
    counted: bool = False
    """Whether some row does not number its repeat, so that the order of rows does."""

    @property
    def repeats(self) -> int:
        """How many answers a question has at the most."""
        return max((max(one) + 1 for one in self.held.values()), default=1)

    def named(self, kind: str) -> list[str]:
        """The ids, rows or prompts that have an answer."""
        return [name for of, name in self.held if of == kind]

    def first(self, kind: str, name: str) -> GivenAnswer:
        """The first answer to it, for messages."""
        repeats = self.held[kind, name]
        return repeats[min(repeats)]


def read_answer_file(file: Path, fields: Mapping[str, str]) -> dict[str, GivenAnswers]:
    """The answers in a file, by model; "" where rows name none. ``fields`` are the columns (or
    paths) of keys that are called otherwise. Raises DataError, naming file and line."""
    for key in fields:
        if key not in KEYS:
            raise DataError(
                f"{key!r} is nothing that a row of answers says", hint=f"keys: {', '.join(KEYS)}"
            )
    if not file.is_file():
        what = "is no file" if file.exists() else "there is no such file"
        raise DataError(f"{file}: {what}", hint="name the file of the answers")
    packed = kind_of(file) in ("csv", "tsv")
    models: dict[str, GivenAnswers] = {}
    for row in stream_table(file, hint=HINT):
        cells = {key: _cell(row, key, fields) for key in KEYS}
        # An empty cell of CSV says nothing, but for an answer, which may be empty.
        given = {
            key: one
            for key, one in cells.items()
            if one is not None and not (packed and one == "" and key != "text")
        }
        blank = ("text" in row.cells or "text" in fields) and cells["text"] is None
        found = _AnswerRow(row.place, given, packed, blank)
        found.add_to(models.setdefault(found.words("model"), GivenAnswers()))
    for one in models.values():
        _check_even(one)
    return models


def _cell(row: Row, key: str, fields: Mapping[str, str]) -> Any:
    """A row's value; None where it has none. Raises DataError where a given path leads nowhere."""
    if key not in fields:
        return row.cells.get(key)
    try:
        return value_at(read_path(fields[key]), row.cells)
    except (MissingPart, ValueError) as error:
        raise DataError(f"{row.place}: {key}: {error}", hint=HINT) from None


@frozen
class _AnswerRow:
    place: str
    cells: Mapping[str, Any]
    packed: bool
    """Whether lists and numbers are written as text, as in CSV."""
    blank: bool = False
    """Whether its text is null."""

    def add_to(self, answers: GivenAnswers) -> None:
        key = self._key()
        held = answers.held.setdefault(key, {})
        begin = self._repeat()
        answers.counted = answers.counted or begin is None
        for offset, answer in enumerate(self._repeats()):
            repeat = len(held) if begin is None else begin + offset
            if repeat in held:
                raise self.error(
                    f"is a second answer to {key[1][:60]!r}, repeat {repeat}, after "
                    f"{held[repeat].place}"
                )
            held[repeat] = answer

    def _key(self) -> AnswerKey:
        """What the answer is one to."""
        if "id" in self.cells:
            return "id", self.words("id")
        if "row" in self.cells:
            number = self.cells["row"]
            if self.packed and isinstance(number, str) and number.isdecimal():
                number = int(number)
            if isinstance(number, bool) or not isinstance(number, int) or number < 0:
                raise self.error(f"row must be a number from 0, and is {json.dumps(number)[:60]}")
            return "row", str(number)
        if "prompt" in self.cells:
            return "prompt", prompt_key(self.listed("prompt"))
        raise self.error("has neither id, row nor prompt")

    def words(self, key: str) -> str:
        value = self.cells.get(key, "")
        if isinstance(value, int) and not isinstance(value, bool) and key == "id":
            return str(value)
        if not isinstance(value, str):
            raise self.error(f"{key} must be a string, and is {json.dumps(value)[:60]}")
        return value

    def listed(self, key: str) -> Any:
        """A value that may be a list, which CSV has as JSON."""
        value = self.cells.get(key)
        if self.packed and isinstance(value, str) and value[:1] in ("[", "{"):
            try:
                return json.loads(value)
            except ValueError:
                return value
        return value

    def error(self, what: str) -> DataError:
        return DataError(f"{self.place}: {what}", hint=HINT)

    def _repeat(self) -> int | None:
        value = self.cells.get("repeat")
        if self.packed and isinstance(value, str) and value.isdecimal():
            value = int(value)
        if value in (None, ""):
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 20:
            raise self.error(f"repeat must be a number from 0, and is {value!r}")
        return value

    def _repeats(self) -> Iterator[GivenAnswer]:
        """The answer of each repeat that the row holds: a list of texts is one of repeats."""
        if "logprobs" in self.cells:
            yield GivenAnswer(
                self.place,
                choices=self._scored("logprobs"),
                unconditional=self._scored("unconditional"),
            )
            return
        for turns in self._texts():
            yield GivenAnswer(self.place, turns)

    def _scored(self, key: str) -> Turns:
        """A number for each choice, or a list of those of its tokens."""
        values = self.listed(key) if key in self.cells else []
        if not isinstance(values, list):
            raise self.error(f"{key} must be a list with a number for each choice")
        return tuple(
            Response(scored=Scored(logprobs=tuple(self._numbers(key, one)))) for one in values
        )

    def _numbers(self, key: str, value: Any) -> Iterator[float]:
        for one in value if isinstance(value, list) else [value]:
            try:
                number = math.nan if isinstance(one, bool) else float(one)
            except (TypeError, ValueError):
                number = math.nan
            if math.isnan(number):
                raise self.error(f"{key} must be numbers, and has {json.dumps(one)[:60]}")
            yield number

    def _texts(self) -> Iterator[Turns]:
        given = [key for key in ("text", "calls", "turns") if key in self.cells]
        if not given and self.blank:
            raise self.error(
                'its text is null: leave the row out, and it counts as failed; or write ""'
            )
        if not given:
            raise self.error("has no answer: neither text, calls, turns nor logprobs")
        if "turns" in given:
            turns = self.listed("turns")
            if len(given) > 1 or not isinstance(turns, list) or not turns:
                raise self.error("turns must be a list of texts or objects, and stand alone")
            yield tuple(self._turn(one) for one in turns)
            return
        text = self.cells.get("text")
        if isinstance(text, list):
            if not text:
                raise self.error("text is an empty list")
            for one in text:
                yield (self._response(one, None),)
            return
        yield (self._response("" if text is None else text, self.listed("calls")),)

    def _turn(self, turn: Any) -> Response:
        if isinstance(turn, str):
            return self._response(turn, None)
        if not isinstance(turn, Mapping) or not {"text", "calls"} & set(turn):
            raise self.error("a turn must be a text, or an object with text or calls")
        return self._response(turn.get("text") or "", turn.get("calls"))

    def _response(self, text: Any, calls: Any) -> Response:
        if not isinstance(text, str):
            raise self.error(f"text must be a string, and is {json.dumps(text)[:60]}")
        reasoning = self.words("reasoning") or None
        return Response(
            text=text,
            reasoning=reasoning,
            thinking=Thinking.FINISHED if reasoning else Thinking.NONE,
            finish_reason=self._reason(),
            tool_calls=tuple(self._calls(calls)),
        )

    def _reason(self) -> FinishReason:
        value = self.cells.get("finish_reason") or FinishReason.STOP.value
        try:
            return FinishReason(value)
        except ValueError:
            known = ", ".join(one.value for one in FinishReason)
            raise self.error(f"finish_reason {value!r} is none of: {known}") from None

    def _calls(self, calls: Any) -> Iterator[ToolCall]:
        if calls is None:
            return
        if not isinstance(calls, list):
            raise self.error("calls must be a list")
        for call in calls:
            whole = call if isinstance(call, Mapping) else {}
            inner = whole.get("function", whole)
            inner = inner if isinstance(inner, Mapping) else {}
            name = inner.get("name")
            if not isinstance(name, str):
                raise self.error('a call must be {"name": "...", "arguments": {...}}')
            arguments = inner.get("arguments", {})
            if not isinstance(arguments, str):
                arguments = json.dumps(arguments, ensure_ascii=False)
            yield ToolCall(name=name, arguments=arguments, id=str(whole.get("id") or ""))


def prompt_key(prompt: Any) -> str:
    """What prompts are compared by: the text without blanks around it; of messages their roles
    and texts."""
    if isinstance(prompt, str):
        return prompt.strip()
    if isinstance(prompt, Sequence):
        return json.dumps(
            [
                [one.get("role"), str(one.get("content") or "").strip()]
                if isinstance(one, Mapping)
                else one
                for one in prompt
            ],
            ensure_ascii=False,
        )
    return str(prompt)


def _check_even(answers: GivenAnswers) -> None:
    """Raises DataError where questions have different numbers of answers that no ``repeat`` tells
    apart: a double, or one that is missing."""
    every, repeats = answers.held, answers.repeats
    few = next((key for key, held in every.items() if len(held) < repeats), None)
    if few is None or not answers.counted:
        return
    many = next(key for key, held in every.items() if len(held) == repeats)
    places = ", ".join(every[many][number].place for number in sorted(every[many]))
    raise DataError(
        f"{answers.first(*few).place}: {few[1][:60]!r} has {len(every[few])} answers, and "
        f"{many[1][:60]!r} has {repeats} ({places})",
        hint="remove the double, or give each question as many answers; with `repeat` (from 0) in "
        "each row, answers may be missing, and count as failed",
    )
