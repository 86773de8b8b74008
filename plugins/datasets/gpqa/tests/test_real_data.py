"""Invented rows under the official header of 78 columns, where this checkout has them."""

from __future__ import annotations

import os
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


def test_every_row_loads() -> None:
    path = str(SHARED / "data2" / "gpqa_layout")
    samples = open_dataset("gpqa", {"path": path}).samples()
    assert len(samples) == 6
    assert {one.part for one in samples} == {"Physics", "Chemistry", "Biology"}
    # The right option is the first of the file; it keeps its text wherever it is shown.
    for one in samples:
        assert one.fields["target_text"] == str(one.fields["Correct Answer"]).strip()
        order: list[int] = list(one.fields["option_order"])  # type: ignore[arg-type]
        assert sorted(order) == [0, 1, 2, 3]
        assert order.index(0) == "ABCD".index(str(one.target))
    assert len({one.target for one in samples}) > 1
    texts = [text for one in samples for text in one.fields["choices"]]  # type: ignore[union-attr]
    assert [text for text in texts if str(text) != str(text).strip()] == []


def test_another_seed_is_another_order() -> None:
    path = str(SHARED / "data2" / "gpqa_layout")
    orders = []
    for seed in (0, 1, 1):
        settings = {"path": path, "option_order": {"seed": seed}}
        orders.append([one.target for one in open_dataset("gpqa", settings).samples()])
    assert orders[0] != orders[1] == orders[2]
