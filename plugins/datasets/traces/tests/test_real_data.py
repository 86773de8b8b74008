"""Samples of the published traces, where this checkout has them beside it."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import TextTokenizer
from aisbench_plugin_traces.trace_dataset import TraceDataset

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
FOLDER = SHARED / "data" / "traces"
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not FOLDER.is_dir(),
        reason="no real traces; set AISBENCH_SHARED to the folder of data/traces",
    ),
]
FILES = [
    ("mooncake", "mooncake/traces/conversation_trace.jsonl", 2000, 27_441_774, 669.0),
    ("mooncake", "mooncake/traces/synthetic_trace.jsonl", 800, 9_403_832, 221.2),
    ("azure", "azure/AzureLLMInferenceTrace_conv.csv", 5000, 5_805_639, 1023.316984),
    ("azure", "azure/AzureLLMInferenceTrace_code.csv", 2000, 3_973_157, 853.079347),
    ("burstgpt", "burstgpt_layout_only/BurstGPT_1.csv", 3, 1976, 113.0),
]


@pytest.mark.parametrize(("kind", "file", "count", "tokens", "seconds"), FILES)
def test_every_row_is_read(
    kind: str,
    file: str,
    count: int,
    tokens: int,
    seconds: float,
    trace: Callable[..., TraceDataset],
    tokenizer: TextTokenizer,
) -> None:
    samples = trace(kind, path=FOLDER / file).samples()
    assert len(samples) == count
    lengths: list[Any] = []
    times: list[Any] = []
    for sample in samples:
        lengths.append(sample.fields["input_length"])
        times.append(sample.arrival_ns)
    assert sum(lengths) == tokens
    assert times[0] == 0
    assert abs(times[-1] / 1e9 - seconds) < 1e-6
    assert all(after >= before for before, after in pairwise(times))
    some = range(0, count, max(count // 25, 1))
    texts = [str(samples[row].fields["prompt"]) for row in some]
    assert tokenizer.counts(texts) == [lengths[row] for row in some]


def test_the_same_id_is_the_same_text(trace: Callable[..., TraceDataset]) -> None:
    made = trace("mooncake", path=FOLDER / "mooncake/traces/conversation_trace.jsonl", end=60.0)
    rows = {row.line: row for row in made.read(made.settings.path.read_text())}
    blocks: defaultdict[int, set[str]] = defaultdict(set)
    for sample in made.samples():
        words = str(sample.fields["prompt"]).split()
        for place, one in enumerate(rows[int(sample.id[5:])].detail):
            blocks[one].add(" ".join(words[place * 512 : (place + 1) * 512]))
    assert all(len(texts) == 1 for texts in blocks.values())
    assert len(set().union(*blocks.values())) == len(blocks)
