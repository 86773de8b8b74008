"""Published answers, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from aisbench.api import Answer, Sample
from aisbench_plugin_infinitebench.scores import score

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not (SHARED / "data2").is_dir(),
        reason="no published answers; set AISBENCH_SHARED to the folder of data and data2",
    ),
]


def test_every_published_answer_has_the_authors_score() -> None:
    """All rows of gpt4 and kimi that are there: nineteen tables."""
    files = sorted((SHARED / "data2" / "infinitebench").glob("*/preds_*"))
    assert len(files) == 19
    for file in files:
        part = file.name.partition(".")[0].removeprefix("preds_")
        content = file.read_bytes()
        text = (gzip.decompress(content) if file.suffix == ".gz" else content).decode()
        for line in filter(None, text.split("\n")):
            row = json.loads(line)
            sample = Sample(id=str(row["id"]), part=part, target=row["ground_truth"])
            found = score(sample, Answer.of(row["prediction"] or "")).value
            assert found == pytest.approx(row["authors_score"]), (file, row)
