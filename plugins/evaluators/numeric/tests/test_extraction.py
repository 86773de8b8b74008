"""Realistic endings of answers, in English and Chinese: what each rule reads."""

from __future__ import annotations

import pytest

from aisbench_plugin_numeric.exact import canonical
from aisbench_plugin_numeric.final_number import extract_lenient, extract_strict

# (answer, strict, lenient); lenient None stands for "the same as strict".
MARKED = [
    ("#### 18", "18"),
    ("She sells 9.\n#### 1,234", "1234"),
    ("She sells 9.\n#### $18.00", "18"),
    ("#### -3", "-3"),
    ("#### −3", "-3"),
    ("She sells 9 eggs at $2.\n#### 18 dollars per day", "18"),
    ("#### 10 + 8 = 18", "18"),
    ("####18", "18"),
    ("#### 1. Count the eggs\n16 - 7 = 9\n#### 2. Multiply\n9 * 2 = 18\n#### 18", "18"),
    (r"Thus \boxed{18}.", "18"),
    (r"$\boxed{18\text{ dollars}}$", "18"),
    (r"\boxed{\$1{,}234}", "1234"),
    (r"\boxed{1,\!234}", "1234"),
    (r"\boxed{12\,345}", "12345"),
    (r"\boxed{12 345}", "12345"),
    (r"\boxed{\dfrac{1}{2}}", "0.5"),
    (r"\boxed{-\frac{3}{4}}", "-0.75"),
    (r"\boxed{3\frac{1}{2}}", "3.5"),
    (r"\boxed{\frac12}", "0.5"),
    (r"\boxed{25\%}", "25"),
    (r"\boxed{x = 18}", "18"),
    (r"\boxed{\text{Janet makes } 18 \text{ dollars}}", "18"),
    (r"\boxed{\mathbf{18}}", "18"),
    (r"\boxed{1.5 \times 10^{3}}", "1500"),
    (r"\[ \boxed{9 \times 2 = 18} \]", "18"),
    (r"\fbox{18}", "18"),
    (r"First \boxed{17}, no: it must be \boxed{18}", "18"),
    ("The answer is 18.", "18"),
    ("The final answer is: $18", "18"),
    ("So the answer is **18** dollars.", "18"),
    (r"The final answer is $\boxed{18}$. I hope it is correct for all 3 parts.", "18"),
    ("The answer is 5. Wait, I forgot one. The answer is 6.", "6"),
    ("The answer is 9 * 2 = 18.", "18"),
    ("The answer is that Janet makes $18 every day.", "18"),
    ("The answer to the question is 18 eggs, for 3 people.", "18"),
    ("The answer is approximately 18.5 km.", "18.5"),
    ("The answer should be \\(18\\).", "18"),
    ("the answer is minus 5", "-5"),
    ("The answer is 1.5e3.", "1500"),
    ("The answer is 4 million.", "4000000"),
    ("The answer is 18 (that is, 9 eggs at 2 dollars).", "18"),
    ("Answer: 18", "18"),
    ("**Answer:** $18 per day", "18"),
    ("### Final Answer\n\n**18**", "18"),
    ("#### Answer\n18", "18"),
    ("**Answer: 18 dollars**", "18"),
    ("She makes 18.\n\n**Final Answer: $18**", "18"),
    ("9 × \\$2 = 18, so \\[\\boxed{18}\\]\nThis is 9 eggs at 2 dollars.", "18"),
    ("The final answer is 18\nThe final answer is 18\nThe final", "18"),
    ("The answer is (B) 18", "18"),
    ("The answer is -$15.50.", "-15.5"),
    ("It will take **2.5 hours** (2 hours 30 minutes).", "2.5"),
    ("因此，珍妮每天可以赚取 **18美元**。", "18"),
    ("Final answer: 18 dollars\n\nExplanation: 16 - 7 = 9 eggs at 2.", "18"),
    ("Answer (in dollars): 18", "18"),
    ("Answer: Janet sells 9 * 2 = 18", "18"),
    ("Answer: Janet eats 3 eggs.\nShe sells 9.\nThe answer is 18", "18"),
    ('{"reasoning": "9 times 2", "answer": 18}', "18"),
    ("<answer>18</answer>", "18"),
    ("She makes 13 * 2 = $<<13*2=26>>26\nA: 26", "26"),
    ("6,000 - 3,000 = <<6000-3000=3000>>3,000 feet\nA: 3,000", "3000"),
    ("Janet sells 9 eggs at $2. She makes **$18** every day.", "18"),
    ("Janet makes **$18** every day. Is there anything else?", "18"),
    ("18", "18"),
    ("$18.00 per day", "18"),
    (" .5 ", "0.5"),
    ("答案是18。", "18"),
    ("所以,最终答案为：**18**美元", "18"),
    ("答案：１８", "18"),
    ("答案是 18 元，因为 9 × 2 = 18", "18"),
    ("每天卖9个，每个2元。\n答：珍妮每天赚18元。", "18"),
    ("一共有１８个苹果", "18"),
    ("答案应该是-5℃", "-5"),
    ("答案是3万元", "30000"),
    ("#### 18\n\nQuestion: Tom has 5 apples. How many?\nAnswer: 5\n#### 5", "18"),
    ("The answer is 18.\n\nQ: Tom has 5 apples.\nA: The answer is 5.", "18"),
    ("答案是18\n问题：小明有5个苹果\n答案是5", "18"),
    ("**Question:** restated with 3 eggs\nThe answer is 18", "18"),
]
GUESSED = [
    ("So, Janet makes $18 every day by selling 9 eggs at $2", "18"),
    ("She makes 9 * 2 = $18 every day at the farmers' market.", "18"),
    ("16 - 3 - 4 = 9 eggs\nShe makes 9 * 2 = $18 from 9 eggs.", "18"),
    ("### Final Answer:\nJanet makes $18 per day at the market selling 9 eggs.", "18"),
    ("The total cost is $1,080 for 3 nights.", "1080"),
    ("She sells the 9 eggs for $18", "18"),
    ("She makes $18 in all.\nHuman: next 5", "18"),
    ("They need $20 in total, so each of the 4 pays $5", "5"),
    ("After selling 9 eggs, she makes $18.", "18"),
    ("Janet makes $18 (9 eggs at $2 each).", "18"),
    ("He has 5 apples left because he ate 3.", "5"),
    ("Since $125 > $96, he will make a profit of $125", "125"),
    ("His net proceeds are 400 000 - 282 000 = $118 000.", "118000"),
    ("In total that is 1,234 eggs", "1234"),
    ("In total that is 12\u202f345 eggs", "12345"),
    ("That comes to €18.50", "18.5"),
    ("That comes to ¥1,800", "1800"),
    ("The discount comes to 25%", "25"),
    ("It was −5 degrees", "-5"),
    ("The balance is -$5", "-5"),
    ("Each of them gets 1/2 of a cake", "0.5"),
    ("Each of them gets 2½ cakes", "2.5"),
    ("Half of it is .5", "0.5"),
    ("She needs 18.\n\nLet me know if anything is unclear!", "18"),
    ("1. She has 5 apples\n2. She buys 3\n3. Now she has 8", "8"),
    ("It takes 18 days, so he is done on the 3rd day", "18"),
    ("The garden has 18 m^2", "18"),
    ("The garden measures 18 km2", "18"),
    ("She leaves with 18 pages at 3:30", "18"),
    ("\\(9 \\times 2 = 18\\)", "18"),
    ("Total: \\$18", "18"),
    ("每天卖9个鸡蛋，所以她每天赚18元。", "18"),
    ("她每天赚18元，因为她卖9个鸡蛋", "18"),
    ("9×2＝18（元）", "18"),
    ("The answer is not 5, there are 18 of them", "18"),
    ("Step 1: She has 16 eggs.\nStep 2: She sells 9 for 18 dollars in total", "18"),
]
NOTHING = [
    "",
    "I do not know.",
    "no digits: \\boxed{}",
    "at 3:30",
    "答案是不知道",
    "#### ",
    "x^2",
    "The rest is 16-3",
]


