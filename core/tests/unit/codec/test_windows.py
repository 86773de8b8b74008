"""Texts in windows: as lm-evaluation-harness cuts them, each token once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.api import Fault, FaultKind, Response, Scored, Usage
from aisbench.codec import Rendered, Unfit, joined, pieces_of, within


def blocks(count: int, most: int) -> list[tuple[list[int], list[int]]]:
    """The rule in words: ``count`` tokens (1, 2, ...) behind a first one (0) in blocks of
    ``most``; what is read before a block reaches back so far that ``most`` are read with all of it
    but its last."""
    text = list(range(count + 1))
    found = []
    for begin in range(1, count + 1, most):
        block = text[begin : begin + most]
        read = text[: block[-1]][-most:]
        found.append((read, block))
    return found


@given(st.integers(1, 200), st.integers(1, 40))
def test_windows_are_those_of_lm_eval(count: int, most: int) -> None:
    found = pieces_of(Rendered(ids=list(range(count + 1)), scored=1), most)
    assert [(one.ids[:-1], one.ids[one.scored :]) for one in found] == blocks(count, most)


@given(st.integers(1, 120), st.integers(1, 120), st.integers(1, 40))
def test_each_token_is_foretold_once_by_what_is_before_it(
    before: int, own: int, most: int
) -> None:
    ids = list(range(before + own))
    found = pieces_of(Rendered(ids=ids, scored=before), most)
    assert [token for one in found for token in one.ids[one.scored :]] == ids[before:]
    for one in found:
        assert one.scored >= 1
        assert len(one.ids) - 1 <= most
        assert one.ids == list(range(one.ids[0], one.ids[-1] + 1))


def test_what_is_too_long_loses_its_beginning_or_has_windows() -> None:
    text = Rendered(ids=list(range(10)), scored=6)
    assert within(text, 9, rolling=False) == [text]
    assert within(text, 5, rolling=False) == [Rendered(ids=[4, 5, 6, 7, 8, 9], scored=2)]
    assert within(text, 4, rolling=False) == [Rendered(ids=[5, 6, 7, 8, 9], scored=1)]
    assert within(text, 3, rolling=True) == pieces_of(text, 3)
    with pytest.raises(Unfit, match="alone has 4 tokens, and no more than 3"):
        within(text, 3, rolling=False)


def part(*logprobs: float, before: int = 1, greedy: bool | None = True) -> Response:
    return Response(
        scored=Scored(logprobs=logprobs, tokens=("x",) * len(logprobs), greedy=greedy),
        usage=Usage(prompt_tokens=before + len(logprobs), completion_tokens=0),
    )


def test_responses_are_joined() -> None:
    whole = part(-1.0)
    assert joined([whole]) == whole
    found = joined([part(-1.0, -2.0), part(-3.0, before=4, greedy=False)])
    assert found.scored == Scored(
        logprobs=(-1.0, -2.0, -3.0), tokens=("x",) * 3, greedy=False, windows=2
    )
    assert found.usage.prompt_tokens == 4
    unknown = joined([part(-1.0), part(-3.0, greedy=None)]).scored
    assert unknown is not None
    assert unknown.greedy is None
    failed = Response(fault=Fault(kind=FaultKind.LOCAL, message="no"))
    assert joined([part(-1.0), failed]) == failed
