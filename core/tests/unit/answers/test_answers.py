"""The room where answers are read: what is not the answer, and what statements do."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.answers import (
    SURE,
    Act,
    Box,
    Kind,
    Polarity,
    WrittenAnswer,
    boxes,
    one_turn,
    plain_characters,
    polarity,
    resembles,
    until_next_exercise,
    without_emphasis,
    without_latex_dress,
)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("B<|im_end|>", "B"),
        ("B</s>", "B"),
        ("B<|eot_id|><|start_header_id|>user<|end_header_id|>\nC", "B"),
        ("#### 18<|im_end|>\n<|im_start|>user\nTom has 5.", "#### 18"),
        ("B<｜end▁of▁sentence｜>", "B"),
        ("B<end_of_turn>\n<start_of_turn>user\nC", "B"),
        ("B [/INST] C", "B "),
        ("<|im_start|>assistant\nB", "\nB"),
        ("<s>B</s>", "B"),
        ("Assistant: B", " B"),
        ("B\nUser: and now?\nAssistant: C", "B"),
        ("B\n\n### Instruction:\nMore.\n### Response:\nC", "B\n"),
        ("人类和机器：B", "人类和机器：B"),
        ("B\n用户：再来一题", "B"),
        ("a < b and c > d [sic]", "a < b and c > d [sic]"),
        ("", ""),
    ],
)
def test_one_turn(text: str, own: str) -> None:
    assert one_turn(text) == own


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Ｂ。（１２）", "B。(12)"),
        ("Ⓑ ⓑ 🄱", "B B B"),
        ("−5 – “x”", '-5 – "x"'),
        ("a\u200bb\u00adc", "abc"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("Ответ: В", "Ответ: B"),  # a lone Cyrillic Ve
        ("Вода", "Вода"),
        ("12\u2009345", "12\u00a0345"),
    ],
)
def test_plain_characters(text: str, plain: str) -> None:
    assert plain_characters(text) == plain


def test_dress() -> None:
    assert without_latex_dress(r"\(\text{The \textbf{answer}}\) \left(5\right)\,km") == (
        "The answer (5)\u00a0km"
    )
    assert without_latex_dress(r"\boxed{\text{B}}") == r"\boxed{B}"
    assert without_latex_dress(r"\$5 and \frac{1}{2}") == r"$5 and \frac{1}{2}"
    assert without_emphasis("**B** and *C*, `D`, 2 * 3") == "B and C, D, 2 * 3"
    assert without_emphasis("~~A~~ B") == " B"
    assert without_emphasis("| Answer | B |\n|---|---|") == "Answer: B\n"
    assert without_emphasis("<b>Answer</b>: B<br>C") == "Answer: B\nC"


def test_boxes() -> None:
    assert [one.content for one in boxes(r"\boxed{5} and \fbox{\frac{1}{2}} and \boxed 7.")] == [
        "5",
        r"\frac{1}{2}",
        "7",
    ]
    assert boxes(r"\boxed{\boxed{5}}") == [Box(0, 17, r"\boxed{5}")]
    assert boxes(r"so \boxed{5") == [Box(3, 11, "5", closed=False)]
    assert boxes("a box of {things}") == []


QUESTION = "Which planet of the solar system is known as the red planet?"
OPTIONS = ["Venus", "Mars", "Jupiter", "Saturn"]


@pytest.mark.parametrize(
    ("text", "own"),
    [
        # What follows an answer is another exercise.
        ("The answer is B.\n\nQuestion: What is 2 + 2?\nAnswer: C", "The answer is B.\n"),
        ("Answer: B\n\nProblem 2: Tom has 5 apples.\n#### 5", "Answer: B\n"),
        (" B\n\nWhich is a gas giant?\nA. Earth\nB. Mars\nAnswer: C", " B\n"),
        ("B\n\n2. Which is a gas giant? A) Earth B) Pluto C) Moon\nAnswer: C", "B\n"),
        ("答案：B\n\n题目：1+1等于几？\n答案：A", "答案：B\n"),
        ("答案：B\n【例题】1+1等于几？\n【答案】A", "答案：B"),
        # What precedes an answer may be the question said again.
        ("Sure!\n\n**Question:** the red one?\n\n**Answer:** B", None),
        ("Let's see.\n\nQuestion: which is the red planet?\n\nMars.", None),
        (f"I shall repeat it.\nQuestion: {QUESTION}\nAnswer: B", None),
        ("Options:\nA. Venus\nB. Mars\nC. Jupiter\nD. Saturn\nIt is B.", None),
        ("Is it red?\nA. Venus: no\nB. Mars: yes\nSo B.", None),
    ],
)
def test_the_next_exercise(text: str, own: str | None) -> None:
    answer = WrittenAnswer.read(text, question=QUESTION, options=OPTIONS)
    wanted = WrittenAnswer.read(text if own is None else own)
    assert answer.text == wanted.text


def test_resembles() -> None:
    assert resembles(f"{QUESTION} Let me think.", QUESTION) is True
    assert resembles("How many apples has Tom left after lunch?", QUESTION) is False
    assert resembles("How many?", "Why?") is None
    text = "x\n\nQuestion: y"
    assert until_next_exercise(text, answered=lambda before: "x" in before) == "x\n"
    assert until_next_exercise(text, answered=lambda before: False) == text


def acts(text: str, question: str = "") -> list[tuple[str, Act]]:
    return [(one.text.strip(), one.act) for one in WrittenAnswer(text, question).statements()]


def test_acts() -> None:
    assert acts("The answer is A? No. It's B.") == [
        ("The answer is A?", Act.ASKS),
        ("No.", Act.TELLS),  # it answers the question
        ("It's B.", Act.TELLS),
    ]
    assert acts("The answer is A. No, wait.")[1][1] is Act.RETRACTS
    assert acts("The answer is 13. Hmm, that can't be right.")[1][1] is Act.RETRACTS
    assert acts("答案是13。等等，这不对。")[1][1] is Act.RETRACTS
    assert acts("That is right.")[0][1] is Act.TELLS
    assert acts('I was asked to end with "Answer: A".')[0][1] is Act.QUOTES
    assert acts(f"{QUESTION[:-1]}. Mars.", QUESTION[:-1] + ".")[0][1] is Act.RESTATES


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("So the final answer is B.", Kind.PHRASE, "B."),
        ("**Answer:** B", Kind.LABEL, "B"),
        ("Final Answer: 18", Kind.LABEL, "18"),
        ("### Answer\n\nB", Kind.HEADING, "B"),
        ("#### 18", Kind.HASHES, "18"),
        ('{"answer": "B"}', Kind.FIELD, 'B"}'),
        ("I'd go with B.", Kind.CHOOSES, "B."),
        ("Therefore, B.", Kind.CONCLUSION, "B."),
        ("Sorry, I meant B.", Kind.CORRECTION, "B."),
        (r"\boxed{B}", Kind.BOX, "B"),
        ("<answer>B</answer>", Kind.TAG, "B"),
        ("[[B]]", Kind.TAG, "B"),
        ("答案是B", Kind.PHRASE, "B"),
        ("【答案】B", Kind.LABEL, "B"),
        ("故选B。", Kind.CHOOSES, "B。"),
        ("所以B。", Kind.CONCLUSION, "B。"),
        ("更正：B", Kind.CORRECTION, "B"),
        ("Die richtige Antwort ist B.", Kind.PHRASE, "B."),
        ("La bonne réponse est : B", Kind.PHRASE, "B"),
        ("La respuesta correcta es B", Kind.PHRASE, "B"),
        ("Правильный ответ: B", Kind.PHRASE, "B"),
        ("答えはB", Kind.PHRASE, "B"),
        ("정답은 B", Kind.PHRASE, "B"),
    ],
)
def test_marks(text: str, kind: Kind, said: str) -> None:
    last = next(WrittenAnswer.read(text).backwards())
    found = {mark.kind: last.text[mark.end :].strip(' "') for mark in last.marks}
    assert found.get(kind, "").strip('"') == said.strip('"')


@pytest.mark.parametrize(
    "text",
    [
        "A is a cell with a wall.",
        "因为B是行星",  # 因为 is no 为
        "我认为这道题很难",
        "Each option: Venus, Mars.",
        "Choices: A, B, C, D",
        "It was late and the train had left.",
    ],
)
def test_what_marks_nothing_surely(text: str) -> None:
    for one in WrittenAnswer(text).backwards():
        assert not any(mark.kind in SURE for mark in one.marks)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("it is b", Polarity.PLAIN),
        ("it is not b", Polarity.DENIED),
        ("it can't be b", Polarity.DENIED),
        ("we can rule out b", Polarity.DENIED),
        ("not a but b", Polarity.PLAIN),
        ("c rather than b", Polarity.DENIED),
        ("we cannot rule out b", Polarity.HEDGED),
        ("option b is incorrect", Polarity.WRONG),
        ("b is wrong because it is late", Polarity.WRONG),
        ("b is correct", Polarity.RIGHT),
        ("b does not fit here", Polarity.WRONG),
        ("b: no", Polarity.WRONG),
        ("b cannot fly and has no wings", Polarity.FAILS),
        ("it might be b", Polarity.HEDGED),
        ("if it were b, then c", Polarity.HEDGED),
        ("many students choose b", Polarity.DENIED),
        ("b because a is wrong", Polarity.PLAIN),
        ("❌ b", Polarity.WRONG),
        ("✅ b", Polarity.RIGHT),
        ("不是b", Polarity.DENIED),
        ("排除b", Polarity.DENIED),
        ("不是a,是b", Polarity.PLAIN),
        ("不是a,而是b", Polarity.PLAIN),
        ("b项错误", Polarity.WRONG),
        ("b项正确", Polarity.RIGHT),
        ("b没错", Polarity.RIGHT),
        ("可能是b", Polarity.HEDGED),
        ("有人认为是b", Polarity.DENIED),
    ],
)
def test_polarity(text: str, meant: Polarity) -> None:
    at = re.search(r"(?<![a-z'])b(?![a-z])", text)
    assert at is not None
    assert polarity(text, *at.span()) is meant


def test_a_question_for_the_wrong_one() -> None:
    text = "错误的是b"
    assert polarity(text, 4, 5, since=2) is Polarity.DENIED
    assert polarity(text, 4, 5, since=2, wrong_wanted=True) is Polarity.PLAIN


def test_a_condition_reaches_over_its_comma() -> None:
    text = "if it were red, the answer would be b."
    assert polarity(text, 36, 37, since=16) is Polarity.DENIED
    text = "if it is red, the answer is b."
    assert polarity(text, 28, 29, since=14) is Polarity.HEDGED
    assert polarity("red, so the answer is b.", 22, 23, since=8) is Polarity.PLAIN


def test_thinking_is_no_answer() -> None:
    assert WrittenAnswer.read("<think>The answer is A.</think>B").text == "B"
    assert WrittenAnswer.read("<think>The answer is A, or").text == ""
    assert WrittenAnswer.read("◁think▷是A吧？◁/think▷D").text == "D"


@pytest.mark.parametrize(
    "piece",
    ["the answer is ", "A. x\n", "\\boxed{", "<answer>", "[[", "答案是", "not ", "| a ",
     "Question:\n", "A. x\nB. y\n", "so ", "“", "**", "\nUser:", "?",
     ". ", "\\text{", "<", "[", "wait, no. "],
)  # fmt: skip
def test_long_answers_take_little_time(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    begun = time.process_time()
    for one in WrittenAnswer.read(text, question=QUESTION, options=OPTIONS).backwards():
        polarity(one.lower, 0, 1)
    assert time.process_time() - begun < 3


@given(
    st.lists(
        st.sampled_from(
            ["The answer is ", "B", ". ", "\n", "not ", "\\boxed{", "}", "答案是", "。",
             "<answer>", "</answer>", "**", "|", "?", "Question: ", "A. ", " ", "`",
             "\u00df", "\u0130"]
        ),
        max_size=40,
    )
)  # fmt: skip
def test_any_text_is_read(pieces: list[str]) -> None:
    answer = WrittenAnswer.read("".join(pieces), question=QUESTION, options=OPTIONS)
    for one in answer.backwards():
        assert len(one.text) == len(one.lower)
        for mark in one.marks:
            assert 0 <= mark.start <= mark.end <= len(one.text)


def test_a_review_of_the_options_is_no_next_exercise() -> None:
    """A list under a heading ends the answer only where one is given before it: a model that
    writes out the question of a picture, or goes through the options, has said nothing yet."""
    options = ["lead", "foam", "straw", "wool"]
    review = (
        "The question reads: which is heavy?\n\nLet's review each option:\n(A) sinks at once\n"
        "(B) floats on water\n(C) floats, too\n(D) floats at first\n\n"
    )

    def answered(before: str) -> bool:
        return "answer is" in before

    kept = until_next_exercise(f"{review}Answer: A", "", options, answered)
    assert kept.endswith("Answer: A")
    cut = until_next_exercise(f"The answer is B.\n\n{review}Answer: A", "", options, answered)
    assert "Answer: A" not in cut
