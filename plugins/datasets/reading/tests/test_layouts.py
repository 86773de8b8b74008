"""The same rows in the layouts in which they are given out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aisbench.api import DataError, open_dataset

DATA = Path(__file__).parent / "data"


def _questions(file: Path) -> list[dict[str, Any]]:
    return [
        {
            "id": qa["id"],
            "title": article["title"],
            "context": paragraph["context"],
            "question": qa["question"],
            "answers": {"text": [one["text"] for one in qa["answers"]], "answer_start": []},
        }
        for article in json.loads(file.read_text("utf-8"))["data"]
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
    ]


@pytest.mark.parametrize(
    ("name", "file", "folder"),
    [("squad", "dev-v1.1.json", "plain_text"), ("squad2", "dev-v2.0.json", "squad_v2")],
)
def test_squad_of_hugging_face(name: str, file: str, folder: str, tmp_path: Path) -> None:
    rows = _questions(DATA / name / file)
    (tmp_path / folder).mkdir()
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / folder / "validation-0.parquet")
    official = open_dataset(name, {"path": str(DATA / name)}).samples()
    for path in (tmp_path, tmp_path / folder):
        found = open_dataset(name, {"path": str(path)}).samples()
        assert [
            (one.id, one.target, one.fields["shown"], one.fields["context"]) for one in found
        ] == [(one.id, one.target, one.fields["shown"], one.fields["context"]) for one in official]
    pq.write_table(pa.Table.from_pylist([{"id": "1"}]), tmp_path / folder / "validation-0.parquet")
    with pytest.raises(DataError, match=r"row 1: not a row of SQuAD \(KeyError\('answers'\)\)"):
        open_dataset(name, {"path": str(tmp_path)}).samples()
