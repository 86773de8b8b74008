"""Large files, read in pieces: as they are read whole."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from aisbench.base.errors import DataError
from aisbench.data import read_table, streaming

ROWS: list[Any] = [
    {"q": f'{number} \N{GRINNING FACE} ü \\ " ]}} {"x" * (number % 7)}', "deep": [{"n": [1]}]}
    for number in range(50)
]  # fmt: skip


@pytest.fixture(autouse=True)
def _all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "LARGE", 1)


@pytest.mark.parametrize("piece", [1, 7, 64, 1 << 20])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("ascii_", [True, False])
def test_a_list_in_pieces(tmp_path: Path, piece: int, indent: int | None, ascii_: bool) -> None:
    file = tmp_path / "rows.json"
    text = json.dumps(ROWS, indent=indent, ensure_ascii=ascii_)
    file.write_text(f"\N{ZERO WIDTH NO-BREAK SPACE} {text}\n", encoding="utf-8")
    assert streaming.json_items(file, piece) == ROWS
    packed = tmp_path / "rows.json.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    assert streaming.json_items(packed, piece) == ROWS


@pytest.mark.parametrize(
    "text",
    ['{"a": 1}', "[1, 2]", '[{"a": 1},]', '[{"a": 1}', '[{"a": 1} {"a": 2}]', '[{"a": 1}] x', "",
     '[{"a": -Infinity}]', '[{"a": "\\ud800"}]', '[{"a": 1}, null]', "[" * 100_000],
)  # fmt: skip
def test_what_is_no_such_list_is_read_whole(tmp_path: Path, text: str) -> None:
    file = tmp_path / "rows.json"
    file.write_text(text, encoding="utf-8")
    assert streaming.json_items(file, 3) is None


def test_nan_is_an_empty_cell(tmp_path: Path) -> None:
    """As pandas writes one, in JSON and in JSON lines."""
    for name, text in (("a.json", '[{"a": NaN}]'), ("a.jsonl", '{"a": NaN}')):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert [row.cells for row in read_table(tmp_path / name)] == [{"a": None}]
    assert streaming.json_items(tmp_path / "a.json", 3) == [{"a": None}]


def test_errors_are_those_of_files_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    file.write_text('[{"a": 1}, {"a": }]')
    with pytest.raises(DataError, match=r"rows.json: not JSON .*line 1 column 18"):
        read_table(file)
    lines = tmp_path / "rows.jsonl"
    lines.write_bytes(b'{"a": 1}\n\n{"a": 2,\n')
    with pytest.raises(DataError, match=r"rows.jsonl:3: not JSON .*: line 1 column"):
        read_table(lines)
    lines.write_bytes(b'{"a": 1}\n{"a": "\xff"}\n')
    with pytest.raises(DataError, match=r"rows.jsonl:2: not UTF-8"):
        read_table(lines)
    lines.write_bytes(b" \n\n")
    with pytest.raises(DataError, match="the file is empty"):
        read_table(lines)
    packed = tmp_path / "rows.jsonl.gz"
    packed.write_bytes(gzip.compress(b'{"a": 1}\n' * 1000)[:-20])
    with pytest.raises(DataError, match="not a whole gzip file"):
        read_table(packed)


def test_lines_end_at_lf_alone(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('\ufeff{"a": "x\u2028y"}\r\n{"a": "z"}', encoding="utf-8", newline="")
    assert [row.cells for row in read_table(file)] == [{"a": "x\u2028y"}, {"a": "z"}]
