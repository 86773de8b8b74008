"""Kinds of answers that are easily read as another number: what a careful reader takes them for.

None stands for nothing: a range, a bound, several numbers, or no answer at all.
"""

from __future__ import annotations

import pytest

from aisbench_plugin_numeric.exact import canonical
from aisbench_plugin_numeric.final_number import extract_lenient

LATER = [
    ("The answer is 27.\n\nCheck: 27 + 13 = 40.", "27"),
    ("The answer is 27. To see why, note that 13 + 14 is 27 and 40 - 13 is 27.", "27"),
    ("27\n\nExplanation: Mia had 40 stickers and gave 13 away.", "27"),
    ("27\n\nMia began with 40 stickers, and 13 went to Leo.", "27"),
    ("So 27 stickers are left.\n\nConfidence: 90%", "27"),
    ("27 stickers are left. Shall I prepare another 3 exercises?", "27"),
    ("Mia has 27 stickers left [2].\n\n[2] If none of the 13 came back.", "27"),
    ("Answer: 27 (page 12 of the 2020 edition)", "27"),
    ("Mia kept 27 stickers in 2021.", "27"),
    ("Mia kept 27 of the 40 stickers.", "27"),
    ("27 out of 40.", "27"),
    ("Mia needs 27 more to reach 40.", "27"),
    ("27 are left, because 40 - 13 = 27 and 13 went to Leo.", "27"),
    ("There are exactly 27, fewer than 40.", "27"),
    ("So she has 27 left. If Leo takes another 5, she keeps 22.", "27"),
    ("**Step 1:** 40 - 13 = 27\n\n**Step 2:** Report it.", "27"),
    ("| Day | Stickers |\n|---|---|\n| Total | 27 |\n\n*Table 2: what is left*", "27"),
    ("还剩27张。\n\n验算：27+13=40。", "27"),
    ("27张\n\n因为原来有40张，送出13张。", "27"),
    ("还剩27张，因为一共有40张，送出13张。", "27"),
    ("还剩27张，其中5张是新的。", "27"),
    ("小米有27张，比小李多14张。", "27"),
    ("答：还剩27张。\n（共2步）", "27"),
    ("还剩27张。需要我再出3道题吗？", "27"),
    ("还剩27张。如果再送出5张，就剩22张。", "27"),
    ("答案：27\n难度：3", "27"),
    ("答案：27（选自2020年试卷第6题）", "27"),
]
CORRECTED = [
    ("The answer is 26. Wait, I forgot one. So it's 27.", "27"),
    ("The answer is 26. Actually, that's wrong: it's 27.", "27"),
    ("The answer is 26, no, 27.", "27"),
    ("40 - 13 = 26... sorry, 27.", "27"),
    ("Not 26 but 27.", "27"),
    ("The answer isn't 26; it's 27.", "27"),
    ("27 (not 26)", "27"),
    ("27 rather than 26", "27"),
    ("~~26~~ 27", "27"),
    ("#### 26\n\nSorry, I made a mistake. The correct answer is 27.", "27"),
    ("The answer is 26. No, that's wrong.", None),
    ("The answer isn't 26.", None),
    ("It can't be 26.", None),
    ("答案是26。等等，40-13=27，所以是27。", "27"),
    ("答案是26，不对，是27。", "27"),
    ("不是26，而是27。", "27"),
    ("答案是26。更正：27。", "27"),
    ("答案是26。不对，算错了。", None),
    ("肯定不是26。", None),
]
NO_ONE_NUMBER = [
    "between 25 and 30",
    "The answer is between 25 and 30.",
    "25-30",
    "25 to 30 stickers",
    "from 25 to 30",
    "at least 27",
    "The answer is at least 27.",
    "no more than 27",
    "more than 25",
    "up to 27 stickers",
    "27 or more",
    "27+",
    "27 at most",
    ">= 27",
    "x ≥ 27",
    r"\boxed{x \ge 27}",
    "25 < x < 30",
    "27 or 28",
    "The answer is either 27 or 28.",
    "27, 28",
    "27 and 28",
    r"\boxed{27} or \boxed{28}",
    r"\boxed{27 \text{ or } 28}",
    "x = 27 or x = -27",
    "(a) 13 (b) 27",
    "13, 14, 27",
    "Is it 27?",
    "I'd need more data on the 40 stickers.",
    "There isn't enough information: 2 of the facts are missing.",
    "Subtract 13 from 40.",
    "3:30",
    "2024-05-01",
    "5 ft 11 in",
    r"\sqrt{3}",
    "在25到30之间",
    "大约在25到30之间",
    "25~30张",
    "至少27张",
    "不超过27张",
    "27张以上",
    "20多张",
    "二十多张",
    "27或28",
    "27、28",
    "是27吗？",
    "(1) 13 (2) 27",
    "①13 ②27",
    "男生13人，女生14人",
    "无法计算，还需要知道2个条件。",
    "题目没有说清楚这13张是否归还。",
    "先用40减去13，再减去5。",
    "2024年5月1日",
    "zwischen 25 und 30",
    "mindestens 27",
    "au moins 27",
]
WRITTEN = [
    ("10,00,000", "1000000"),
    ("#### 12,34,567.5", "1234567.5"),
    ("1.234.567", "1234567"),
    ("The answer is 1.234,56", "1234.56"),
    ("1 234 567", "1234567"),
    ("In total 12 345 stickers", "12345"),
    ("1'234", "1234"),
    ("1_234", "1234"),
    ("Die Antwort lautet 1.200.", "1200"),
    ("La réponse est 3,5.", "3.5"),
    ("1.200 €", "1200"),
    ("R$ 1.200,50", "1200.5"),
    ("The answer is 1.234", "1.234"),
    ("The answer is 3,5.", None),
    ("1,2345", None),
    ("1.2.3", None),
    ("٧٢", "72"),
    ("الإجابة هي ٧٢.", "72"),
    ("٣٬٥٠٠", "3500"),
    ("७२", "72"),
    ("উত্তর: ৭২", "72"),
    ("๗๒", "72"),
    ("７２", "72"),
    ("𝟕𝟐", "72"),
    ("twelve", "12"),
    ("Twelve stickers are left.", "12"),
    ("The answer is twenty-one.", "21"),
    ("a dozen", "12"),
    ("one hundred and five", "105"),
    ("one thousand two hundred thirty-four", "1234"),
    ("two and a half", "2.5"),
    ("half a million", "500000"),
    ("three-quarters", "0.75"),
    ("negative five", "-5"),
    ("The answer is zero.", "0"),
    ("十二", "12"),
    ("三千五百", "3500"),
    ("两百零五元", "205"),
    ("还剩三十六张。", "36"),
    ("1万2千", "12000"),
    ("3千6百万", "36000000"),
    ("一亿五千万", "150000000"),
    ("叁佰贰拾", "320"),
    ("四分之三", "0.75"),
    ("三点五", "3.5"),
    ("百分之二十", "20"),
    ("三千克", "3"),
    ("10^6", "1000000"),
    ("1.2×10^6", "1200000"),
    (r"$1.2 \times 10^{6}$", "1200000"),
    ("10⁶", "1000000"),
    ("1e6", "1000000"),
    ("2**10", "1024"),
    ("2^20", "1048576"),
    ("5 degrees below zero", "-5"),
    ("零下5度", "-5"),
    ("零下八度", "-8"),
    ("The answer is 8:00 PM.", "8"),
    ("It leaves at 5:00.", "5"),
    ("下午5点", "5"),
    ("⅛", "0.125"),
    ("2½", "2.5"),
    ("2 and 1/2", "2.5"),
    ("3又1/2", "3.5"),
    ("3元5角", "3.5"),
    ("200（万元）", "2000000"),
    ("500k", "500000"),
    ("25%", "25"),
    ("the 5th day", "5"),
    ("42 m²", "42"),
    ("42 = 12 × 16 - 150", "42"),
]


