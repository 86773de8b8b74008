"""Types of pictures, sounds and films, told by their first bytes."""

from __future__ import annotations

from aisbench.types.media import MediaKind

HEAD = 16
"""Bytes that are enough."""

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"\x00\x00\x01\xba", "video/mpeg"),
)

ENDINGS = {
    "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/bmp": ".bmp",
    "image/tiff": ".tiff", "image/webp": ".webp", "image/avif": ".avif", "image/heic": ".heic",
    "audio/wav": ".wav", "audio/mpeg": ".mp3", "audio/flac": ".flac", "audio/ogg": ".ogg",
    "audio/mp4": ".m4a", "video/mp4": ".mp4", "video/webm": ".webm", "video/x-msvideo": ".avi",
    "video/quicktime": ".mov", "video/mpeg": ".mpg",
}  # fmt: skip
"""Endings of names of files of each type."""

_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}


def mime_of(head: bytes) -> str:
    """The type of a file by its first :data:`HEAD` bytes; "" where they do not show it."""
    for magic, mime in _MAGIC:
        if head.startswith(magic):
            return mime
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    if head[4:8] == b"ftyp":
        if head[8:12] in (b"avif", b"heic"):
            return "image/avif" if head[8:12] == b"avif" else "image/heic"
        return "audio/mp4" if head[8:11] == b"M4A" else "video/mp4"
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "video/quicktime"
    return ""


def mime_as(mime: str, kind: MediaKind) -> str:
    """The type, as it is called where a container that holds sounds and films (MP4, WebM, Ogg)
    stands for one of the ``kind``."""
    main, _, form = mime.partition("/")
    either = form in ("mp4", "webm", "ogg", "quicktime") and {main, kind} <= {"audio", "video"}
    return f"{kind}/{form}" if either else mime
