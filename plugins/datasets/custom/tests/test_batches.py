"""Rows that are no questions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import DataError, Sample
from aisbench_plugin_custom.dataset import Custom
from aisbench_plugin_custom.settings import CustomColumns, CustomSettings


def read(tmp_path: Path, row: dict[str, Any], **columns: Any) -> Sample:
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps(row) + "\n")
    data = Custom(CustomSettings(path=file, kind="batch", columns=CustomColumns(**columns)))
    assert list(data.variants()) == ["embed", "classify", "rerank", "transcribe"]
    (sample,) = data.samples()
    return sample


def test_texts_a_query_and_a_question(tmp_path: Path) -> None:
    assert read(tmp_path, {"texts": ["a", "b"]}).fields["texts"] == ["a", "b"]
    assert read(tmp_path, {"texts": "a"}).fields["texts"] == ["a"]
    assert read(tmp_path, {"texts": '["a", "b"]'}).fields["texts"] == ["a", "b"]
    assert read(tmp_path, {"passages": ["a"]}, texts="passages").fields["texts"] == ["a"]
    found = read(tmp_path, {"query": "q", "documents": ["a", "b"]}).fields
    assert (found["query"], found["documents"]) == ("q", ["a", "b"])
    assert read(tmp_path, {"question": "What?"}, texts="question").fields["texts"] == ["What?"]


def test_a_sound_needs_no_question(tmp_path: Path) -> None:
    sample = read(tmp_path, {"sound": "a.wav", "said": "Hello."}, audio=("sound",), answer="said")
    assert sample.target == "Hello."
    assert "question" not in sample.fields


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"texts": []}, "'texts' holds no texts"),
        ({"texts": ["a", ""]}, "'texts' holds no texts"),
        ({"texts": [1]}, "'texts' holds no texts"),
        ({"documents": ["a"]}, "no query under 'query'"),
        ({"query": "q", "documents": None}, "'documents' holds no texts"),
        ({"question": "q"}, "neither 'texts' nor 'documents' nor a sound"),
    ],
)
def test_what_is_no_batch(tmp_path: Path, row: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError, match=f"rows.jsonl:1: {said}"):
        read(tmp_path, row)
