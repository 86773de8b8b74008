"""The contents that a run's requests carry: known by checksum, and kept in the run.

A file of the user's that is sent as it is stays where it is: the run names it, and has its
checksum. Everything else (what comes out of tables and archives, what was base64, what was made
smaller) is kept in the folder ``media`` of the run, each content once, under its checksum; a
picture that was made smaller under that of the original with the limits behind it.
"""

from __future__ import annotations

import hashlib
import io
import mimetypes
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

import attrs
from attrs import define, field, frozen

from aisbench.base.errors import DataError
from aisbench.media.contents import (
    content_of,
    made_of,
    source_of,
    stamp_of,
    with_media,
    with_parts,
)
from aisbench.media.delivery import MediaDelivery, upload_name
from aisbench.media.extent import NOTHING, Extent, extent_of
from aisbench.media.film_frames import FilmFrames, by_film, contents_of, refuse_address
from aisbench.media.films import check_installed
from aisbench.media.inside import forget_open_files
from aisbench.media.kinds import ENDINGS, HEAD, mime_as, mime_of
from aisbench.media.resizing import check_limits
from aisbench.media.values import MARK, is_data_url, is_media, media_of
from aisbench.media.whole import flaw_of
from aisbench.store.files import failure, make_folder, sync_file
from aisbench.types.json import JsonValue
from aisbench.types.media import Media, MediaKind, MediaPlace
from aisbench.types.prompt import ContentPart, Prompt
from aisbench.types.sample import Sample

_BLOCK = 1 << 20


