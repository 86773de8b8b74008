"""Pictures as a person sees them, for models in this process and for what is made of pictures.

Servers get the bytes of a file as they are. What they do with odd ones is theirs to say; here it
is so: of an animation the first picture, upright as EXIF says, alpha on white, CMYK and palettes
as RGB, and of 16 bits (or of floats up to 1) the upper 8.
"""

from __future__ import annotations

import io
from typing import Any

_WHITE = (255, 255, 255)


def upright_rgb(content: bytes) -> Any:
    """A picture of Pillow in the mode RGB. Raises OSError, ValueError or Pillow's own errors for
    what is none."""
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(content)) as opened:
        opened.seek(0)
        turned = ImageOps.exif_transpose(opened)
        return on_white(in_8_bits(turned))


def in_8_bits(picture: Any) -> Any:
    """Of a picture with more than 8 bits a grey one with 8; any other as it is."""
    if picture.mode == "F":
        return picture.point(lambda value: value * 255).convert("L")
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return picture


def on_white(picture: Any) -> Any:
    """The picture in RGB, on white where one can see through it."""
    from PIL import Image

    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        ground = Image.new("RGB", seen.size, _WHITE)
        ground.paste(seen, mask=seen.getchannel("A"))
        return ground
    return picture.convert("RGB")
