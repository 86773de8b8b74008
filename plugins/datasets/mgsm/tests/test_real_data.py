"""The official files, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from aisbench.api import open_dataset

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not (SHARED / "data2").is_dir(),
        reason="no official files; set AISBENCH_SHARED to the folder of data and data2",
    ),
]


def test_every_row_loads(tmp_path: Path) -> None:
    folder = tmp_path / "mgsm"
    shutil.copytree(SHARED / "data" / "mgsm", folder)
    known = json.loads((SHARED / "data2" / "mgsm" / "exemplars.json").read_text("utf-8"))
    # As the authors write it: a Python file with a dictionary.
    (folder / "exemplars.py").write_text(f"MGSM_EXEMPLARS = {known!r}\n", encoding="utf-8")
    dataset = open_dataset("mgsm", {"path": str(folder)})
    samples = dataset.samples()
    assert len(samples) == 2750
    by_language = {part: [one.target for one in samples if one.part == part] for part in known}
    assert all(targets == by_language["en"] for targets in by_language.values())
    examples = dataset.examples()
    assert len(examples) == 88
    answers = ["11", "29", "39", "9", "33", "8", "8", "5"]
    for part in known:
        assert [one.target for one in examples if one.part == part] == answers, part
