"""JSON documents as classes, key by key: one that is missing, unknown or ill-typed is damage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn

from aisbench.base.errors import DamageError
from aisbench.store.run import RESTORE
from aisbench.types.json import JsonObject

T = TypeVar("T")


def structured(path: Path, content: Mapping[str, Any], cls: type[T]) -> T:
    """``content`` of the file at ``path`` as ``cls``. Raises DamageError, with the key."""
    try:
        return _converter().structure(content, cls)
    except (cattrs.BaseValidationError, _BadValue) as error:
        found = "; ".join(
            f"{where.strip('.')}: {what}" if where else what
            for what, _, where in (
                one.rpartition(" @ ")
                for one in cattrs.transform_error(error, path="", format_exception=_words)
            )
        )
        raise DamageError(f"{path}: is damaged: {found}", hint=RESTORE) from error


class _BadValue(Exception):
    """What is wrong with a value, in words."""


def _words(error: BaseException, _: type[Any] | None) -> str:
    if isinstance(error, _BadValue):
        return str(error)
    return "must be a list" if isinstance(error, TypeError) else f"is not allowed: {error}"


@lru_cache(maxsize=1)
def _converter() -> cattrs.Converter:
    made = cattrs.Converter()
    for kind, word in ((int, "an integer"), (str, "a string"), (bool, "true or false")):
        made.register_structure_hook(kind, _of_kind(kind, word))
    made.register_structure_hook_func(lambda cls: cls == JsonObject, _of_kind(dict, "an object"))
    made.register_structure_hook_func(lambda cls: cls == tuple[int, ...], _all(int, "integers"))
    made.register_structure_hook_func(lambda cls: cls == tuple[str, ...], _all(str, "strings"))
    made.register_structure_hook_factory(_is_literal, _one_of)
    made.register_structure_hook_factory(attrs.has, lambda cls: _all_keys(cls, made))
    return made


def _of_kind(kind: type[Any], word: str) -> Callable[[Any, Any], Any]:
    def hook(value: Any, _: Any) -> Any:
        # Not isinstance: true is no integer.
        if type(value) is not kind:
            raise _BadValue(f"must be {word}, got {value!r:.80}")
        return value

    return hook


def _all(kind: type[Any], word: str) -> Callable[[Any, Any], Any]:
    """Lags of a long load are many: all are checked at once."""

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, (list, tuple)) or not set(map(type, value)) <= {kind}:
            raise _BadValue(f"must be a list of {word}, got {value!r:.80}")
        return tuple(value)

    return hook


def _is_literal(cls: Any) -> bool:
    return get_origin(cls) is Literal


def _one_of(cls: Any) -> Callable[[Any, Any], Any]:
    allowed = get_args(cls)

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, str) or value not in allowed:
            words = ", ".join(map(repr, allowed))
            raise _BadValue(f"must be one of {words}, got {value!r:.80}")
        return value

    return hook


def _all_keys(cls: type[Any], made: cattrs.Converter) -> Callable[[Any, Any], Any]:
    """A hook that demands every key of ``cls``, those with defaults as well, and no other."""
    inner = make_dict_structure_fn(attrs.resolve_types(cls), made)
    names = list(attrs.fields_dict(cls))

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            raise _BadValue(f"must be an object, got {value!r:.80}")
        faults = [f"it has no {name!r}" for name in names if name not in value]
        faults += [f"{name!r} is not a key of it" for name in value if name not in names]
        if faults:
            raise _BadValue(", and ".join(faults))
        return inner(value, cls)

    return hook
