"""One form of rows for the layouts in which each set is published: ``index``, ``question``,
``answers`` (None: not known), ``image``, and what figures are grouped by.

Every function is what ``rows`` of a declaration names: f(file, split, part) -> rows; it raises
DataError, naming file and line. Tables of VLMEvalKit and of lmms-lab are told from the authors'
files by their endings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from aisbench.api import DataError
from aisbench.data import Row, read_table
from aisbench_plugin_vqa.pictures import cell, joined, listed, picture, shown, table

_TEXTVQA = (
    "get the authors' files from https://textvqa.org/dataset, lmms-lab/textvqa of the Hub, or "
    "TextVQA_VAL.tsv as VLMEvalKit fetches it"
)
_DOCVQA = (
    "get the authors' files from https://rrc.cvc.uab.es/?ch=17, lmms-lab/DocVQA of the Hub, or "
    "DocVQA_VAL.tsv and InfoVQA_VAL.tsv as VLMEvalKit fetches them"
)
_CHARTQA = (
    "get the authors' files from https://github.com/vis-nlp/ChartQA, lmms-lab/ChartQA or "
    "HuggingFaceM4/ChartQA of the Hub, or ChartQA_TEST.tsv as VLMEvalKit fetches it"
)
_OCRBENCH = (
    "get the authors' files from https://github.com/Yuliang-Liu/MultimodalOCR, echo840/OCRBench "
    "of the Hub, or OCRBench.tsv as VLMEvalKit fetches it"
)
_IN_TABLES = (".tsv", ".parquet")


def textvqa(file: Path, split: str, part: str) -> Iterator[Row]:
    """TextVQA: the authors' TextVQA_0.5.1_val.json, and AISBench's textvqa_val.jsonl with its
    annotations beside it, both with train_images/."""
    known = _annotations(file) if file.suffix == ".jsonl" else {}
    for row in table(file, "data", _TEXTVQA):
        name = str(cell(row, ("question_id", "index"), _TEXTVQA))
        answers = listed(row, "answers", "answer")
        if file.suffix == ".jsonl":
            if name not in known:
                raise DataError(
                    f"{row.place}: question {name} has no annotation in {_beside(file)}",
                    hint=_TEXTVQA,
                )
            answers = known[name]
        if file.suffix in _IN_TABLES:
            image = shown(row, _TEXTVQA)
        elif "image" in row.cells:
            image = _textvqa_picture(file, PurePosixPath(str(row.cells["image"])).name, split)
        else:
            stem = cell(row, ("image_id",), _TEXTVQA)
            image = _textvqa_picture(file, f"{stem}.jpg", split)
        yield _row(row, name, answers, image)


def _annotations(file: Path) -> dict[str, list[Any]]:
    """The ten answers of each question, by its id."""
    beside = _beside(file)
    if not beside.is_file():
        raise DataError(f"{beside}: there is no such file", hint=_TEXTVQA)
    found = {}
    for row in read_table(beside, records="annotations", hint=_TEXTVQA):
        given = listed(row, "answers")
        found[str(cell(row, ("question_id",), _TEXTVQA))] = [
            one.get("answer") if isinstance(one, dict) else one for one in given
        ]
    return found


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.stem}_annotations.json")


def _textvqa_picture(file: Path, name: str, split: str) -> str:
    folder = "test_images" if split == "test" else "train_images"
    return picture(name, [home / folder for home in (file.parent, file.parent.parent)])


def docvqa(file: Path, split: str, part: str) -> Iterator[Row]:
    """DocVQA: the challenge's val_v1.0.json with documents/, or spdocvqa_qas/ beside
    spdocvqa_images/."""
    for row in table(file, "data", _DOCVQA):
        if file.suffix in _IN_TABLES:
            image = shown(row, _DOCVQA)
        else:
            stem = PurePosixPath(str(cell(row, ("image",), _DOCVQA)))
            folders = [file.parent, file.parent / "documents", file.parent.parent / "documents"]
            folders += [file.parent.parent / "spdocvqa_images", file.parent / "spdocvqa_images"]
            image = picture(stem, folders[:1])
            if not Path(image).is_file():
                image = picture(stem.name, folders[1:])
        kinds = {"kind": joined(row.cells.get("question_types"))}
        yield _row(row, _number(row), _answers(row), image, **kinds)


def infovqa(file: Path, split: str, part: str) -> Iterator[Row]:
    """InfographicVQA: the challenge's infographicsVQA_val_v1.0_withQT.json with images/ or
    infographicsvqa_images/."""
    for row in table(file, "data", _DOCVQA):
        if file.suffix in _IN_TABLES:
            image = shown(row, _DOCVQA)
        else:
            name = cell(row, ("image_local_name",), _DOCVQA)
            homes = (file.parent, file.parent.parent)
            inside = ("images", "infographicsvqa_images", ".")
            image = picture(name, [home / one for home in homes for one in inside])
        kinds = {
            "answer_type": joined(row.cells.get("answer_type")),
            "evidence": joined(row.cells.get("evidence")),
            "operation": joined(row.cells.get("operation/reasoning")),
        }
        yield _row(row, _number(row), _answers(row), image, **kinds)


_KINDS = {
    "0": "human", "1": "augmented", "human_test": "human", "augmented_test": "augmented",
    "test_human": "human", "test_augmented": "augmented",
}  # fmt: skip
"""Who wrote a question, as the tables of HuggingFaceM4, lmms-lab and VLMEvalKit say it."""


def chartqa(file: Path, split: str, part: str) -> Iterator[Row]:
    """ChartQA: the authors' test_human.json and test_augmented.json with png/ beside them."""
    for number, row in enumerate(table(file, hint=_CHARTQA)):
        if file.suffix in _IN_TABLES:
            image = shown(row, _CHARTQA)
            said = str(cell(row, ("human_or_machine", "type", "split"), _CHARTQA))
            kind = _KINDS.get(said, said.replace(split, "").strip("_") or said)
        else:
            kind = file.stem.removeprefix(f"{split}_")
            name = cell(row, ("imgname",), _CHARTQA)
            image = picture(name, [file.parent / "png", file.parent])
        if kind not in ("human", "augmented"):
            raise DataError(
                f"{row.place}: neither of people nor made by a machine: {kind!r}", hint=_CHARTQA
            )
        name = str(row.cells.get("index", _place(file, number)))
        answers = listed(row, "label", "answer")
        question = cell(row, ("query", "question"), _CHARTQA)
        yield _row(row, name, answers, image, question=question, kind=kind)


