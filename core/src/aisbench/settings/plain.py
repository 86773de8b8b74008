"""Settings as TOML can hold them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from aisbench.settings.fields import PathOrName, Secret


def plain(value: object) -> Any:
    """The inverse of :func:`aisbench.settings.convert.structure`, without what is None."""
    if attrs.has(type(value)) and not isinstance(value, Secret):
        cls: Any = type(value)
        pairs = ((field.name, getattr(value, field.name)) for field in attrs.fields(cls))
        return {name: plain(item) for name, item in pairs if item is not None}
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (Path, PathOrName, Secret)):
        return str(value)
    return value


def changed(settings: Any) -> dict[str, Any]:
    """The settings that differ from their defaults; {} for None."""
    if settings is None:
        return {}
    cls: Any = type(settings)
    defaults = {field.name: field.default for field in attrs.fields(cls)}
    found = {}
    for name, default in defaults.items():
        value = getattr(settings, name)
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
            default = default.factory()
        if value != default:
            found[name] = plain(value)
    return found
