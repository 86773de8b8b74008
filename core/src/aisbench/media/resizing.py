"""Pictures made smaller before they are sent, where a template sets limits.

A server makes pictures smaller too, each in its own way: limits make what is sent equal for all of
them, and spare the network.
"""

from __future__ import annotations

import io
import math
from typing import Any

from aisbench.base.errors import DataError
from aisbench.base.libraries import missing, not_installed
from aisbench.media.pictures import in_8_bits
from aisbench.types.media import Media

_QUALITY = 95
"""Of JPEG: Pillow's documentation advises against more."""


def check_limits(media: Media, whose: str) -> None:
    """Raises DataError for limits that cannot be kept here."""
    if not media.limits:
        return
    if media.kind != "image" and media.frames is None and not media.times:
        raise DataError(f"{whose}: max_pixels and max_side are for pictures, not for {media.kind}")
    if media.url:
        raise DataError(
            f"{whose}: {media.url} is fetched by the server, so it cannot be made smaller here",
            hint="leave max_pixels and max_side out, or name files",
        )
    if lacking := missing(("PIL",)):
        raise DataError(
            f"{whose}: pictures are made smaller with {not_installed(lacking)}",
            hint='pip install "aisbench[pictures]", or leave max_pixels and max_side out',
        )


def size_within(width: int, height: int, media: Media) -> tuple[int, int]:
    """The largest size of the same shape within the limits, in whole pixels, at least one."""
    scale = 1.0
    if media.max_pixels is not None:
        scale = min(scale, math.sqrt(media.max_pixels / (width * height)))
    if media.max_side is not None:
        scale = min(scale, media.max_side / max(width, height))
    if scale >= 1:
        return width, height
    # Rounded down: both limits hold.
    return max(1, int(width * scale)), max(1, int(height * scale))


def made_smaller(content: bytes, media: Media) -> bytes:
    """The picture within the limits of ``media``: the very bytes where it is, else JPEG where it
    was JPEG, and PNG. Raises DataError for what is no picture that Pillow can read."""
    if not media.limits:
        return content
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as opened:
            size = size_within(opened.width, opened.height, media)
            if size == opened.size:
                return content
            kind = "JPEG" if opened.format == "JPEG" else "PNG"
            options: dict[str, Any] = {"quality": _QUALITY} if kind == "JPEG" else {}
            if exif := opened.info.get("exif"):
                options["exif"] = exif  # which way is up: servers heed it, or not, as before
            picture: Any = in_8_bits(opened)
            if picture.mode not in ("RGB", "RGBA", "L"):
                picture = picture.convert("RGBA" if "transparency" in opened.info else "RGB")
            written = io.BytesIO()
            picture.resize(size, Image.Resampling.LANCZOS).save(written, format=kind, **options)
    except (OSError, ValueError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise DataError(
            f"{media.path or 'the picture'}: cannot be made smaller: {error}",
            hint="check that it is whole, or leave max_pixels and max_side out",
        ) from error
    return written.getvalue()
