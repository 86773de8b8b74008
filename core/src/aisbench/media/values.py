"""Pictures, sounds and films among the fields of samples: JSON that says where their bytes are.

A value is ``{"!media": {...}}`` with the keys of :class:`~aisbench.types.media.Media` that say
whence it comes, and those of :class:`~aisbench.types.media.MediaPlace` among them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from aisbench.types.json import JsonObject, JsonValue
from aisbench.types.media import Media, MediaKind, MediaPlace

MARK = "!media"
_PLACES = tuple(one.name for one in attrs.fields(MediaPlace))
_URL = re.compile(r"https?://", re.IGNORECASE)
_DATA = re.compile(r"data:([^;,]*)((?:;[^;,]*)*?)(;base64)?,", re.IGNORECASE)


def media_value(
    path: str | Path, inside: MediaPlace | None = None, kind: MediaKind | None = None
) -> JsonObject:
    """A field that stands for the content at a place ``inside`` a file, or for the file itself.

    With a ``kind`` the texts of a chat may name the field, and no setting need say what it is.
    """
    found: dict[str, JsonValue] = {"path": str(path)}
    if inside is not None:
        found |= {
            name: one for name in _PLACES if (one := getattr(inside, name)) not in (None, "")
        }
    if kind is not None:
        found["kind"] = kind
    return {MARK: found}


def is_media(value: object) -> bool:
    """Whether it is such a value, or a list that holds one."""
    if isinstance(value, Mapping):
        return MARK in value
    return isinstance(value, (list, tuple)) and any(map(is_media, value))


def kind_of(value: object) -> MediaKind | None:
    """What a value says that it is; of a list, what its first one says."""
    if isinstance(value, Mapping) and isinstance(about := value.get(MARK), Mapping):
        kind = about.get("kind")
        return kind if kind in ("image", "audio", "video") else None
    if isinstance(value, (list, tuple)):
        return next((kind for one in value if (kind := kind_of(one))), None)
    return None


def with_kind(value: JsonValue, kind: MediaKind) -> JsonValue:
    """The value, saying what it is; a list has it of each item. Texts become values too, as
    they could not say it."""
    if isinstance(value, Mapping) and isinstance(about := value.get(MARK), Mapping):
        return {MARK: {**about, "kind": kind}}
    if isinstance(value, (list, tuple)):
        return [with_kind(one, kind) for one in value]
    if isinstance(value, str) and value:
        return {MARK: {"address": value, "kind": kind}}
    return value


def media_of(value: JsonValue, kind: MediaKind | None = None) -> Media:
    """What a field says: a value of this module, or a path, a url, a ``data:`` url. It is of the
    ``kind``, or without one of that which it says itself. Raises ValueError where nothing does."""
    kind = kind or kind_of(value)
    if kind is None:
        raise ValueError("it is not said what it is: a picture, a sound or a film")
    if isinstance(value, Mapping):
        about: Any = value.get(MARK)
        if not isinstance(about, Mapping):
            raise ValueError(f"no {kind}: an object")
        source = {name: about[name] for name in ("path", "mime", "sha256") if name in about}
        if isinstance(address := about.get("address"), str):
            found = _addressed(address, kind)
            return attrs.evolve(found, **source) if found.path else found
        place = {name: about[name] for name in _PLACES if name in about}
        return Media(**source, kind=kind, inside=MediaPlace(**place) if place else None)
    return _addressed(str(value), kind)


def _addressed(address: str, kind: MediaKind) -> Media:
    if match := _DATA.match(address):
        return Media(kind=kind, base64=address[match.end() :], mime=match.group(1))
    if _URL.match(address):
        return Media(kind=kind, url=address)
    return Media(kind=kind, path=address.removeprefix("file://"))


def is_data_url(value: object) -> bool:
    """Whether a text is content in base64 with its type, and no path or url."""
    if not isinstance(value, str) or value[:5].lower() != "data:":
        return False
    match = _DATA.match(value[:200])
    return match is not None and match.group(3) is not None
