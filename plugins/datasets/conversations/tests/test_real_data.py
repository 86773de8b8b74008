"""The published files, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from aisbench_plugin_conversations.downloads import MTBENCH
from aisbench_plugin_conversations.mtbench import MtBenchTurns
from aisbench_plugin_conversations.settings import MtBenchTurnsSettings, ShareGptSettings
from aisbench_plugin_conversations.sharegpt import ShareGpt

pytestmark = pytest.mark.not_quick

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
SHAREGPT = SHARED / "data" / "sharegpt"
MT_BENCH = SHARED / "data" / "mt_bench"
needs_sharegpt = pytest.mark.skipif(
    not SHAREGPT.is_dir(), reason="no ShareGPT files; set AISBENCH_SHARED"
)
needs_mt_bench = pytest.mark.skipif(
    not MT_BENCH.is_dir(), reason="no MT-Bench files; set AISBENCH_SHARED"
)


def sharegpt(name: str, **settings: Any) -> ShareGpt:
    return ShareGpt(ShareGptSettings(path=SHAREGPT / name, **settings))


@needs_sharegpt
def test_fastchat_s_conversations_load_whole() -> None:
    samples = sharegpt("dummy_conversation.json").samples()
    assert len(samples) == 500
    turns: list[Any] = [sample.fields["turns"] for sample in samples]
    assert sum(map(len, turns)) == 1000


@needs_sharegpt
def test_function_calls_load_as_text_or_are_left_out() -> None:
    # 410 messages of human and observation, each answered by gpt or function_call.
    samples = sharegpt("glaive_toolcall_en_demo.json").samples()
    turns: list[Any] = [sample.fields["turns"] for sample in samples]
    assert (len(samples), sum(map(len, turns))) == (120, 410)
    assert len(sharegpt("glaive_toolcall_en_demo.json", tools="drop").samples()) == 54


@needs_mt_bench
def test_mt_bench_loads_whole() -> None:
    samples = MtBenchTurns(MtBenchTurnsSettings(path=MT_BENCH)).samples()
    assert len(samples) == 80
    turns: list[Any] = [sample.fields["turns"] for sample in samples]
    assert {len(one) for one in turns} == {2}
    assert sum(sample.target is not None for sample in samples) == 39
    answers = MT_BENCH / "reference_answer" / "gpt-4.jsonl"
    settings = MtBenchTurnsSettings(path=MT_BENCH, answers=answers, history="recorded")
    assert len(MtBenchTurns(settings).samples()) == 30


@needs_mt_bench
def test_the_pinned_checksums_are_those_of_the_files() -> None:
    for pinned, file in zip(
        MTBENCH, ("question.jsonl", "reference_answer/gpt-4.jsonl"), strict=True
    ):
        content = (MT_BENCH / file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == pinned.sha256
