"""Spans of OpenTelemetry in the forms in which they are exported.

OTLP's JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: ``resourceSpans``,
whole or one such object a line, as the collector's file exporter writes), the JSON of the SDKs'
console exporters (``context``, ``parent_id``, ``start_time``), and one span a line with the names
of either.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from attrs import field, frozen

from aisbench_plugin_traces.row_files import Place, json_lines

_ID = re.compile(r"(?:0x)?([0-9a-zA-Z+/=_-]+)")
_FRACTION = re.compile(r"\.(\d{1,9})")
_FORM = "a span has an id (spanId, or context.span_id), a trace id, a begin and an end"


@frozen
class Span:
    """One span; times in ns since 1970."""

    place: Place
    trace: str
    id: str
    parent: str
    name: str
    begin: int
    end: int
    attributes: Mapping[str, Any] = field(factory=dict)


def read_spans(text: str, file: Path) -> list[Span]:
    """All spans of a file. Raises DataError."""
    found: list[Span] = []
    for place, row in _objects(text, file):
        for one in _inner(row, place):
            found.append(_span(one, place))
    return found


def _objects(text: str, file: Path) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The objects of a file: one, a list of them, several one behind the other, or one a line."""
    lead = text.lstrip()
    whole: Any = None
    if lead[:1] == "[" or "\n" in lead.rstrip():
        whole = _values(lead)
    if whole is None:
        yield from json_lines(text, file)
        return
    for one in whole:
        place = Place(file, 1)
        if not isinstance(one, dict):
            raise place.fault("a list of other things than objects", _FORM)
        yield place, one


def _values(text: str) -> list[Any] | None:
    """JSON values one behind the other, of which one at least is over several lines."""
    first = text.partition("\n")[0].strip()
    try:
        if first[:1] == "{" and json.loads(first) is not None:
            return None
    except ValueError:
        pass
    decoder, at, found = json.JSONDecoder(), 0, []
    try:
        while at < len(text):
            value, at = decoder.raw_decode(text, at)
            found += value if isinstance(value, list) else [value]
            at += len(text[at:]) - len(text[at:].lstrip())
    except (ValueError, RecursionError):
        return None
    return found


def _inner(row: Mapping[str, Any], place: Place) -> Iterator[Mapping[str, Any]]:
    groups = row.get("resourceSpans", row.get("resource_spans"))
    if groups is None:
        yield row
        return
    try:
        for group in groups:
            for scope in group.get("scopeSpans", group.get("scope_spans", ())):
                yield from scope.get("spans", ())
    except (AttributeError, TypeError) as error:
        raise place.fault(
            "resourceSpans is not as OTLP has it", "resourceSpans[].scopeSpans[].spans[]"
        ) from error


def _span(row: object, place: Place) -> Span:
    if not isinstance(row, dict):
        raise place.fault("a span is not a JSON object", _FORM)
    context = row.get("context") if isinstance(row.get("context"), dict) else {}
    assert isinstance(context, dict)
    trace = _id(row, context, "traceId", "trace_id")
    own = _id(row, context, "spanId", "span_id")
    name = str(row.get("name", ""))
    if not trace or not own:
        missing = "trace id" if not trace else "span id"
        raise place.fault(
            f"a span has no {missing} (keys: {', '.join(map(str, row)) or 'none'})", _FORM
        )
    parent = _id(row, {}, "parentSpanId", "parent_span_id", "parent_id")
    begin = _time(row, ("startTimeUnixNano", "start_time_unix_nano", "start_time"), own, place)
    end = _time(row, ("endTimeUnixNano", "end_time_unix_nano", "end_time"), own, place)
    if end < begin:
        raise place.fault(
            f"span {own} ({name}) ends {(begin - end) / 1e6:g} ms before it begins",
            "the clock was set back while it ran; drop the span, or mend its times",
        )
    attributes = _attributes(row.get("attributes", {}), own, place)
    return Span(place, trace, own, parent, name, begin, end, attributes)


def _id(row: Mapping[str, Any], context: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = row.get(name) or context.get(name)
        if isinstance(value, str) and (found := _ID.fullmatch(value)):
            return "" if not found[1].strip("0") else found[1]
    return ""


def _time(row: Mapping[str, Any], names: tuple[str, ...], own: str, place: Place) -> int:
    value = next((row[name] for name in names if name in row), None)
    if isinstance(value, str) and value.isdigit():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        found = _FRACTION.search(value)
        plain = _FRACTION.sub("", value).replace("Z", "+00:00")
        try:
            when = datetime.fromisoformat(plain)
        except ValueError:
            when = None
        if when is not None:
            when = when if when.tzinfo else when.replace(tzinfo=timezone.utc)
            return round(when.timestamp()) * 10**9 + int(
                (found[1] if found else "0").ljust(9, "0")
            )
    raise place.fault(
        f"span {own}: {names[0]} is {value!r}, which is no time",
        'write ns since 1970 ("1700000000000000000"), or 2026-01-01T00:00:00.5Z',
    )


def _attributes(given: object, own: str, place: Place) -> dict[str, Any]:
    if isinstance(given, dict):
        return given
    try:
        if isinstance(given, list):
            return {one["key"]: _value(one.get("value")) for one in given}
    except (KeyError, TypeError, AttributeError):
        pass
    raise place.fault(
        f"span {own}: its attributes are neither an object nor OTLP's list",
        '[{"key": "gen_ai.usage.input_tokens", "value": {"intValue": "12"}}]',
    )


def _value(value: Any) -> Any:
    """Of OTLP's AnyValue; numbers of 64 bits are strings there."""
    if not isinstance(value, dict) or not value:
        return None
    kind, inner = next(iter(value.items()))
    if kind in ("intValue", "int_value"):
        return int(inner)
    if kind in ("arrayValue", "array_value"):
        return [_value(one) for one in inner.get("values", ())]
    return inner
