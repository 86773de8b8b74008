"""Files that are not as published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import DataError, open_dataset
from aisbench.data import with_long_texts

ROW: dict[str, Any] = json.loads(
    (Path(__file__).parent / "data" / "test.jsonl").read_text().splitlines()[0]
)


def read(folder: Path, content: bytes) -> Any:
    """The first row's hidden tests."""
    (folder / "test.jsonl").write_bytes(content)
    samples = open_dataset("livecodebench", {"path": str(folder), "parts": ["v1"]}).samples()
    return with_long_texts(samples[0]).fields["private_test_cases"]


def with_(**columns: Any) -> bytes:
    return json.dumps({**ROW, **columns}).encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (with_()[:-9], r"test.jsonl:1: not JSON"),
        (with_().decode().encode("utf-16"), "not UTF-8"),
        (b"\n", "finds no rows"), (b"[1]", r"test.jsonl:1: list, not an object"),
        (with_(contest_date="31.8.2024"), "contest_date is '31.8.2024'"),
        # Scored by the public tests alone, the figure would be too high.
        (with_(private_test_cases=None), "private_test_cases is empty"),
        (json.dumps({k: ROW[k] for k in ROW if k != "private_test_cases"}).encode(),
         "no column 'private_test_cases'"),
    ],
)  # fmt: skip
def test_told_with_file_and_line(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, content)


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\r\n\n"])
def test_bytes_that_mean_nothing(tmp_path: Path, mark: bytes) -> None:
    assert read(tmp_path, mark + with_() + b"\r\n") == ROW["private_test_cases"]


def test_tests_that_are_not_packed(tmp_path: Path) -> None:
    tests = [{"input": "1", "output": "1", "testtype": "stdin"}]
    assert read(tmp_path, with_(private_test_cases=tests)) == tests
