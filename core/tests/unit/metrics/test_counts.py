"""Requests and failures counted, the two books of tokens, what contaminates a measurement."""

from __future__ import annotations

import numpy as np
from recordings import Maker

from aisbench.metrics.contamination import contamination
from aisbench.metrics.counts import request_counts
from aisbench.metrics.token_ledger import disagrees, ledger
from aisbench.types.ledger import TokenSources, TokenTotal


def test_counts_and_causes() -> None:
    maker = Maker()
    maker.simple(0, 1, 1, 2)
    maker.simple(0, 1, 1, 2, outcome=1, fault=0, status=503, final=0)
    maker.simple(0, 1, 1, 2, outcome=1, fault=0, status=503)
    maker.simple(0, 1, 1, 2, outcome=1, fault=1)
    maker.simple(0, 1, 1, 2, outcome=1)
    maker.simple(0, 1, 1, 2, outcome=2)
    maker.simple(0, 1, 1, 2, phase=0)
    maker.simple(0, 1, 1, 2, phase=2)
    counts = request_counts(maker.recording())
    assert (counts.total, counts.success, counts.failed, counts.cancelled) == (5, 1, 3, 1)
    assert (counts.retried, counts.warm_up, counts.cool_down) == (1, 1, 1)


def test_ledger() -> None:
    maker = Maker()
    maker.simple(0, 1, 1, 100, counted_completion=101, asked_tokens=100)  # within 5 %
    maker.simple(0, 1, 1, 100, counted_completion=106, asked_tokens=90)
    maker.simple(0, 1, 1, 7, completion_tokens=-1, counted_completion=8)
    maker.simple(0, 1, 1, 7, completion_tokens=-1)
    maker.simple(0, 1, 1, 7, outcome=1)
    found = ledger(maker.recording())
    assert found.requests == 4
    output = found.output
    assert output.asked == TokenTotal(total=190, known=2)
    assert output.server == TokenTotal(total=200, known=2)
    assert output.tokenizer == TokenTotal(total=215, known=3)
    assert output.events == TokenTotal(total=214, known=4)
    assert output.source == TokenSources(server=2, tokenizer=1, unknown=1)
    assert output.server_tokenizer_differ == 1
    assert output.over_asked == 1
    assert found.input.cached == TokenTotal(total=None, known=0)
    assert disagrees(maker.recording(), "completion").tolist() == [False, True] + [False] * 3


def test_no_sign_of_a_cache() -> None:
    maker = Maker()
    for i in range(30):
        maker.simple(i, 10, 1, 3, cached_tokens=0)
    assert contamination(maker.recording()) == ()


def test_signs_of_a_cache() -> None:
    maker = Maker()
    for i in range(40):
        # Each prompt twice, 5 ms faster the second time.
        later = i >= 20
        maker.simple(
            i, 50 + i % 3 - 5 * later, 1, 3, row=i % 20, cached_tokens=8 * later, prompt=16
        )
    cached, repeated, faster = contamination(maker.recording())
    assert "20 of 40" in cached and "50%" in cached
    assert "40 of 40" in repeated
    assert "earlier" in faster
    # Other ids: the prompts were salted.
    assert len(contamination(maker.recording(), np.arange(40))) == 1
    # What the schedule lets a cache have is told beside what the server had.
    assert contamination(maker.recording(), explained=True) == (repeated, faster)


def test_the_warm_up_asks_with_other_words() -> None:
    maker = Maker()
    maker.simple(0, 10, 1, 3, row=5, phase=0)
    maker.simple(1, 10, 1, 3, row=5)
    assert contamination(maker.recording()) == ()


def test_a_saving_of_no_account_is_not_told() -> None:
    maker = Maker()
    for i in range(60):
        maker.simple(i, 50 - (i >= 30), 1, 3, row=i % 30)
    (sentence,) = contamination(maker.recording())
    assert "60 of 60" in sentence


def test_later_turns_may_be_cached() -> None:
    maker = Maker()
    maker.simple(0, 10, 1, 3, row=5, turn=0, cached_tokens=0)
    maker.simple(1, 10, 1, 3, row=5, turn=1, cached_tokens=8)
    assert contamination(maker.recording()) == ()


def test_noise_is_no_sign() -> None:
    generator = np.random.default_rng(5)
    maker = Maker()
    for i in range(100):
        maker.simple(i, float(generator.uniform(40, 60)), 1, 3, row=i % 50)
    assert all("earlier" not in sentence for sentence in contamination(maker.recording()))
