"""The JSON Schema of a run's summary, made of the classes of results."""

from __future__ import annotations

import collections.abc
import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from aisbench.api import (
    GroupResult,
    JsonObject,
    Metric,
    PerformanceResult,
    SearchProbe,
    SearchResult,
    ServerMetrics,
    TaskResult,
)

VERSION = 2
"""Of the document's form: it grows when a key changes its meaning or goes. Keys may be added."""
DRAFT = "https://json-schema.org/draft/2020-12/schema"
RENAMED: Mapping[tuple[str, str], str] = {("ServerMetrics", "read_from"): "from"}
SPARSE = ("ServerMetrics", "ServerLatency", "LatencyGap", SearchProbe.__name__)
"""Objects that hold what is known alone."""
EMPTY = ("ledger", "server", "slo")
"""Of a load: an empty object where there is none."""


def summary_schema() -> dict[str, Any]:
    """Of ``summary/summary.json``, and of what ``aisbench export --as json`` writes."""
    known: dict[str, Any] = {}

    def listed(cls: type) -> dict[str, Any]:
        return {"type": "array", "items": _of_class(cls, known)}

    run = {
        "type": "object",
        "properties": {
            "schema": {"const": VERSION},
            "suite": {"type": "string", "description": "name of the suite"},
            "run": {"type": "string", "description": "the run's directory"},
            "complete": {"type": "boolean", "description": "whether nothing is missing"},
            "warnings": {"type": "array", "items": {"type": "string"}},
            "tasks": listed(TaskResult),
            "groups": listed(GroupResult),
            "performance": listed(PerformanceResult),
            "searches": listed(SearchResult),
            "metrics": {
                "type": "object",
                "description": "name, unit and formula of every metric of a load",
                "additionalProperties": _of_class(Metric, known),
            },
        },
        "required": ["schema", "suite", "run", "complete", "warnings", "tasks"],
    }
    several = {
        "type": "object",
        "properties": {
            "schema": {"const": VERSION},
            "runs": {"type": "array", "items": {"$ref": "#/$defs/Run"}},
        },
        "required": ["schema", "runs"],
    }
    _of_class(ServerMetrics, known)
    return {
        "$schema": DRAFT,
        "$id": f"urn:aisbench:summary:{VERSION}",
        "title": "Figures of an aisbench run",
        "description": "Unknown values are null. Intervals (low, high) are of 95 %.",
        "anyOf": [{"$ref": "#/$defs/Run"}, several],
        "$defs": {"Run": run, **dict(sorted(known.items()))},
    }


def _of_class(cls: Any, known: dict[str, Any]) -> dict[str, Any]:
    """A reference to the schema of an attrs class, which is among ``known`` from then on."""
    name = cls.__name__
    if name not in known:
        known[name] = {}  # a class may hold its own kind
        attrs.resolve_types(cls)
        properties = {}
        for field in attrs.fields(cls):
            key = RENAMED.get((name, field.name), field.name)
            made = _of_type(field.type, known)
            if name == PerformanceResult.__name__ and field.name in EMPTY:
                made = {"anyOf": [made, {"type": "object", "maxProperties": 0}]}
            properties[key] = made
        known[name] = {"type": "object", "properties": properties}
        if words := (cls.__doc__ or "").partition("\n\n")[0].split():
            known[name]["description"] = " ".join(words).replace("``", "")
        if name not in SPARSE:
            # Documents of earlier versions lack keys that were added since.
            known[name]["required"] = [
                field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING
            ]
    return {"$ref": f"#/$defs/{name}"}


_PLAIN: Mapping[Any, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    # What is no number is null.
    float: {"type": ["number", "null"]},
    type(None): {"type": "null"},
}


def _of_type(kind: Any, known: dict[str, Any]) -> dict[str, Any]:
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    if kind == JsonObject:
        return {"type": "object"}
    if attrs.has(kind):
        return _of_class(kind, known)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        members = [_of_type(one, known) for one in arguments]
        return {"anyOf": members}
    if origin is tuple and arguments[1:] == (...,):
        return {"type": "array", "items": _of_type(arguments[0], known)}
    if origin is tuple:
        return {"type": "array", "prefixItems": [_of_type(one, known) for one in arguments]}
    if origin in (collections.abc.Mapping, dict):
        return {"type": "object", "additionalProperties": _of_type(arguments[1], known)}
    if origin in (collections.abc.Sequence, list):
        return {"type": "array", "items": _of_type(arguments[0], known)}
    return {}
