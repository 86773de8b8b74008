"""The lines of a run's files, out and in again."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.store.rows import (
    VERSION,
    FailedAttempt,
    Prediction,
    ScoreRow,
    converter,
    dump_row,
)
from aisbench.types.prompt import Message, Prompt
from aisbench.types.response import Fault, FaultKind, FinishReason, Response, Thinking, Usage
from aisbench.types.sample import Sample
from aisbench.types.score import Reading, Score, Verdict
from aisbench.types.timing import Timing

NS = st.integers(0, 2**63 - 1)
COUNT = st.one_of(st.none(), st.integers(0, 10**9))
WORD = st.one_of(st.none(), st.text())
JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**53), 2**53),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(),
    ),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=8,
)
TIMINGS = st.builds(Timing, dispatched=NS, sent=st.one_of(st.none(), NS), done=st.one_of(NS))
FAULTS = st.builds(
    Fault,
    kind=st.sampled_from(FaultKind),
    message=st.text(),
    status=st.one_of(st.none(), st.integers(100, 599)),
    body=WORD,
    deterministic=st.booleans(),
)
USAGES = st.builds(Usage, prompt_tokens=COUNT, completion_tokens=COUNT, reasoning_tokens=COUNT)
RESPONSES = st.builds(
    Response,
    text=st.text(),
    reasoning=WORD,
    thinking=st.sampled_from(Thinking),
    finish_reason=st.one_of(st.none(), st.sampled_from(FinishReason)),
    usage=USAGES,
    model=WORD,
    fault=st.one_of(st.none(), FAULTS),
)
MESSAGES = st.builds(
    Message, role=st.sampled_from(["system", "user", "assistant"]), content=st.text()
)
STOPS = st.lists(st.text(), max_size=2).map(tuple)
PROMPTS = st.one_of(
    st.builds(Prompt, text=st.text(), stop=STOPS),
    st.builds(Prompt, messages=st.lists(MESSAGES, max_size=3).map(tuple), stop=STOPS),
)
PREDICTIONS = st.builds(
    Prediction,
    v=st.just(VERSION),
    key=st.text(),
    sample=st.text(),
    repeat=st.integers(0, 10**6),
    turn=st.integers(0, 100),
    seed=st.one_of(st.none(), st.integers(0, 2**31)),
    url=st.text(),
    session=st.integers(1, 99),
    prompt=PROMPTS,
    response=RESPONSES,
    timing=TIMINGS,
    failures=st.lists(
        st.builds(FailedAttempt, url=st.text(), timing=TIMINGS, fault=FAULTS), max_size=2
    ).map(tuple),
)
SCORES = st.builds(
    ScoreRow,
    sample=st.text(),
    repeat=st.integers(0, 9),
    target=JSON,
    score=st.builds(
        Score,
        value=st.floats(0, 1),
        verdict=st.sampled_from(Verdict),
        extracted=WORD,
        reason=st.text(),
        readings=st.dictionaries(
            st.text(), st.builds(Reading, value=st.floats(0, 1), extracted=WORD), max_size=2
        ),
    ),
    truncated=st.booleans(),
    question=st.text(),
)
SAMPLES = st.builds(
    Sample, id=st.text(), fields=st.dictionaries(st.text(), JSON, max_size=3), target=JSON
)


def again(row: Any) -> Any:
    """The row read from its line."""
    line = dump_row(row)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    return converter().structure(orjson.loads(line), type(row))


@given(PREDICTIONS)
@settings(deadline=None, max_examples=120)
def test_predictions(row: Prediction) -> None:
    assert again(row) == row


@given(SCORES)
@settings(deadline=None, max_examples=60)
def test_scores(row: ScoreRow) -> None:
    assert again(row) == row


@given(SAMPLES)
@settings(deadline=None, max_examples=60)
def test_samples(row: Sample) -> None:
    assert again(row) == row


def test_the_layout_of_a_prediction() -> None:
    """Old runs are read by it: a change needs another VERSION."""
    row = Prediction(
        v=VERSION,
        key="k",
        sample="s",
        repeat=0,
        turn=0,
        seed=None,
        url="http://a",
        session=1,
        prompt=Prompt(messages=(Message(role="user", content="hi"),), stop=("x",)),
        response=Response(text="ü", finish_reason=FinishReason.STOP),
        timing=Timing(dispatched=1, done=2),
    )
    assert VERSION == 1
    assert orjson.loads(dump_row(row)) == {
        "v": 1,
        "key": "k",
        "sample": "s",
        "repeat": 0,
        "turn": 0,
        "seed": None,
        "url": "http://a",
        "session": 1,
        "prompt": {"messages": [{"role": "user", "content": "hi"}], "stop": ["x"]},
        "response": {"text": "ü", "finish_reason": "stop"},
        "timing": {"dispatched": 1, "done": 2},
    }
