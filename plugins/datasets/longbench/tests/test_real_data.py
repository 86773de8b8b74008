"""The official files, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from aisbench.api import Answer, open_dataset
from aisbench_plugin_longbench.scores import score

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not (SHARED / "data2").is_dir(),
        reason="no official files; set AISBENCH_SHARED to the folder of data and data2",
    ),
]
TASKS = ("multi_news", "multifieldqa_zh", "passage_retrieval_zh")


def test_rows_prompts_and_settings_are_the_authors() -> None:
    """Three tasks of 21, 40 rows of each: each prompt is the config's, and so is max_tokens."""
    folder = SHARED / "data" / "LongBench"
    config = folder / "config"
    prompts = json.loads((config / "dataset2prompt.json").read_text(encoding="utf-8"))
    lengths = json.loads((config / "dataset2maxlen.json").read_text(encoding="utf-8"))
    dataset = open_dataset("longbench", {"path": str(folder), "parts": list(TASKS)})
    samples = dataset.samples()
    assert len(samples) == 120
    for one in samples:
        fields = {key: str(one.fields[key]) for key in ("context", "input")}
        made = "".join(str(one.fields[key]) for key in ("ahead", "context", "behind"))
        assert made == prompts[one.part].format(**fields), one.id
        assert one.generation == {"max_tokens": lengths[one.part]}
        reference = one.target[0]  # type: ignore[index,call-overload]
        assert score(one, Answer.of(str(reference))).value == pytest.approx(1.0, abs=1e-6)


def test_all_tasks_have_the_authors_prompts() -> None:
    config = SHARED / "data" / "LongBench" / "config"
    prompts = json.loads((config / "dataset2prompt.json").read_text(encoding="utf-8"))
    lengths = json.loads((config / "dataset2maxlen.json").read_text(encoding="utf-8"))
    data = Path(__file__).parent / "data"
    for name, tasks in (("longbench", 21), ("longbench-e", 13)):
        samples = open_dataset(name, {"path": str(data / name)}).samples()
        assert len({one.part for one in samples}) == tasks
        for one in samples:
            fields = {key: str(one.fields[key]) for key in ("context", "input")}
            made = "".join(str(one.fields[key]) for key in ("ahead", "context", "behind"))
            assert made == prompts[one.part].format(**fields), one.id
            assert one.generation == {"max_tokens": lengths[one.part]}


def test_version_2_loads() -> None:
    path = str(SHARED / "data2" / "longbench_v2_layout")
    samples = open_dataset("longbench-v2", {"path": path}).samples()
    assert len(samples) == 6
    assert {one.fields["length"] for one in samples} == {"short", "medium", "long"}
