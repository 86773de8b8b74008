"""Strict conversion of TOML values to typed settings, collecting every problem at once.

cattrs dispatches on types. The hooks here refuse what cattrs would coerce (``"5"`` is not a
number, nor ``true`` an integer), keep the key path of each problem, and go on to the next one.
"""

from __future__ import annotations

import datetime
import math
import types
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import attrs
import cattrs

from aisbench.base.errors import Problem
from aisbench.settings.fields import PathOrName, Secret
from aisbench.settings.problems import NO_KEY, Problems, nearest, show, show_items
from aisbench.types.json import JsonObject, JsonValue

T = TypeVar("T")

LARGEST_INTEGER = 2**63 - 1
"""The largest that TOML, readers of JSON and the formats of a run can hold."""

LONGEST_SECONDS = 1e9
"""Some 30 years, which clocks in nanoseconds and event loops can hold."""

_base: ContextVar[Path] = ContextVar("base", default=Path())


def structure(cls: type[T], value: object, base: Path) -> T:
    """``value`` as ``cls``. Relative paths in it are taken from ``base``. Raises Problems."""
    token = _base.set(base)
    try:
        return _converter.structure(value, cls)
    finally:
        _base.reset(token)


def _strict(kind: type, allowed: tuple[type, ...]) -> Callable[[Any, Any], Any]:
    word = {str: "a string", int: "an integer", float: "a number", bool: "true or false"}[kind]

    def hook(value: Any, _: Any) -> Any:
        if (isinstance(value, bool) and kind is not bool) or not isinstance(value, allowed):
            raise Problems.one(f"must be {word}, got {show(value)}")
        try:
            converted = kind(value)
        except OverflowError:
            raise Problems.one(f"must be {word} in range, got {show(value)}") from None
        if kind is int and not -LARGEST_INTEGER <= converted <= LARGEST_INTEGER:
            raise Problems.one(f"must be {word} of 64 bits, got {show(value)}")
        if kind is float and not math.isfinite(converted):
            raise Problems.one(f"must be a finite number, got {show(value)}")
        if kind is str and "\0" in converted:
            raise Problems.one(f"must not hold the character U+0000, got {show(value)}")
        return converted

    return hook


def _path(value: Any, _: Any) -> Path:
    if not isinstance(value, str):
        raise Problems.one(f"must be a path as a string, got {show(value)}")
    if "\0" in value:
        raise Problems.one(f"cannot be a path, got {show(value)}")
    try:
        path = Path(value).expanduser()
    except RuntimeError as error:
        raise Problems.one(f"cannot be a path: {error}") from None
    return path if path.is_absolute() else _base.get() / path


def _path_or_name(value: Any, _: Any) -> PathOrName:
    if not isinstance(value, str):
        raise Problems.one(f"must be a path or a name as a string, got {show(value)}")
    if not value:
        return PathOrName("")
    path = _path(value, None)
    here = value.startswith((".", "/", "~")) or path.exists()
    return PathOrName(path if here else value)


def _secret(value: Any, _: Any) -> Secret:
    if not isinstance(value, str) or not value.startswith("env:") or len(value) < 5:
        # The message does not repeat the value, which may be the secret itself.
        raise Problems.one(
            'must be a reference to an environment variable, "env:NAME"',
            "put the secret into the environment, so that it reaches no file",
        )
    return Secret(value[4:])


def _origin(cls: Any) -> Any:
    return get_origin(cls)


def _is_union(cls: Any) -> bool:
    return get_origin(cls) in (Union, types.UnionType) and cls != JsonValue


def _union_hook(cls: Any) -> Callable[[Any, Any], Any]:
    members = [member for member in get_args(cls) if member is not type(None)]
    optional = type(None) in get_args(cls)

    def hook(value: Any, _: Any) -> Any:
        if value is None and optional:
            return None
        failures: list[Problems] = []
        for member in members:
            try:
                return _converter.structure(value, member)
            except Problems as problems:
                failures.append(problems)
        # The member that failed at the deepest place is probably the one that was meant.
        best = max(failures, key=lambda one: max(len(problem.path) for problem in one.problems))
        if len(members) == 1 or any(problem.path for problem in best.problems):
            raise best
        wishes = [
            problem.message.split(", got")[0] for one in failures for problem in one.problems
        ]
        raise Problems.one(f"{' or '.join(dict.fromkeys(wishes))}, got {show(value)}")

    return hook


def _literal_hook(cls: Any) -> Callable[[Any, Any], Any]:
    allowed = get_args(cls)

    def hook(value: Any, _: Any) -> Any:
        if value not in allowed or isinstance(value, bool):
            words = ", ".join(repr(one) for one in allowed)
            raise Problems.one(
                f"must be one of {words}, got {show(value)}",
                nearest(value, [one for one in allowed if isinstance(one, str)])
                if isinstance(value, str)
                else "",
            )
        return value

    return hook


