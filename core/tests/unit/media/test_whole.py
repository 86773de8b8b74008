"""Files that are not whole, told by their structure."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from media_files import png, riff, wav

from aisbench.base.errors import DataError
from aisbench.media.store import MediaStore
from aisbench.media.whole import flaw_of
from aisbench.types.media import Media, MediaKind
from aisbench.types.prompt import ContentPart, Message, Prompt

JPEG = b"\xff\xd8\xff\xe0\0\x04\0\0\xff\xda\0\x02ab\xff\xd9"
GIF = b"GIF89a\x01\0\x01\0\0\0\0" + b"\x2c" + bytes(8) + b"\0\x02\x02\x44\x01\0" + b"\x3b"
REAL = Path(__file__).parents[5] / "shared" / "data2" / "mm"


def box(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


FILM = box(b"ftyp", b"isom") + box(b"mdat", bytes(20)) + box(b"moov", bytes(8))
WIDE = box(b"ftyp", b"isom") + struct.pack(">I4sQ", 1, b"moov", 24) + bytes(8)
STREAMED = bytearray(wav())
STREAMED[40:44] = b"\xff\xff\xff\xff"


@pytest.mark.parametrize(
    "content",
    [png(), png() + b"more", JPEG, JPEG + b"more", GIF, wav(), bytes(STREAMED), FILM, WIDE,
     riff(b"WEBP"), b"fLaC" + bytes(9), b"whatever"],
)  # fmt: skip
def test_what_is_whole(content: bytes) -> None:
    assert flaw_of(io.BytesIO(content), len(content), "") == ""


@pytest.mark.parametrize(
    ("content", "mime", "said"),
    [
        (b"", "image/png", "is empty"),
        (b"<html>404</html>", "image/png", "is no PNG, as it begins with b'<html>404</h'"),
        (b"hello", "audio/x-wav", "is no WAV"),
        (b"\0\0", "video/mp4", "is no MP4"),
        (png()[:-1], "", "ends in the middle"),
        (png()[:20], "", "ends in the middle"),
        (png()[:8] + png()[33:], "", "begins with IHDR"),
        (JPEG[:-1], "", "ends in the middle"),
        (JPEG[:5], "", "ends in the middle"),
        (JPEG[:8] + b"no", "", "no marker of JPEG"),
        (GIF[:16], "", "ends in the middle"),
        (GIF[:13] + b";", "", "ends in the middle"),
        (wav()[:-1], "", "ends in the middle"),
        (wav()[:30], "", "ends in the middle"),
        (wav(0), "", "holds no sound"),
        (riff(b"WEBP")[:-3], "", "ends in the middle"),
        (FILM[:30], "", "ends in the middle"),
        (FILM[:-16], "", "has no index"),
    ],
)
def test_what_is_not(content: bytes, mime: str, said: str) -> None:
    assert said in flaw_of(io.BytesIO(content), len(content), mime)


BAD = {"truncated", "empty", "not_an_image", "not_audio", "zero_frames"}


@pytest.mark.skipif(not REAL.is_dir(), reason="shared/data2/mm is not here")
@pytest.mark.parametrize(
    ("folder", "kind"), [("", "image"), ("_audio", "audio"), ("_video", "video")]
)
def test_files_of_all_formats(folder: str, kind: MediaKind) -> None:
    files = sorted((REAL / f"media_formats{folder}").iterdir())
    assert len(files) > 5
    for file in files:
        part = ContentPart(media=Media(kind=kind, path=str(file)))
        prompt = Prompt(messages=(Message(role="user", content=(part,)),))
        if file.stem in BAD:
            with pytest.raises(
                DataError, match=f"sample 1: .*{file.name}: (it|the file) (is|ends|holds)"
            ):
                MediaStore().prepared(prompt, 50, "sample 1")
        else:
            (media,) = MediaStore().prepared(prompt, 50, "sample 1").media
            assert media.mime.startswith(f"{kind}/")
