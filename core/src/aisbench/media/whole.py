"""Whether a picture, sound or film is whole, as far as the structure of its file tells.

Nothing is decoded: what is looked at are the lengths that the formats write before their parts,
and how they end. PNG (W3C), JPEG (ITU-T T.81), GIF89a, RIFF (WAV, WebP, AVI), BMP, and the boxes
of ISO/IEC 14496-12 (MP4, MOV, M4A, HEIC).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import BinaryIO

from aisbench.media.kinds import HEAD, mime_of

_NAMES = {
    "image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WebP",
    "image/bmp": "BMP", "image/tiff": "TIFF", "audio/wav": "WAV", "audio/x-wav": "WAV",
    "audio/vnd.wave": "WAV", "audio/wave": "WAV", "audio/flac": "FLAC", "audio/x-flac": "FLAC",
    "audio/ogg": "Ogg", "video/mp4": "MP4", "video/webm": "WebM", "video/x-msvideo": "AVI",
}  # fmt: skip
"""Types that are told by their first bytes: a file that only its name calls so is none."""
_SHOWN = 12
_UNKNOWN = 0x7FFF_F000
"""Sizes from here on stand in files that were written before their length was known."""
_ENDS = "ends in the middle of its data"
_BLOCK = 1 << 20


def flaw_of(file: BinaryIO, size: int, mime: str) -> str:
    """What is wrong with the ``size`` bytes of a seekable file, as the end of a sentence about
    it; "" where nothing is known to be. ``mime`` is what it is taken for."""
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        return "is empty"
    told = mime_of(head)
    if not told:
        name = _NAMES.get(mime)
        return f"is no {name}: it begins with {head[:_SHOWN]!r}" if name else ""
    check = _CHECKS.get(told)
    if check is None:
        return ""
    try:
        return check(file, size)
    except (struct.error, IndexError):
        return _ENDS


def _png(file: BinaryIO, size: int) -> str:
    at = 8
    while True:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        if at == 8 and kind != b"IHDR":
            return "is damaged: a PNG begins with IHDR"
        at += 12 + length
        if at > size:
            return _ENDS
        if kind == b"IEND":
            return ""


def _jpeg(file: BinaryIO, size: int) -> str:
    at = 2
    while True:
        file.seek(at)
        mark, kind = struct.unpack(">BB", file.read(2))
        if mark != 0xFF:
            return "is damaged: no marker of JPEG where one belongs"
        if kind == 0xFF:  # filled up
            at += 1
            continue
        if kind == 0xDA:
            return "" if _holds(file, b"\xff\xd9") else _ENDS
        if kind == 0xD9:
            return "is damaged: a JPEG without a picture"
        alone = kind == 0x01 or 0xD0 <= kind <= 0xD8
        at += 2 if alone else 2 + struct.unpack(">H", file.read(2))[0]
        if at > size:
            return _ENDS


def _holds(file: BinaryIO, wanted: bytes) -> bool:
    """Whether the rest of a file does."""
    before = b""
    while block := file.read(_BLOCK):
        if wanted in before + block:
            return True
        before = block[-1:]
    return False


def _gif(file: BinaryIO, size: int) -> str:
    file.seek(10)
    flags = file.read(1)[0]
    at = 13 + _colours(flags)
    pictures = 0
    while at < size:
        file.seek(at)
        kind = file.read(1)[0]
        if kind == 0x3B:
            break
        if kind == 0x2C:
            pictures += 1
            file.seek(at + 9)
            at += 10 + _colours(file.read(1)[0]) + 1
        elif kind == 0x21:
            at += 2
        else:
            break  # behind the picture anything may stand
        while True:
            file.seek(at)
            length = file.read(1)[0]
            at += 1 + length
            if not length:
                break
    return "" if pictures else _ENDS


def _colours(flags: int) -> int:
    """Bytes of a table of colours."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _riff(file: BinaryIO, size: int) -> str:
    file.seek(4)
    (length,) = struct.unpack("<I", file.read(4))
    return _ENDS if length < _UNKNOWN and length + 8 > size + 1 else ""


def _wav(file: BinaryIO, size: int) -> str:
    at, known = 12, False
    while at + 8 <= size:
        file.seek(at)
        kind, length = struct.unpack("<4sI", file.read(8))
        if kind == b"data":
            rest = size - at - 8
            if not rest or (not length and _is_chunk(file)):
                return "holds no sound: its data has no byte"
            if length < _UNKNOWN and length > rest:
                return _ENDS
            return "" if known else "is damaged: a WAV says its format before its data"
        known = known or kind == b"fmt "
        at += 8 + length + length % 2
    return _ENDS


def _is_chunk(file: BinaryIO) -> bool:
    """Whether another chunk follows, and no sound whose length was not written."""
    kind = file.read(4)
    return len(kind) == 4 and kind.isascii() and kind.decode("ascii").isprintable()


def _bmp(file: BinaryIO, size: int) -> str:
    file.seek(2)
    (length,) = struct.unpack("<I", file.read(4))
    return _ENDS if length > size else ""


def _boxes(file: BinaryIO, size: int) -> str:
    at, told = 0, set()
    while at + 8 <= size:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        if length == 1:
            (length,) = struct.unpack(">Q", file.read(8))
        elif length == 0:
            length = size - at
        if length < 8:
            return "is damaged: a part of it is shorter than its own header"
        told.add(kind)
        at += length
    if at > size:
        return _ENDS
    return (
        "" if told & {b"moov", b"meta"} else "has no index (moov): it was not written to its end"
    )


_CHECKS: Mapping[str, Callable[[BinaryIO, int], str]] = {
    "image/png": _png, "image/jpeg": _jpeg, "image/gif": _gif, "image/webp": _riff,
    "image/bmp": _bmp, "image/avif": _boxes, "image/heic": _boxes, "audio/wav": _wav,
    "audio/mp4": _boxes, "video/mp4": _boxes, "video/quicktime": _boxes, "video/x-msvideo": _riff,
}  # fmt: skip
