"""Traces in a format of ours: one JSON object a line. The README defines it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs

from aisbench.api import JsonValue, Variant
from aisbench_plugin_traces.own_graph import GRAPH_KEYS, after_of, labels_of, pauses_of, tie
from aisbench_plugin_traces.row_files import (
    Place,
    RecordedRequest,
    json_lines,
    length_of,
    nanoseconds,
)
from aisbench_plugin_traces.trace_dataset import TraceDataset

_MILLISECOND = 1_000_000
_FORMS = ("prompt", "messages", "input_tokens")
_KEYS = ("at_ms", *_FORMS, "output_tokens", "prefix", "prefix_tokens", "session", *GRAPH_KEYS)
_ROLES = ("system", "user", "assistant")
_HINT = f"keys of a line are {', '.join(_KEYS)}; the README of aisbench-plugin-traces defines them"


class OwnFormat(TraceDataset):
    """Texts of the user's, or lengths; beginnings shared by name."""

    name: ClassVar[str] = "trace"
    source: ClassVar[str] = "write one JSON object a line, such as " + (
        '{"at_ms": 0, "input_tokens": 512, "output_tokens": 128}'
    )

    def variants(self) -> Mapping[str, Variant]:
        """As all, but that a line's messages are sent as they are."""
        found = dict(super().variants())
        found["chat"] = attrs.evolve(
            found["chat"],
            template="trace-messages",
            source="the trace's own messages or prompt, or its lengths in words of our own",
        )
        return found

    def read(self, text: str) -> list[RecordedRequest]:
        before = 0
        rows = []
        for place, given in json_lines(text, self.settings.path):
            row = _row(place, given, before)
            before = row.at_ns
            rows.append(row)
        if any(row.after for row in rows):
            tie(rows, self.settings.path)
        return rows

    def when(self, at_ns: int) -> str:
        return f"{at_ns / _MILLISECOND:.15g} ms"

    def parts(self, row: RecordedRequest) -> list[tuple[str, int]]:
        prefix, session = row.detail.get("prefix"), row.detail.get("session")
        shared = row.detail.get("prefix_tokens", 0)
        key = f"row/{row.line}" if session is None else f"session/{session}"
        if agent := row.detail.get("agent"):
            key += f"/{agent}"
        return [(f"prefix/{prefix}", shared), (key, (row.input_length or 0) - shared)]

    def fields(self, row: RecordedRequest) -> dict[str, JsonValue]:
        names = ("prompt", "messages", "prefix", "session")
        return {name: row.detail[name] for name in names if name in row.detail}


def _row(place: Place, row: dict[str, Any], before: int) -> RecordedRequest:
    """``before`` is when the row before it was, for one that waits for others and has no time."""
    if unknown := [key for key in row if key not in _KEYS]:
        raise place.fault(f"there is no key {', '.join(map(repr, unknown))}", _HINT)
    if "at_ms" not in row and "after" not in row:
        raise place.fault("no at_ms, the time in ms", _HINT)
    forms = [key for key in _FORMS if key in row]
    if len(forms) != 1:
        raise place.fault(
            f"one of {', '.join(_FORMS)} is needed, and there is {' and '.join(forms) or 'none'}",
            _HINT,
        )
    _check_texts(place, row)
    length = None
    if "input_tokens" in row:
        length = length_of(row["input_tokens"], "input_tokens", place)
    _check_prefix(place, row, length)
    output = None
    if "output_tokens" in row:
        output = length_of(row["output_tokens"], "output_tokens", place, least=0)
    at = before
    if "at_ms" in row:
        at = nanoseconds(row["at_ms"], _MILLISECOND, "at_ms", place)
    return RecordedRequest(
        line=place.line,
        at_ns=at,
        input_length=length,
        output_length=output,
        detail=row,
        id=str(row.get("id") or f"line-{place.line}"),
        after=after_of(place, row),
        pauses=pauses_of(place, row),
        timed="at_ms" in row,
        labels=labels_of(place, row),
    )


def _check_texts(place: Place, row: dict[str, Any]) -> None:
    for key in ("prompt", "prefix", "session", "id", "agent"):
        if key in row and (not isinstance(row[key], str) or not row[key]):
            raise place.fault(f"{key} is not text", "write a string that is not empty")
    if "messages" not in row:
        return
    messages = row["messages"]
    fine = isinstance(messages, list) and messages and all(map(_is_message, messages))
    if not fine:
        raise place.fault(
            "messages is not a list of messages",
            'each is {"role": "user", "content": "..."}; roles are ' + ", ".join(_ROLES),
        )


def _is_message(value: object) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"role", "content"}
        and value["role"] in _ROLES
        and isinstance(value["content"], str)
    )


def _check_prefix(place: Place, row: dict[str, Any], length: int | None) -> None:
    if ("prefix" in row) != ("prefix_tokens" in row):
        raise place.fault(
            "prefix and prefix_tokens go together",
            "name the shared beginning, and say how many tokens it has",
        )
    if "prefix" not in row:
        return
    if length is None:
        raise place.fault(
            "a prefix needs input_tokens", "a prompt of your own begins as you wrote it"
        )
    shared = length_of(row["prefix_tokens"], "prefix_tokens", place)
    if shared >= length:
        raise place.fault(
            f"prefix_tokens is {shared}, and input_tokens {length}",
            "the prefix is counted inside the input, which must be longer",
        )
