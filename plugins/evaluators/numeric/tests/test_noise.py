"""A marked answer plus any noise may become unparsed, never another value."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench_plugin_numeric.exact import canonical
from aisbench_plugin_numeric.final_number import read_text

SAID = [
    "The answer is {n}.",
    "The final answer is {n} boxes.",
    "Answer: {n}",
    "A: {n}",
    "#### {n}",
    "\\boxed{{{n}}}",
    "So the answer is $\\boxed{{{n}}}$.",
    "<answer>{n}</answer>",
    '{{"answer": {n}}}',
    "### Final Answer\n{n}",
    "答案是{n}。",
    "答案：{n}",
    "【答案】{n}",
    "最终答案为{n}个。",
    "答：还剩{n}个。",
    "### 答案\n{n}",
]
DRESS = ["{}", "**{}**", "> {}", "| {} |", "\n\n{}\n\n"]
BEFORE = [
    "",
    "There were {s} of them, and 150 were sold.\n",
    "Step 1: 3 x 5 = 15.\nStep 2: we subtract.\n",
    "It is not {m}.\n",
    "My first guess was {m}, which was wrong.\n",
    "Is it {m}? No.\n",
    "The answer is {m}. Wait, no.\n",
    "The answer can't be {m}.\n",
    "If 11 more were made, the answer would be {m}.\n",
    "Question: Of {s} boxes 150 are sold. How many are left?\n",
    "Q: Of {s} boxes 150 are sold. How many are left?\n",
    "The area is $\\boxed{{A = \\pi r^2}}$.\n",
    "| Made | {s} |\n|---|---|\n| Sold | 150 |\n\n",
    "At least 3 must be left.\n",
    "Given: {s} made, 150 sold.\n",
    "原来有{s}个，卖掉150个。\n",
    "我起初算成{m}，算错了。\n",
    "是{m}吗？不是。\n",
    "如果多做11个，答案就是{m}。\n",
    "题目：共有{s}个，卖掉150个，还剩多少个？\n",
    "答案不可能是{m}。\n",
]
BEHIND = [
    "",
    "\nConfidence: 95%",
    "\n\nCheck: {n} + 150 = {s}.",
    "\nLet me double check: {n} + 150 = {s}, which is right.",
    "\n\nExplanation: {s} were made, 150 were sold.",
    "\nIt isn't {m}.",
    "\n(Not {m}.)",
    "\n\nSome people get {m}, but that's wrong.",
    "\n\nA common mistake is to forget the 150, which gives {s}.",
    "\n\n[1] Table 3 of the 2019 edition, page 87.",
    "\n\nSources:\n- A. Smith, 2019, p. 87\n",
    "\n\nWould you like to try 5 more problems?",
    "\n\nIf 3 more were sold, the answer would be {m}.",
    "\n\nNext, 30 more are made, so there will be {m}.",
    "\n\nThe answer to the previous question was {m}.",
    "\n\nIn 2023 they sold 150.",
    "\n\nThat is 21.9% of all {s}.",
    "\n\nSo {s} were made.",
    "\n\nSorry if that took 5 steps.",
    "\n\nI forgot to say that 150 were sold on Monday.",
    "</s>",
    "<|im_end|>\n<|im_start|>user\nAnd {m}?",
    "<end_of_turn>\n<start_of_turn>user\nAnd {m}?",
    "\n\nUser: And {m}?\nAssistant: The answer is {m}.",
    "\n\nQuestion: Tom has 5 apples and buys 3. How many has he?\nAnswer: 8",
    "\n\nTom has 5 apples and buys 3. How many has he?\nThe answer is 8.",
    "\n\nNow find 7 x 8. So the answer is 56.",
    "\n\n### Problem\nTom has 5. How many?\n### Solution\n#### 5",
    "\n置信度：95%",
    "\n\n验算：{n}+150={s}。",
    "\n\n验算的结果是{s}。",
    "\n\n解析：一共{s}个，卖掉150个。",
    "\n\n不是{m}。",
    "\n\n很多同学会忘记减去150，算成{s}，这是错误的。",
    "\n\n如果再卖掉3个，答案就是{m}。",
    "\n\n上一题的答案是{m}。",
    "\n\n需要我再出5道题吗？",
    "\n\n抱歉用了5步。",
    "\n\n题目：小明有5个苹果，又买了3个，一共有几个？\n答案：8",
    "\n\n小红有2支笔，又买了2支，现在有几支？\n答案是4。",
    "\n\n下面求7×8。因此答案是56。",
]


@settings(deadline=None, max_examples=300)
@given(
    st.integers(16, 10_000),
    st.sampled_from(SAID),
    st.sampled_from(DRESS),
    st.sampled_from(BEFORE),
    st.lists(st.sampled_from(BEHIND), min_size=1, max_size=3),
)
def test_noise_never_makes_another_value(
    value: int, said: str, dress: str, before: str, behind: list[str]
) -> None:
    words = {"n": value, "m": value + 11, "s": value + 150}
    if "\n" in said and dress != "\n\n{}\n\n":
        dress = "{}"
    marked = dress.format(said.format(**words))
    found = read_text(before.format(**words) + marked + "".join(behind).format(**words))
    for one in (found.strict, found.lenient):
        assert one is None or canonical(one.value) == str(value)


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("behind", BEHIND[:16])
def test_usual_noise_leaves_the_answer_what_it_is(said: str, behind: str) -> None:
    words = {"n": 42, "m": 53, "s": 192}
    found = read_text(said.format(**words) + behind.format(**words))
    assert found.strict is not None
    assert canonical(found.strict.value) == "42"


@pytest.mark.not_quick
@pytest.mark.parametrize(
    "piece",
    [
        *("7", "7 ", "7, ", "7.", "- 7", "7 or ", "a b ", "| 7 |\n", "**7** ", "~"),
        *("[[", "(", "\\boxed{", "one ", "one", "三", "三百", "一个", "答案是", "if "),
        *("so it's 7. ", "Wait, no. ", "between 7 and ", "at least ", "The answer is 7. "),
    ],
)
def test_a_megabyte_takes_seconds(piece: str) -> None:
    text = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
    begun = time.process_time()
    read_text(text)
    # A quadratic pattern takes minutes.
    assert time.process_time() - begun < 15
