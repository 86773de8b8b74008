"""Requests that are no conversations: items, sounds, and answers without tokens."""

from __future__ import annotations

from typing import Any

import pytest
from recordings import MS, Maker

from aisbench.metrics.columns import MetricOptions
from aisbench.metrics.counts import request_counts
from aisbench.metrics.measure import measure
from aisbench.metrics.token_ledger import ledger


def figures(maker: Maker) -> tuple[dict[str, float], dict[str, Any], str]:
    run = measure(maker.recording(), MetricOptions(streamed=False))[0]
    return (
        {one.name: one.value for one in run.figures},
        {one.name: one for one in run.statistics},
        run.note,
    )


def test_vectors_have_items_and_no_output_at_all() -> None:
    maker = Maker()
    for at in range(4):
        maker.add(
            sent=at * 500 * MS, scheduled=at * 500 * MS, dispatched=at * 500 * MS,
            first_byte=(at * 500 + 400) * MS, done=(at * 500 + 500) * MS,
            items=8, generates=0, prompt_tokens=40,
        )  # fmt: skip
    found, statistics, note = figures(maker)
    assert (found["total_items"], found["item_throughput"]) == (32, pytest.approx(16.0))
    assert found["request_throughput"] == pytest.approx(2.0)
    assert found["input_token_throughput"] == pytest.approx(80.0)
    assert not {"total_output_tokens", "total_audio", "empty_answers"} & set(found)
    assert not {"ttft", "tpot", "output_tokens", "audio_length"} & set(statistics)
    assert (statistics["items"].mean, statistics["e2el"].mean) == (8, 500)
    assert "nothing is generated" in note
    assert "output tokens," in note
    assert "no known output" not in note
    assert request_counts(maker.recording(), streamed=False).empty == 0
    assert ledger(maker.recording()).output.tokenizer.total is None


def test_a_transcript_has_a_real_time_factor() -> None:
    maker = Maker()
    for at in range(2):
        maker.add(
            sent=at * 1000 * MS, scheduled=at * 1000 * MS, done=(at + 1) * 1000 * MS, items=1,
            generates=1, audio=10_000 * MS, completion_tokens=5,
        )  # fmt: skip
    found, statistics, note = figures(maker)
    assert (found["total_audio"], found["audio_throughput"]) == (20, pytest.approx(10.0))
    assert statistics["real_time_factor"].mean == pytest.approx(0.1)
    assert statistics["audio_length"].mean == pytest.approx(10.0)
    assert "one piece" in note


def test_conversations_have_none_of_these() -> None:
    maker = Maker()
    maker.simple(0, 10, 5, 4)
    found, statistics, _ = figures(maker)
    assert not {"total_items", "item_throughput", "total_audio"} & set(found)
    assert not {"items", "audio_length", "real_time_factor"} & set(statistics)
