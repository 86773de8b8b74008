"""The contents that a run's requests carry: known by checksum, and kept in the run.

A file of the user's that is sent as it is stays where it is: the run names it, and has its
checksum. Everything else (what comes out of tables and archives, what was base64, what was made
smaller) is kept in the folder ``media`` of the run, each content once, under its checksum; a
picture that was made smaller under that of the original with the limits behind it.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import attrs
from attrs import define, field, frozen

from aisbench.base.errors import DataError
from aisbench.media.contents import source_of, stamp_of, with_media
from aisbench.media.inside import forget_open_files
from aisbench.media.kinds import HEAD, mime_of
from aisbench.media.resizing import check_limits, made_smaller
from aisbench.media.values import MARK, is_data_url, is_media, media_of
from aisbench.store.files import failure, make_folder, sync_file
from aisbench.types.json import JsonValue
from aisbench.types.media import Media, MediaKind, MediaPlace
from aisbench.types.prompt import Prompt
from aisbench.types.sample import Sample

_BLOCK = 1 << 20


@frozen
class _Known:
    """What is known of a content, as long as its file has the same ``stamp``."""

    stamp: tuple[int, int]
    sha256: str
    mime: str
    size: int


@define(eq=False)
class MediaStore:
    """What was found out about the media of data sets, and where they are kept: nowhere, until
    :meth:`keep_in` says so."""

    folder: Path | None = field(init=False, default=None)
    _known: dict[tuple[str, MediaPlace | None], _Known] = field(init=False, factory=dict)
    _kept: dict[str, str] = field(init=False, factory=dict)
    """Name of a file in the folder -> its path; of those that this process found whole there."""
    _seen: dict[Media, None] = field(init=False, factory=dict)
    """What was prepared before there was a folder."""

    def keep_in(self, folder: Path) -> None:
        """Keep contents in ``folder`` from now on, those too that are known already, so that no
        request has to wait for it. Raises DataError, StoreError."""
        self.folder = folder
        for media in self._seen:
            self._keep(media)
        self._seen.clear()
        forget_open_files()

    def prepared(self, prompt: Prompt, limit_mb: float, whose: str) -> Prompt:
        """The prompt with type and checksum of all that it holds, and what has to be kept, kept.

        ``whose`` names the sample in messages. Raises DataError for a content that is missing,
        empty, larger than ``limit_mb`` or of another kind than the prompt says.
        """
        return with_media(prompt, lambda media: self._prepared(media, limit_mb, whose))

    def without_contents(self, sample: Sample) -> Sample:
        """The sample as it stands in the run: contents in its fields are in the folder, and the
        fields say which. Raises DataError, StoreError."""
        if not any(map(_mentions, sample.fields.values())):
            return sample
        fields = {name: self._noted(value) for name, value in sample.fields.items()}
        return attrs.evolve(sample, fields=fields)

    # -- what a content is

    def _prepared(self, media: Media, limit_mb: float, whose: str) -> Media:
        check_limits(media, whose)
        if media.url:
            return media
        try:
            known = self._look(media, limit_mb * 1e6)
        except DataError as error:
            raise DataError(f"{whose}: {error.message}", hint=error.hint) from error
        name = media.whence if media.path else f"its {media.kind}"
        if known is None:
            return media  # not even the run has it: who asks for its content is told
        if not known.size:
            raise DataError(f"{whose}: {name} is empty")
        if known.size > limit_mb * 1e6:
            raise DataError(
                f"{whose}: {name} has {known.size / 1e6:.1f} MB, more than {limit_mb:g}",
                hint="make it smaller, or raise media_limit in the model's table",
            )
        mime = media.mime or known.mime
        if mime.split("/")[0] != media.kind:
            raise DataError(
                f"{whose}: {name} is no {media.kind}: its type is {mime or 'unknown'}",
                hint="check the file and its ending, such as .png, .wav or .mp4",
            )
        return self._keep(attrs.evolve(media, sha256=known.sha256, mime=mime))

    def _look(self, media: Media, most: float) -> _Known | None:
        """What is known of a content; None for one that only its run had, and has not."""
        if media.base64:
            return _known_of(source_of(attrs.evolve(media, sha256="")), (0, 0), "")
        media = self._found(media)
        if not media.path:
            return None
        place, stamp = (media.path, media.inside), stamp_of(media.path)
        known = self._known.get(place)
        if known is None or known.stamp != stamp:
            if media.inside is None:
                known = _known_of_file(media.path, stamp)
            else:
                content = source_of(attrs.evolve(media, sha256=""), most)
                known = _known_of(content, stamp, media.inside.member)
            self._known[place] = known
        return known

    def _found(self, media: Media) -> Media:
        """With the path of the run's own file, where there is no other."""
        there = bool(media.path) and (not media.sha256 or Path(media.path).is_file())
        if there or media.base64 or media.url or self.folder is None:
            return media
        for name in dict.fromkeys((media.sha256, media.sha256 + media.limits)):
            if (kept := self.folder / name).is_file():
                return attrs.evolve(media, path=str(kept), inside=None)
        return media

    # -- keeping it

    def _keep(self, media: Media) -> Media:
        stays = bool(media.path) and media.inside is None
        if stays and not media.limits:
            return media
        if self.folder is None:
            if not media.base64:  # these would fill the memory
                self._seen[media] = None
            return media
        name = media.sha256 + media.limits
        if name not in self._kept:
            self._kept[name] = self._written(media, name, stays=stays)
        return attrs.evolve(media, kept=self._kept[name], base64="")

    def _written(self, media: Media, name: str, *, stays: bool) -> str:
        """Path of the file with the content: the user's own, where it is sent as it is."""
        assert self.folder is not None
        kept = self.folder / name
        if media.limits:
            if kept.is_file():
                return str(kept)
            original = source_of(self._found(media))
            content = made_smaller(original, media)
            if content is not original:
                return self._put(kept, content, durably=True)
            kept = self.folder / media.sha256
            if stays:
                return media.path
        if kept.is_file() and _known_of_file(str(kept), (0, 0)).sha256 == media.sha256:
            return str(kept)
        return self._put(kept, source_of(media))

    def _put(self, path: Path, content: bytes, *, durably: bool = False) -> str:
        """Write a file in one step. A power cut may leave anything of one that is not written
        ``durably``: its checksum tells."""
        # Workers of a load may come to the same content at once.
        half = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            if not path.parent.is_dir():
                make_folder(path.parent)
            half.write_bytes(content)
            if durably:
                sync_file(half)
            half.replace(path)
        except OSError as error:
            raise failure(path, error) from error
        return str(path)

    def _noted(self, value: JsonValue) -> JsonValue:
        """A field's value, saying by checksum what it holds."""
        if isinstance(value, (list, tuple)):
            return [self._noted(one) for one in value]
        if not (is_media(value) or is_data_url(value)):
            return value
        media = media_of(value, "image")
        own: Any = value[MARK] if isinstance(value, Mapping) else {}
        about: dict[str, Any] = dict(own)
        if media.base64:
            try:
                known = self._look(media, float("inf"))
            except DataError:
                return value  # a text that only looks like one
            about.pop("address", None)
        else:
            known = self._known.get((media.path, media.inside))
        if known is None:
            return value  # no request names it
        media = attrs.evolve(media, sha256=known.sha256, mime=media.mime or known.mime)
        if media.base64:
            if media.mime.partition("/")[0] not in get_args(MediaKind):
                return value  # a text about such an address: no prompt can hold it as a content
            self._keep(media)
        return {MARK: {**about, "sha256": media.sha256, "mime": media.mime}}


def _mentions(value: JsonValue) -> bool:
    if isinstance(value, str):
        return value[:5].lower() == "data:" and is_data_url(value)
    if isinstance(value, (list, tuple)):
        return any(map(_mentions, value))
    return is_media(value)


def _known_of(content: bytes, stamp: tuple[int, int], name: str) -> _Known:
    mime = mime_of(content[:HEAD]) or mimetypes.guess_type(name)[0] or ""
    return _Known(stamp, hashlib.sha256(content).hexdigest(), mime, len(content))


def _known_of_file(path: str, stamp: tuple[int, int]) -> _Known:
    """Like :func:`_known_of`, a block at a time: films are large."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(HEAD)
            file.seek(0)
            checksum = hashlib.sha256()
            size = 0
            while block := file.read(_BLOCK):
                checksum.update(block)
                size += len(block)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from None
    mime = mime_of(head) or mimetypes.guess_type(path)[0] or ""
    return _Known(stamp, checksum.hexdigest(), mime, size)
