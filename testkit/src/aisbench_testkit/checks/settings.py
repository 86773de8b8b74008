"""Settings classes: every field said, checkable, and expressible in TOML and JSON Schema."""

from __future__ import annotations

import json
import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from aisbench.api import JsonObject, JsonValue, Offer, PathOrName, Secret
from aisbench.config.offer_keys import common_settings
from aisbench.config.schema import class_schema
from aisbench.settings.convert import structure
from aisbench.settings.plain import plain
from aisbench.settings.problems import Problems
from aisbench_testkit.checks.trial import told, trial

_SIMPLE = (str, int, float, bool, Path, PathOrName, Secret)


def unsupported(kind: Any) -> str:
    """What of a type no suite can hold, or ""."""
    if kind in _SIMPLE or kind in (JsonValue, JsonObject, type(None)):
        return ""
    if isinstance(kind, type) and attrs.has(kind):
        return ""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        odd = [one for one in arguments if not isinstance(one, (str, int, float))]
        return f"Literal[{odd[0]!r}]" if odd else ""
    if origin in (Union, types.UnionType):
        return next(filter(None, map(unsupported, arguments)), "")
    if origin is tuple and arguments[1:] == (...,):
        return unsupported(arguments[0])
    if getattr(origin, "__name__", "") in ("Mapping", "dict") and arguments[0] is str:
        return unsupported(arguments[1])
    return str(kind)


def check_settings(cls: Any, offer: Offer | None) -> list[str]:
    """A settings class of ``offer``; classes that it nests too, which are of none."""
    if not (isinstance(cls, type) and attrs.has(cls)):
        return [f"{cls!r} is not an attrs class: decorate it with attrs.frozen"]
    try:
        attrs.resolve_types(cls)
    except NameError as error:
        return [
            f"{cls.__name__}: the types of its fields cannot be resolved ({error}): "
            "import them at run time, not under TYPE_CHECKING"
        ]
    problems: list[str] = []
    for field in attrs.fields(cls):
        problems += _check_field(cls, field)
    problems += _check_collisions(cls, offer)
    if not problems:
        with trial(problems, f"the JSON Schema of {cls.__name__}"):
            json.dumps(class_schema(cls), allow_nan=False)
    return problems


def _check_collisions(cls: Any, offer: Offer | None) -> list[str]:
    if offer is None:
        return []
    common: Any = common_settings(offer)
    taken = {field.name for field in attrs.fields(common)} if common else set()
    if offer.kind in ("backend", "dataset", "summarizer", "observer"):
        taken.add(offer.kind)
    return [
        f"{cls.__name__}.{field.name}: every {offer.kind} has a key of that name already; choose "
        "another"
        for field in attrs.fields(cls)
        if field.name in taken
    ]


def _check_field(cls: Any, field: Any) -> list[str]:
    where = f"{cls.__name__}.{field.name}"
    if not {"help", "unit", "check"} <= set(field.metadata):
        return [f"{where} is not made by aisbench.api.setting()"]
    problems = []
    text = field.metadata["help"]
    if not text.strip() or "\n" in text:
        problems.append(f"{where} has no help of one line")
    if odd := unsupported(field.type):
        return [
            *problems,
            f"{where} has the type {odd}, which no suite can hold: use str, int, float, bool, "
            "Path, PathOrName, Secret, Literal, tuple[X, ...], Mapping[str, X], JsonObject, or an "
            "attrs class of settings",
        ]
    for nested in _nested(field.type):
        problems += check_settings(nested, None)
    if field.default is not attrs.NOTHING:
        problems += _check_default(field, where)
    return problems


def _nested(kind: Any) -> list[Any]:
    if isinstance(kind, type) and attrs.has(kind) and kind is not Secret:
        return [kind]
    return [one for argument in get_args(kind) for one in _nested(argument)]


def _check_default(field: Any, where: str) -> list[str]:
    default = field.default
    try:
        value = default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it is reported
        return [f"{where}: its factory raises {told(error)}"]
    if value is None:
        optional = field.type == JsonValue or type(None) in get_args(field.type)
        return [] if optional else [f"{where} defaults to None, which its type does not allow"]

    # A class of one field, so that the field's own check is asked as a suite's value would be.
    class_ = attrs.make_class(
        "Alone", {"value": attrs.field(type=field.type, metadata=field.metadata)}
    )
    try:
        structure(class_, {"value": plain(value)}, Path())
    except Problems as error:
        return [f"{where}: its own default {one.message}" for one in error.problems]
    except Exception as error:  # noqa: BLE001 - its check is the plugin's code
        return [f"{where}: checking its default raises {told(error)}"]
    return []
