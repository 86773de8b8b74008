"""One form of rows for the layouts in which the sets are published: a row for each expression.

``index``, ``question`` (the expression), ``box`` (left, top, right, bottom, in pixels), ``width``,
``height``, ``image``, and ``asked``: the split that it belongs to, as tables of VLMEvalKit hold
all. The authors' own files are pickles, which are programs, and are not read.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from aisbench.api import DataError, JsonValue
from aisbench.data import Row, read_table
from aisbench.literals import LiteralError, read_literal
from aisbench_plugin_refcoco.sizes import Size, size_in_text, size_of_file, sizes_in_parquet

_HINT = (
    "get lmms-lab/RefCOCO, RefCOCOplus or RefCOCOg of the Hub, VLMEvalKit's RefCOCO.tsv, or the "
    "files refcoco_val.jsonl and so on of Qwen-VL with the pictures of COCO's train2014"
)


def refcoco(file: Path, split: str, part: str) -> Iterator[Row]:
    """RefCOCO."""
    return _rows(file, split, "RefCOCO")


def refcoco_plus(file: Path, split: str, part: str) -> Iterator[Row]:
    """RefCOCO+."""
    return _rows(file, split, "RefCOCO+")


def refcocog(file: Path, split: str, part: str) -> Iterator[Row]:
    """RefCOCOg."""
    return _rows(file, split, "RefCOCOg")


def _rows(file: Path, split: str, name: str) -> Iterator[Row]:
    if file.suffix == ".parquet":
        return _of_lmms_lab(file, split)
    if file.suffix == ".tsv":
        return _of_vlmevalkit(file, name)
    return _of_qwen_vl(file, split)


def _of_lmms_lab(file: Path, split: str) -> Iterator[Row]:
    """``bbox`` is [x, y, width, height], ``answer`` a list of expressions."""
    shard = re.search(r"-(\d+)-of-(\d+)$", file.stem)
    before = f"{int(shard[1])}-" if shard and int(shard[2]) > 1 else ""
    sizes = sizes_in_parquet(file)
    rows = read_table(file, files=("image",), hint=_HINT)
    for number, (row, size) in enumerate(zip(rows, sizes, strict=True)):
        x, y, width, height = _four(row, "bbox")
        said = row.cells.get("answer")
        expressions = said if isinstance(said, (list, tuple)) else [said]
        for place, expression in enumerate(expressions):
            yield _row(
                row,
                f"{before}{number}-{place}",
                expression,
                [x, y, x + width, y + height],
                size or _no_size(row),
                split,
            )


def _of_vlmevalkit(file: Path, name: str) -> Iterator[Row]:
    """``answer`` is [x1, y1, x2, y2], ``split`` such as RefCOCO_val."""
    rows = read_table(file, files=("image",), hint=_HINT)
    images = {str(row.cells.get("index")): row.cells.get("image") for row in rows}
    for row in rows:
        family, _, split = str(row.cells.get("split", "")).rpartition("_")
        mine = family.replace("plus", "+").lower() == name.lower()
        box = _four(row, "answer")
        index, expression = str(row.cells.get("index")), row.cells.get("question")
        size = _told(row.cells) or _in_text(row, images)
        yield _row(row, index, expression, box, size, split if mine else "")


def _of_qwen_vl(file: Path, split: str) -> Iterator[Row]:
    """``sent``, ``bbox`` as [x1, y1, x2, y2], and the path of a picture of COCO."""
    for number, row in enumerate(read_table(file, hint=_HINT)):
        image = _picture(row, file)
        size = _told(row.cells) or size_of_file(image, row.place)
        made = Row(row.place, {**row.cells, "image": image})
        box = _four(row, "bbox")
        yield _row(made, str(number), row.cells.get("sent"), box, size, split)


def _picture(row: Row, file: Path) -> str:
    """The path of a row's picture: as it stands there, or beneath the folder of the file."""
    name = PurePosixPath(str(row.cells.get("image")))
    homes = (file.parent, file.parent.parent)
    found = [home / one for home in homes for one in (name, name.parent.name + "/" + name.name)]
    found += [home / one / name.name for home in homes for one in ("images", ".")]
    return str(next((one for one in found if one.is_file()), found[0]))


def _row(
    row: Row, index: str, expression: JsonValue, box: list[float], size: Size, asked: str
) -> Row:
    if not isinstance(expression, str) or not expression.strip():
        raise DataError(f"{row.place}: there is no expression, but {expression!r:.60}", hint=_HINT)
    cells: dict[str, Any] = {
        "index": index,
        "question": expression,
        "box": box,
        "width": size[0],
        "height": size[1],
        "image": row.cells.get("image"),
        "asked": asked,
    }
    return Row(row.place, cells)


def _four(row: Row, name: str) -> list[float]:
    value = row.cells.get(name)
    if isinstance(value, str):
        # What is no list is told below, as whatever else is no box.
        with contextlib.suppress(LiteralError):
            value = read_literal(value)
    numbers = list(value) if isinstance(value, (list, tuple)) else []
    if len(numbers) != 4 or not all(
        isinstance(one, (int, float)) and not isinstance(one, bool) for one in numbers
    ):
        raise DataError(
            f"{row.place}: {name} is no box of four numbers: {value!r:.60}", hint=_HINT
        )
    return [float(one) for one in numbers]


def _told(cells: Mapping[str, Any]) -> Size | None:
    """The size that a row states."""
    sides = [str(cells.get(name, "")).strip() for name in ("width", "height")]
    if not all(one.isascii() and one.isdigit() and int(one) > 0 for one in sides):
        return None
    return int(sides[0]), int(sides[1])


def _in_text(row: Row, images: Mapping[str, Any]) -> Size:
    """Of the picture in the row's cell, or in that of the row which it names."""
    value = row.cells.get("image")
    if isinstance(value, (str, int)):
        value = images.get(str(value))
    about = value.get("!media") if isinstance(value, Mapping) else None
    if not isinstance(about, Mapping) or "at" not in about:
        return _no_size(row)
    return size_in_text(about, row.place)


def _no_size(row: Row) -> Size:
    raise DataError(
        f"{row.place}: it is not said how large the picture is, and no picture is in the row",
        hint=_HINT,
    )
