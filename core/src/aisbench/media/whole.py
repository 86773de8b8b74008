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
_BLOCK = 1 << 20
_INDICES = {b"moov", b"meta"}
"""Boxes without which nothing in a file is found."""


def flaw_of(file: BinaryIO, size: int, mime: str) -> str:
    """What is wrong with the ``size`` bytes of a seekable file, in words; "" where nothing is
    known to be. ``mime`` is what it is taken for."""
    file.seek(0)
    head = file.read(HEAD)
    try:
        _check(file, size, head, mime)
    except (struct.error, IndexError):
        return str(_ends())
    except ValueError as error:
        return str(error)
    return ""


def _check(file: BinaryIO, size: int, head: bytes, mime: str) -> None:
    if not head:
        raise ValueError("the file is empty")
    told = mime_of(head)
    if told:
        if (check := _CHECKS.get(told)) is not None:
            check(file, size)
    elif name := _NAMES.get(mime):
        raise ValueError(f"it is no {name}, as it begins with {head[:_SHOWN]!r}")


def _ends() -> ValueError:
    return ValueError("it ends in the middle of its data")


def _png(file: BinaryIO, size: int) -> None:
    at = 8
    while True:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        if at == 8 and kind != b"IHDR":
            raise ValueError("it is damaged: a PNG begins with IHDR")
        at += 12 + length
        if at > size:
            raise _ends()
        if kind == b"IEND":
            return


def _jpeg(file: BinaryIO, size: int) -> None:
    at = 2
    while True:
        file.seek(at)
        mark, kind = struct.unpack(">BB", file.read(2))
        if mark != 0xFF:
            raise ValueError("it is damaged: no marker of JPEG where one belongs")
        if kind == 0xFF:  # filled up
            at += 1
            continue
        if kind == 0xDA:
            if _holds(file, b"\xff\xd9"):
                return
            raise _ends()
        if kind == 0xD9:
            raise ValueError("it is damaged: a JPEG without a picture")
        alone = kind == 0x01 or 0xD0 <= kind <= 0xD8
        at += 2 if alone else 2 + struct.unpack(">H", file.read(2))[0]
        if at > size:
            raise _ends()


def _holds(file: BinaryIO, wanted: bytes) -> bool:
    """Whether the rest of a file does."""
    before = b""
    while block := file.read(_BLOCK):
        if wanted in before + block:
            return True
        before = block[-1:]
    return False


def _gif(file: BinaryIO, size: int) -> None:
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
    if not pictures:
        raise _ends()


def _colours(flags: int) -> int:
    """Bytes of a table of colours."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _riff(file: BinaryIO, size: int) -> None:
    file.seek(4)
    (length,) = struct.unpack("<I", file.read(4))
    if length < _UNKNOWN and length + 8 > size + 1:
        raise _ends()


def _wav(file: BinaryIO, size: int) -> None:
    at, known = 12, False
    while at + 8 <= size:
        file.seek(at)
        kind, length = struct.unpack("<4sI", file.read(8))
        if kind == b"data":
            rest = size - at - 8
            if not rest or (not length and _is_chunk(file)):
                raise ValueError("it holds no sound: its data has no byte")
            if length < _UNKNOWN and length > rest:
                raise _ends()
            if not known:
                raise ValueError("it is damaged: a WAV says its format before its data")
            return
        known = known or kind == b"fmt "
        at += 8 + length + length % 2
    raise _ends()


def _is_chunk(file: BinaryIO) -> bool:
    """Whether another chunk follows, and no sound whose length was not written."""
    kind = file.read(4)
    return len(kind) == 4 and kind.isascii() and kind.decode("ascii").isprintable()


def _bmp(file: BinaryIO, size: int) -> None:
    file.seek(2)
    (length,) = struct.unpack("<I", file.read(4))
    if length > size:
        raise _ends()


def _boxes(file: BinaryIO, size: int) -> None:
    at = 0
    told: set[bytes] = set()
    while at + 8 <= size:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        if length == 1:
            (length,) = struct.unpack(">Q", file.read(8))
        elif length == 0:
            length = size - at
        if length < 8:
            if told & _INDICES:
                return  # behind the film anything may stand
            raise ValueError("it is damaged: a part of it is shorter than its own header")
        told.add(kind)
        at += length
    if at > size:
        raise _ends()
    if not told & _INDICES:
        raise ValueError("it has no index (moov): it was not written to its end")


_CHECKS: Mapping[str, Callable[[BinaryIO, int], None]] = {
    "image/png": _png, "image/jpeg": _jpeg, "image/gif": _gif, "image/webp": _riff,
    "image/bmp": _bmp, "image/avif": _boxes, "image/heic": _boxes, "audio/wav": _wav,
    "audio/mp4": _boxes, "video/mp4": _boxes, "video/quicktime": _boxes, "video/x-msvideo": _riff,
}  # fmt: skip
