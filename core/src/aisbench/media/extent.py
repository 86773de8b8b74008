"""How large a picture, and how long a sound or a film is, as the heads of their files say it.

Nothing is decoded. PNG (W3C), JPEG (ITU-T T.81: SOF), GIF89a, WebP (RFC 9649), BMP, and the boxes
of ISO/IEC 14496-12 (mvhd, tkhd, hdlr, stsz) of MP4 and MOV.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from attrs import frozen

from aisbench.media.kinds import HEAD, mime_of
from aisbench.media.sound_length import NS, sound_ns

_MOST_SOUND = 64 * 1024 * 1024
"""Bytes of a sound that are read to know how long it is."""
_MOST_INDEX = 64 * 1024 * 1024
_CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}


@frozen
class Extent:
    """``pixels`` of a picture; ``frames`` of a film; ``lasts``, of a sound or film, in ns. None
    where it is not known."""

    pixels: int | None = None
    frames: int | None = None
    lasts: int | None = None


NOTHING = Extent()


def extent_of(file: BinaryIO, size: int) -> Extent:
    """Of the ``size`` bytes of a seekable file; all None where its head does not tell it."""
    file.seek(0)
    mime = mime_of(file.read(HEAD))
    try:
        if (measure := _PICTURES.get(mime)) is not None:
            width, height = measure(file)
            return Extent(pixels=width * height or None)
        if mime in ("video/mp4", "video/quicktime", "audio/mp4"):
            return _film(file, size)
        if mime.startswith("audio/") and size <= _MOST_SOUND:
            file.seek(0)
            return Extent(lasts=sound_ns(file.read()))
    except (struct.error, IndexError, ValueError):
        pass
    return NOTHING


def _unpack(file: BinaryIO, at: int, form: str) -> tuple[int, ...]:
    file.seek(at)
    return struct.unpack(form, file.read(struct.calcsize(form)))


def _png(file: BinaryIO) -> tuple[int, ...]:
    return _unpack(file, 16, ">II")


def _gif(file: BinaryIO) -> tuple[int, ...]:
    return _unpack(file, 6, "<HH")


def _bmp(file: BinaryIO) -> tuple[int, ...]:
    width, height = _unpack(file, 18, "<ii")
    return width, abs(height)  # a negative one stands for rows from the top


def _jpeg(file: BinaryIO) -> tuple[int, ...]:
    at = 2
    while True:
        mark, kind = _unpack(file, at, ">BB")
        if mark != 0xFF:
            return 0, 0
        if kind == 0xFF:  # filled up
            at += 1
        elif kind == 0x01 or 0xD0 <= kind <= 0xD8:
            at += 2
        elif 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            return _unpack(file, at + 5, ">HH")
        else:
            at += 2 + _unpack(file, at + 2, ">H")[0]


def _webp(file: BinaryIO) -> tuple[int, ...]:
    file.seek(12)
    kind, data = file.read(4), file.read(18)[4:]
    if kind == b"VP8X":
        width = int.from_bytes(data[4:7], "little") + 1
        return width, int.from_bytes(data[7:10], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(data[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", data[6:10])
    return width & 0x3FFF, height & 0x3FFF


_PICTURES: Mapping[str, Callable[[BinaryIO], tuple[int, ...]]] = {
    "image/png": _png, "image/gif": _gif, "image/bmp": _bmp, "image/jpeg": _jpeg,
    "image/webp": _webp,
}  # fmt: skip


def _film(file: BinaryIO, size: int) -> Extent:
    at = 0
    while at + 8 <= size:
        length, kind = struct.unpack(">I4s", _read(file, at, 8))
        head = 8
        if length == 1:
            (length,), head = _unpack(file, at + 8, ">Q"), 16
        length = length or size - at
        if kind == b"moov" and length <= _MOST_INDEX:
            return _index(_read(file, at + head, length - head))
        if length < head:
            break
        at += length
    return NOTHING


def _read(file: BinaryIO, at: int, length: int) -> bytes:
    file.seek(at)
    return file.read(length)


def _index(moov: bytes) -> Extent:
    """Of the film's own track: its samples are its frames."""
    lasts, frames = None, None
    pictures = False
    for kind, box in _boxes(moov):
        if kind == b"mvhd":
            long = box[0] == 1
            scale, duration = struct.unpack_from(">IQ" if long else ">II", box, 20 if long else 12)
            lasts = duration * NS // scale if scale else None
        elif kind == b"hdlr" and box[4:8] != b"dhlr":  # that of the data, in MOV
            pictures = box[8:12] == b"vide"
        elif kind == b"stsz" and pictures:
            (frames,) = struct.unpack_from(">I", box, 8)
    return Extent(frames=frames, lasts=lasts)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if length < 8:
            return
        if kind in _CONTAINERS:
            yield from _boxes(data[at + 8 : at + length])
        else:
            yield kind, data[at + 8 : at + length]
        at += length
