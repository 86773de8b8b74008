"""Pictures as a person sees them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from aisbench.media.pictures import upright_rgb

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")

REAL = Path(__file__).parents[5] / "shared" / "data2" / "mm" / "media_formats"


def saved(picture: Any, kind: str = "PNG", **options: Any) -> bytes:
    written = io.BytesIO()
    picture.save(written, format=kind, **options)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "pixel"),
    [
        (saved(Image.new("RGBA", (4, 4), (9, 9, 9, 0))), (255, 255, 255)),
        (saved(Image.new("LA", (4, 4), (0, 255))), (0, 0, 0)),
        (saved(Image.new("I;16", (4, 4), 0x8000)), (128, 128, 128)),
        (saved(Image.new("F", (4, 4), 0.5), "TIFF"), (127, 127, 127)),
        (saved(Image.new("1", (4, 4), 1)), (255, 255, 255)),
        (saved(Image.new("CMYK", (4, 4), (0, 255, 255, 0)), "TIFF"), (255, 0, 0)),
        (saved(Image.new("RGB", (4, 4), (1, 2, 3)).quantize(4)), (1, 2, 3)),
    ],
)
def test_modes(content: bytes, pixel: tuple[int, ...]) -> None:
    made = upright_rgb(content)
    assert (made.mode, made.size, made.getpixel((1, 1))) == ("RGB", (4, 4), pixel)


def test_it_stands_upright_and_an_animation_is_its_first_picture() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned to the right
    lying = Image.new("RGB", (8, 4), (0, 0, 0))
    lying.paste((255, 0, 0), (0, 0, 2, 4))
    made = upright_rgb(saved(lying, "PNG", exif=exif))
    assert (made.size, made.getpixel((1, 0)), made.getpixel((1, 7))) == (
        (4, 8), (255, 0, 0), (0, 0, 0),
    )  # fmt: skip
    pictures = [Image.new("RGB", (4, 4), (shade, 0, 0)) for shade in (200, 100)]
    moving = saved(pictures[0], "GIF", save_all=True, append_images=pictures[1:])
    assert upright_rgb(moving).getpixel((0, 0)) == (200, 0, 0)


@pytest.mark.skipif(not REAL.is_dir(), reason="shared/data2/mm is not here")
def test_files_of_all_formats() -> None:
    bad = {"truncated.jpg", "empty.png", "not_an_image.png"}
    sizes = {
        file.name: upright_rgb(file.read_bytes()).size
        for file in REAL.iterdir()
        if file.name not in bad
    }
    assert sizes["exif_rotated_6.jpg"] == sizes["rgb.jpg"][::-1]
    assert len(set(sizes.values())) == 4