def _tuple_hook(cls: Any) -> Callable[[Any, Any], Any]:
    member = get_args(cls)[0]

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            raise Problems.one(f"must be a list, got {show(value)}")
        problems: list[Problem] = []
        converted = []
        for index, item in enumerate(value):
            try:
                converted.append(_converter.structure(item, member))
            except Problems as error:
                problems += error.under(index)
        if problems:
            raise Problems(problems)
        return tuple(converted)

    return hook


def _mapping_hook(cls: Any) -> Callable[[Any, Any], Any]:
    member = get_args(cls)[1]

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            raise Problems.one(f"must be a table, got {show(value)}")
        problems: list[Problem] = []
        converted = {}
        for key, item in value.items():
            try:
                converted[key] = _converter.structure(item, member)
            except Problems as error:
                problems += error.under(key)
        if problems:
            raise Problems(problems)
        return converted

    return hook


def _class_hook(cls: Any) -> Callable[[Any, Any], Any]:
    attrs.resolve_types(cls)
    fields = {field.name: field for field in attrs.fields(cls)}

    def hook(value: Any, _: Any) -> Any:
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            raise Problems.one(
                f"must be a table, got {show(value)}", f"its keys are: {', '.join(fields)}"
            )
        problems = [
            Problem(
                path=(name,),
                message=NO_KEY,
                hint=nearest(name, fields) or f"keys are: {', '.join(fields)}",
            )
            for name in value
            if name not in fields
        ]
        converted: dict[str, Any] = {}
        for name, field in fields.items():
            if name in value:
                try:
                    converted[name] = structured = _converter.structure(value[name], field.type)
                    check = field.metadata.get("check")
                    if check and (wish := check(structured)):
                        raise Problems.one(f"{wish}, got {show_items(value[name])}")
                    if field.metadata.get("unit") == "s" and _too_long(structured):
                        raise Problems.one(
                            f"must be {LONGEST_SECONDS:g} s or less, got {show(value[name])}"
                        )
                except Problems as error:
                    problems += error.under(name)
            elif field.default is attrs.NOTHING:
                problems.append(
                    Problem(
                        path=(name,), message="is missing", hint=field.metadata.get("help", "")
                    )
                )
        if problems:
            raise Problems(problems)
        return cls(**converted)

    return hook


def _too_long(seconds: Any) -> bool:
    return isinstance(seconds, (int, float)) and seconds > LONGEST_SECONDS


def _json(value: Any, _: Any) -> Any:
    if problems := _not_json(value):
        raise Problems(problems)
    return value


def _json_object(value: Any, _: Any) -> Any:
    if not isinstance(value, Mapping):
        raise Problems.one(f"must be a table, got {show(value)}")
    return _json(value, None)


def _not_json(value: Any) -> list[Problem]:
    """The problems with what TOML can hold and JSON cannot: it would be sent as something else."""
    if isinstance(value, Mapping):
        below = [(key, one) for key, one in value.items()]
    elif isinstance(value, (list, tuple)):
        below = list(enumerate(value))
    else:
        wish = ""
        if isinstance(value, float) and not math.isfinite(value):
            wish = "must be a finite number"
        elif isinstance(value, int) and not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            wish = "must be an integer of 64 bits"
        elif isinstance(value, (datetime.date, datetime.time)):
            wish = "must be a string: JSON has no dates"
        return [Problem(path=(), message=f"{wish}, got {show(value)}")] if wish else []
    return [
        attrs.evolve(problem, path=(key, *problem.path))
        for key, one in below
        for problem in _not_json(one)
    ]


def _make() -> cattrs.Converter:
    converter = cattrs.Converter(detailed_validation=False)
    converter.register_structure_hook(str, _strict(str, (str,)))
    converter.register_structure_hook(int, _strict(int, (int,)))
    converter.register_structure_hook(float, _strict(float, (int, float)))
    converter.register_structure_hook(bool, _strict(bool, (bool,)))
    converter.register_structure_hook(Path, _path)
    converter.register_structure_hook(PathOrName, _path_or_name)
    converter.register_structure_hook(Secret, _secret)
    # cattrs asks the factories that are registered last first.
    converter.register_structure_hook_factory(
        lambda cls: attrs.has(cls) and cls is not Secret, _class_hook
    )
    converter.register_structure_hook_factory(_is_union, _union_hook)
    converter.register_structure_hook_factory(lambda cls: _origin(cls) is Literal, _literal_hook)
    converter.register_structure_hook_factory(
        lambda cls: _origin(cls) is tuple and get_args(cls)[1:] == (...,), _tuple_hook
    )
    converter.register_structure_hook_factory(
        lambda cls: getattr(get_origin(cls), "__name__", "") in ("Mapping", "dict"), _mapping_hook
    )
    converter.register_structure_hook_func(lambda cls: cls == JsonValue, _json)
    converter.register_structure_hook_func(lambda cls: cls == JsonObject, _json_object)
    return converter


_converter = _make()
