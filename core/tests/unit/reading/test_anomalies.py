"""Odd answers are found, and sound ones are not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.reading.anomalies import anomalies
from aisbench.types.anomaly import Anomaly
from aisbench.types.media import Media
from aisbench.types.prompt import ContentPart, Message, Prompt
from aisbench.types.response import Fault, FaultKind, FinishReason, Response, TokenLogprob
from aisbench.types.sample import Sample
from aisbench.types.tools import Tool

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
        (PROSE + "= (8 + 6) - 1 " * 40, Anomaly.REPETITION),
        # Units that have their own end within them.
        (PROSE + "Then\n(12 - x) / s = 10 - x / s + 2,\nor (12 - x) / s = 10 - x / s + 2,\n" * 9,
         Anomaly.REPETITION),
        (PROSE + "".join(f"{n} {PROSE[n:]}" for n in range(9, 12)) * 3, Anomaly.REPETITION),
        (PROSE + "因此答案是。" * 60, Anomaly.REPETITION),
        ("The answer is �� of �.", Anomaly.GARBLED),
        ("It is\x00\x01 nine.", Anomaly.GARBLED),
        ("Itâ€™s a cafÃ© â€” nice, donâ€™t you think?", Anomaly.GARBLED),
        ("ответ это 答案 정답 คำตอบ", Anomaly.GARBLED),
        (PROSE + "因此答案是九。", Anomaly.SCRIPT),
        (PROSE + "द one द two द three द four द five द six द seven द eight", Anomaly.SCRIPT),
        ("!" * 200, Anomaly.NAN),
        ("The answer is " + "e" * 300, Anomaly.NAN),
        ("nan", Anomaly.NAN),
        ("T h e a n s w e r i s n i n e o c l o c k.", Anomaly.BROKEN_WORDS),
        ("Thetrainleavesatnineanditistheonlyonethatstopsattheseasideinthemorning",
         Anomaly.BROKEN_WORDS),
        (PROSE + "So we look at photosyn", Anomaly.BROKEN_WORDS),
        ("AAAB" + "z" * 220 + "BCCC", Anomaly.NAN),
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
        # What was asked for again and again, with other numbers.
        "".join(f"    assert candidate({n}) == {n * n}\n" for n in range(60)),
        "".join(f"Step {n}: add {n}, which makes {n * n}.\n" for n in range(60)),
        "".join(f"INSERT INTO users VALUES ({n}, 'User {n}');\n" for n in range(60)),
        "0x" + "f" * 64, "TWFu" + "A" * 60 + "ZGVy", f"The number {'1' * 45} is not divisible.",
        "The anticodons are A C A U G U G A U G C A U G G A U C in this order.",
        "def testThatThisStringHasSomeNumbersAndIsTheOneToReadIn(): pass",
        "It goes back to Confucius (孔子) and his pupils.",
        'From the Hebrew word שָׁלוֹם comes the name, which means "peace" in that language.',
        PROSE + "It is called द, or द again, which is 道.",
        PROSE + "He has a pair of handcuffs in his hand",
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


@pytest.mark.parametrize(
    ("loop", "unit"),
    [
        ("I am sure. ", "x I am sure."),
        ("Step {n}: we try the next one. ", "x Step #: we try"),
    ],
)
def test_the_evidence_of_a_loop_begins_where_it_does(loop: str, unit: str) -> None:
    text = PROSE + "".join(loop.format(n=n) for n in range(60))[:-6]
    said = Response(text=text, finish_reason=FinishReason.LENGTH)
    (odd,) = anomalies(Sample(id="s"), Prompt(text="q"), said)
    assert odd.evidence.lstrip("0123456789 ").startswith(unit)


def test_numbers_that_change_for_ever() -> None:
    """The model did not come to an end by itself, or nobody knows."""
    text = PROSE + "".join(f"Step {n}: we try the next one. " for n in range(90))
    odd = {Anomaly.REPETITION}
    assert kinds(text, finish=FinishReason.LENGTH) == kinds(text, finish=None) == odd
    assert kinds(text) == set()


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("The rate \x80\x98A\x80\x99 is meant.", "What is the rate \x80\x98A\x80\x99?"),
        ("Il dit cafÃ©, cafÃ©, cafÃ©.", "Say it: cafÃ©"),
        ("None", "Write the name, or none where there is none."),
        ("a" * 100, "Write this again: " + "a" * 30),
        ("It is: " + "Hello World! " * 40, "Write this again: " + "Hello World! " * 6),
    ],
)
def test_what_the_question_has_may_be_quoted(text: str, prompt: str) -> None:
    assert kinds(text, prompt=prompt) == set()
    assert kinds(text) != set()


def test_nobody_knows_in_which_script_a_picture_speaks() -> None:
    picture = ContentPart(media=Media(kind="image", path="a.png", mime="image/png"))
    asked = Message(role="user", content=(ContentPart(text="What is written there?"), picture))
    said = Response(text="后门", finish_reason=FinishReason.STOP)
    assert not anomalies(Sample(id="s"), Prompt(messages=(asked,)), said)


def test_what_is_no_answer_is_not_looked_at() -> None:
    assert kinds("", finish=FinishReason.LENGTH) == set()
    assert kinds("", finish=FinishReason.CONTENT_FILTER) == set()
    fault = Fault(kind=FaultKind.CUT, message="m")
    assert not anomalies(Sample(id="s"), Prompt(text="q"), Response(text="", fault=fault))
    assert kinds("none", target="None") == set()
    offered = Prompt(text="q", tools=(Tool(name="f"),))
    said = Response(text="", finish_reason=FinishReason.STOP)
    assert not anomalies(Sample(id="s"), offered, said)


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
