"""The type of anything that JSON or TOML can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, Union

# Union, not |: a quoted name inside "|" cannot be evaluated at run time on Python 3.10.
JsonValue: TypeAlias = Union[  # noqa: UP007
    bool, int, float, str, Sequence["JsonValue"], Mapping[str, "JsonValue"], None
]
JsonObject: TypeAlias = Mapping[str, JsonValue]
