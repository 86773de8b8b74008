"""How large pictures are, by their headers."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import imagesize

from aisbench.api import DataError

Size = tuple[int, int]
_ROWS_AT_ONCE = 64


def size_of(content: bytes, place: str) -> Size:
    """Width and height in pixels. Raises DataError for what is no picture."""
    return _checked(imagesize.get(BytesIO(content)), place)


def size_of_file(path: str, place: str) -> Size:
    """Of a file. Raises DataError."""
    if not Path(path).is_file():
        raise DataError(
            f"{place}: there is no file {path}",
            hint="the pictures are those of COCO's train2014, in a folder of that name",
        )
    return _checked(imagesize.get(path), f"{place}: {path}")


def _checked(found: tuple[float, float], place: str) -> Size:
    width, height = found
    if width <= 0 or height <= 0:
        raise DataError(
            f"{place}: the picture does not say how large it is",
            hint="it is no PNG, JPEG, GIF, WebP, TIFF or BMP, or is damaged: get it again",
        )
    return int(width), int(height)


def sizes_in_parquet(file: Path) -> Iterator[Size | None]:
    """Of the column ``image``, row by row; None where a row has a path alone."""
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(file, pre_buffer=False) as opened:
        number = 0
        for batch in opened.iter_batches(batch_size=_ROWS_AT_ONCE, columns=["image"]):
            for cell in batch.column("image"):
                number += 1
                value = cell.as_py()
                content = value.get("bytes") if isinstance(value, Mapping) else value
                place = f"{file}: row {number}"
                yield size_of(content, place) if isinstance(content, bytes) else None


def size_in_text(about: Mapping[str, Any], place: str) -> Size:
    """Of base64 in a file of text, by where it stands there. Raises DataError."""
    with Path(about["path"]).open("rb") as file:
        file.seek(about["at"])
        text = file.read(about["length"])
    try:
        return size_of(base64.b64decode(text), place)
    except binascii.Error:
        raise DataError(f"{place}: the picture is no base64", hint="get the file again") from None
