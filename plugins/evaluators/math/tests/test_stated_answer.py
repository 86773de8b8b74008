"""Where an answer says what its result is, among everything else that it says."""

from __future__ import annotations

import itertools

import pytest

from aisbench.api import Answer, FinishReason, Response, Sample, Score, Verdict
from aisbench_plugin_math.evaluator import MathEvaluator
from aisbench_plugin_math.settings import MathSettings

EVALUATOR = MathEvaluator(MathSettings())
RIGHT, WRONG, UNPARSED = Verdict.RIGHT, Verdict.WRONG, Verdict.UNPARSED


def judged(target: str, text: str, finish: FinishReason = FinishReason.STOP) -> Score:
    response = Response(text=text, finish_reason=finish)
    answer = Answer.of_response(response)
    return EVALUATOR.score(Sample(id="s", target=target), answer)


@pytest.mark.parametrize(
    ("target", "text", "verdict"),
    [
        ("5", "The answer is 7.\nTherefore the answer is 5.", RIGHT),
        ("5", "Answer: 7\nWait, that is wrong.\nAnswer: 5", RIGHT),
        ("5", "The answer is 5.\nThe answer is 5 cm.", RIGHT),
        ("5", "The answer to the first part is 3. The final answer is 5.", RIGHT),
        ("5", "The answer is 5. The answer to the other question is 9.", UNPARSED),
        ("9", "The answer is 5. The answer to the other question is 9.", UNPARSED),
        ("5", r"First \boxed{4}, no: \boxed{5}", RIGHT),
        ("5", r"\boxed{5} and then \boxed{6}", WRONG),
        ("5", r"The answer is \boxed{4} \boxed{5}", UNPARSED),
        ("5", r"The answer is \boxed{4} or maybe \boxed{5}", UNPARSED),
        ("5", r"The answer is \boxed{5}, not \boxed{4}.", RIGHT),
        ("5", r"The answer is not \boxed{4} but \boxed{5}.", RIGHT),
        ("5", r"\boxed{4}. Wait, that is wrong.", UNPARSED),
        ("5", r"\boxed{4}. Wait, that is wrong. The answer is 5.", RIGHT),
        ("5", "\\boxed{5}\n\nAnswer: 7", UNPARSED),
        ("5", "\\boxed{5}\n\nThe answer is 5.", RIGHT),
        ("5", "\\boxed{5}\n\nConfidence: 95%", RIGHT),
        ("5", r"\boxed{5}. Check: 2+3=5, so the answer is consistent with x=7.", RIGHT),
        ("5", r"I will put the answer in \boxed{}. The answer is 5.", RIGHT),
        ("5", r"\boxed{}", UNPARSED),
        ("5", r"\boxed{...}", UNPARSED),
        ("5", r"\boxed{\text{answer}}", UNPARSED),
        ("5", r"So \boxed{5", RIGHT),
        (r"\frac12", r"So \boxed{\frac{1}{2}", RIGHT),
        ("5", r"So $\boxed{5$.", RIGHT),
        ("5", "So $\\boxed{5$.\nI hope it helps", RIGHT),
        ("5", r"\boxed{5 or so it seems to me since", UNPARSED),
        ("x=3", r"\boxed{x=3}", RIGHT),
        ("3,5", r"$x = \boxed{3}$ or $x = \boxed{5}$", RIGHT),
        ("3,5", "\\[x=\\boxed{3}\\]\nor\n\\[x=\\boxed{5}\\]", RIGHT),
        ("3,5", r"\boxed{3}, and \boxed{5}.", RIGHT),
        ("1,2,3", r"\boxed{1}, \boxed{2}, and \boxed{3}", RIGHT),
        ("5", r"The number of solutions that are not prime is \boxed{5}.", RIGHT),
        ("5", r"If $n$ is even the answer is \boxed{5}.", RIGHT),
        ("5", "The answer is 5.", RIGHT),
        ("5", "The answer is $5$.", RIGHT),
        ("5", "**Answer:** $5$", RIGHT),
        ("5", "**Final Answer**\n\n$5$", RIGHT),
        ("5", "The answer is $x = 5$.", RIGHT),
        ("5", "The answer is $5$ apples.", RIGHT),
        ("5", "the answer is 5 because 2+3=5 and 7-2=5", RIGHT),
        ("5", "The answer is 5, since 10/2 = 5.", RIGHT),
        ("5", "The answer is 5 (see step 3).", RIGHT),
        ("5", "The answer is $5$, because $10/2=5$.", RIGHT),
        ("5", "The answer is at least 5.", UNPARSED),
        ("5", "The answer is between 4 and 6.", UNPARSED),
        ("5", "The answer might be 5.", UNPARSED),
        ("5", "The answer is not 4.", UNPARSED),
        ("5", "The answer is not 4 but 5.", RIGHT),
        ("5", "The answer is 4. No, the answer is 5.", RIGHT),
        ("5", "The answer is 5 or more.", UNPARSED),
        ("5", "The answer is $5$ or more.", UNPARSED),
        ("5", "答案是5", RIGHT),
        ("5", "答案：5", RIGHT),
        ("5", "答案是 $5$。", RIGHT),
        ("5", r"所以答案是 $\boxed{5}$。", RIGHT),
        ("5", "答案不是4，而是5。", RIGHT),
        ("5", "答案是5厘米。", RIGHT),
        (r"5\text{ cm}", "答案是5厘米。", RIGHT),
        ("5", r"最终答案：$\frac{10}{2}$", RIGHT),
        ("5", "#### 5", RIGHT),
        ("5", '{"answer": "5"}', RIGHT),
        ("5", '{"answer": 5}', RIGHT),
        ("5", "<answer>5</answer>", RIGHT),
        ("5", "5", RIGHT),
        ("5", "$5$", RIGHT),
        ("5", "x = 5", RIGHT),
        ("5", "So x = 5.", RIGHT),
        ("5", "Thus, $x=5$.", RIGHT),
        ("5", "We get 2+3=5.", RIGHT),
        ("5", "I think about 5 things. There is no way to tell.", UNPARSED),
        ("5", "There is no way to tell.", UNPARSED),
        ("5", "", UNPARSED),
        ("5", "How about 5?", UNPARSED),
        ("5", "Is the answer 5?", UNPARSED),
        ("5", "The answer is 5</s>", RIGHT),
        ("5", "\\boxed{5}<|im_end|>\nuser\nNext \\boxed{6}", RIGHT),
        ("5", "\\boxed{5}\n\nQuestion: What is 3+3?\nAnswer: \\boxed{6}", RIGHT),
        ("5", "The answer is 5.\n\nProblem: 3+3?\nThe answer is 6.", RIGHT),
        (r"\text{Evelyn}", "The answer is Evelyn.", RIGHT),
        (r"\text{Evelyn}", r"\boxed{Evelyn}", RIGHT),
        (r"\text{Evelyn}", "Evelyn", RIGHT),
        ("5", "The answer is Evelyn.", UNPARSED),
        (r"\emptyset", "The answer is: no solution.", RIGHT),
        (r"\frac12", r"The answer is \(\frac{1}{2}\).", RIGHT),
        (r"\frac12", r"The answer is \[\frac{1}{2}.\]", RIGHT),
        (r"\frac12", "The answer is:\n\n\\[\n\\frac{1}{2}\n\\]", RIGHT),
        (r"\frac12", "Therefore, the final answer is:\n$$\\boxed{\\frac{1}{2}}$$", RIGHT),
        ("2,3", "The solutions are $x=2$ and $x=3$.", RIGHT),
        ("2,3", "The answer is $x=2$ or $x=3$.", RIGHT),
        ("2,3", "The answer is $2$ and $3$.", RIGHT),
        ("2,3", "the answers are 2 and 3", RIGHT),
        ("11", "The answer is 11\n\n1. First step\n2. Second step", RIGHT),
        ("5", "The final answer is $5$. I hope it is correct.", RIGHT),
        ("5", r"The answer is $\boxed{5}$ \text{cm}", RIGHT),
        ("5", "Step 1: 2+3=5. Step 2: done. Final answer: 5.0", RIGHT),
        ("5", "The answer is: \n\n5", RIGHT),
        ("5", "The area is $5$ square units.", RIGHT),
        ("(1,2)", "The point is $(1,2)$.", RIGHT),
        ("5", r"So the value is \boxed{5} which is greater than \boxed{4}?", UNPARSED),
        ("12", "答：一共有12个。", RIGHT),
        ("5", "The answer is five.", RIGHT),
        ("1,2", r"\boxed{1\text{ and }2}", RIGHT),
        ("5", "The answer is 5, as $a = 3$ and $b = 2$.", RIGHT),
        ("5", r"My answer: \boxed{5} (confidence 90%)", RIGHT),
        ("5", "\\boxed{5}\n\nSources: [1] [2]", RIGHT),
        ("5", "The options are 3, 4, 5. The answer is 5.", RIGHT),
        ("5", r"$\boxed{5}$ is not correct.", UNPARSED),
        ("5", r"\boxed{5}。这不对。", UNPARSED),
        ("5", "The answer is $5$ cm$^2$.", RIGHT),
        (r"5\text{ cm}^2", "The answer is $5$ cm$^2$.", RIGHT),
        ("5", "Answer: 5\nExplanation: the answer uses 3 and 2.", RIGHT),
        ("5", "The answer is 5%.", RIGHT),
        ("3", "The answer is 3 + 2i", WRONG),
        ("x^2", "The answer is x^2", RIGHT),
        (r"\sqrt{2}", "The answer is √2", RIGHT),
        (r"\frac{3}{4}", "The answer is 3/4", RIGHT),
        ("11/4", "The answer is 2 3/4.", RIGHT),
    ],
)
def test_what_is_stated(target: str, text: str, verdict: Verdict) -> None:
    score = judged(target, text)
    assert score.verdict is verdict, score


