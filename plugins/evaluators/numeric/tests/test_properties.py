"""What must hold for any number and for any text."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aisbench_plugin_numeric.aisbench_rules import equal_aisbench, extract_aisbench
from aisbench_plugin_numeric.exact import canonical
from aisbench_plugin_numeric.final_number import extract_lenient, extract_strict

SENTENCES = [
    "Some work: 3 + 4 = 7.\n#### {}",
    "Thus \\boxed{{{}}}.",
    "$\\boxed{{{}\\text{{ dollars}}}}$",
    "The answer is {}.",
    "So the final answer is: **{}**",
    "Two of 7 remain.\nAnswer: {}",
    "Two of 7 remain.\nA: {}",
    "It is 7 at first. In the end they have **{}** of them.",
    "{}",
    "答案是{}。",
    "7天以后，\n答案：{}元",
    "#### {}\n\nQuestion: What is 3 + 3?\nAnswer: 6",
    "The answer is 7. Wait, no. The answer is {}.",
    "<answer>{}</answer>",
]
UNMARKED = ["Seven of 7 are left, so in total it is {}", "3 + 4 = {} of them", "一共{}个苹果"]

numbers = st.one_of(
    st.integers(-(10**9), 10**9).map(Decimal),
    st.decimals(-(10**6), 10**6, places=2, allow_nan=False),
)


def forms(value: Decimal) -> list[str]:
    plain = format(value, "f")
    grouped = f"{value:,f}"
    dollars = f"-${plain[1:]}" if plain.startswith("-") else f"${plain}"
    wide = plain.translate({ord(c): 0xFF10 + int(c) for c in "0123456789"})
    return [
        plain,
        grouped,
        grouped.replace(",", "{,}"),
        grouped.replace(",", "\u202f"),
        plain.replace("-", "\u2212"),
        dollars,
        dollars.replace("$", "\\$"),
        wide,
    ]


@settings(deadline=None)
@given(numbers, st.sampled_from(SENTENCES), st.integers(0, 7))
def test_a_marked_number_is_recovered(value: Decimal, sentence: str, form: int) -> None:
    found = extract_strict(sentence.format(forms(value)[form]))
    assert found is not None
    assert canonical(found.value) == canonical(value)


@settings(deadline=None)
@given(numbers, st.sampled_from(UNMARKED), st.integers(0, 7))
def test_an_unmarked_number_is_recovered(value: Decimal, sentence: str, form: int) -> None:
    found = extract_lenient(sentence.format(forms(value)[form]))
    assert found is not None
    assert canonical(found.value) == canonical(value)


PIECES = st.sampled_from(
    [
        "\\boxed{",
        "}",
        "{",
        "**",
        "####",
        "answer is ",
        "Answer:",
        "答案",
        "-",
        "$",
        "=",
        "1",
        "2,345",
        "\n",
        "/",
        ":",
        ".",
        "e",
        "^",
        "\\frac{1}{",
        "<<",
        ">>",
        "million",
        " ",
        "Question:",
        "½",
    ]
)


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join)))
@example("1e999999999")
@example("\\boxed{1e99999999999999999999}")
def test_no_text_makes_a_rule_raise(text: str) -> None:
    for found in (extract_strict(text), extract_lenient(text)):
        assert found is None or len(canonical(found.value)) < 200
    legacy = extract_aisbench(text)
    assert legacy is None or equal_aisbench(legacy, "18") in (True, False)


SIZE = 200_000
HOSTILE = [
    "1",
    "1,",
    "1,234",
    ",123",
    "1 ",
    "1/",
    "1:",
    "1.",
    "-",
    "$",
    "- ",
    "\\boxed{",
    "\\boxed{1",
    "{",
    "}",
    "**",
    "**1",
    "* ",
    "#",
    "####",
    "#### 1",
    "#### 1\n",
    "answer",
    "answer is ",
    "answer is 1 + ",
    "answer to ",
    "Answer: ",
    "Answer: 1 2\n",
    "A:\n",
    "<<",
    "<<1",
    "<",
    "<answer>",
    "\\frac{1",
    "\\frac{1}{",
    "\n",
    "\n ",
    "\n#",
    "\nQuestion:",
    "1\nQuestion",
    "\nQ",
    "\n1",
    " ",
    "\xa0",
    "(",
    "()",
    "(1)",
    "=",
    "= 1 +",
    "1 = ",
    "答案",
    "答案是",
    "by a",
    "because 1 ",
    "Step 1: a\n",
    "第1",
    "1万",
    "1 million ",
    "1e1",
    "a",
    "_",
    "`",
    "for 1 ",
    "$1 for ",
    "because ",
    "\nUser",
    "×10^",
    "1. ",
    "a. 1",
    ". ",
]


@pytest.mark.not_quick
@pytest.mark.parametrize("piece", HOSTILE)
def test_time_is_linear_in_the_length(piece: str) -> None:
    text = (piece * (SIZE // len(piece) + 1))[:SIZE]
    start = time.process_time()
    extract_strict(text)
    extract_lenient("x " + text + " y")
    extract_aisbench(text)
    # Milliseconds in practice; a quadratic pattern takes minutes.
    assert time.process_time() - start < 5
