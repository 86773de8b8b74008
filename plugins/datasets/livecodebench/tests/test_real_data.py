"""The official files and real outputs, where this checkout has them beside it; they are not in the
repository. All rows are judged by benchmarks/parity."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from aisbench.api import open_dataset
from aisbench.data import with_long_texts
from aisbench_plugin_code.io_tests import extracted
from aisbench_plugin_code.packed import read_tests

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not (SHARED / "data2").is_dir(),
        reason="no official files; set AISBENCH_SHARED to the folder of data and data2",
    ),
]


def test_rows_in_the_official_columns() -> None:
    """Made up, in the exact columns; the last row's private tests are plain JSON."""
    settings = {"path": str(SHARED / "data2" / "livecodebench_layout"), "parts": ["v1"]}
    samples = [*map(with_long_texts, open_dataset("livecodebench", settings).samples())]
    counts = [len(read_tests(one.fields["private_test_cases"])) for one in samples]
    assert counts == [3, 2, 1, 2, 2, 2, 2]
    assert samples[0].fields["contest_month"] == 202408


def test_programs_are_read_as_the_authors_read_them() -> None:
    file = SHARED / "data2" / "livecodebench" / "Qwen2.5-7B-Instruct.eval_all.120.jsonl.gz"
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    assert len(rows) == 120
    for row in rows:
        read = [extracted(text, "last-fence") for text in row["output_list"]]
        assert read == row["code_list"], row["question_id"]
