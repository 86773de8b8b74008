"""The authors' own layouts, with pictures in folders and archives, and what is wrong in them."""

from __future__ import annotations

import base64
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import DataError, open_dataset
from aisbench_testkit.canned import PICTURE

QUESTION = {"question": "what does it say?", "image": "data/x/train_images/p.jpg"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def _picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(PICTURE))


def _json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def _only(name: str, folder: Path, **settings: Any) -> tuple[Any, Any]:
    """Target and picture of the only row."""
    (sample,) = open_dataset(name, {"path": str(folder), **settings}).samples()
    return sample.target, sample.fields["image"]["!media"]  # type: ignore[index, call-overload]


def _textvqa(folder: Path, annotated: int = 7) -> Path:
    home = folder / "textvqa_json"
    _json(home / "textvqa_val.jsonl", {**QUESTION, "question_id": 7})
    answers = [{"answer": "stop", "answer_id": number} for number in range(1, 11)]
    rows = [{"question_id": annotated, "answers": answers}]
    _json(home / "textvqa_val_annotations.json", {"annotations": rows})
    return folder / "train_images" / "p.jpg"


def test_textvqa_as_aisbench_keeps_it(folder: Path) -> None:
    file = _textvqa(folder)
    _picture(file)
    target, image = _only("textvqa", folder)
    assert target == ["stop"] * 10
    assert image["address"] == str(file)


def test_textvqa_as_its_authors_publish_it(folder: Path) -> None:
    row = {"question_id": 7, "image_id": "ab", "question": "q?", "answers": ["x"] * 10}
    _json(folder / "TextVQA_0.5.1_val.json", {"data": [row]})
    _picture(folder / "train_images" / "ab.jpg")
    assert _only("textvqa", folder)[0] == ["x"] * 10
    del row["answers"]
    _json(folder / "TextVQA_0.5.1_test.json", {"data": [row]})
    _picture(folder / "test_images" / "ab.jpg")
    assert _only("textvqa", folder, split="test")[0] is None


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ("index\timg\tquestion\tanswer", "no column 'image' or 'image_path'"),
        ("index\timage\tquery\tanswer", "there is no "),
    ],
)
def test_a_table_of_another_version(folder: Path, columns: str, why: str) -> None:
    (folder / "DocVQA_VAL.tsv").write_text(f"{columns}\n1\t\tWhich?\tx\n")
    with pytest.raises(DataError, match=rf"DocVQA_VAL\.tsv:2: {why}"):
        _only("docvqa", folder)


def test_a_table_that_vlmevalkit_made_local(folder: Path) -> None:
    """Its pictures are files, and stand in a column of their own."""
    _picture(folder / "a.png")
    (folder / "DocVQA_VAL.tsv").write_text("index\timage_path\tquestion\tanswer\n1\ta.png\tq\tx\n")
    (sample,) = open_dataset("docvqa", {"path": str(folder)}).samples()
    shown: Any = sample.fields["image"]
    assert [one["!media"]["address"] for one in shown] == [str(folder / "a.png")]


def test_what_is_missing_is_named(folder: Path) -> None:
    _textvqa(folder)
    assert _only("textvqa", folder)[1]["address"].endswith("p.jpg")
    _textvqa(folder, annotated=8)
    with pytest.raises(DataError, match="question 7 has no annotation"):
        _only("textvqa", folder)
    (folder / "textvqa_json" / "textvqa_val_annotations.json").unlink()
    with pytest.raises(DataError, match="there is no such file"):
        _only("textvqa", folder)


@pytest.mark.parametrize(
    ("file", "image"),
    [
        ("val/val_v1.0.json", "val/documents/a.png"),
        ("spdocvqa_qas/val_v1.0_withQT.json", "spdocvqa_images/a.png"),
    ],
)
def test_docvqa(folder: Path, file: str, image: str) -> None:
    kinds = ["form", "table/list"]
    row = {
        "questionId": 1,
        "question": "q?",
        "image": "documents/a.png",
        "answers": ["x", "y"],
        "question_types": kinds,
    }
    _json(folder / file, {"data": [row]})
    _picture(folder / image)
    target, found = _only("docvqa", folder)
    assert target == ["x", "y"]
    assert found["address"] == str(folder / image)


def test_infovqa(folder: Path) -> None:
    row = {"questionId": 1, "question": "q?", "image_local_name": "3.jpeg", "answers": ["x"]}
    _json(folder / "infographicsvqa_qas" / "infographicsVQA_val_v1.0_withQT.json", {"data": [row]})
    _picture(folder / "infographicsvqa_images" / "3.jpeg")
    assert _only("infovqa", folder)[0] == ["x"]


def test_ocrbench_with_its_archive(folder: Path) -> None:
    row = {
        "dataset_name": "HME100k",
        "image_path": "HME100k/1.jpg",
        "question": "q?",
        "answers": "[ 1 , 2 ]",
        "type": "Handwritten Mathematical Expression Recognition",
    }
    _json(folder / "OCRBench" / "OCRBench.json", [row])
    with zipfile.ZipFile(folder / "OCRBench_Images.zip", "w") as archive:
        archive.writestr("HME100k/1.jpg", base64.b64decode(PICTURE))
    target, image = _only("ocrbench", folder)
    # A formula in brackets is a text, and no list of two answers.
    assert target == ["[ 1 , 2 ]"]
    assert image["member"] == "HME100k/1.jpg"


def test_charts_say_who_asked(folder: Path) -> None:
    head = "index\timage\tquestion\tanswer\tsplit\n"
    line = f"1\t{PICTURE}\tq?\t4\ttest_robot\n"
    (folder / "ChartQA_TEST.tsv").write_text(head + line, encoding="utf-8")
    with pytest.raises(DataError, match=r"TEST.tsv:2: neither of people nor made by .*robot"):
        _only("chartqa", folder)
