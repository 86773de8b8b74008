"""HellaSwag's texts, as lm-evaluation-harness cleans them (compared by benchmarks/parity)."""

from __future__ import annotations

import json
from pathlib import Path

from aisbench.api import open_dataset

ROW = {
    "ind": 1, "activity_label": "Owls", "ctx_a": "How to feed an owl. [step] Wait [title] now. ",
    "ctx_b": "", "label": 1, "endings": ["[title] Run.", "Wait  more.", " sing.", "eat [x]it."],
}  # fmt: skip


def test_texts(tmp_path: Path) -> None:
    file = tmp_path / "hellaswag_val.jsonl"
    file.write_text(json.dumps(ROW) + "\n" + json.dumps({**ROW, "ind": 2, "ctx_b": "AN OWL"}))
    first, second = open_dataset("hellaswag", {"path": str(tmp_path)}).samples()
    assert first.fields["question"] == "Owls: How to feed an owl. Wait. now."
    assert second.fields["question"] == "Owls: How to feed an owl. Wait. now. An owl"
    assert first.fields["choices"] == [" Run.", "Wait more.", "sing.", "eat it."]
    assert first.target == "B"
