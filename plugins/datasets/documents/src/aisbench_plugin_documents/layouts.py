"""One form of rows for the layouts in which the sets are published; of OCRBench v2: ``index``,
``question``, ``type``, ``answers``, ``eval``, ``bbox``, ``content``, ``image``, ``dataset_name``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aisbench.api import DataError
from aisbench.data import Row, read_table
from aisbench.literals import LiteralError, read_literal
from aisbench_plugin_documents.page_reference import reduced

_HINT = (
    "get the authors' OCRBench_v2.json with its pictures from "
    "https://github.com/Yuliang-Liu/MultimodalOCR, lmms-lab/OCRBench-v2 of the Hub, or "
    "OCRBench_v2.tsv as VLMEvalKit fetches it"
)
_IN_TABLES = (".tsv", ".parquet")
_FOLDERS = ("OCRBench_v2_Images", "images", "EN_part", "CN_part", ".")


def ocrbench_v2(file: Path, split: str, part: str) -> Iterator[Row]:
    """The rows of a file. Raises DataError, naming file and line."""
    shard = re.search(r"-(\d+)-of-(\d+)$", file.stem)
    before = f"{int(shard[1])}-" if shard and int(shard[2]) > 1 else ""
    for number, row in enumerate(read_table(file, files=("image",), hint=_HINT)):
        cells = row.cells
        task = cells.get("type") or cells.get("category")
        answers = _listed(cells.get("answers", cells.get("answer")))
        if not isinstance(task, str) or not answers:
            raise DataError(f"{row.place}: there is no task or no answer", hint=_HINT)
        method = str(cells.get("eval") or "")
        made = {
            "index": str(cells.get("index", cells.get("id", f"{before}{number}"))),
            "question": cells.get("question"),
            "type": task,
            "answers": answers,
            "eval": "" if method.lower() in ("none", "nan") else method,
            "bbox": _listed(cells.get("bbox")),
            "content": _listed(cells.get("content")),
            "dataset_name": cells.get("dataset_name"),
            "image": _image(file, row),
        }
        if not isinstance(made["question"], str):
            raise DataError(f"{row.place}: there is no question", hint=_HINT)
        yield Row(row.place, made)


def _listed(value: Any) -> list[Any] | None:
    """A list, also as a text of Python; a value as a list of one; None for what says nothing."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = read_literal(value)
        except LiteralError:
            return [value]  # A formula, say.
    if value is None or value == "" or (isinstance(value, str) and value.startswith("without ")):
        return None
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _image(file: Path, row: Row) -> Any:
    if file.suffix in _IN_TABLES:
        return row.cells.get("image")
    name = row.cells.get("image_path")
    if not isinstance(name, str) or not name:
        raise DataError(f"{row.place}: no column 'image_path'", hint=_HINT)
    found = [home / one / name for home in (file.parent, file.parent.parent) for one in _FOLDERS]
    return str(next((one for one in found if one.is_file()), file.parent / name))


_PAGES = (
    "get OmniDocBench.json and images/ from https://github.com/opendatalab/OmniDocBench, or "
    "opendatalab/OmniDocBench of the Hub"
)


def omnidocbench(file: Path, split: str, part: str) -> Iterator[Row]:
    """OmniDocBench: a page a row, with its picture and the elements that it is compared with."""
    for row in read_table(file, hint=_PAGES):
        said = row.cells.get("page_info")
        about: dict[str, Any] = said if isinstance(said, dict) else {}
        name = about.get("image_path")
        if not isinstance(name, str) or not isinstance(row.cells.get("layout_dets"), list):
            raise DataError(
                f"{row.place}: has no page_info.image_path or layout_dets", hint=_PAGES
            )
        kinds = about.get("page_attribute") or {}
        yield Row(
            row.place,
            {
                "index": Path(name).stem,
                "image": str(file.parent / "images" / Path(name).name),
                "page": reduced(row.cells),
                **{key: kinds.get(key) for key in ("data_source", "language", "layout")},
            },
        )
