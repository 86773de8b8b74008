"""The bytes of pictures, sounds and films, read when a request is encoded."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path

import attrs
import pybase64
from attrs import define, field

from aisbench.base.errors import DataError
from aisbench.media.absent import unreadable
from aisbench.media.chunks import FileInBase64
from aisbench.media.films import in_a_list, made_of_film, pictures_of
from aisbench.media.inside import decoded, read_inside
from aisbench.media.kinds import HEAD, mime_of
from aisbench.media.resizing import made_smaller
from aisbench.types.media import Media
from aisbench.types.prompt import ContentPart, Message, Prompt
from aisbench.types.request import Request

RECENT_BYTES = 64 * 1024 * 1024
"""Of contents in base64 that are kept: several questions in a row may be about one picture."""


@define
class _Recent:
    """The contents that were read last, no more than :data:`RECENT_BYTES` of them."""

    most: int
    _held: OrderedDict[Media, tuple[str, str]] = field(init=False, factory=OrderedDict)
    _bytes: int = field(init=False, default=0)
    _lock: threading.Lock = field(init=False, factory=threading.Lock)

    def get(self, media: Media) -> tuple[str, str]:
        """The content in base64, and its type."""
        with self._lock:
            if (found := self._held.get(media)) is not None:
                self._held.move_to_end(media)
                return found
        content = content_of(media)
        mime = mime_of(content[:HEAD]) if media.making else ""
        # Frames that are one film are a list in base64 already.
        text = content if media.times else pybase64.b64encode(content)
        made = text.decode("ascii"), mime or media.mime
        with self._lock:
            if media not in self._held:
                self._bytes += len(made[0])
            self._held[media] = made
            while self._bytes > self.most and len(self._held) > 1:
                self._bytes -= len(self._held.popitem(last=False)[1][0])
        return made


_recent = _Recent(RECENT_BYTES)


def with_contents(request: Request) -> Request:
    """The request with the contents of its files, as a codec needs them. Raises DataError."""
    prompt = request.prompt
    if not may_hold_media(prompt) or not any(map(_lacks_content, prompt.media)):
        return request
    return attrs.evolve(request, prompt=with_media(prompt, _with_content))


def may_hold_media(prompt: Prompt) -> bool:
    """Quick for prompts of text alone, as it is called twice for each request of a load."""
    for message in prompt.messages or ():  # noqa: SIM110 - any() takes three times as long
        if type(message.content) is not str:
            return True
    return False


def with_media(prompt: Prompt, change: Callable[[Media], Media]) -> Prompt:
    """The prompt with each picture, sound and film changed."""
    if prompt.messages is None or not may_hold_media(prompt) or not prompt.media:
        return prompt

    def changed(part: ContentPart) -> tuple[ContentPart, ...]:
        return (part if part.media is None else ContentPart(media=change(part.media)),)

    return with_parts(prompt, changed)


def with_parts(prompt: Prompt, change: Callable[[ContentPart], Iterable[ContentPart]]) -> Prompt:
    """The prompt with other parts in the place of each."""

    def message(one: Message) -> Message:
        if isinstance(one.content, str):
            return one
        content = tuple(new for part in one.content for new in change(part))
        return attrs.evolve(one, content=content)

    return attrs.evolve(prompt, messages=tuple(map(message, prompt.messages or ())))


def content_of(media: Media) -> bytes:
    """The bytes that are sent. Raises DataError, also for those that changed on the disk since
    their checksum was taken."""
    if media.kept:
        return read_file(media.kept)
    return made_of(media, source_of(media))


def made_of(media: Media, source: bytes) -> bytes:
    """What is sent, of the content that ``media`` names: a frame or the sound of a film, within
    its limits. The very object where nothing is made. Raises DataError."""
    if media.times:
        frames = pictures_of(source, media.times, media.whence)
        return in_a_list(made_smaller(one, media) for _, one in frames)
    if media.of_film:
        source = made_of_film(source, media)
    return made_smaller(source, media)


def source_of(media: Media, most: float = float("inf")) -> bytes:
    """The bytes at the place that ``media`` names, whose checksum it has, if it has one. Raises
    DataError, also for a place inside a file that holds more than ``most`` bytes."""
    if media.base64:
        try:
            return decoded(media.base64)
        except ValueError as error:
            raise DataError(f"the {media.kind} is no base64: {error}") from None
    if not media.path:
        raise DataError(
            f"the {media.kind} {media.sha256[:12]}... is not in this run",
            hint="it lies in the folder `media` of the run that asked it: copy it from there",
        )
    if media.inside is None:
        content = read_file(media.path)
    else:
        content = read_inside(media.path, media.inside, stamp_of(media.path), most)
    if media.sha256 and hashlib.sha256(content).hexdigest() != media.sha256:
        raise DataError(
            f"{media.path}: the {media.kind} was changed while the run was using it",
            hint="--resume asks again what it decides",
        )
    return content


def stamp_of(path: str) -> tuple[int, int]:
    """Size and time of change (ns) of a file: another where the file is. Raises DataError."""
    try:
        status = Path(path).stat()
    except OSError as error:
        raise unreadable(path, error) from None
    return status.st_size, status.st_mtime_ns


def read_file(path: str) -> bytes:
    """Raises DataError."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise unreadable(path, error) from None


def _lacks_content(media: Media) -> bool:
    return not media.data and not media.is_address


def _with_content(media: Media) -> Media:
    if not _lacks_content(media):
        return media
    if media.base64 and not media.making:
        return attrs.evolve(media, data=media.base64)
    data, mime = _recent.get(media)
    return attrs.evolve(media, data=data, mime=mime)


def file_in_base64(
    media: Media, least: int, checked: dict[str, tuple[int, int]]
) -> FileInBase64 | None:
    """The file whose bytes are all that is sent of a content, which has ``least`` or more; None
    where there is none. ``checked`` remembers the user's files whose checksum is right. Raises
    DataError, also for one that changed on the disk."""
    if not _lacks_content(media) or media.base64 or media.times:
        return None
    own = not media.kept and media.inside is None and not media.making
    path = media.path if own else media.kept
    if not path or (stamp := stamp_of(path))[0] < least:
        return None
    if own and checked.get(path) != stamp:
        source_of(media)
        checked[path] = stamp
    if not media.making:
        return FileInBase64(path, stamp[0])
    with Path(path).open("rb") as file:  # what is made smaller may have become another type
        return FileInBase64(path, stamp[0], mime_of(file.read(HEAD)))


def film_source(media: Media) -> str | bytes:
    """A film as it is read: its path, or its content where it is no file. Raises DataError."""
    return media.path if media.path and media.inside is None else source_of(media)