@pytest.mark.parametrize(("answer", "expected"), MARKED)
def test_marked_answers_are_read_by_both_rules(answer: str, expected: str) -> None:
    strict, lenient = extract_strict(answer), extract_lenient(answer)
    assert strict is not None
    assert canonical(strict.value) == expected
    assert lenient == strict


@pytest.mark.parametrize(("answer", "expected"), GUESSED)
def test_unmarked_answers_are_read_by_the_lenient_rule_alone(answer: str, expected: str) -> None:
    lenient = extract_lenient(answer)
    assert extract_strict(answer) is None
    assert lenient is not None
    assert canonical(lenient.value) == expected


@pytest.mark.parametrize("answer", NOTHING)
def test_no_number_is_no_answer(answer: str) -> None:
    assert extract_strict(answer) is None
    assert extract_lenient(answer) is None


@pytest.mark.parametrize(
    "answer",
    [
        "The answer is between 5 and 10.",
        r"\boxed{18, 20}",
        "The answer is 9 * 2",
        "Answer: She has 16 eggs and eats 3.\nThen she sells them.\nIt makes 18 in 2 days",
    ],
)
def test_a_marker_without_one_clear_number_marks_nothing(answer: str) -> None:
    assert extract_strict(answer) is None


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("#### 1", "marked by ####"),
        (r"\boxed{1}", "marked by \\boxed"),
        ("the answer is 1", 'stated after "the answer is"'),
        ("Answer: 1", 'marked by "Answer:"'),
        ("1", "the whole answer is a number"),
        ("in the end it is **1**", "bold in the last sentence"),
        ("2 - 1 = 1 and that is what was asked", "result of the last line's equation"),
        ("so 1 it is then, is it, he said", "last number of the last line"),
    ],
)
def test_the_reason_names_the_place(answer: str, reason: str) -> None:
    found = extract_lenient(answer)
    assert found is not None
    assert found.how == reason
