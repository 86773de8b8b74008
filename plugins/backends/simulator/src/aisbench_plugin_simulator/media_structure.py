"""Reads files of media by their structure alone: what they are, their sizes, and whether they are
whole. Chunks and boxes are followed to the end; what is compressed in them is not decoded, but for
PNG, whose check sums and stream are."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator

from aisbench_plugin_simulator.media_seen import MediaError, MediaSeen


def by_structure(kind: str, data: bytes) -> MediaSeen:
    """Raises MediaError."""
    form = form_of(data)
    reader = _READERS.get((kind, form))
    if reader is None:
        if kind == "file" or (kind, form) in _UNREAD:
            return MediaSeen(kind=kind, form=form or "unknown", size=len(data))
        raise MediaError(f"cannot identify {kind} file")
    try:
        return reader(data)
    except (struct.error, IndexError, zlib.error):
        raise MediaError(f"{kind} file is truncated or broken ({form})") from None


def form_of(data: bytes) -> str:
    """The form by the first bytes; empty where it is none that is known."""
    for form, at, mark in _MARKS:
        if data[at : at + len(mark)] == mark:
            return form
    if len(data) > 2 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        return "mp3"
    return ""


_MARKS = (
    ("png", 0, b"\x89PNG\r\n\x1a\n"),
    ("jpeg", 0, b"\xff\xd8\xff"),
    ("gif", 0, b"GIF8"),
    ("webp", 8, b"WEBP"),
    ("bmp", 0, b"BM"),
    ("tiff", 0, b"II*\x00"),
    ("tiff", 0, b"MM\x00*"),
    ("wav", 8, b"WAVE"),
    ("avi", 8, b"AVI "),
    ("flac", 0, b"fLaC"),
    ("ogg", 0, b"OggS"),
    ("mp3", 0, b"ID3"),
    ("mp4", 4, b"ftyp"),
    ("webm", 0, b"\x1aE\xdf\xa3"),
    ("pdf", 0, b"%PDF"),
)
_UNREAD = frozenset(
    {("image", "bmp"), ("image", "tiff"), ("audio", "mp3"), ("audio", "ogg"), ("audio", "mp4"),
     ("audio", "webm"), ("video", "webm"), ("video", "avi"), ("video", "gif")}
)  # fmt: skip
"""What is known by its first bytes and not read further."""


def _png(data: bytes) -> MediaSeen:
    at, packed, size, ended = 8, bytearray(), (0, 0), False
    while at < len(data) and not ended:
        length, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        (told,) = struct.unpack_from(">I", data, at + 8 + length)
        if zlib.crc32(name + body) != told:
            raise MediaError(f"broken PNG file (chunk {name!r})")
        if name == b"IHDR":
            size = struct.unpack_from(">II", body)
        elif name == b"IDAT":
            packed += body
        ended = name == b"IEND"
        at += 12 + length
    if not ended:
        raise MediaError("image file is truncated (png)")
    zlib.decompress(bytes(packed))
    return _picture("png", data, *size)


def _jpeg(data: bytes) -> MediaSeen:
    at, size, scanned = 2, (0, 0), False
    while not scanned:
        mark, length = struct.unpack_from(">HH", data, at)
        if mark >> 8 != 0xFF:
            raise MediaError("broken JPEG file")
        if 0xFFC0 <= mark <= 0xFFCF and mark not in (0xFFC4, 0xFFC8, 0xFFCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            size = (width, height)
        scanned = mark == 0xFFDA
        at += 2 + length
    if b"\xff\xd9" not in data[at:]:
        raise MediaError("image file is truncated (jpeg)")
    return _picture("jpeg", data, *size)


def _gif(data: bytes) -> MediaSeen:
    if not data.rstrip(b"\0").endswith(b";"):
        raise MediaError("image file is truncated (gif)")
    return _picture("gif", data, *struct.unpack_from("<HH", data, 6))


def _webp(data: bytes) -> MediaSeen:
    (length,) = struct.unpack_from("<I", data, 4)
    if length + 8 > len(data):
        raise MediaError("image file is truncated (webp)")
    kind = data[12:16]
    if kind == b"VP8X":
        width = 1 + int.from_bytes(data[24:27], "little")
        height = 1 + int.from_bytes(data[27:30], "little")
    elif kind == b"VP8L":
        (packed,) = struct.unpack_from("<I", data, 21)
        width, height = 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    else:
        width, height = (one & 0x3FFF for one in struct.unpack_from("<HH", data, 26))
    return _picture("webp", data, width, height)


def _picture(form: str, data: bytes, width: int, height: int) -> MediaSeen:
    if not width or not height:
        raise MediaError(f"broken image file ({form}): it has no size")
    return MediaSeen(kind="image", form=form, size=len(data), width=width, height=height)


def _wav(data: bytes) -> MediaSeen:
    at, rate = 12, 0
    while True:
        name, length = struct.unpack_from("<4sI", data, at)
        if name == b"fmt ":
            (rate,) = struct.unpack_from("<I", data, at + 16)
        if name == b"data":
            break
        at += 8 + length + length % 2
    # A stream whose length was not known when it was begun says the greatest number.
    if at + 8 + length > len(data) and length < 0xFFFFFF00:
        raise MediaError("audio file is truncated (wav)")
    if not rate:
        raise MediaError("broken audio file (wav): it has no rate")
    seconds = min(length, len(data) - at - 8) / rate
    return MediaSeen(kind="audio", form="wav", size=len(data), seconds=seconds)


def _flac(data: bytes) -> MediaSeen:
    packed = int.from_bytes(data[18:26], "big")
    rate, samples = packed >> 44, packed & 0xFFFFFFFFF
    seconds = samples / rate if rate and samples else None
    return MediaSeen(kind="audio", form="flac", size=len(data), seconds=seconds)


def _mp4(data: bytes) -> MediaSeen:
    boxes = dict(_boxes(data, 0, len(data)))
    if b"moov" not in boxes or b"mdat" not in boxes:
        raise MediaError("video file is truncated (mp4): it has no moov and mdat")
    moov = boxes[b"moov"]
    inner = list(_boxes(data, *moov))
    (start, _) = dict(inner).get(b"mvhd", (0, 0))
    if not start:
        raise MediaError("broken video file (mp4): it has no mvhd")
    wide = data[start] == 1
    scale, length = struct.unpack_from(
        ">IQ" if wide else ">II", data, start + (20 if wide else 12)
    )
    width = height = None
    for name, place in inner:
        for part, (_, end) in _boxes(data, *place) if name == b"trak" else ():
            if part == b"tkhd":
                sides = struct.unpack_from(">II", data, end - 8)
                if all(sides):
                    width, height = (side >> 16 for side in sides)
    return MediaSeen(
        kind="video", form="mp4", size=len(data), width=width, height=height,
        seconds=length / scale if scale and length else None,
    )  # fmt: skip


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """The name of each box, and from where to where its content reaches."""
    while at < end:
        length, name = struct.unpack_from(">I4s", data, at)
        head = 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        length = length or end - at
        if length < head or at + length > end:
            raise MediaError("video file is truncated (mp4)")
        yield name, (at + head, at + length)
        at += length


_READERS: dict[tuple[str, str], Callable[[bytes], MediaSeen]] = {
    ("image", "png"): _png,
    ("image", "jpeg"): _jpeg,
    ("image", "gif"): _gif,
    ("image", "webp"): _webp,
    ("audio", "wav"): _wav,
    ("audio", "flac"): _flac,
    ("video", "mp4"): _mp4,
}