def ocrbench(file: Path, split: str, part: str) -> Iterator[Row]:
    """OCRBench: the authors' OCRBench.json with OCRBench_Images/ (or its zip) beside it."""
    for number, row in enumerate(table(file, hint=_OCRBENCH)):
        if file.suffix in _IN_TABLES:
            image = shown(row, _OCRBENCH)
        else:
            name = cell(row, ("image_path",), _OCRBENCH)
            homes = (file.parent, file.parent.parent)
            inside = ("OCRBench_Images", "images", ".", "OCRBench_Images.zip")
            image = picture(name, [home / one for home in homes for one in inside])
        kinds = {
            "kind": cell(row, ("category", "type", "question_type"), _OCRBENCH),
            "source_set": cell(row, ("dataset_name", "dataset"), _OCRBENCH),
        }
        answers = listed(row, "answers", "answer")
        name = str(row.cells.get("index", _place(file, number)))
        yield _row(row, name, answers, image, **kinds)


def _place(file: Path, number: int) -> str:
    """The number of a row in a set that does not name its rows: in a table of several files with
    that of the file."""
    shard = re.search(r"-(\d+)-of-(\d+)$", file.stem)
    return f"{int(shard[1])}-{number}" if shard and int(shard[2]) > 1 else str(number)


def _number(row: Row) -> str:
    return str(cell(row, ("questionId", "question_id", "index"), _DOCVQA))


def _answers(row: Row) -> list[Any]:
    return listed(row, "answers", "answer")


def _row(row: Row, name: str, answers: list[Any], image: Any, **more: Any) -> Row:
    cells = {
        "index": name,
        "question": row.cells.get("question"),
        "answers": [str(one) for one in answers if one is not None] or None,
        "image": image,
        **more,
    }
    if cells["question"] in (None, ""):
        raise DataError(
            f"{row.place}: there is no question (columns: {', '.join(row.cells)})",
            hint="get the file again, in the layout that `aisbench datasets show` names",
        )
    return Row(row.place, cells)
