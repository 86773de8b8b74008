"""The type of anything that JSON or TOML can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, Union

# Union, not |: the names are evaluated at run time, on Python 3.10 as well.
if TYPE_CHECKING:
    JsonValue: TypeAlias = Union[  # noqa: UP007
        bool, int, float, str, Sequence["JsonValue"], Mapping[str, "JsonValue"], None
    ]
else:
    # One level deep: classes that use the alias resolve it in their own modules, where the
    # alias's name may be unknown.
    JsonValue = Union[bool, int, float, str, Sequence[Any], Mapping[str, Any], None]  # noqa: UP007
JsonObject: TypeAlias = Mapping[str, JsonValue]
