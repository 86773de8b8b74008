"""Letters out of answers as models write them, in English and Chinese."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.api import Answer, FinishReason, Prompt, Response, Sample, Verdict
from aisbench_plugin_choices.evaluator import ChoiceEvaluator, read_text
from aisbench_plugin_choices.settings import ChoiceSettings
from aisbench_plugin_choices.taken_option import ChoiceReadings

OPTIONS = ["The first arch", "A second arch", "Both of them", "None of the above"]
ZH = ["诈骗罪", "盗窃罪", "侵占罪", "职务侵占罪"]


def letter(found: object) -> str | None:
    place = getattr(found, "place", None)
    return None if place is None else "ABCDEFGHIJ"[place]


STATED = [
    ("B", "B"),
    ("b", "B"),
    ("(C)", "C"),
    ("**D**", "D"),
    ("Ｂ", "B"),
    ("Ⓒ", "C"),
    ("B.", "B"),
    ("B. A second arch", "B"),
    ("**B. A second arch**\n\nThe hyoid bone comes from it.", "B"),
    ("C) Both of them, since each contributes.", "C"),
    ("A", "A"),
    ("A. The first arch", "A"),
    ("The answer is B.", "B"),
    ("The answer is (B).", "B"),
    ("The correct answer is: **C**", "C"),
    ("The correct answer is option D, None of the above.", "D"),
    ("The best answer to this question is therefore B", "B"),
    ("Answer: B", "B"),
    ("Answer:\n\nB", "B"),
    ("ANSWER: C", "C"),
    ("**Answer:** (A) The first arch", "A"),
    ("Final answer: \\boxed{C}", "C"),
    ("$\\boxed{\\text{B}}$", "B"),
    ("\\boxed{\\text{(D) None of the above}}", "D"),
    ("<answer>B</answer>", "B"),
    ("I would choose B because it fits.", "B"),
    ("I'd go with option C.", "C"),
    ("The answer is A because the arch is first.", "A"),
    ("The answer is A, the first arch.", "A"),
    ("The answer is A. It is first.", "A"),
    ("The answer is A. No: the answer is C.", "C"),
    ("A is tempting, B is wrong. The answer is D.", "D"),
    ("The answer is not A. The answer is B.", "B"),
    ("Let us think.\nThe hyoid has two origins.\n\nB", "B"),
    ("Step 1: look.\nStep 2: decide.\n**C**", "C"),
    ("Thinking of A and B first...\n\nC. Both of them", "C"),
    ("The answer is `b`.", "B"),
    ("B is the correct answer here, as the others lack it.", "B"),
    ("It must be that option B is correct here.", "B"),
    ("So the answer is (b)", "B"),
    ("### Answer\nB", "B"),
    ("The correct option is **B**: a second arch.", "B"),
    ("The correct choice would be C.", "C"),
    ("Correct answer = D", "D"),
    ("答案是B", "B"),
    ("答案：B", "B"),
    ("答案: 【C】", "C"),
    ("正确答案是：**D**。", "D"),
    ("正确答案为 A。因为……", "A"),
    ("故选B。", "B"),
    ("因此，本题应选C。", "C"),
    ("所以选择D选项。", "D"),
    ("综上所述，正确的选项是 B。", "B"),
    ("本题答案应为“C”。", "C"),
    ("选B", "B"),
    ("选项A错误，选项B正确，故选B。", "B"),
    ("A项错误。B项正确。答案选B。", "B"),
    ("分析：甲的行为构成盗窃罪。\n\n答案：B", "B"),
    ("首先排除A。不选C。答案是D", "D"),
    ("B、盗窃罪", "B"),
    ("答：Ｃ", "C"),
    ("我的答案是（A）。", "A"),
    ("解析：……\n因此答案为\\boxed{B}", "B"),
]

ONLY_LENIENT = [
    ("A second arch", "B"),
    ("none of the above.", "D"),
    ("The answer is none of the above.", "D"),
    ("The answer is: both of them.", "C"),
    ("Looking at these, (C) fits the description.", "C"),
    ("经过分析，B项正确。", "B"),
]

UNPARSED = [
    "",
    "I do not know.",
    "The answer is A or B.",
    "The answer is A and C.",
    "It could be (A) or (B).",
    "A cell has a wall.",
    "The answer is a wall.",
    "A. The first arch\nB. A second arch\nC. Both of them\nD. None of the above",
    "答案是A或B。",
    "答案是AB",
    "Option A is wrong. Option B is wrong.",
    "The answer is E.",
    "As an AI, I cannot answer.",
    "U.S.A. is a country.",
]


@pytest.mark.parametrize(("text", "wanted"), STATED)
def test_stated(text: str, wanted: str) -> None:
    found = read_text(text, OPTIONS)
    assert (letter(found.strict), letter(found.lenient)) == (wanted, wanted)


@pytest.mark.parametrize(("text", "wanted"), ONLY_LENIENT)
def test_otherwise_identified(text: str, wanted: str) -> None:
    found = read_text(text, OPTIONS)
    assert (letter(found.strict), letter(found.lenient)) == (None, wanted)


@pytest.mark.parametrize("text", UNPARSED)
def test_no_guesses(text: str) -> None:
    assert read_text(text, OPTIONS) == ChoiceReadings(None, None)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("盗窃罪", "B"),
        ("甲的行为构成盗窃罪，答案是盗窃罪。", "B"),
        ("答案是职务侵占罪", "D"),
    ],
)
def test_chinese_options_by_text(text: str, wanted: str) -> None:
    assert letter(read_text(text, ZH).lenient) == wanted


def test_ten_options() -> None:
    options = [f"number {n}" for n in range(10)]
    assert letter(read_text("The answer is J.", options).lenient) == "J"
    assert read_text("The answer is J.", options[:4]).lenient is None


def test_a_very_long_answer_takes_little_time() -> None:
    begun = time.process_time()
    for text in ("The answer is A. " * 20_000, "A" * 300_000, "answer " * 50_000, "(A " * 90_000):
        read_text(text, OPTIONS)
    assert time.process_time() - begun < 5


@given(st.text(alphabet="ABCDabcd ().:*\n答案是选answer is", max_size=200))
def test_any_text_is_read_or_unparsed(text: str) -> None:
    found = read_text(text, OPTIONS).lenient
    assert found is None or 0 <= found.place < 4


@given(
    st.sampled_from("ABCD"), st.sampled_from(["The answer is {}.", "答案是{}。", "\\boxed{{{}}}"])
)
def test_a_statement_wins_over_reasoning(right: str, form: str) -> None:
    text = "First, A seems likely, and B does not. Then (C) too.\n\n" + form.format(right)
    assert letter(read_text(text, OPTIONS).strict) == right


@pytest.mark.parametrize(
    ("text", "strictly", "leniently"),
    [
        ("yes", "A", "A"),
        ("No.", "B", "B"),
        ("**Yes**, because the passage says so.", "A", "A"),
        ("The answer is no.", "B", "B"),
        ("The passage does not say yes to it.", None, None),
        ("A", None, None),
        ("It depends.", None, None),
        ("yes or no", None, None),
        ("答案是 yes", "A", "A"),
    ],
)
def test_words_that_were_asked_for(text: str, strictly: str | None, leniently: str | None) -> None:
    options = ["yes", "no"]
    found = read_text(text, options, asked="text")
    assert (letter(found.strict), letter(found.lenient)) == (strictly, leniently)


@pytest.mark.parametrize(
    ("text", "verdict", "taken"),
    [
        # A limit of one token cuts every letter.
        ("B", Verdict.RIGHT, "B"),
        (" B", Verdict.RIGHT, "B"),
        ("A", Verdict.WRONG, "A"),
        ("(A", Verdict.WRONG, "A"),
        ("The answer is B", Verdict.RIGHT, "B"),
        ("The answer is B.\n\nExplanation: the", Verdict.RIGHT, "B"),
        ("Answer: B\n\nA. The first arch is", Verdict.RIGHT, "B"),
        # What may go on is not read, nor what is concluded or mentioned on the way.
        ("The answer is A", Verdict.UNPARSED, None),
        ("The answer is B or", Verdict.UNPARSED, None),
        ("答案是B或", Verdict.UNPARSED, None),
        ("The answer is not", Verdict.UNPARSED, None),
        ("So it is B. But let me", Verdict.UNPARSED, None),
        ("Option B is correct in that", Verdict.UNPARSED, None),
    ],
)
def test_an_answer_that_was_cut(text: str, verdict: Verdict, taken: str | None) -> None:
    answer = Answer(
        prompts=(Prompt(text="?"),),
        responses=(Response(text=text, finish_reason=FinishReason.LENGTH),),
    )
    sample = Sample(id="s", fields={"choices": OPTIONS}, target="B")
    score = ChoiceEvaluator(ChoiceSettings()).score(sample, answer)
    assert (score.verdict, score.extracted) == (verdict, taken)
