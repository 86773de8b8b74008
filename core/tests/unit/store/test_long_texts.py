"""Texts that stay on the disk until an answer is scored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aisbench.base.errors import DataError
from aisbench.data import fill_places, long_text, with_long_texts
from aisbench.store.long_texts import found_in, is_long_text, kept_in, without_folder
from aisbench.types.sample import Sample

TEXT = "näïve 日本 \ud800 " * 3
"""Half a surrogate pair too, which JSON may hold."""


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    """Whose field is the second line of a file."""
    first, line = b'{"other": 1}\n', json.dumps({"tests": TEXT}).encode() + b"\n"
    file = tmp_path / "rows.jsonl"
    file.write_bytes(first + line)
    held = long_text(TEXT, file, len(first), len(line), "tests")
    return Sample(id="s", fields={"tests": held, "question": "?"})


def test_from_the_users_file_into_the_run_and_out_of_it(sample: Sample, tmp_path: Path) -> None:
    assert with_long_texts(sample).fields == {"tests": TEXT, "question": "?"}
    assert fill_places("{question} {tests}", sample) == f"? {TEXT}"
    kept = kept_in(sample, tmp_path / "run" / "texts")
    (tmp_path / "rows.jsonl").unlink()
    assert with_long_texts(kept).fields["tests"] == TEXT
    (tmp_path / "run").rename(tmp_path / "moved")
    found = found_in(without_folder(kept), tmp_path / "moved" / "texts")
    assert with_long_texts(found).fields["tests"] == TEXT


def test_a_half_written_file_is_written_again(sample: Sample, tmp_path: Path) -> None:
    kept_in(sample, tmp_path / "texts")
    (path,) = (tmp_path / "texts").iterdir()
    path.write_bytes(b"")
    assert with_long_texts(kept_in(sample, tmp_path / "texts")).fields["tests"] == TEXT


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"other": 1}\n{"tests": "another text"}\n'])
def test_a_file_that_was_changed(sample: Sample, tmp_path: Path, content: str) -> None:
    (tmp_path / "rows.jsonl").write_text(content)
    with pytest.raises(DataError, match=r"rows\.jsonl: was changed since its rows were read"):
        with_long_texts(sample)


@pytest.mark.parametrize("about", [None, {}, {"path": "/etc/hostname"}, {"sha256": "../x"}])
def test_what_only_looks_like_one_is_an_object(about: object) -> None:
    assert not is_long_text({"!text": about})
