"""Contents of pictures, sounds and films, small and whole."""

from __future__ import annotations

import struct
import zlib


def png(data: bytes = b"\0\0\0\0", width: int = 1, height: int = 1) -> bytes:
    """A picture of ``width`` x ``height`` in grey, black where ``data`` does not say another."""
    lines = b"".join(b"\0" + data[:1] * width for _ in range(height))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )


def wav(samples: int = 160, rate: int = 16000) -> bytes:
    """So many samples of silence, 16 bit, mono."""
    data = bytes(2 * samples)
    form = struct.pack("<HHIIHH", 1, 1, rate, 2 * rate, 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    body += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def riff(kind: bytes) -> bytes:
    """A file of RIFF with no more than its name."""
    return b"RIFF" + struct.pack("<I", 8) + kind + b"    "
