"""Ratings of a real judge, beside those that FastChat's rule found."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from aisbench_plugin_judge.judgements import rating

pytestmark = pytest.mark.not_quick

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
FILE = SHARED / "data2" / "mt_bench_judgments" / "gpt-4_single.jsonl.gz"


@pytest.mark.skipif(
    not FILE.is_file(), reason="no real judgements; set AISBENCH_SHARED to the folder of data"
)
def test_ratings_of_a_real_judge() -> None:
    with gzip.open(FILE, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    read = [(rating(row["judgment"], 10.0), row["score"]) for row in rows]
    # No rating is another one: a first of several that differ, and a number in single brackets
    # anywhere, are none here.
    assert all(ours in (None, theirs) for ours, theirs in read if theirs != -1)
    assert sum(ours == theirs for ours, theirs in read) == 34
    assert sum(ours is None and theirs == -1 for ours, theirs in read) == 118
