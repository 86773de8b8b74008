"""The official files, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aisbench.api import open_dataset

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
ROWS = {"coursera": 71, "quality": 119, "tpo": 251, "financial_qa": 52, "news_summ": 9}
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not (SHARED / "data2").is_dir(),
        reason="no official files; set AISBENCH_SHARED to the folder of data and data2",
    ),
]


def test_documents_load() -> None:
    """Documents of five tasks; of the open ones those that words are counted of."""
    settings = {"path": str(SHARED / "data2" / "leval"), "parts": list(ROWS)}
    samples = open_dataset("leval", settings).samples()
    counts = {part: sum(one.part == part for one in samples) for part in ROWS}
    assert counts == ROWS
    for one in samples:
        assert str(one.fields["question"]) in str(one.fields["behind"])
