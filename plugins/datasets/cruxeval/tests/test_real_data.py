"""The official files and real outputs, where this checkout has them beside it; they are not in the
repository. All rows are judged by benchmarks/parity."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from aisbench.api import Answer, Sample
from aisbench_plugin_code.reasoning import CodeReasoning
from aisbench_plugin_code.settings import ReasoningSettings

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not (SHARED / "data2").is_dir(),
        reason="no official files; set AISBENCH_SHARED to the folder of data and data2",
    ),
]


def test_the_authors_verdicts() -> None:
    """Of every eighth row the ten generations of CodeLlama-7B."""
    file = SHARED / "data2" / "cruxeval" / "codellama-7b_temp0.2_output.jsonl.gz"
    evaluator = CodeReasoning(ReasoningSettings(run_code=True))
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    assert len(rows) == 800
    for row in rows[::8]:
        sample = Sample(id=row["id"], fields={k: row[k] for k in ("code", "input", "output")})
        for text, right in set(zip(row["generations"], row["correct"], strict=True)):
            assert (evaluator.score(sample, Answer.of(text)).value == 1.0) is right, (row, text)
