"""Labels that a suite takes from fields of the rows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from aisbench.base.errors import DataError
from aisbench.conversation.row_labels import RowLabels
from aisbench.types.sample import Sample

TASK: Any = SimpleNamespace(dataset=SimpleNamespace(name="d"))


def test_fields_and_paths_label_rows() -> None:
    labels = RowLabels(TASK, ["level", "meta.kind"])
    rows = [
        Sample(id="1", fields={"level": 3, "meta": {"kind": "code"}}),
        Sample(id="2", fields={"level": "", "meta": {}}),
    ]
    assert [labels.of(one) for one in rows] == [{"level": "3", "meta.kind": "code"}, {}]
    labels.check(rows)


def test_what_labels_nothing_is_told() -> None:
    rows = [Sample(id="1", fields={"level": 3, "list": ["a"]}, place="x.jsonl:1")]
    with pytest.raises(DataError, match=r"d.labels: no row has a field 'lvel'") as caught:
        RowLabels(TASK, ["level", "lvel"]).check(rows)
    assert "level, list" in caught.value.hint
    with pytest.raises(DataError, match=r"x.jsonl:1: the field 'list' of row '1' labels nothing"):
        RowLabels(TASK, ["list"]).check(rows)
    with pytest.raises(DataError, match="'adapter' is the label of LoRA adapters"):
        RowLabels(TASK, ["level", "adapter"]).check(rows)