@pytest.mark.parametrize(
    ("target", "text", "verdict"),
    [
        ("2", "解：设 $x+1=3$，则 $x=2$。故答案为 $2$。", RIGHT),
        (r"\frac{1}{2},2", r"答案为 $\dfrac{1}{2}$ 或 $2$。", RIGHT),
        ("1,2", "$x=1$ 或 $x=2$", RIGHT),
        ("1,2", r"\boxed{1}或\boxed{2}", RIGHT),
        ("1,2", r"\boxed{1} 和 \boxed{2}", RIGHT),
        ("1,2", r"\boxed{1}、\boxed{2}", RIGHT),
        (r"[2,+\infty)", r"综上，$a$ 的取值范围是 $a\ge 2$。", RIGHT),
        (r"[2,+\infty)", r"综上，$a$ 的取值范围是 $[2,+\infty)$。", RIGHT),
        (r"[2,+\infty)", r"答案：$a\geq 2$", RIGHT),
        (r"[2,+\infty)", r"故 $a$ 的取值范围为 $\boxed{a\ge 2}$", RIGHT),
        ("5", "【答案】5", RIGHT),
        ("5", "【答案】$5$", RIGHT),
        ("5", "【解答】解：原式$=2+3=5$。\n故答案为：$5$。", RIGHT),
        ("5", "答案选 $5$", RIGHT),
        ("5", "所以一共有 $5$ 个。", RIGHT),
        ("5", "因此，共有5种方法。", RIGHT),
        ("5", "因此，最终答案是 **5**。", RIGHT),
        ("5", r"最终答案：\(5\)", RIGHT),
        ("5", "最终答案为：\n\\[\n5\n\\]", RIGHT),
        ("5", "所以答案应该是5，而不是6。", RIGHT),
        ("5", "答案是5，不是6。", RIGHT),
        ("5", "答案不是6，是5。", RIGHT),
        ("5", "我一开始以为是6，但正确答案是5。", RIGHT),
        ("5", "答案是6。不对，重新计算，答案是5。", RIGHT),
        ("5", r"\boxed{6}，不对，应为\boxed{5}", RIGHT),
        ("5", r"\boxed{5}，而不是\boxed{6}", RIGHT),
        (r"5\text{ cm}", "答案是 $5$ 厘米。", RIGHT),
        ("5", "答案是 $5$ 厘米。", RIGHT),
        ("5", "答：小明有5个苹果。", RIGHT),
        ("5", "答：一共需要5天。", RIGHT),
        (r"\frac{2}{3}", r"概率为 $\frac{2}{3}$。", RIGHT),
        (r"\frac{2}{3}", "答案是三分之二", RIGHT),
        ("0.5", "答案是百分之五十", RIGHT),
        (r"50\%", "答案是50％", RIGHT),
        ("-3", "答案是－3", RIGHT),
        ("12", "答案是１２", RIGHT),
        ("5", "由上可得，$x=5$。", RIGHT),
        ("5", "所以 $x = 5$，即答案为 $5$。", RIGHT),
        ("5", "答案是5。检验：$2+3=5$，成立。", RIGHT),
        ("5", "答案是5。注意 $x=7$ 舍去。", RIGHT),
        ("5", "\\boxed{5}\n\n验证：当 $x=5$ 时，$2x=10$。", RIGHT),
        ("5", "答案：5\n解析：因为 $2+3=5$，所以 $x=5$，又 $y=9$。", RIGHT),
        ("5", "答案：5（单位：米）", RIGHT),
        ("5", "答案可能是5。", UNPARSED),
        ("5", "答案至少是5。", UNPARSED),
        ("5", "答案大于5。", UNPARSED),
        ("5", "答案在4和6之间。", UNPARSED),
        ("5", "无法确定答案。", UNPARSED),
        (r"\emptyset", "方程无解。", RIGHT),
        (r"\emptyset", "答案：无解", RIGHT),
        (r"\emptyset", r"\boxed{\text{无解}}", RIGHT),
        ("5", "题目问的是 $n^2=49$。\n答案是 $5$。", RIGHT),
        ("(1,2)", "点的坐标为 $(1,2)$。", RIGHT),
        ("(1,2)", "答案：$(1,2)$", RIGHT),
        (r"\{1,2\}", r"解集为 $\{1,2\}$。", RIGHT),
        ("(1,2)", r"解集为 $\{x|1<x<2\}$。", RIGHT),
        ("(1,2)", r"解集为 $\{x\mid 1<x<2\}$", RIGHT),
        (r"(-\infty,1)\cup(2,+\infty)", r"解集为 $\{x|x<1或x>2\}$。", RIGHT),
        (r"(-\infty,1)\cup(2,+\infty)", r"\boxed{\{x|x<1 或 x>2\}}", RIGHT),
        ("5", "首先 $3+4=7$。\n其次 $7-2=5$。", RIGHT),
        ("5", "第一步：$3+4=7$；第二步：$7-2=5$。答：5", RIGHT),
        ("5", "答案是：\n\n**5**", RIGHT),
        ("5", "答案为5元。", RIGHT),
        ("3000", "答案是3千", RIGHT),
        ("20000", "答案是2万", RIGHT),
        ("5", "答案=5", RIGHT),
        ("5", "答:5", RIGHT),
        ("5", "解得x=5", RIGHT),
        ("5", "解得 $x=5$ 或 $x=-1$（舍去），故 $x=5$。", RIGHT),
        ("5", "解得 $x=5$ 或 $x=-1$（舍去）。", UNPARSED),
        ("1,2", "解得 $x_1=1$，$x_2=2$。", RIGHT),
        ("1,2", "$x_1=1, x_2=2$", RIGHT),
        ("1,2", "答案：$x_1=1$，$x_2=2$", RIGHT),
        ("5", r"综上所述，答案是 $\boxed{5}$。", RIGHT),
        ("5", "原式 $= 2+3 = 5$.", RIGHT),
        ("4,6", "答案：4和6", RIGHT),
        ("4,6", "答案是 $4$、$6$。", RIGHT),
    ],
)
def test_what_is_stated_in_chinese(target: str, text: str, verdict: Verdict) -> None:
    score = judged(target, text)
    assert score.verdict is verdict, score


