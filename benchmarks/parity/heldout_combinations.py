"""Marked answers with noise around them once more, in other words: for measuring alone, as the
held-out answers of corpus/ are. Nothing is to be tuned on them."""

from __future__ import annotations

from combinations import choices, numbers
from corpus import Item


def heldout_combinations() -> dict[str, list[Item]]:
    """All of them by the name of their set."""
    return {
        "heldout-choice-en": list(choices("en", _EN_QUESTIONS, _EN_SAID, _EN_BEFORE, _EN_BEHIND)),
        "heldout-choice-zh": list(choices("zh", _ZH_QUESTIONS, _ZH_SAID, _ZH_BEFORE, _ZH_BEHIND)),
        "heldout-numeric-en": list(
            numbers("en", _EN_NUMBER, _EN_NUMBER_BEFORE, _EN_NUMBER_BEHIND)
        ),
        "heldout-numeric-zh": list(
            numbers("zh", _ZH_NUMBER, _ZH_NUMBER_BEFORE, _ZH_NUMBER_BEHIND)
        ),
    }


_EN_QUESTIONS = (
    ("Which of these lives in water?",
     ("A camel", "An eagle", "A dolphin", "A goat")),
    ("What is the chemical symbol of silver?",
     ("Au", "Ag", "Al", "Ar")),
    ("How many minutes are there in two hours?",
     ("60", "90", "120", "240")),
    ("Who painted the Mona Lisa?",
     ("Leonardo da Vinci", "Michelangelo", "Raphael", "Titian")),
    ("Why is the sky blue?",
     ("Because of dust", "Because short waves are scattered most",
      "Because of the sea", "Because air is a blue gas")),
)  # fmt: skip
_EN_SAID = (
    "So the answer must be [L].",
    "The right answer is [L]) [T].",
    "I'd go for option [L].",
    "ANSWER: [L]",
    "**Final Answer:** [L]",
    "My answer: **[L]**",
    r"$\boxed{\textbf{([L])}}$",
    "The correct choice is **[L]. [T]**.",
    "Conclusion: [L]",
    '```json\n{"answer": "[L]"}\n```',
    "Thus, the correct option is ([L]).",
    "[L] is the correct answer.",
)
_EN_BEFORE = (
    "",
    "We can rule out [O] and [P] at once.\n\n",
    "At first sight [O] ([OT]) looks right, but it is not.\n",
    "**Option [O]:** This is a common mistake.\n**Option [P]:** This makes no sense.\n\n",
    "Here is the question again:\n\n> [Q]\n>\n> (A) ... (B) ... (C) ... (D) ...\n\n",
    "A is for apple, as they say. Let's begin.\n\n",
    "I am a language model, and I will try to be of help.\n\n",
    "[THINK]Maybe [O]. The answer is [O], isn't it? Hmm, no.[/THINK]",
    "Could it be [O]? No, since [OT] doesn't match. Could it be [P]? No.\n",
    "Let $D$ be the distance and $\\boxed{B = 2D}$ a first result.\n\n",
    "| Option | Right? |\n|---|---|\n| [O] | no |\n| [P] | no |\n\n",
    "My first answer was [O]. I withdraw it.\n\n",
)
_EN_BEHIND = (
    "",
    "\n\nWhy the others are wrong:\n- [O]: it doesn't fit.\n- [P]: it doesn't fit either.",
    "\n\n*Confidence: high (90%)*",
    " ([O] would be right if it were the other way round.)",
    " Had they asked for [OT], [O] would have been the answer.",
    "\n\nReferences\n1. Brown, C. and Adams, D., Facts, p. 12.",
    "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nAre you sure it isn't [O]?",
    "<|im_end|>",
    "\n\nQ: Which is larger?\nA. An ant\nB. A bee\nC. A cow\nD. A dog\nA: C",
    "\n\nWhich animal barks?\nA) Cat\nB) Dog\nC) Cow\nD) Hen\n\nThe answer is B.",
    "\n\nShall I go through option [O] or [P] in more detail?",
    "\n\nPlease note that [O] is often given as the answer, wrongly.",
    "\n\nI hope that helps! A pleasure, as always.",
    "\nDon't be misled by [O].",
)
_ZH_QUESTIONS = (
    ("下列动物生活在水里的是", ("骆驼", "老鹰", "海豚", "山羊")),
    ("银的元素符号是", ("Au", "Ag", "Al", "Ar")),
    ("两小时等于多少分钟？", ("60", "90", "120", "240")),
    ("《红楼梦》的作者是", ("曹雪芹", "吴承恩", "罗贯中", "施耐庵")),
)
_ZH_SAID = (
    "所以答案应该是[L]。",
    "本题的正确答案是[L]（[T]）。",
    "应选[L]。",
    "故正确答案为[L]项。",
    "**最终答案：** [L]",
    "我的答案：**[L]**",
    r"$\boxed{\text{[L]}}$",
    "结论：选[L]",
    "【正确答案】[L]",
    '```json\n{"答案": "[L]"}\n```',
    "综上所述，选择[L]选项。",
    "[L]是正确答案。",
)
_ZH_BEFORE = (
    "",
    "首先可以排除[O]和[P]。\n\n",
    "乍一看[O]（[OT]）是对的，其实不然。\n",
    "**选项[O]**：常见的误解。\n**选项[P]**：不合理。\n\n",
    "原题如下：\n\n> [Q]\n>\n> [ALL]\n\n",
    "这道题属于A类题，难度为B级。\n\n",
    "我是一个语言模型，下面来回答。\n\n",
    "[THINK]也许是[O]？答案是[O]吧？不对。[/THINK]",
    "会是[O]吗？不会，因为[OT]不合题意。会是[P]吗？也不会。\n",
    "设距离为$D$，先得到$\\boxed{B=2D}$。\n\n",
    "| 选项 | 是否正确 |\n|---|---|\n| [O] | 否 |\n| [P] | 否 |\n\n",
    "我一开始答的是[O]，现在收回。\n\n",
)
_ZH_BEHIND = (
    "",
    "\n\n其他选项错误的原因：\n- [O]：不符合。\n- [P]：也不符合。",
    "\n\n*置信度：高（90%）*",
    "（如果反过来问，[O]才对。）",
    "\n若题目问的是[OT]，则应选[O]。",
    "\n\n参考文献\n1. A. 布朗，《常识》，第12页。",
    "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n你确定不是[O]吗？",
    "<|im_end|>",
    "\n\n问：下列哪个最大？\nA. 蚂蚁\nB. 蜜蜂\nC. 牛\nD. 狗\n答：C",
    "\n\n3. 会汪汪叫的动物是\nA. 猫\nB. 狗\nC. 牛\nD. 鸡\n答案：B",
    "\n\n需要我再详细讲讲[O]或[P]吗？",
    "\n\n注意：常有人误选[O]。",
    "\n\n希望以上回答对你有帮助，祝你考试得A！",
    "\n不要被[O]误导。",
)
_EN_NUMBER = (
    "So the answer must be [N].",
    "Final answer: **[N]**",
    "ANSWER: [N] books",
    "The result is [N].",
    r"$$\boxed{[N]}$$",
    "#### [N] books",
    '```json\n{"answer": [N]}\n```',
    "Therefore, the total is [S] - 150 = [N].",
    "In conclusion, the answer is [N] books.",
)
_EN_NUMBER_BEFORE = (
    "",
    "Given: [S] books, 150 lent.\n\n",
    "First, [S] / 2 is not needed. Second, subtract 150.\n",
    "One might think of [M]. That would be wrong.\n\n",
    "Let x be the number. Then x + 150 = [S].\n",
    "> There are [S] books. 150 are lent. How many are left?\n\n",
    "[THINK]Perhaps [M]? The answer is [M]. No.[/THINK]",
    "| Step | Value |\n|---|---|\n| all | [S] |\n| lent | 150 |\n\n",
    "At least 2 ways lead there; I take 1 of them.\n",
)
_EN_NUMBER_BEHIND = (
    "",
    "\n\n*(confidence: 0.9)*",
    "\n\nVerification: [S] - [N] = 150.",
    "\n\nHad 20 more been lent, it would be 20 fewer.",
    " The answer is not [M].",
    "\n\nReferences\n1. Brown, Numbers (2004), p. 12.",
    "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nWhat about 30 books?",
    "\n\nProblem 4: A pen costs 3 dollars. What do 7 pens cost?\nSolution: 3 * 7 = 21\n#### 21",
    "\n\nLet me know if you need the other 2 parts!",
    "\nThis took me 2 minutes.",
    "\n\n(I used 3 steps; 2 would do.)",
    "\n\nRecap: all [S], lent 150.",
)
_ZH_NUMBER = (
    "所以答案应该是[N]。",
    "最终答案：**[N]**",
    "正确答案是[N]本。",
    "结果为[N]。",
    r"$$\boxed{[N]}$$",
    "#### [N]",
    '```json\n{"答案": [N]}\n```',
    "因此，[S]-150=[N]，答案为[N]本。",
    "综上所述，答案是[N]本。",
)
_ZH_NUMBER_BEFORE = (
    "",
    "已知：共[S]本，借出150本。\n\n",
    "首先不需要除以2；其次减去150。\n",
    "可能有人会算成[M]，那是错的。\n\n",
    "设还剩x本，则x+150=[S]。\n",
    "> 共有[S]本书，借出150本，还剩多少本？\n\n",
    "[THINK]也许是[M]？答案是[M]。不对。[/THINK]",
    "| 步骤 | 数值 |\n|---|---|\n| 总数 | [S] |\n| 借出 | 150 |\n\n",
    "至少有2种方法，这里用第1种。\n",
)
_ZH_NUMBER_BEHIND = (
    "",
    "\n\n*（置信度：0.9）*",
    "\n\n检验：[S]-[N]=150。",
    "\n\n若再借出20本，则再少20本。",
    "\n答案不是[M]。",
    "\n\n参考文献\n1. 布朗，《数》（2004），第12页。",
    "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n如果是30本呢？",
    "\n\n例4：一支笔3元，7支笔多少元？\n解：3×7=21（元）\n答：21元。",
    "\n\n如果需要另外2小题的解答，请告诉我！",
    "\n本题用时2分钟。",
    "\n\n（一共用了3步，其实2步就够。）",
    "\n\n小结：总数[S]，借出150。",
)
