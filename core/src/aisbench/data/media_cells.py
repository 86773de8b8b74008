"""Cells that name or hold pictures, sounds and films."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from aisbench.base.errors import DataError
from aisbench.media.inside import decoded
from aisbench.media.kinds import HEAD, mime_of
from aisbench.media.values import is_data_url, is_media, media_value, with_kind
from aisbench.types.json import JsonValue
from aisbench.types.media import MediaKind, MediaPlace

LONGEST_NAME = 4096
"""Characters of a path: what systems take."""
_ADDRESS = re.compile(r"(https?://|data:)", re.IGNORECASE)
_ITEM = r"""(?:'[^'\\]*'|"[^"\\]*")"""
_LIST = re.compile(rf"\s*\[\s*({_ITEM}(?:\s*,\s*{_ITEM})*)\s*,?\s*\]\s*")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{60,}[A-Za-z0-9+/=\s]{4}")


def media_at(cell: JsonValue, folder: Path, kind: MediaKind | None = None) -> JsonValue:
    """What a cell of a column of files says, so that it can be found from anywhere.

    Relative paths are meant from ``folder``, which may be a zip file; a path may also lead through
    one (``images.zip/a/b.png``). Addresses and empty cells stay, base64 becomes a ``data:`` url,
    and a list (also a text that is one of Python or JSON) is one of such cells.
    With a ``kind`` the cell says it, and chat texts may name its field. Raises DataError for a
    cell that holds anything else.
    """
    if isinstance(cell, (list, tuple)):
        return [media_at(one, folder, kind) for one in cell]
    if cell is None or cell == "":
        return cell
    if isinstance(cell, str):
        if (several := listed(cell)) is not None:
            return [media_at(one, folder, kind) for one in several]
        if _ADDRESS.match(cell):
            found: JsonValue = cell
        else:
            found = f"data:;base64,{cell}" if holds_content(cell) else _located(cell, folder)
    elif is_media(cell):
        found = cell
    else:
        raise DataError(f"{cell!r:.60} names no file", hint="write a path, or a list of paths")
    return found if kind is None else with_kind(found, kind)


def _located(name: str, folder: Path) -> JsonValue:
    name = name.removeprefix("file://")
    if len(name) > LONGEST_NAME:
        raise DataError(
            f"{len(name)} characters that begin with {name[:24]!r} are no name of a file, and no "
            "picture, sound or film of a known type in base64",
            hint="a cell holds a path, an address, base64, or a list of these",
        )
    if folder.suffix.lower() == ".zip":
        return media_value(folder, MediaPlace(member=PurePosixPath(name).as_posix()))
    whole = folder / name
    for parent in whole.parents if ".zip" in name.lower() else ():
        if parent.suffix.lower() == ".zip" and parent.is_file():
            member = whole.relative_to(parent).as_posix()
            return media_value(parent, MediaPlace(member=member))
    return str(whole)


def listed(cell: str) -> list[str] | None:
    """The items of a text that is a list of texts, as Python or JSON write one; else None. They
    may be long: contents in base64."""
    if cell[:1] not in ("[", " ") or (match := _LIST.fullmatch(cell)) is None:
        return None
    return [one[1:-1] for one in re.findall(_ITEM, match.group(1))]


def holds_content(cell: str) -> bool:
    """Whether a text is the content itself, as a ``data:`` url or in base64, and no name of it.

    Base64 is told by what it begins with, once decoded, and by its letters: no path has both.
    """
    if is_data_url(cell):
        return True
    if not (_BASE64.fullmatch(cell[:64]) and _BASE64.fullmatch(cell[-64:])):
        return False
    try:
        return bool(mime_of(decoded("".join(cell[:64].split())[:24])[:HEAD]))
    except ValueError:
        return False