def test_a_box_that_was_cut_is_not_read() -> None:
    assert judged("1", "so \\boxed{1", FinishReason.LENGTH).verdict is UNPARSED
    assert judged("1", "so \\boxed{1").verdict is RIGHT


ANSWERS = (
    (r"\frac{3}{4}", r"\frac{3}{4}"),
    ("5", "5"),
    ("-2", "-2"),
    (r"2\sqrt{3}", r"2\sqrt{3}"),
    ("x^2+1", "x^2+1"),
    ("(1,2)", "(1,2)"),
    ("3,5", "3, 5"),
    ("[0,1)", "[0,1)"),
    ("1234", "1{,}234"),
    ("0.25", "0.25"),
    (r"\text{Evelyn}", r"\text{Evelyn}"),
    (r"90^\circ", r"90^\circ"),
    (r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}"),
    ("7", "x = 7"),
)
MARKS = (
    "The answer is ${}$.",
    r"\boxed{{{}}}",
    r"$\boxed{{{}}}$",
    "**Answer:** ${}$",
    "Final answer: ${}$",
    "#### {}",
    "答案是 ${}$。",
    "最终答案：${}$",
    r"Therefore, the final answer is \[\boxed{{{}}}.\]",
    "<answer>{}</answer>",
    r"The answer is \({}\), as we wanted.",
    r"故答案为：\({}\)。",
    "**Final Answer**\n\\[{}\\]",
)
BEFORE = (
    "",
    "It is not $4$.\n",
    "First I thought $x = 17$. That is wrong.\n",
    "The question asks for the value of $n$ with $n^2 = 49$.\n",
    "Step 1: $2+2=4$.\nStep 2: $4 \\cdot 5 = 20$.\n",
    "The answer is not $11$.\n",
    "A first guess might be $12$.\n",
    "If we had $x=1$, the answer would be $9$.\n",
    "\\boxed{} will hold the answer.\n",
    "我们先计算 $3+4=7$。\n",
)
AFTER = (
    "",
    "\n\nConfidence: 95%",
    " This is because $6 + 7 = 13$.",
    "\n\nCheck: $2 + 3 = 5$, which works.",
    "\n\nNote that $x = 8$ is not a solution.",
    "\n\nSources:\n[1] https://example.org/3\n[2] Page 17",
    "</s>",
    "<|im_end|>",
    "\n\nQuestion: What is 1+1?\nAnswer: 2",
    "\n\nProblem:\nFind $9-1$.\n\nSolution:\n$\\boxed{8}$",
    "\n\nThe other option, $19$, is incorrect.",
    "\n\nI hope this helps!",
    "\n\n验证：$3 \\times 3 = 9$。",
    " (See equation 4.)",
    "\n\n*Answered in 3 steps.*",
    "\n\n---\n**Explanation:** the sum is $12 + 1 = 13$.",
    "\n\nSo it is not $21$.",
    "\n\nTotal tokens: 512",
    "\n\nThe answer is not $99$.",
    "\n\n| step | value |\n|---|---|\n| 1 | 17 |",
)


