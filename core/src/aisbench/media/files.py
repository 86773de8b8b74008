"""Files of pictures, sounds and films: checked before anything is sent, read when it is."""

from __future__ import annotations

import base64
import functools
import hashlib
import mimetypes
from collections.abc import Callable
from pathlib import Path

import attrs

from aisbench.base.errors import DataError
from aisbench.types.media import Media
from aisbench.types.prompt import ContentPart, Message, Prompt
from aisbench.types.request import Request

_KEPT = 256
"""Number of files whose contents are kept: several questions in a row may be about one picture."""

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)

_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}


def with_checksums(prompt: Prompt, limit_mb: float, whose: str) -> Prompt:
    """The prompt with the type and checksum of each of its files.

    ``whose`` names the sample in messages. Raises DataError for a file that is missing, empty,
    larger than ``limit_mb`` or of another kind than the prompt says.
    """
    return _with_media(prompt, lambda media: _with_checksum(media, limit_mb, whose))


def with_contents(request: Request) -> Request:
    """The request with the contents of its files, as a codec needs them. Raises DataError."""
    prompt = request.prompt
    if not _may_hold(prompt) or not any(one.path and not one.data for one in prompt.media):
        return request
    return attrs.evolve(request, prompt=_with_media(prompt, _with_content))


def _may_hold(prompt: Prompt) -> bool:
    """Quick for prompts of text alone, as it is called twice for each request of a load."""
    for message in prompt.messages or ():  # noqa: SIM110 - any() takes three times as long
        if type(message.content) is not str:
            return True
    return False


def _with_media(prompt: Prompt, change: Callable[[Media], Media]) -> Prompt:
    if prompt.messages is None or not _may_hold(prompt) or not prompt.media:
        return prompt

    def part(one: ContentPart) -> ContentPart:
        return one if one.media is None else ContentPart(media=change(one.media))

    def message(one: Message) -> Message:
        if isinstance(one.content, str):
            return one
        return attrs.evolve(one, content=tuple(map(part, one.content)))

    return attrs.evolve(prompt, messages=tuple(map(message, prompt.messages)))


def _with_checksum(media: Media, limit_mb: float, whose: str) -> Media:
    size = len(media.base64) * 3 // 4
    if media.path:
        checksum, mime, size = _look(media.path, _stamp(media.path, whose))
        media = attrs.evolve(media, sha256=checksum, mime=media.mime or mime)
        if not size:
            raise DataError(f"{whose}: {media.path} is empty")
    if size > limit_mb * 1e6:
        raise DataError(
            f"{whose}: {media.path or 'its ' + media.kind} has {size / 1e6:.1f} MB, more than "
            f"{limit_mb:g}",
            hint="make it smaller, or raise media_limit in the model's table",
        )
    if not media.url and media.mime.split("/")[0] != media.kind:
        raise DataError(
            f"{whose}: {media.path or 'its base64 text'} is no {media.kind}: its type is "
            f"{media.mime or 'unknown'}",
            hint="check the file and its ending, such as .png, .wav or .mp4",
        )
    return media


def _stamp(path: str, whose: str) -> tuple[int, int]:
    try:
        status = Path(path).stat()
    except OSError as error:
        raise DataError(
            f"{whose}: {path}: {error.strerror or error}",
            hint="paths in data files are taken from the data file's folder",
        ) from None
    return status.st_size, status.st_mtime_ns


@functools.lru_cache(maxsize=100_000)
def _look(path: str, stamp: tuple[int, int]) -> tuple[str, str, int]:
    """Checksum, type and size. ``stamp`` changes with the file, for the cache."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(16)
            file.seek(0)
            checksum = hashlib.sha256()
            while block := file.read(1 << 20):
                checksum.update(block)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from None
    mime = mime_of(head) or mimetypes.guess_type(path)[0] or ""
    return checksum.hexdigest(), mime, stamp[0]


def mime_of(head: bytes) -> str:
    """The type of a file by its first 16 bytes; "" where they do not show it."""
    for magic, mime in _MAGIC:
        if head.startswith(magic):
            return mime
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    if head[4:8] == b"ftyp":
        return "audio/mp4" if head[8:11] == b"M4A" else "video/mp4"
    return ""


def _with_content(media: Media) -> Media:
    return attrs.evolve(media, data=_read(media.path, media.sha256)) if media.path else media


@functools.lru_cache(maxsize=_KEPT)
def _read(path: str, sha256: str) -> str:
    """The content in base64. The checksum is only a part of the cache's key."""
    try:
        return base64.b64encode(Path(path).read_bytes()).decode("ascii")
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from None
