"""How long a sound is, by its own head; no sound is decoded."""

from __future__ import annotations

import base64
import io
import struct
from functools import lru_cache

from aisbench.types.media import Media

NS = 1_000_000_000
KNOWN = 4096
"""Sounds whose lengths are kept: a load sends the same ones again and again."""


def length_of_sound(media: Media) -> int | None:
    """ns; None for a url, and where the head does not tell it.

    WAV and FLAC are read here; the others where PyAV is installed. It is remembered by the
    checksum: a codec that asks when it encodes a request knows it when the content is gone.
    """
    kept = _kept(media.sha256) if media.sha256 else []
    if not kept:
        if not media.content:
            return None
        try:
            kept.append(sound_ns(base64.b64decode(media.content)))
        except ValueError:
            kept.append(None)
    return kept[0]


@lru_cache(maxsize=KNOWN)
def _kept(sha256: str) -> list[int | None]:
    """Where the length of a sound stands, once it is known."""
    return []


def sound_ns(content: bytes) -> int | None:
    """As :func:`length_of_sound`, of the bytes."""
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return _wav(content)
    if content[:4] == b"fLaC":
        return _flac(content)
    return _container(content)


def _wav(content: bytes) -> int | None:
    """``data`` divided by the bytes a second of ``fmt `` (Microsoft's RIFF; a size of 0 or
    0xFFFFFFFF, as pipes write it, means the rest of the file)."""
    at, rate = 12, 0
    while at + 8 <= len(content):
        name = content[at : at + 4]
        (size,) = struct.unpack_from("<I", content, at + 4)
        if name == b"fmt " and at + 20 <= len(content):
            (rate,) = struct.unpack_from("<I", content, at + 16)
        elif name == b"data":
            left = len(content) - at - 8
            size = left if size in (0, 0xFFFFFFFF) else min(size, left)
            return size * NS // rate if rate else None
        at += 8 + size + size % 2
    return None


def _flac(content: bytes) -> int | None:
    """STREAMINFO: 20 bits of the rate and 36 of the number of samples (RFC 9639, 8.2)."""
    if len(content) < 26 or content[4] & 0x7F:
        return None
    packed = int.from_bytes(content[18:26], "big")
    rate, samples = packed >> 44, packed & ((1 << 36) - 1)
    return samples * NS // rate if rate and samples else None


def _container(content: bytes) -> int | None:
    try:
        import av
    except ImportError:
        return None
    try:
        with av.open(io.BytesIO(content)) as opened:
            return None if opened.duration is None else opened.duration * NS // av.time_base
    except (av.FFmpegError, ValueError, OSError):
        return None
