"""The JSON Schema of declared data sets, made of the classes that check them and of the settings
of the installed templates and evaluators."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from aisbench.base.errors import PluginError
from aisbench.config.schema import DRAFT, class_schema
from aisbench.declared.declaration import Declaration
from aisbench.plugins.catalog import Catalog, Listed
from aisbench.plugins.targets import settings_class, tried


def declaration_schema(catalog: Catalog, problems: list[str]) -> dict[str, Any]:
    """A schema that lets an editor complete and check the TOML file of a data set. What is wrong
    with plugins is added to ``problems``."""
    schema = class_schema(Declaration)
    properties = schema["properties"]
    properties["extends"] = {
        "type": "string",
        "description": "a file beside it on which this one is laid, such as _common",
    }
    required = schema.pop("required")
    variant = properties["variants"]["additionalProperties"]
    # What a file lacks may stand in the one that it extends.
    variant.pop("required", None)
    properties["card"].pop("required", None)
    variant["allOf"] = _settings(
        catalog, problems, "template", "prompt", also=({"type": "string"},)
    )
    return {
        "$schema": DRAFT,
        "title": "aisbench declared data set",
        **schema,
        "if": {"not": {"required": ["extends"]}},
        "then": {"required": required},
        "allOf": _settings(catalog, problems, "evaluator", "evaluation"),
    }


def _settings(
    catalog: Catalog,
    problems: list[str],
    kind: str,
    key: str,
    also: Sequence[dict[str, Any]] = (),
) -> list[dict[str, Any]]:
    """For each offer of a kind: what ``key`` may hold where the key of the kind names it, ``also``
    besides a table of its settings."""
    found = []
    for listed in catalog.of_kind(kind):
        try:
            own = tried(partial(_own_schema, listed), listed)
        except PluginError as error:
            problems.append(error.message)  # a broken plugin must not hide the others
            continue
        name = listed.offer.name
        named = {"enum": [name, f"{listed.dist}/{name}"]}
        found.append(
            {
                "if": {"required": [kind], "properties": {kind: named}},
                "then": {"properties": {key: {"anyOf": [own, *also]} if also else own}},
            }
        )
    return found


def _own_schema(listed: Listed) -> dict[str, Any]:
    cls = settings_class(listed)
    own: dict[str, Any] = {"type": "object", "additionalProperties": False}
    if cls is not None:
        own["properties"] = class_schema(cls)["properties"]
    return own
