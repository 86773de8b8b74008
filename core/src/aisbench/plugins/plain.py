"""Offers as plain data and back: what is kept in manifests, and sent by a child process.

An attribute with its default value is left out. So older versions of aisbench can read what
newer ones write, unless a plugin uses what they do not know.
"""

from __future__ import annotations

import contextlib
import enum
import functools
import types
from collections.abc import Collection, Mapping, Set
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

from aisbench.plugins.catalog import HOOK_OFFERS
from aisbench.types.offer import Offer

CLASSES: Mapping[str, type[Offer]] = {
    cls.kind: cls for offered in HOOK_OFFERS.values() for cls in offered
}


class NotPlain(ValueError):
    """An offer holds what JSON cannot, or JSON what an offer cannot."""


def to_plain(offer: Offer, cls: type[Offer] | None = None) -> dict[str, Any]:
    """An offer as JSON can hold it; of a class derived from ``cls``, if that is given, what
    ``cls`` has of it. Raises NotPlain, naming the attribute."""
    known = CLASSES.get(offer.kind)
    if known is None or (type(offer) is not known and cls is not known):
        raise NotPlain(f"{offer.name} is a {type(offer).__name__}, a class of the plugin's own")
    names = [one.name for one in attrs.fields(known)]
    made = {"kind": offer.kind, **_object(offer, offer.name, names)}
    again = from_plain(made)
    if any(getattr(again, name) != getattr(offer, name) for name in names):
        raise NotPlain(f"{offer.name} holds a value of a type that its attribute does not have")
    return made


def from_plain(made: Any, cls: type[Offer] | None = None, **more: Any) -> Offer:
    """The offer that ``made`` is; of the class ``cls`` with ``more`` attributes, if that is
    given. Raises NotPlain for what is none."""
    if not isinstance(made, dict) or (kind := CLASSES.get(made.get("kind", ""))) is None:
        raise NotPlain(f"{made!r:.80} is no offer of a known kind")
    rest = {key: value for key, value in made.items() if key != "kind"}
    found: Offer = _made(cls or kind, rest, made.get("name", "?"), more)
    return found


def _object(one: Any, where: str, names: Collection[str] | None = None) -> dict[str, Any]:
    made = {}
    for field in attrs.fields(type(one)):
        if names is not None and field.name not in names:
            continue
        value = getattr(one, field.name)
        if not _is_default(field, value):
            made[field.name] = _value(value, f"{where}.{field.name}")
    return made


def _is_default(field: attrs.Attribute[Any], value: Any) -> bool:
    default: Any = field.default
    if (factory := getattr(default, "factory", None)) is not None:
        default = factory()
    return type(value) is type(default) and bool(value == default)


def _value(value: Any, where: str) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, Mapping):
        return {str(_value(key, where)): _value(item, where) for key, item in value.items()}
    if isinstance(value, Set):
        return sorted(_value(item, where) for item in value)
    if isinstance(value, (tuple, list)):
        return [_value(item, where) for item in value]
    if attrs.has(type(value)):
        return _object(value, where)
    raise NotPlain(f"{where} is {value!r:.80}, which a manifest cannot hold")


def _made(cls: Any, table: Mapping[str, Any], where: str, more: Mapping[str, Any]) -> Any:
    hints = _hints(cls)
    if unknown := [name for name in table if name not in hints]:
        raise NotPlain(f"{where} has the attribute {unknown[0]!r}, which this aisbench lacks")
    values = {name: _read(hints[name], value, f"{where}.{name}") for name, value in table.items()}
    try:
        return cls(**values, **more)
    except TypeError as error:
        raise NotPlain(f"{where}: {error}") from error


@functools.cache
def _hints(cls: Any) -> dict[str, Any]:
    names = {field.name for field in attrs.fields(cls)}
    return {name: hint for name, hint in get_type_hints(cls).items() if name in names}


def _read(hint: Any, value: Any, where: str) -> Any:
    """``value`` as the type ``hint`` has it: a list becomes a tuple or a set, an object a map or
    a class."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _read_one_of(arguments, value, where)
    if isinstance(value, list):
        if origin not in (tuple, frozenset):
            raise NotPlain(f"{where} cannot be a list")
        return origin(_read(arguments[0], item, where) for item in value)
    if isinstance(value, dict):
        if attrs.has(hint):
            return _made(hint, value, where, {})
        if origin is not Mapping:
            raise NotPlain(f"{where} cannot be a table")
        return {
            _read(arguments[0], key, where): _read(arguments[1], item, where)
            for key, item in value.items()
        }
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        try:
            return hint(value)
        except ValueError as error:
            raise NotPlain(f"{where}: {error}") from error
    return value


def _read_one_of(kinds: tuple[Any, ...], value: Any, where: str) -> Any:
    if not isinstance(value, (list, dict)):
        return value
    for kind in kinds:
        with contextlib.suppress(NotPlain):
            return _read(kind, value, where)
    raise NotPlain(f"{where} cannot be {value!r:.80}")
