"""A marked answer plus any noise may become unparsed, never another value."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench_plugin_choices.evaluator import read_text

EN = ["Venus", "Mars", "Jupiter", "Saturn"]
ZH = ["金星", "火星", "木星", "土星"]

SAID_EN = [
    "The answer is {}.", "The correct answer is ({}).", "**Answer: {}**", "Answer: {}) [own]",
    "Final answer: {}", "### Answer\n\n{}", "\\boxed{{{}}}", "<answer>{}</answer>",
    '{{"answer": "{}"}}', "I would choose {}.", "So the right option is {}, [own].",
    "The best choice is option {}.", "My answer: **{}**.", "The answer is not [x] but {}.",
    "The answer is {}, not [x].", "The answer can't be [x]. The answer is {}.",
]  # fmt: skip
SAID_ZH = [
    "答案是{}。", "正确答案是{}。", "答案：{}", "**答案：{}**", "【答案】{}", "故选{}。",
    "因此，本题选{}。", "综上所述，正确选项是{}。",
    "最终答案：{}", "\\boxed{{{}}}", "答案不是[x]，而是{}。",
    "选{}，不选[x]。", "我的答案是（{}）。", "### 答案\n{}",
]  # fmt: skip
NOISE_EN = [
    "[x] is wrong, since it is yellow.", "Option [x] is incorrect.", "We can rule out ([x]).",
    "Some people would say [x].", "Is it [x]? No.", "It might be [x], but that is unlikely.",
    "At first I thought it was [x].", "Let's analyze each option:", "A planet is a body in space.",
    "I think so.", "The surface is \\boxed{A = 4\\pi r^2}.", "Confidence: 95%",
    "Question: Which is it?", "[x]. [other]: not red.", "Sources:\n[1] A handbook\n[2] A map",
    "Unlike [other], it is red.", "Explanation: [x]. [other] is yellow; that rules it out.",
    "It is not [other].", "Let me know if you have other questions!", "Step 1: Read the question.",
    "You asked me to end with \"Answer: [x]\".", "If the answer were [x], it would be hot.",
    "> A quote from the text.", "| Option | Verdict |\n|---|---|\n| [x] | wrong |", "",
]  # fmt: skip
NOISE_ZH = [
    "[x]错误。", "[x]项不正确，排除。", "首先排除[x]。", "有人会选[x]。", "是[x]吗？不是。",
    "可能有人误选[x]。", "我起初以为是[x]，后来发现不对。", "下面逐项分析：", "因为它是红色的。",
    "[x]. [other]：不是红色。", "置信度：95%", "题目：哪一个是红色的行星？",
    "与[other]不同，它是红色的。",
    "解析：[x]选项是[other]，不符合题意。", "如有其他问题，请告诉我！", "第一步：审题。",
    "如果选[x]，就错了。", "",
]  # fmt: skip
ENDS = [
    "",
    "<|im_end|>",
    "</s>",
    "<|eot_id|>",
    "\n\nUser: next",
    "\n\nQuestion: How many?\nAnswer: [x]",
]
ENDS_ZH = ["", "<|im_end|>", "</s>", "\n\n题目：下一题是什么？\n答案：[x]"]


def _filled(text: str, options: list[str], place: int, other: int) -> str:
    return (
        text.replace("[own]", options[place])
        .replace("[other]", options[other])
        .replace("[x]", "ABCD"[other])
    )


def _check(
    language: tuple[list[str], list[str], list[str], list[str]],
    place: int,
    shift: int,
    form: str,
    before: list[str],
    after: list[str],
    end: str,
    joint: str,
) -> None:
    options = language[0]
    other = (place + shift) % 4
    said = form.format("ABCD"[place])
    # What another exercise answers begins on lines of its own.
    text = joint.join([one for one in (*before, said, *after) if one]) + end
    text = _filled(text, options, place, other)
    found = read_text(text, options, question="Which planet is red?")
    for reading in (found.strict, found.lenient):
        assert reading is None or reading.place == place, (text, reading)


places = st.integers(0, 3)
shifts = st.integers(1, 3)


@settings(max_examples=400, deadline=None)
@given(
    places, shifts, st.sampled_from(SAID_EN), st.lists(st.sampled_from(NOISE_EN), max_size=3),
    st.lists(st.sampled_from(NOISE_EN), max_size=3), st.sampled_from(ENDS),
    st.sampled_from(["\n", "\n\n"]),
)  # fmt: skip
def test_english(
    place: int, shift: int, form: str, before: list[str], after: list[str], end: str, joint: str
) -> None:
    _check((EN, SAID_EN, NOISE_EN, ENDS), place, shift, form, before, after, end, joint)


@settings(max_examples=400, deadline=None)
@given(
    places, shifts, st.sampled_from(SAID_ZH), st.lists(st.sampled_from(NOISE_ZH), max_size=3),
    st.lists(st.sampled_from(NOISE_ZH), max_size=3), st.sampled_from(ENDS_ZH),
    st.sampled_from(["\n", "\n\n"]),
)  # fmt: skip
def test_chinese(
    place: int, shift: int, form: str, before: list[str], after: list[str], end: str, joint: str
) -> None:
    _check((ZH, SAID_ZH, NOISE_ZH, ENDS_ZH), place, shift, form, before, after, end, joint)


def test_noise_does_not_hide_most_answers() -> None:
    """A reader that parses nothing would pass the property: most combinations are read."""
    for options, said, noises in ((EN, SAID_EN, NOISE_EN), (ZH, SAID_ZH, NOISE_ZH)):
        read = total = 0
        for number, form in enumerate(said):
            for at, noise in enumerate(noises):
                place, other = number % 4, (number + 1 + at % 3) % 4
                lines = (noise, form.format("ABCD"[place]), noises[(at + 7) % len(noises)])
                text = _filled("\n".join(lines), options, place, other)
                found = read_text(text, options, question="Which planet is red?").lenient
                total += 1
                read += found is not None and found.place == place
        assert read / total > 0.97, f"{read} of {total}"
