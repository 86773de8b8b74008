"""The JSON Schema of suites, made of the settings classes of the installed plugins."""

from __future__ import annotations

import collections.abc
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from aisbench.base.errors import PluginError
from aisbench.config.load_keys import DEFAULT_SHAPE
from aisbench.config.offer_keys import common_settings
from aisbench.config.suite import DatasetSettings, Suite
from aisbench.config.tune_keys import DEFAULT_TUNER
from aisbench.declared.settings import DeclaredSettings
from aisbench.plugins.catalog import Catalog, Listed
from aisbench.plugins.targets import settings_class, tried
from aisbench.settings.fields import PathOrName, Secret
from aisbench.types.json import JsonObject, JsonValue

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def suite_schema(catalog: Catalog, problems: list[str] | None = None) -> dict[str, Any]:
    """A schema that lets an editor complete and check a suite.toml.

    Of a plugin whose settings cannot be told, all keys are allowed; why is added to
    ``problems``.
    """
    problems = [] if problems is None else problems
    schema = class_schema(Suite)
    properties = schema["properties"]
    sections = (
        ("models", "backend", True),
        ("datasets", "dataset", True),
        ("summarizers", "summarizer", False),
        ("observers", "observer", True),
        ("devices", "sampler", True),
    )
    for section, key, by_name in sections:
        offers = [_offer(one, key, problems) for one in catalog.of_kind(key)]
        offers += [_set_of_file()] if section == "datasets" else []
        member: Any = {"anyOf": offers} if offers else False
        holder = {"additionalProperties": member} if by_name else {"items": member}
        kind = "object" if by_name else "array"
        properties[section] = {
            "type": kind, "description": properties[section]["description"], **holder,
        }  # fmt: skip
    shapes = [_offer(one, "shape", problems) for one in catalog.of_kind("load-shape")]
    for shape in shapes:
        # Without a shape it is `closed`; keys that a sweep or a search gives may be left out.
        shape["required"] = ["shape"] if shape["title"] != DEFAULT_SHAPE else []
    described = {"type": "object", "description": properties["load"]["description"]}
    properties["load"] = {**described, "anyOf": shapes} if shapes else described
    properties["tune"] = _tuning(catalog, properties["tune"]["description"], problems)
    properties["lock"] = {
        "type": "object",
        "description": "what `aisbench lock` wrote of everything that the suite was made with; "
        "not to be edited",
    }
    return {"$schema": DRAFT, "title": "aisbench suite", **schema}


def _tuning(catalog: Catalog, description: str, problems: list[str]) -> dict[str, Any]:
    tuners = [_offer(one, "tuner", problems) for one in catalog.of_kind("tuner")]
    for tuner in tuners:
        if tuner["title"] == DEFAULT_TUNER:
            tuner["required"] = [one for one in tuner["required"] if one != "tuner"]
    described = {"type": "object", "description": description}
    return {**described, "anyOf": tuners} if tuners else described


def _set_of_file() -> dict[str, Any]:
    """A data set that is a TOML file: any path of one."""
    properties = {
        **class_schema(DatasetSettings)["properties"],
        **class_schema(DeclaredSettings)["properties"],
        "dataset": {
            "type": "string",
            "pattern": r"\.[tT][oO][mM][lL]$",
            "description": "the TOML file of a data set of your own",
        },
    }
    return {
        "title": "a TOML file",
        "type": "object",
        "properties": properties,
        "required": ["dataset"],
        "additionalProperties": False,
    }


def _offer(listed: Listed, key: str, problems: list[str]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    # An observer or a sampler without the key is the one that its label names.
    required = [key] if key not in ("observer", "sampler") else []
    if (common := common_settings(listed.offer)) is not None:
        properties.update(class_schema(common)["properties"])
    known = True
    try:
        own = tried(lambda: _own_schema(listed), listed)
        properties.update(own.get("properties", {}))
        required += own.get("required", [])
    except PluginError as error:  # a broken plugin must not hide the others
        known = False
        problems.append(error.message)
    name = listed.offer.name
    properties[key] = {
        "enum": [name, f"{listed.dist}/{name}"],
        "description": listed.offer.summary,
    }
    return {
        "title": name,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": not known,
    }


def _own_schema(listed: Listed) -> dict[str, Any]:
    own = settings_class(listed)
    return class_schema(own) if own is not None else {}


def class_schema(cls: Any) -> dict[str, Any]:
    """The schema of one settings class."""
    attrs.resolve_types(cls)
    properties = {}
    required = []
    for field in attrs.fields(cls):
        schema = type_schema(field.type)
        unit = field.metadata.get("unit")
        schema["description"] = field.metadata.get("help", "") + (f" [{unit}]" if unit else "")
        if field.default is attrs.NOTHING:
            required.append(field.name)
        elif isinstance(field.default, (str, int, float, bool)):
            schema["default"] = field.default
        properties[field.name] = schema
    described: dict[str, Any] = {
        "type": "object", "properties": properties, "additionalProperties": False,
    }  # fmt: skip
    if required:
        described["required"] = required
    return described


_SIMPLE: Mapping[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    Path: {"type": "string"},
    PathOrName: {"type": "string"},
    Secret: {"type": "string", "pattern": "^env:."},
}


def type_schema(kind: Any) -> dict[str, Any]:
    """The schema of a type that settings may have."""
    if kind in _SIMPLE:
        return dict(_SIMPLE[kind])
    if kind == JsonValue:
        return {}
    if kind == JsonObject:
        return {"type": "object"}
    if attrs.has(kind):
        return class_schema(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        members = [type_schema(one) for one in arguments if one is not type(None)]
        return members[0] if len(members) == 1 else {"anyOf": members}
    if origin is tuple and arguments[1:] == (...,):
        return {"type": "array", "items": type_schema(arguments[0])}
    if origin in (collections.abc.Mapping, dict) and arguments[:1] == (str,):
        return {"type": "object", "additionalProperties": type_schema(arguments[1])}
    raise TypeError(
        f"settings cannot have the type {kind}; they can be str, int, float, bool, Path, "
        "PathOrName, Secret, Literal, T | None, tuple[T, ...], Mapping[str, T], JsonValue, and "
        "settings classes"
    )
