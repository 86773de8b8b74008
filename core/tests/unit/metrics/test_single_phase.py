"""Whether a load of prefill or of decode alone was one."""

from __future__ import annotations

import pytest
from recordings import Maker

from aisbench.metrics.single_phase import single_phase
from aisbench.types.single_phase import SinglePhase


def found(
    only: str, *, tokens: int = 1, prompt: int = 1000, cached: int | None = 0, **counters: int
) -> SinglePhase:
    maker = Maker()
    for number in range(10):
        own = {} if cached is None else {"cached_tokens": cached}
        maker.simple(sent=number * 10, ttft=5, gap=1, count=tokens, prompt=prompt, **own)
    assert only in ("prefill", "decode")
    return single_phase(maker.recording(), only, counters, 16)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("made", "holds", "said"),
    [
        (found("prefill"), True, "the server computed 10000 of 10000"),
        (found("prefill", tokens=3), False, "up to 3 tokens"),
        (found("prefill", cached=500), False, "50.0% of the 10000 prompt tokens"),
        (found("prefill", cached=None), None, "does not tell"),
        (found("prefill", cached=None, prefix_cache_hits=0), True, "computed 10000"),
        (found("decode", tokens=9, cached=992), True, "computed 80 of 10000"),
        (found("decode", tokens=9, cached=900), False, "10.0%, 100.0 a request"),
        (found("decode", tokens=9, cached=None), None, "does not tell"),
        (found("decode", tokens=9, prompt=8, cached=None), True, "8.0 tokens on the mean"),
        (found("decode", cached=992), False, "no answer has a second token"),
        (found("decode", tokens=9, cached=None, computed_prompt_tokens=90), True, "computed 90"),
    ],
)
def test_the_verdict(made: SinglePhase, holds: bool | None, said: str) -> None:
    assert made.holds is holds
    assert said in made.why