@frozen
class _Known:
    """What is known of a content, as long as its file has the same ``stamp``."""

    stamp: tuple[int, int]
    sha256: str
    mime: str
    size: int
    flaw: str
    """What is wrong with it, as far as its structure tells."""
    extent: Extent = NOTHING


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
    _films: FilmFrames = field(init=False, factory=FilmFrames)
    _extents: dict[str, Extent] = field(init=False, factory=dict)
    """Of files of the folder that were made of others."""
    uploads: dict[str, dict[str, str]] = field(init=False, factory=dict)
    """Model -> content (:func:`upload_name`) -> the id under which its server has it."""

    def keep_in(self, folder: Path) -> None:
        """Keep contents in ``folder`` from now on, those too that are known already, so that no
        request has to wait for it. Raises DataError, StoreError."""
        self.folder = folder
        self._keep_frames(self._seen)
        for media in self._seen:
            self._keep(media)
        self._seen.clear()
        forget_open_files()

    def prepared(
        self, prompt: Prompt, limit_mb: float, whose: str, delivery: MediaDelivery | None = None
    ) -> Prompt:
        """The prompt with type and checksum of all that it holds, frames in the place of films
        that are shown so, what has to be kept, kept, and addresses where ``delivery`` wants them.

        ``whose`` names the sample in messages. Raises DataError for a content that is missing,
        empty, damaged, larger than ``limit_mb`` or of another kind than the prompt says, and for
        more contents than the server takes.
        """
        if any(one.frames is not None for one in prompt.media):
            prompt = with_parts(prompt, lambda part: self._shown(part, whose))
        if delivery is not None:
            delivery.check_counts(prompt, whose)
        done = with_media(prompt, lambda media: self._prepared(media, limit_mb, whose))
        if delivery is None:
            return done
        if delivery.total is not None:
            delivery.check_total(sum(map(self._size_of, done.media)), whose)
        if delivery.send == "base64":
            return done
        return with_media(done, lambda media: self._delivered(media, delivery, whose))

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
        if media.is_address:
            return media
        of_film = media.of_film
        kind: MediaKind = "video" if of_film else media.kind
        known = self._checked(media, kind, float("inf") if of_film else limit_mb, whose)
        if known is None:
            return media  # not even the run has it: who asks for its content is told
        mime = mime_as(media.mime or known.mime, kind)
        if of_film:
            mime = "audio/wav" if media.soundtrack else f"{media.kind}/jpeg"
        kept = self._keep(attrs.evolve(media, sha256=known.sha256, mime=mime))
        extent = self._made_extent(kept) if media.making else known.extent
        return attrs.evolve(kept, pixels=extent.pixels, shows=extent.frames, lasts=extent.lasts)

    def _made_extent(self, media: Media) -> Extent:
        """Of what was made of a content and lies in the folder."""
        path = media.kept
        if media.times or not path:
            return Extent(frames=len(media.times) or None)
        if path not in self._extents:
            try:
                with Path(path).open("rb") as file:
                    self._extents[path] = extent_of(file, os.fstat(file.fileno()).st_size)
            except OSError as error:
                raise DataError(f"{path}: {error.strerror or error}") from None
        return self._extents[path]

    def _checked(
        self, media: Media, kind: MediaKind, limit_mb: float, whose: str
    ) -> _Known | None:
        """What is known of a content of that kind. Raises DataError for one that is not fit."""
        try:
            known = self._look(media, limit_mb * 1e6)
        except DataError as error:
            raise DataError(f"{whose}: {error.message}", hint=error.hint) from error
        if known is None:
            return None
        name = media.whence if media.path else f"its {media.kind}"
        if known.size > limit_mb * 1e6:
            raise DataError(
                f"{whose}: {name} has {known.size / 1e6:.1f} MB, more than {limit_mb:g}",
                hint="make it smaller, or raise media_limit in the model's table",
            )
        if known.flaw:
            raise DataError(
                f"{whose}: {name}: {known.flaw}", hint="get the file again, or leave the row out"
            )
        mime = mime_as((kind == media.kind and media.mime) or known.mime, kind)
        if mime.split("/")[0] != kind:
            raise DataError(
                f"{whose}: {name} is no {kind}: its type is {mime or 'unknown'}",
                hint="check the file and its ending, such as .png, .wav or .mp4",
            )
        return known

    # -- films that are shown as frames

    def _shown(self, part: ContentPart, whose: str) -> Iterable[ContentPart]:
        """The frames that stand for a film, and its sound; anything else as it is."""
        media = part.media
        if media is None or media.frames is None:
            return [part]
        check_installed(whose)
        try:
            refuse_address(media)
            found = self._films.of(
                self._found(media),
                media.frames,
                lambda film: self._checked(film, "video", float("inf"), ""),
            )
        except DataError as error:
            message = error.message.removeprefix(": ")
            raise DataError(f"{whose}: {message}", hint=error.hint) from error
        if self.folder is not None:
            self._keep_frames(found)
        return [ContentPart(media=one) for one in found]

    def _keep_frames(self, several: Iterable[Media]) -> None:
        """Keep the frames of each film in one go, as a film is read from one to the next."""
        assert self.folder is not None
        for film, frames in by_film(several).items():
            known = self._look(film, float("inf"))
            if known is None:
                continue
            names = {one: self.folder / (known.sha256 + one.making) for one in frames}
            left = [one for one, kept in names.items() if not kept.is_file()]
            for one, content in contents_of(film, left) if left else ():
                self._put(names[one], content, durably=True)

    # -- what the server is given

    def _size_of(self, media: Media) -> int:
        """Bytes of a content, 0 for what the server fetches."""
        if media.is_address:
            return 0
        if media.kept:
            return stamp_of(media.kept)[0]
        if media.making:
            return len(content_of(media))
        known = self._look(media, float("inf"))
        return 0 if known is None else known.size

    def _delivered(self, media: Media, delivery: MediaDelivery, whose: str) -> Media:
        if media.is_address or not media.sha256 or media.times:
            return media  # a list of frames is no file that a server could read
        if delivery.send == "upload":
            number = self.uploads.get(delivery.name, {}).get(upload_name(media), "")
            return attrs.evolve(media, file_id=number) if number else media
        path = self._file_of(media)
        return attrs.evolve(media, sent=delivery.address(path, whose)) if path else media

    def _file_of(self, media: Media) -> str:
        """A file with the content, whose name has an ending, as some servers want it; "" before
        there is a folder."""
        if not media.kept:
            return media.path if media.inside is None and not media.making else ""
        assert self.folder is not None
        kept = Path(media.kept)
        if kept.parent != self.folder:
            return media.kept
        named = self.folder / "named" / f"{kept.name}{ENDINGS.get(media.mime, '')}"
        if not named.is_file():
            try:
                if not named.parent.is_dir():
                    make_folder(named.parent)
                os.link(kept, named)
            except FileExistsError:
                pass
            except OSError:  # a file system without links
                self._put(named, kept.read_bytes())
        return str(named)

    def _look(self, media: Media, most: float) -> _Known | None:
        """What is known of a content; None for one that only its run had, and has not."""
        if media.base64:
            content = source_of(attrs.evolve(media, sha256=""))
            return _known_of(content, (0, 0), "", media.mime)
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
        for name in dict.fromkeys((media.sha256, media.sha256 + media.making)):
            if (kept := self.folder / name).is_file():
                return attrs.evolve(media, path=str(kept), inside=None)
        return media

    # -- keeping it

    def _keep(self, media: Media) -> Media:
        stays = bool(media.path) and media.inside is None
        if stays and not media.making:
            return media
        if self.folder is None:
            if not media.base64:  # these would fill the memory
                self._seen[media] = None
            return media
        name = media.sha256 + media.making
        if name not in self._kept:
            self._kept[name] = self._written(media, name, stays=stays)
        return attrs.evolve(media, kept=self._kept[name], base64="")

    def _written(self, media: Media, name: str, *, stays: bool) -> str:
        """Path of the file with the content: the user's own, where it is sent as it is."""
        assert self.folder is not None
        kept = self.folder / name
        if media.making:
            if kept.is_file():
                return str(kept)
            original = source_of(self._found(media))
            content = made_of(media, original)
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


def _known_of(content: bytes, stamp: tuple[int, int], name: str, said: str = "") -> _Known:
    mime = mime_of(content[:HEAD]) or mimetypes.guess_type(name)[0] or said
    file, size = io.BytesIO(content), len(content)
    checksum = hashlib.sha256(content).hexdigest()
    flaw = flaw_of(file, size, mime)
    return _Known(stamp, checksum, mime, size, flaw, extent_of(file, size))


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
            mime = mime_of(head) or mimetypes.guess_type(path)[0] or ""
            flaw = flaw_of(file, size, mime)
            extent = extent_of(file, size)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from None
    return _Known(stamp, checksum.hexdigest(), mime, size, flaw, extent)
