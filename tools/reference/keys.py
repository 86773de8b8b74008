"""The keys of a settings class: name, type, default, meaning and example of each."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

import attrs
from attrs import NOTHING, frozen

from aisbench.cli.plugins.show import type_name
from aisbench.settings.fields import Secret
from tools.reference.speaking import Speaker, english
from tools.reference.toml_inline import inline


@frozen(kw_only=True)
class Key:
    """``name`` is dotted from the class's table; ``[]`` stands for each of a list, ``NAME`` for
    each of a table. ``default`` and ``example`` are TOML; "" where there is none to show."""

    name: str
    type: str
    default: str
    meaning: str
    example: str


def keys_of(cls: type, say: Speaker = english, prefix: str = "") -> Iterator[Key]:
    """Every key, each before those of the tables that it holds."""
    attrs.resolve_types(cls)
    package = cls.__module__.partition(".")[0]
    for field in attrs.fields(cls):
        name = f"{prefix}{field.name}"
        table = _is_settings(field.type)
        unit = field.metadata["unit"]
        yield Key(
            name=name,
            type="table" if table else type_name(field.type),
            default="" if table else _default(field),
            meaning=say(field.metadata["help"], package) + (f" [{unit}]" if unit else ""),
            example="" if table else f"{field.name} = {inline(example_of(field))}",
        )
        for mark, inner in _tables(field.type):
            yield from keys_of(inner, say, f"{name}{mark}.")


def example_of(field: attrs.Attribute[Any]) -> Any:
    """A value as a suite has it: the one at the definition, else another than the default.

    Raises ValueError where the type does not say one.
    """
    given = field.metadata.get("example")
    if given is not None:
        return given
    for candidate in _candidates(field.type, field.default):
        check = field.metadata["check"]
        if check is None or check(candidate) is None:
            return candidate
    raise ValueError(f"{field.name} needs an example: setting(..., example=...)")


def _candidates(kind: Any, default: Any) -> Iterator[Any]:
    if kind is bool:
        yield default is not True
    elif get_origin(kind) is Literal:
        yield from (one for one in get_args(kind) if one != default)
    elif kind in (int, float) and isinstance(default, (int, float)):
        yield from (default * 2, default / 2) if default else (1, 0.5)


def _default(field: attrs.Attribute[Any]) -> str:
    if field.default is NOTHING:
        return "required"
    value = field.default
    if isinstance(value, attrs.Factory):  # type: ignore[arg-type]
        value = value.factory()  # type: ignore[union-attr]
    if value is None:
        return "absent"
    if attrs.has(type(value)):
        return ""
    return f"`{inline(value)}`"


def _is_settings(kind: Any) -> bool:
    return isinstance(kind, type) and attrs.has(kind) and kind is not Secret


def _tables(kind: Any) -> Iterator[tuple[str, type]]:
    """The settings classes within a type, each with what stands behind the key for it."""
    if _is_settings(kind):
        yield "", kind
        return
    marks = {tuple: "[]", dict: ".NAME", Mapping: ".NAME"}
    for inner in get_args(kind):
        for mark, found in _tables(inner):
            yield marks.get(get_origin(kind), "") + mark, found


def classes_within(cls: type) -> Iterator[type]:
    """``cls`` and every settings class that its keys hold."""
    yield cls
    for kind in typing.get_type_hints(cls).values():
        for _, inner in _tables(kind):
            yield from classes_within(inner)
