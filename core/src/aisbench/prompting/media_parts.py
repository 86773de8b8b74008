"""Pictures, sounds and films of a chat turn: which a sample has, and where they stand.

Those that a turn's text names stand there; the others stand before it, in the order of the
settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import attrs
from attrs import define, field, frozen

from aisbench.base.errors import DataError
from aisbench.data.filling import field_at, fill_around, fill_places, only_place, places_of
from aisbench.data.paths import DataPath
from aisbench.media.values import is_media, kind_of, media_of
from aisbench.types.json import JsonValue
from aisbench.types.media import Detail, Frames, Media, MediaKind
from aisbench.types.prompt import ContentPart
from aisbench.types.sample import Sample

Content = str | tuple[ContentPart, ...]


@frozen
class _Held:
    """One of a sample's pictures, sounds or films. ``name`` is the place that says where it comes
    from, ``number`` its place in that one's list (0 where it is none). A cell that is empty keeps
    its number, and has no ``media``."""

    kind: MediaKind
    name: str
    number: int
    media: Media | None


@frozen(kw_only=True)
class MediaParts:
    """Makes the content of a turn. ``templates`` are places or texts with places, each with what
    it names; ``mark`` is how the data set's own text marks the place of a picture."""

    templates: Sequence[tuple[MediaKind, str]] = ()
    mark: str = ""
    max_pixels: int | None = None
    max_side: int | None = None
    detail: Detail = ""
    frames: Frames | None = None

    def content(self, text: str, sample: Sample) -> Content:
        """A turn's text, filled in, with its media. Raises DataError."""
        if not self.templates and not _names_media(text, sample):
            return fill_places(text, sample)
        turn = _Turn(self, sample)
        pieces = fill_around(text, sample, turn.standing)
        if self.mark:
            pieces = turn.marked(pieces)
        return _joined([*turn.unnamed(), *pieces])

    def made(self, media: Media) -> Media:
        """With the settings, as far as they are for it."""
        if media.kind == "audio" or (media.kind == "video" and self.frames is None):
            return media
        return attrs.evolve(
            media,
            max_pixels=self.max_pixels,
            max_side=self.max_side,
            detail=self.detail,
            frames=self.frames if media.kind == "video" else None,
        )


@define
class _Turn:
    """One turn while its text is filled in."""

    parts: MediaParts
    sample: Sample
    _held: list[_Held] = field(init=False)
    _named: set[int] = field(init=False, factory=set)
    """Places in ``_held`` of those that the text has named."""

    def __attrs_post_init__(self) -> None:
        self._held = [one for kind, text in self.parts.templates for one in self._of(kind, text)]

    def _of(self, kind: MediaKind, text: str) -> Iterator[_Held]:
        own = only_place(text)
        if text in self.sample.fields:
            raise DataError(
                f"{text!r} names a file, and no field of sample {self.sample.id}",
                hint=f"a field stands in braces: {{{text}}}",
            )
        if own is None:
            found: Any = fill_places(text, self.sample)
        else:
            found = field_at(self.sample, own)
        several = found if isinstance(found, (list, tuple)) else [found]
        for number, value in enumerate(several):
            media = self._media(value, kind) if value not in (None, "") else None
            yield _Held(kind, "" if own is None else own.text, number, media)

    def _media(self, value: JsonValue, kind: MediaKind) -> Media:
        if isinstance(value, Mapping) and not is_media(value):
            raise DataError(
                f"sample {self.sample.id} names no {kind} there, but an object",
                hint="name a path, a url or a data: url",
            )
        return self.parts.made(media_of(value, kind))

    def standing(self, path: DataPath) -> list[Media] | None:
        """What stands at a place of the text; None where it is a field of text."""
        fields = self.sample.fields
        numbered = [
            at
            for at, one in enumerate(self._held)
            if one.name and path.text in (one.name, f"{one.name}[{one.number}]")
        ]
        if not numbered and path.head not in fields and not path.steps:
            numbered = self._numbered(path.head)
        if numbered:
            return self._take(numbered)
        value = field_at(self.sample, path) if path.head in fields else None
        kind = kind_of(value)
        if kind is None:
            return None
        several = value if isinstance(value, (list, tuple)) else [value]
        return [self._media(one, kind_of(one) or kind) for one in several if one not in (None, "")]

    def _numbered(self, name: str) -> list[int]:
        """``image_2``: the second picture, from 1."""
        kind, _, number = name.rpartition("_")
        same = [at for at, one in enumerate(self._held) if one.kind == kind]
        wanted = int(number) if number.isdecimal() and len(number) < 6 else 0
        return [same[wanted - 1]] if 0 < wanted <= len(same) else []

    def _take(self, numbers: Sequence[int]) -> list[Media]:
        self._named.update(numbers)
        return [media for at in numbers if (media := self._held[at].media) is not None]

    def marked(self, pieces: Sequence[str | Media]) -> list[str | Media]:
        """With pictures for the marks in the text: the first mark of each, as later ones only
        speak of it."""
        before, _, after = self.parts.mark.partition("{n}")
        numbered = "{n}" in self.parts.mark
        pattern = re.escape(before) + (r"(\d{1,5})" + re.escape(after) if numbered else "")
        found: list[str | Media] = []
        for piece in pieces:
            if isinstance(piece, Media):
                found.append(piece)
                continue
            end = 0
            for match in re.finditer(pattern, piece):
                at = self._marked(int(match.group(1)) if numbered else None)
                if at is not None:
                    found += [piece[end : match.start()], *self._take([at])]
                    end = match.end()
            found.append(piece[end:])
        return found

    def _marked(self, number: int | None) -> int | None:
        """The picture of that number, or the next one; None where there is none to be shown."""
        pictures = [at for at, one in enumerate(self._held) if one.kind == "image"]
        if number is not None:
            pictures = pictures[number - 1 : number] if number else []
        return next(
            (at for at in pictures if at not in self._named and self._held[at].media), None
        )

    def unnamed(self) -> list[Media]:
        """Those that the text has not named."""
        return [
            one.media
            for at, one in enumerate(self._held)
            if at not in self._named and one.media is not None
        ]


@lru_cache(maxsize=256)
def _places(text: str) -> tuple[DataPath, ...]:
    return places_of(text)


def _names_media(text: str, sample: Sample) -> bool:
    """Quick for texts alone, as loads render while they run."""
    fields = sample.fields
    for path in _places(text):
        value = fields.get(path.head)
        if type(value) is str:
            continue
        if path.steps and path.head in fields:
            value = field_at(sample, path)
        if is_media(value):
            return True
    return False


def _joined(pieces: Sequence[str | Media]) -> Content:
    """Parts in order, texts that touch joined; a text alone as it is."""
    parts: list[ContentPart] = []
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
            continue
        if text:
            parts.append(ContentPart(text=text))
            text = ""
        parts.append(ContentPart(media=piece))
    if not parts:
        return text
    return (*parts, ContentPart(text=text)) if text else tuple(parts)
