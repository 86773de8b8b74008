from __future__ import annotations

import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from aisbench_plugin_simulator.phrasing import number_of, phrase, wrong_answer

numbers = st.one_of(
    st.integers(-(10**7), 10**7).map(str),
    st.integers(1000, 10**7).map("{:,}".format),
    st.decimals(-9999, 9999, places=2).map(str),
)
chances = st.integers(0, 2**64 - 1)


def last_number(text: str) -> Decimal:
    return Decimal(re.findall(r"-?\d[\d,]*(?:\.\d+)?", text)[-1].replace(",", ""))


@given(numbers, chances)
def test_the_answer_is_the_last_number(answer: str, about: int) -> None:
    text = phrase(answer, about)
    assert last_number(text) == number_of(answer)
    # What few-shot prompts stop at.
    assert "\n\n" not in text
    assert "Question" not in text


@given(numbers, chances)
def test_a_wrong_number_is_never_the_right_one(answer: str, chance: int) -> None:
    assert number_of(wrong_answer(answer, chance)) != number_of(answer)


@given(st.text(max_size=20), chances)
def test_a_wrong_text_is_never_the_right_one(answer: str, chance: int) -> None:
    assert wrong_answer(answer, chance).lower() != answer.lower()


def test_letters_stay_letters() -> None:
    assert {wrong_answer("B", chance) for chance in range(30)} == {"A", "C", "D"}
    assert any(phrase("B", n).endswith("\nThe answer is B.") for n in range(100))


def test_the_wording_varies() -> None:
    endings = {phrase("1234", n).rpartition("\n")[2] for n in range(2000)}
    assert {
        "#### 1234", "#### 1,234", "The answer is 1234.", "The answer is $1234.00.",
        "**1,234**", "\\boxed{1234}", "So she makes **$1,234** every day.",
        "Answer: 1234 dollars",
    } <= endings  # fmt: skip
    assert len({phrase("18", n) for n in range(100)}) > 90
    assert phrase("18", "same") == phrase("18", "same")
