"""Second files: how often they are read."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from declaring import fields, made

from aisbench.declared import joining


@pytest.mark.parametrize("by", ["line", "id"])
def test_a_second_file_of_all_parts_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    parts = [f"p{number}" for number in range(8)]
    for part in parts:
        (tmp_path / f"{part}.json").write_text(json.dumps([{"id": 0, "q": part}]))
    (tmp_path / "gold.json").write_text(json.dumps([{"nr": 0, "gold": "x"}]))
    read: list[Path] = []
    own = joining.read_table

    def counted(file: Path, **keys: Any) -> Any:
        read.append(file)
        time.sleep(0.01)  # others come to it meanwhile
        return own(file, **keys)

    monkeypatch.setattr(joining, "read_table", counted)
    join = {"file": "gold.json", "by": by, "other": "nr"}
    keys = {
        "files": {"test": "{part}.json"},
        "parts": parts,
        "rows": {"join": [join]},
        "columns": {"answer": "gold"},
    }
    samples = made(tmp_path, keys)
    assert fields(samples, "q") == parts
    assert {one.target for one in samples} == {"x"}
    assert read == [tmp_path / "gold.json"]