def extracted(text: str) -> str | None:
    found = extract_lenient(text)
    return None if found is None else canonical(found.value)


@pytest.mark.parametrize(("answer", "expected"), LATER)
def test_a_later_number_is_not_the_answer(answer: str, expected: str) -> None:
    assert extracted(answer) == expected


@pytest.mark.parametrize(("answer", "expected"), CORRECTED)
def test_a_correction_counts_and_what_is_denied_does_not(
    answer: str, expected: str | None
) -> None:
    assert extracted(answer) == expected


@pytest.mark.parametrize("answer", NO_ONE_NUMBER)
def test_what_is_no_one_number_is_none(answer: str) -> None:
    assert extracted(answer) is None


@pytest.mark.parametrize(("answer", "expected"), WRITTEN)
def test_numbers_are_read_whole_or_not_at_all(answer: str, expected: str | None) -> None:
    assert extracted(answer) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (r"\boxed{27}, so \boxed{27}", "27"),
        (r"\boxed{26}. Wait, I forgot one: \boxed{27}", "27"),
        (r"\boxed{26} and then \boxed{27}", None),
        (r"\boxed{A = \pi r^2}. The answer is 27.", "27"),
        (r"\boxed{27", "27"),
    ],
)
def test_two_boxes_that_differ_are_none(answer: str, expected: str | None) -> None:
    assert extracted(answer) == expected


@pytest.mark.parametrize(
    "answer",
    [
        "#### 27\n\nProblem: Leo has 5 pens.\nSolution: five.\n#### 5",
        "#### 27<|im_end|>\n<|im_start|>user\nAnd 5?<|im_end|>\n<|im_start|>model\n#### 5",
        "#### 27\n\n### Instruction:\nLeo has 5 pens.\n\n### Response:\n#### 5",
        "Let me work through problem 1.\n\nQuestion: how many?\n\n40 - 13 = 27\n\n#### 27",
        "My reply has 2 parts.\n\n**Question:** What is 40 - 13?\n\n**Answer:** 27",
        "27\n\nQuestion: Leo has 5 pens and buys 3. How many has he?\nAnswer: 8",
        "答案是27。<|endoftext|>小李有5支笔。答案：5",
    ],
)
def test_a_next_exercise_is_not_the_answer(answer: str) -> None:
    assert extracted(answer) == "27"
