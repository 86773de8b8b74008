"""Odd answers are found, and sound ones are not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.reading.anomalies import anomalies
from aisbench.types.anomaly import Anomaly
from aisbench.types.prompt import Prompt
from aisbench.types.response import Fault, FaultKind, FinishReason, Response, TokenLogprob
from aisbench.types.sample import Sample

PROSE = (
    "The train leaves at nine. It takes forty minutes to reach the coast, where the "
    "photosynthesis of algae is measured each day. We note three values and take their mean. "
)


def kinds(
    text: str,
    *,
    prompt: str = "How long does it take?",
    target: str | None = None,
    finish: FinishReason | None = FinishReason.STOP,
    reasoning: str = "",
    tokens: tuple[TokenLogprob, ...] = (),
) -> set[Anomaly]:
    response = Response(text=text, finish_reason=finish, reasoning=reasoning, tokens=tokens)
    found = anomalies(Sample(id="s", target=target), Prompt(text=prompt), response)
    assert all(one.evidence for one in found)
    return {one.kind for one in found}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", Anomaly.EMPTY),
        (" \n ", Anomaly.EMPTY),
        (PROSE + "I am sure. " * 40, Anomaly.REPETITION),
        ("I am sure. " * 60 + PROSE, Anomaly.REPETITION),
        (PROSE + "".join(f"Step {n}: we try the next one. " for n in range(90)),
         Anomaly.REPETITION),
        (PROSE + "因此答案是。" * 60, Anomaly.REPETITION),
        ("The answer is �� of �.", Anomaly.GARBLED),
        ("It is\x00\x01 nine.", Anomaly.GARBLED),
        ("Itâ€™s a cafÃ© â€” nice, donâ€™t you think?", Anomaly.GARBLED),
        ("ответ это 答案 정답 คำตอบ", Anomaly.GARBLED),
        (PROSE + "因此答案是九。", Anomaly.SCRIPT),
        ("!" * 200, Anomaly.NAN),
        ("The answer is " + "e" * 300, Anomaly.NAN),
        ("nan", Anomaly.NAN),
        ("T h e a n s w e r i s n i n e o c l o c k.", Anomaly.BROKEN_WORDS),
        ("Thetrainleavesatnineanditistheonlyonethatstopsattheseasideinthemorning",
         Anomaly.BROKEN_WORDS),
        (PROSE + "So we look at photosyn", Anomaly.BROKEN_WORDS),
    ],
)  # fmt: skip
def test_odd_answers(text: str, kind: Anomaly) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "42", "9", "A", "The answer is (B).", PROSE, PROSE + "So the answer is nine",
        "$$\\frac{1}{2} + \\frac{1}{3} + \\frac{1}{4} = \\frac{13}{12}$$",
        "| a | b |\n|---|---|\n" + "".join(f"| {n} | {n * n} |\n" for n in range(40)),
        "-" * 80 + "\n" + "=" * 60, "100000000000000000000000000000000000000000000000000",
        "def f(x):\n" + "".join(f"    if x == {n}:\n        return {n}\n" for n in range(3)),
        "ACGTTGCAACGGTACCATTGACCAGGTTACAGGATCCATGGCATACGGATTACA", "α + β = γ, naïve café",
        "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24",
        PROSE + "We write one program",
    ],
)  # fmt: skip
def test_sound_answers(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    ("prompt", "target"),
    [
        ("Wie heißt neun? 九", None),
        ("Translate into Japanese: nine", None),
        ("Nine?", "九"),
        ("用中文回答: nine", None),
    ],
)
def test_scripts_that_were_asked_for(prompt: str, target: str | None) -> None:
    assert (
        kinds("九です。" if "Japanese" in prompt else "九九", prompt=prompt, target=target)
        == set()
    )


def test_a_japanese_answer_to_a_chinese_question_is_foreign() -> None:
    assert kinds("答えは九です", prompt="九是多少？") == {Anomaly.SCRIPT}


def test_what_is_no_answer_is_not_looked_at() -> None:
    assert kinds("", finish=FinishReason.LENGTH) == set()
    assert kinds("", finish=FinishReason.CONTENT_FILTER) == set()
    fault = Fault(kind=FaultKind.CUT, message="m")
    assert not anomalies(Sample(id="s"), Prompt(text="q"), Response(text="", fault=fault))
    assert kinds("none", target="None") == set()


def test_reasoning_is_looked_at() -> None:
    assert kinds("9", reasoning="wait, wait, " * 100) == {Anomaly.REPETITION}


def test_tokens() -> None:
    def tokens(*values: float) -> tuple[TokenLogprob, ...]:
        return tuple(TokenLogprob("x", value) for value in values)

    varied = [-0.01 * (n % 7) for n in range(80)]
    assert kinds("nine", tokens=tokens(*varied)) == set()
    assert kinds("nine", tokens=tokens(*[0.0] * 80)) == set()  # sure of each word
    assert kinds("nine", tokens=tokens(*varied, float("-inf"))) == {Anomaly.NAN}
    assert kinds("nine", tokens=tokens(*varied, *[-11.93] * 30)) == {Anomaly.NAN}
    noise = [-6.0 - n % 5 for n in range(40)]
    assert kinds("nine", tokens=tokens(*varied, *noise)) == {Anomaly.UNLIKELY}


@given(st.text(max_size=400), st.integers(1, 300))
def test_any_text(text: str, times: int) -> None:
    """Nothing raises, and no text takes long."""
    begun = time.perf_counter()
    kinds(text * times, prompt=text)
    assert time.perf_counter() - begun < 2
