"""Values of lm-eval as JSON, and back without a loss: a score must not change by being stored.

What JSON has no form for is an object with the key ``$``, its kind, and ``of``, its content.
"""

from __future__ import annotations

import base64
import datetime
import math
from typing import Any

from aisbench.api import JsonValue

KIND = "$"
_LARGEST = 2**63


def plain(value: Any) -> JsonValue:
    """``value`` as JSON. Raises TypeError for what has no form, such as a picture."""
    if value is None or type(value) in (bool, str):
        return value  # type: ignore[no-any-return]
    if type(value) in (int, float):
        return _number(value)
    if type(value) is list:
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return _table(value)
    if isinstance(value, (tuple, set, frozenset)):
        kind = "tuple" if isinstance(value, tuple) else "set"
        return {KIND: kind, "of": [plain(one) for one in value]}
    return _further(value)


def _number(value: int | float) -> JsonValue:
    fits = math.isfinite(value) if isinstance(value, float) else -_LARGEST <= value < _LARGEST
    return value if fits else {KIND: type(value).__name__, "of": str(value)}


def _table(value: dict[Any, Any]) -> JsonValue:
    if KIND not in value and all(type(key) is str for key in value):
        return {key: plain(one) for key, one in value.items()}
    return {KIND: "dict", "of": [[plain(key), plain(one)] for key, one in value.items()]}


def _further(value: Any) -> JsonValue:
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return {KIND: type(value).__name__, "of": value.isoformat()}
    if isinstance(value, bytes):
        return {KIND: "bytes", "of": base64.b64encode(value).decode()}
    if isinstance(value, str):
        return str(value)
    if hasattr(value, "dtype") and hasattr(value, "tolist") and value.dtype.kind in "biufU":
        return {KIND: "numpy", "of": [value.dtype.str, plain(value.tolist())]}
    raise TypeError(f"a {type(value).__name__} cannot be kept in a run")


def value_of(stored: JsonValue) -> Any:
    """What :func:`plain` was given."""
    if isinstance(stored, list):
        return [value_of(one) for one in stored]
    if not isinstance(stored, dict):
        return stored
    if KIND not in stored:
        return {key: value_of(one) for key, one in stored.items()}
    return _MAKERS[str(stored[KIND])](stored["of"])


def _numpy(content: Any) -> Any:
    import numpy

    kind, value = content
    return numpy.array(value_of(value), dtype=kind)[()]


_MAKERS: dict[str, Any] = {
    "int": int,
    "float": float,
    "dict": lambda pairs: {value_of(key): value_of(one) for key, one in pairs},
    "tuple": lambda items: tuple(map(value_of, items)),
    "set": lambda items: set(map(value_of, items)),
    "datetime": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "bytes": base64.b64decode,
    "numpy": _numpy,
}
