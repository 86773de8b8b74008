"""Speculative decoding by kind of prompt: what can be told apart, and what cannot."""

from __future__ import annotations

import pytest
from recordings import MS, Maker

from aisbench.stages.speculation import MIXED, NO_KINDS, speculation
from aisbench.telemetry.reading import Scrape
from aisbench.telemetry.summary import summarize_scrapes


def page(drafts: int, accepted: int, first: int) -> str:
    return (
        f"vllm:spec_decode_num_drafts_total {drafts}\n"
        f"vllm:spec_decode_num_draft_tokens_total {3 * drafts}\n"
        f"vllm:spec_decode_num_accepted_tokens_total {accepted}\n"
        f'vllm:spec_decode_num_accepted_tokens_per_pos_total{{position="0"}} {first}\n'
    )


def readings(*pages: str) -> list[Scrape]:
    """At 0, 1, 2 ... s."""
    return [
        Scrape(place * 1000 * MS, "a", text=text, until_ns=(place * 1000 + 1) * MS)
        for place, text in enumerate(pages)
    ]


def test_kinds_that_were_alone() -> None:
    made = Maker()
    for at, kind in ((100, "code"), (1100, "maths"), (2100, "maths"), (2200, "code")):
        # Three events after the first, of three tokens each.
        made.simple(sent=at, ttft=10, gap=10, count=4, completion_tokens=10)
        made.label(**{"prompt kind": kind})
    scrapes = readings(page(5, 5, 4), page(8, 13, 7), page(12, 14, 8), page(18, 20, 12))
    found = speculation(made.recording(), scrapes, summarize_scrapes(scrapes), 0, True)
    assert found is not None
    assert (found.overall.drafts, found.overall.acceptance_rate_percent) == (
        13,
        pytest.approx(100 * 15 / 39),
    )
    code, maths = found.kinds
    assert (code.value, code.drafts, code.acceptance_length) == (
        "code",
        3,
        pytest.approx(1 + 8 / 3),
    )
    assert code.acceptance_by_position == {"0": 1.0}
    assert (maths.drafts, maths.acceptance_rate_percent) == (4, pytest.approx(100 / 12))
    assert code.tokens_per_event == 3
    assert found.note == ""


def test_kinds_that_never_were() -> None:
    made = Maker()
    for kind in ("code", "maths"):
        made.simple(sent=100, ttft=10, gap=10, count=4, completion_tokens=10)
        made.label(**{"prompt kind": kind})
    scrapes = readings(page(5, 5, 4), page(8, 13, 7))
    found = speculation(made.recording(), scrapes, summarize_scrapes(scrapes), 0, True)
    assert found is not None
    assert [one.drafts for one in found.kinds] == [None, None]
    assert [one.tokens_per_event for one in found.kinds] == [3, 3]
    assert found.note == MIXED


def test_without_kinds_and_without_drafts() -> None:
    made = Maker()
    made.simple(sent=100, ttft=10, gap=10, count=4)
    scrapes = readings(page(5, 5, 4), page(8, 13, 7))
    found = speculation(made.recording(), scrapes, summarize_scrapes(scrapes), 0, True)
    assert found is not None and found.note == NO_KINDS
    assert speculation(made.recording(), (), None, 0, True) is None
    gauges = readings("sglang:spec_accept_length 2.5\nsglang:spec_accept_rate 0.4\n") * 2
    told = speculation(made.recording(), gauges, summarize_scrapes(gauges), 0, True)
    assert told is not None
    assert (told.overall.acceptance_length, told.overall.acceptance_rate_percent) == (2.5, 40)


def test_kinds_of_what_generates_nothing() -> None:
    """Documents and queries of a search."""
    made = Maker()
    made.add(scheduled=0, dispatched=0, sent=0, done=9, generates=0, items=4)
    made.label(**{"prompt kind": "query"})
    assert speculation(made.recording(), [], None, 0, False) is None
