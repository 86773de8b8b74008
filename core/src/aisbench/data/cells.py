"""Cells that no prompt can show: kept with the reason, which is reported when one is used."""

from __future__ import annotations

from collections.abc import Mapping

from aisbench.media.values import MARK
from aisbench.types.json import JsonObject

_WHY = "!unusable"


def unusable(why: str) -> JsonObject:
    """A stand-in for a cell that cannot be used. It is JSON, as all fields are.

    ``why`` names file and column, and what is in it.
    """
    return {_WHY: why}


def _why_media(about: object) -> str:
    found = about if isinstance(about, Mapping) else {}
    path, column = found.get("path"), found.get("column")
    whose = f"{path}: the column {column!r}" if column else path or "the field"
    return (
        f"{whose} holds a picture, sound or film; chat templates show it, listed in their "
        "`images`, `audio` or `video`"
    )


def why_unusable(cell: object) -> str | None:
    """Why a cell (or an item of its list) cannot be used; None when it can."""
    if isinstance(cell, Mapping):
        if MARK in cell:
            return _why_media(cell[MARK])
        why = cell.get(_WHY)
        return why if isinstance(why, str) and len(cell) == 1 else None
    if isinstance(cell, (list, tuple)):
        return next((why for one in cell if (why := why_unusable(one))), None)
    return None
