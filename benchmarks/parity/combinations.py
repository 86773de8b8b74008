"""Marked answers with noise around them, from templates, the same at each call.

The rule that they are for: a marked answer plus any noise may become unparsed, never another
value. Each statement of an answer stands between each pair of noises, one before and one behind
it, and alone in each dress.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, product

from corpus import Item

DRESSES = ("{}", "**{}**", "> {}", "- {}", "## {}", "```\n{}\n```", "| {} |", "*{}*", "\n\n{}\n\n")


def combinations() -> dict[str, list[Item]]:
    """All of them by the name of their set."""
    return {
        "choice-en": list(choices("en", _EN_QUESTIONS, _EN_SAID, _EN_BEFORE, _EN_BEHIND)),
        "choice-zh": list(choices("zh", _ZH_QUESTIONS, _ZH_SAID, _ZH_BEFORE, _ZH_BEHIND)),
        "numeric-en": list(numbers("en", _EN_NUMBER, _EN_NUMBER_BEFORE, _EN_NUMBER_BEHIND)),
        "numeric-zh": list(numbers("zh", _ZH_NUMBER, _ZH_NUMBER_BEFORE, _ZH_NUMBER_BEHIND)),
    }


def _around(
    said: tuple[str, ...], before: tuple[str, ...], behind: tuple[str, ...]
) -> Iterator[str]:
    for one, (first, last) in product(said, product(before, behind)):
        # As one would write it: a heading has a line of its own, and so has what follows words
        # that no full stop ends.
        above = "\n\n" if one.startswith("#") and first and not first.endswith("\n") else ""
        ended = one.endswith((".", "。")) or last.startswith(("\n", "<")) or not last
        yield first + above + one + ("" if ended else "\n") + (last if ended else last.lstrip())
    for one, dress in product(said, DRESSES):
        yield dress.replace("{}", one)


def choices(
    language: str,
    questions: tuple[tuple[str, tuple[str, ...]], ...],
    said: tuple[str, ...],
    before: tuple[str, ...],
    behind: tuple[str, ...],
) -> Iterator[Item]:
    # What is asked, which option is right and which are named beside it go round in turn; the
    # three lengths have no common divisor with the templates' order to hide behind.
    asked, places = cycle(questions), cycle((2, 0, 3, 1, 0, 2, 1))
    for number, template in enumerate(_around(said, before, behind)):
        (question, options), place = next(asked), next(places)
        others = [other for other in range(len(options)) if other != place]
        first, second = others[number % 3], others[(number + 1) % 3]
        words = {
            "[Q]": question,
            "[L]": "ABCD"[place],
            "[T]": options[place],
            "[O]": "ABCD"[first],
            "[OT]": options[first],
            "[P]": "ABCD"[second],
            "[PT]": options[second],
            "[ALL]": "\n".join(
                f"{letter}. {text}" for letter, text in zip("ABCD", options, strict=True)
            ),
        }
        yield Item(
            id=f"combination-choice-{language}-{number:05d}",
            kind="combination",
            question=question,
            options=options,
            target="ABCD"[place],
            answer=_filled(template, words),
            truth="ABCD"[place],
        )


def numbers(
    language: str, said: tuple[str, ...], before: tuple[str, ...], behind: tuple[str, ...]
) -> Iterator[Item]:
    values = cycle((42, 7, 360, 18, 1250, 96, 5))
    for number, template in enumerate(_around(said, before, behind)):
        value = next(values)
        words = {"[N]": str(value), "[M]": str(value + 11), "[S]": str(value + 150)}
        yield Item(
            id=f"combination-numeric-{language}-{number:05d}",
            kind="combination",
            question="",
            target=str(value),
            answer=_filled(template, words),
            truth=str(value),
        )


def _filled(template: str, words: dict[str, str]) -> str:
    for name, text in words.items():
        template = template.replace(name, text)
    return template


_EN_QUESTIONS = (
    ("Which animal is the fastest on land?",
     ("The lion", "The cheetah", "The horse", "The hare")),
    ("Which instrument has keys and strings?",
     ("A flute", "A drum", "A piano", "A trumpet")),
    ("What does a thermometer measure?",
     ("Temperature", "Pressure", "Humidity", "Speed")),
    ("In which year did the First World War begin?",
     ("1900", "1905", "1912", "1914")),
)  # fmt: skip
_EN_SAID = (
    "The answer is [L].",
    "Answer: [L]",
    "The correct answer is ([L]).",
    "**Answer: [L]**",
    "So the correct option is [L].",
    "Therefore, [L].",
    r"\boxed{[L]}",
    r"The answer is $\boxed{\text{[L]}}$.",
    "<answer>[L]</answer>",
    "I choose [L].",
    "Final answer: [L]. [T]",
    "Correct option: [L]) [T]",
    '{"answer": "[L]"}',
    "### Answer\n[L]",
    "Hence option [L] is correct.",
)
_EN_BEFORE = (
    "",
    "Option [O] is incorrect because it doesn't fit. ",
    "It can't be [O] ([OT]).\n",
    "Some people would say [O], but they are mistaken.\n\n",
    "Let me look at each option:\n\n[ALL]\n\n",
    "Question: [Q]\n[ALL]\n\n",
    "[Q]\n",
    "The area is $\\boxed{A = \\pi r^2}$, which doesn't matter here.\n",
    "<think>Is it [O]? The answer is [O]. No, it isn't.</think>",
    "[O]? No, [OT] won't do. ",
    "First I thought of [O]; that was wrong.\n",
    "I need to think about this with care. A hint may be found in the text.\n",
    "- [O] ([OT]): wrong\n- [P] ([PT]): wrong\n\n",
)
_EN_BEHIND = (
    "",
    "\nConfidence: 95%",
    " Option [O] is wrong.",
    "\n\nExplanation: [OT] ([O]) doesn't fit, nor does [PT] ([P]).",
    " It is not [O], whatever one reads elsewhere.",
    "\n\n[1] [O]. Brown and [P]. Green, An Introduction, 2nd edition.",
    "\n\nSources:\n- A. Smith, B. Jones, C. Brown (2019)\n",
    "\n\nLet me know if you would like to hear why [O] is wrong!",
    "</s>",
    "<|im_end|>\n<|im_start|>user\nThank you. And is it [O] at night?",
    "\n\nQuestion: Which of these is green?\nA. Grass\nB. Snow\nC. Coal\nD. Milk\nAnswer: [O]",
    "\n\nUser: And of these?\nAssistant: The answer is [O].",
    "\nWhy not [O]? Because [OT] doesn't fit.",
    "\n\n| Option | Verdict |\n|---|---|\n| [O] | wrong |\n| [P] | wrong |",
    "\n\nI hope this helps. A good day to you!",
)
_ZH_QUESTIONS = (
    ("陆地上跑得最快的动物是", ("狮子", "猎豹", "马", "野兔")),
    ("下列乐器中既有琴键又有琴弦的是", ("长笛", "鼓", "钢琴", "小号")),
    ("温度计测量的是", ("温度", "气压", "湿度", "速度")),
    ("第一次世界大战开始于哪一年？", ("1900年", "1905年", "1912年", "1914年")),
)
_ZH_SAID = (
    "答案是[L]。",
    "答案：[L]",
    "正确答案是（[L]）。",
    "**答案：[L]**",
    "【答案】[L]",
    "故选[L]。",
    "因此选[L]。",
    "所以正确的选项是[L]。",
    r"\boxed{[L]}",
    r"答案为 $\boxed{\text{[L]}}$。",
    "<answer>[L]</answer>",
    "我选择[L]。",
    "最终答案：[L]. [T]",
    "正确选项：[L]、[T]",
    '{"答案": "[L]"}',
    "### 答案\n[L]",
)
_ZH_BEFORE = (
    "",
    "[O]项错误，不符合题意。",
    "不可能是[O]（[OT]）。\n",
    "有人会选[O]，其实不对。\n\n",
    "逐项分析：\n[ALL]\n\n",
    "题目：[Q]\n[ALL]\n\n",
    "[Q]\n",
    "面积公式为$\\boxed{A=\\pi r^2}$，与本题无关。\n",
    "<think>是[O]吗？答案是[O]。不对。</think>",
    "[O]？不，[OT]不合适。",
    "我起初以为是[O]，后来发现不对。\n",
    "- [O]（[OT]）：错误\n- [P]（[PT]）：错误\n\n",
    "首先排除[O]和[P]。",
)
_ZH_BEHIND = (
    "",
    "\n置信度：95%",
    "[O]项是错误的。",
    "\n\n解析：[OT]（[O]）不符合，[PT]（[P]）也不符合。",
    "因为[O]不符合题意。",
    "\n\n[1] [O]·史密斯：《导论》，第2版。",
    "\n\n参考资料：\n- 《A册》\n- 《B册》\n",
    "\n\n如果想知道[O]为什么不对，请告诉我！",
    "</s>",
    "<|im_end|>\n<|im_start|>user\n谢谢。那么晚上是[O]吗？",
    "\n\n题目：下列哪一种是绿色的？\nA. 草\nB. 雪\nC. 煤\nD. 牛奶\n答案：[O]",
    "\n\n用户：那这个呢？\n助手：答案是[O]。",
    "\n为什么不是[O]？因为[OT]不符合。",
    "\n\n| 选项 | 判断 |\n|---|---|\n| [O] | 错误 |\n| [P] | 错误 |",
    "\n\n希望对你有帮助！",
)
_EN_NUMBER = (
    "The answer is [N].",
    "Answer: [N]",
    "The final answer is [N] boxes.",
    "**Answer: [N]**",
    "#### [N]",
    r"\boxed{[N]}",
    r"So the answer is $\boxed{[N]}$.",
    "<answer>[N]</answer>",
    '{"answer": [N]}',
    "### Final Answer\n[N]",
    "[M] - 11 = [N], so the answer is [N].",
)
_EN_NUMBER_BEFORE = (
    "",
    "There were [S] of them at first, and 150 were sold.\n",
    "Step 1: 3 x 5 = 15.\nStep 2: we subtract.\n",
    "It is not [M]. ",
    "My first guess was [M], which was wrong.\n",
    "Question: Of [S] boxes 150 are sold. How many are left?\n",
    "<think>Is the answer [M]? No.</think>",
    "1. Count the boxes.\n2. Take away what is sold.\n\n",
    "Between 3 and 9 steps are needed.\n",
    "```python\nleft = [S] - 150\n```\n",
)
_EN_NUMBER_BEHIND = (
    "",
    "\nConfidence: 95%",
    "\n\nCheck: [N] + 150 = [S].",
    "\n\nExplanation: [S] were made, 150 were sold.",
    " It isn't [M].",
    "\n\n[1] Table 3 of the 2019 edition, page 87.",
    "\n\nWould you like to try 5 more problems?",
    "</s>",
    "<|im_end|>\n<|im_start|>user\nAnd with 12 boxes?",
    "\n\nQuestion: Tom has 5 apples and buys 3. How many has he?\nAnswer: 8",
    "\n\nQ: What is 2 + 2?\nA: The answer is 4.",
    "\n\nNext, if 3 more are sold, fewer than [S] remain.",
    " (That took 4 steps.)",
    "\n\nNote: this holds for at least 2 weeks.",
)
_ZH_NUMBER = (
    "答案是[N]。",
    "答案：[N]",
    "最终答案为[N]个。",
    "**答案：[N]**",
    "【答案】[N]",
    "答：还剩[N]个。",
    "#### [N]",
    r"\boxed{[N]}",
    r"所以答案是 $\boxed{[N]}$。",
    "<answer>[N]</answer>",
    '{"答案": [N]}',
    "### 最终答案\n[N]",
)
_ZH_NUMBER_BEFORE = (
    "",
    "原来有[S]个，卖掉150个。\n",
    "第一步：3×5=15。\n第二步：相减。\n",
    "不是[M]。",
    "我起初算成[M]，算错了。\n",
    "题目：共有[S]个，卖掉150个，还剩多少个？\n",
    "<think>答案是[M]吗？不是。</think>",
    "1. 数一数总数。\n2. 减去卖掉的。\n\n",
    "需要3到9步。\n",
    "```python\nleft = [S] - 150\n```\n",
)
_ZH_NUMBER_BEHIND = (
    "",
    "\n置信度：95%",
    "\n\n验算：[N]+150=[S]。",
    "\n\n解析：一共[S]个，卖掉150个。",
    "不是[M]。",
    "\n\n[1] 2019年版第87页表3。",
    "\n\n需要我再出5道题吗？",
    "</s>",
    "<|im_end|>\n<|im_start|>user\n那12个呢？",
    "\n\n题目：小明有5个苹果，又买了3个，一共有几个？\n答案：8",
    "\n\n问：2加2等于几？\n答：4",
    "\n\n如果再卖掉3个，就不到[S]个了。",
    "（共4步）",
    "\n\n注：至少2周内有效。",
)
