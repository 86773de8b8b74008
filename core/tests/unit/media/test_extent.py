"""How large and how long contents are, beside what libraries say."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import pytest
from media_files import png, wav

from aisbench.media.extent import NOTHING, Extent, extent_of


def of(content: bytes) -> Extent:
    return extent_of(io.BytesIO(content), len(content))


def test_heads_that_tell_it() -> None:
    assert of(png(width=7, height=3)) == Extent(pixels=21)
    assert of(wav(8000, 16000)) == Extent(lasts=500_000_000)


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"text", b"BM"])
def test_heads_that_do_not(content: bytes) -> None:
    assert of(content) == NOTHING


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("PNG", {}), ("GIF", {}), ("BMP", {}), ("JPEG", {}), ("JPEG", {"progressive": True}),
        ("WEBP", {}), ("WEBP", {"lossless": True}), ("WEBP", {"exif": b"Exif\0\0"}),
    ],
)  # fmt: skip
def test_pictures_that_pillow_wrote(form: str, options: dict[str, Any]) -> None:
    image = pytest.importorskip("PIL.Image")
    file = io.BytesIO()
    image.new("RGB", (123, 45), "red").save(file, form, **options)
    assert of(file.getvalue()) == Extent(pixels=123 * 45)


@pytest.mark.parametrize("form", ["mp4", "mov"])
def test_films_that_pyav_wrote(form: str) -> None:
    av = pytest.importorskip("av")
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        stream = container.add_stream("mpeg4", rate=Fraction(10))
        stream.width, stream.height, stream.pix_fmt = 32, 16, "yuv420p"
        for _ in range(15):
            container.mux(stream.encode(av.VideoFrame(32, 16, "yuv420p")))
        container.mux(stream.encode(None))
    assert of(file.getvalue()) == Extent(frames=15, lasts=1_500_000_000)