@pytest.mark.parametrize(("target", "written"), ANSWERS)
def test_noise_around_a_marked_answer_changes_nothing(target: str, written: str) -> None:
    """Each mark with each noise before or behind it, and some with both."""
    pairs = [(lead, "") for lead in BEFORE] + [("", tail) for tail in AFTER]
    pairs += list(zip(itertools.cycle(BEFORE), AFTER, strict=False))
    for mark, (lead, tail) in itertools.product(MARKS, pairs):
        text = lead + mark.format(written) + tail
        assert judged(target, text).verdict is RIGHT, text


@pytest.mark.slow
def test_noise_in_all_combinations() -> None:
    for (target, written), mark, lead, tail in itertools.product(ANSWERS, MARKS, BEFORE, AFTER):
        text = lead + mark.format(written) + tail
        assert judged(target, text).verdict is RIGHT, text


MISLEADING_AFTER = (
    " Thus $x = 9$ is extraneous.",
    "\nThe sum of all digits is 9.",
    "\nSo the result of the check is $9$.",
    "\nHence $9 - 4 = 5$ as expected.",
    "\nThe answer would be $9$ if $n$ were odd.",
    "\nA common wrong answer is $9$.",
    "\nA common mistake gives \\boxed{9}.",
    "\nThe answer $9$ is incorrect.",
    "\nMany students answer $9$.",
    "\nThe next problem has the answer 9.",
    "\nIn general, the answer is $n+9$.",
    "\nAnswer key: see page 9.",
    "\nThe solution has 9 steps.",
    "\nFinal check: $9 = 9$. ",
    "\nNote: the answer is not $9$.",
    "\nThe answer is given to 9 digits.",
    "\nThe answer has been rounded to 9 decimal places.",
    "\nThis answer is correct with probability $0.9$.",
    "\nThe answer is in the form \\boxed{9}.",
    "\n(The answer is also listed on page 9.)",
    "\n答案不是 $9$。",
    "\n有同学误以为答案是 $9$。",
    "\n如果 $n=2$，则答案是 $9$。",
    "\n本题共 9 分。",
    "\n难度：9",
    "\nDifficulty: 9",
    "\nScore: 9/10",
    "\nTime taken: 9 minutes",
    "\n\\[ \\text{Check: } 4+5=9 \\]",
    "\nSo 9 is not the answer.",
    "\nTherefore we reject $x=9$.",
    "\nThe values $x=9$ and $x=-9$ do not satisfy the equation.",
    "\nQ: What is 4+5?\nA: 9",
    "\n\n## Next question\nThe answer is $9$.",
    "\nFor comparison, the previous exercise had the answer $9$.",
    "\nRemember that the answer is 5 here, and the reader can verify that the other answer is 9.",
)
MISLEADING_BEFORE = (
    "Suppose the answer is $9$. Then a contradiction follows.\n",
    "The answer is $9$? No.\n",
    "One may think that the answer is $9$, but this is wrong.\n",
    "A naive answer is $9$.\n",
    "Some books say the answer is $9$.\n",
    "We first compute \\boxed{9}, an intermediate value.\n",
    "Let the answer be $x = 9k$.\n",
    "The answer to part (a) is $9$.\n",
    "The answer is between $4$ and $9$.\n",
)


@pytest.mark.parametrize("target", ["5", r"\frac{3}{4}", "(1,2)"])
def test_what_misleads_makes_no_other_value(target: str) -> None:
    """Other answers that are quoted, supposed, denied, or of other questions."""
    for mark in MARKS[:2] + MARKS[3:7]:
        stated = mark.format(target)
        for text in (
            *(stated + tail for tail in MISLEADING_AFTER),
            *(lead + stated for lead in MISLEADING_BEFORE),
        ):
            assert judged(target, text).verdict is not WRONG, text
