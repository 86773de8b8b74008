"""Reasoning told from the answer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.config.suite import check_reasoning
from aisbench.reading.reasoning import left_over, split_reasoning
from aisbench.reading.rule import Reasoning
from aisbench.types.response import Response, Thinking

TAGS = Reasoning()
IMPLIED = Reasoning(implied=True)
NONE = Reasoning(start="", end="")
ONLY_END = Reasoning(start="")
OWN = Reasoning(start="[THINK]", end="[/THINK]")
FENCED = "```xml\n<think>why</think>\n<answer>7</answer>\n```"
PROGRAM = "```python\nanswer = text.split('</think>')[1]\n```"
NO, DONE, OPEN = Thinking.NONE, Thinking.FINISHED, Thinking.UNFINISHED


@pytest.mark.parametrize(
    ("rule", "text", "apart", "answer", "reasoning", "thinking"),
    [
        # No reasoning at all.
        (TAGS, "42", None, "42", None, NO),
        (TAGS, "", None, "", None, NO),
        (TAGS, "a < b > c", None, "a < b > c", None, NO),
        # Inline, whole.
        (TAGS, "<think>why</think>42", None, "42", "why", DONE),
        (TAGS, "\n<think>\nwhy\n</think>\n\n42\n", None, "42\n", "why", DONE),
        (TAGS, "<think></think>42", None, "42", None, DONE),
        (TAGS, "<think>\n\n</think>\n\n42", None, "42", None, DONE),
        (TAGS, "<think>why</think>", None, "", "why", DONE),
        (OWN, "[THINK]why[/THINK]42", None, "42", "why", DONE),
        (OWN, "<think>why</think>42", None, "<think>why</think>42", None, NO),
        # The opening tag stood in the prompt.
        (TAGS, "why</think>42", None, "42", "why", DONE),
        (ONLY_END, "why</think>42", None, "42", "why", DONE),
        (IMPLIED, "why</think>42", None, "42", "why", DONE),
        # Never finished.
        (TAGS, "<think>why", None, "", "why", OPEN),
        (TAGS, "  \n<think>why", None, "", "why", OPEN),
        (TAGS, "<think>", None, "", None, OPEN),
        (TAGS, "why", None, "why", None, NO),
        (IMPLIED, "why", None, "", "why", OPEN),
        (IMPLIED, "", None, "", None, NO),
        # Several blocks: the answer follows the last closing tag.
        (TAGS, "<think>a</think>x<think>b</think>y", None, "y", "a\nx\nb", DONE),
        # Tags that an answer writes about.
        (TAGS, "Write `<think>` first.", None, "Write `<think>` first.", None, NO),
        (TAGS, "Use `</think>`.", None, "Use `</think>`.", None, NO),
        (TAGS, "<think>why</think>Use `</think>`.", None, "Use `</think>`.", "why", DONE),
        (TAGS, "Use `<think>why</think>`: 42", None, "Use `<think>why</think>`: 42", None, NO),
        (TAGS, f"So:\n{FENCED}\nDone.", None, f"So:\n{FENCED}\nDone.", None, NO),
        (TAGS, f"<think>a</think>So:\n{FENCED}", None, f"So:\n{FENCED}", "a", DONE),
        (TAGS, f"<think>a</think>So:\n{PROGRAM}", None, f"So:\n{PROGRAM}", "a", DONE),
        (TAGS, f"So:\n{PROGRAM}", None, f"So:\n{PROGRAM}", None, NO),
        (TAGS, "List<Thought> all = f();", None, "List<Thought> all = f();", None, NO),
        # Reasoning that writes about them.
        (TAGS, "<think>I end with `</think>` and", None, "", "I end with `</think>` and", OPEN),
        (TAGS, "<think>Not `</think>`.</think>42", None, "42", "Not `</think>`.", DONE),
        (TAGS, "<think>Open ```py\nx</think>42", None, "42", "Open ```py\nx", DONE),
        (TAGS, "It is `B` or `C</think>`B`", None, "`B`", "It is `B` or `C", DONE),
        (TAGS, "Open ```py\nx</think>```\n42\n```", None, "```\n42\n```", "Open ```py\nx", DONE),
        # In the middle.
        (TAGS, "Sure. <think>7?</think>5 legs", None, "5 legs", "Sure.\n7?", DONE),
        (TAGS, "It has 5.<think>Yes.</think>", None, "It has 5.", "It has 5.\nYes.", DONE),
        (TAGS, "<think>a</think>5<think>b</think> \n", None, "5", "a\n5\nb", DONE),
        (IMPLIED, "It has 5<think>Yes.</think>", None, "", "It has 5\nYes.", DONE),
        (
            TAGS,
            "The result is 5.<think>Or is it 6? I would say 6",
            None,
            "",
            "The result is 5.\nOr is it 6? I would say 6",
            OPEN,
        ),
        # Nested, doubled, crossed.
        (TAGS, "<think>a<think>b</think>c</think>42", None, "42", "a<think>b</think>c", DONE),
        (TAGS, "<think><think>why</think>42", None, "42", "<think>why", DONE),
        (TAGS, "<think>a</think></think>42", None, "42", "a</think>", DONE),
        (TAGS, "<think>why</thinking>42", None, "", "why</thinking>42", OPEN),
        (
            TAGS,
            "<thinking>a<reflection>b</reflection>c</thinking>42",
            None,
            "42",
            "a<reflection>b</reflection>c",
            DONE,
        ),
        # Told apart by the server.
        (TAGS, "42", "why", "42", "why", DONE),
        (TAGS, "", "why", "", "why", OPEN),
        (TAGS, " \n", "why", " \n", "why", OPEN),
        (IMPLIED, "42", "why", "42", "why", DONE),
        (TAGS, "<think>b</think>42", "a", "42", "a\nb", DONE),
        # Switched off.
        (NONE, "<think>why</think>42", None, "<think>why</think>42", None, NO),
        (NONE, "42", "why", "42", "why", DONE),
    ],
)
def test_table(
    rule: Reasoning,
    text: str,
    apart: str | None,
    answer: str,
    reasoning: str | None,
    thinking: Thinking,
) -> None:
    made = split_reasoning(Response(text=text, reasoning=apart, model="m"), rule)
    assert (made.text, made.reasoning, made.thinking) == (answer, reasoning, thinking)
    assert made.model == "m"


FAMILIES = [
    ("<think>", "</think>"),
    ("<THINK>", "</Think>"),
    ("<think >", "</ think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<thoughts>\n", "\n</thoughts>\n"),
    ("<reason>", "</reason>"),
    ("<reasoning>", "</reasoning>"),
    ("<reflection>", "</reflection>"),
    ("<scratchpad>", "</scratchpad>"),
    ("<seed:think>", "</seed:think>"),
    ("<mm:think>", "</mm:think>"),
    ("<longcat_think>", "</longcat_think>"),
    ("<ifm|think_fast>", "</ifm|think_fast>"),
    ("<think:opensource>", "</think:opensource>"),
    ('<thinking time="3 s">', "</thinking>"),
    ("<antThinking>", "</antThinking>"),
    ('<details type="reasoning" done="true">\n', "\n</details>\n"),
    ("[THINK]", "[/THINK]"),
    ("[think]", "[/think]"),
    ("◁think▷", "◁/think▷"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|START_THINKING|>", "<|END_THINKING|><|START_RESPONSE|>"),
    ("<|begin_of_thought|>\n\n", "\n\n<|end_of_thought|>\n\n<|begin_of_solution|>"),
    ("<|think_start|>", "<|think_end|>"),
    ("<|think|>", "<|end|><|begin|>assistant<|content|>"),
    ("<|channel>thought\n", "<channel|>"),
    ("<|channel>", "<channel|>"),
    ("<|open|>think<|sep|>", "<|close|>think<|sep|><|open|>response<|sep|>"),
    ("<|content_thinking|>", "<|end_message|><|message_model|><|content_text|>"),
    ("<|inner_prefix|>", "<|inner_suffix|>"),
    ("<unused94>thought\n", "<unused95>"),
    ("Here is my thought process:\n", "Here is my response:\n"),
    ("Here's my thought process:\n", "Here's my response:\n"),
    ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    ("<|start|>assistant<|channel|>analysis<|message|>",
     "<|start|>assistant<|channel|>final <|constrain|>json<|message|>"),
    ("analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    ("analysis", "assistantfinal"),
]  # fmt: skip


@pytest.mark.parametrize(("start", "end"), FAMILIES)
def test_families(start: str, end: str) -> None:
    made = split_reasoning(Response(text=f"{start}Perhaps 7, so 7.{end}It has five: 5"), TAGS)
    assert (made.text.strip(), made.thinking) == ("It has five: 5", DONE)
    assert (made.reasoning or "").startswith("Perhaps 7, so 7.")
    unfinished = split_reasoning(Response(text=f"{start}Perhaps 7, so 7"), TAGS)
    assert (unfinished.text, unfinished.thinking) == ("", OPEN)
    assert unfinished.reasoning == "Perhaps 7, so 7"
    late = split_reasoning(Response(text=f"The result is 5.\n{start}Or 6"), TAGS)
    if not start.startswith(("Here", "analysis")):  # words, which only begin an answer
        assert (late.text, late.thinking) == ("", OPEN)
    for code in ("`{}`", "```\n{}\n```"):
        quoted = "The marks are " + code.format(f"{start}why{end}".replace("\n", " ")) + " here."
        if "\n" in code:
            quoted = quoted.replace("are ", "are\n")
        same = split_reasoning(Response(text=quoted), TAGS)
        assert (same.text, same.thinking) == (quoted, NO)


ORDINARY = ("Here", "assistant", "<|end", "\n</details>")
CLOSING_ALONE = [end for _, end in FAMILIES if not end.startswith(ORDINARY)]


@pytest.mark.parametrize("end", [*CLOSING_ALONE, "<|end_of_thought|>"])
def test_closing_marks_alone(end: str) -> None:
    made = split_reasoning(Response(text=f"Perhaps 7, so 7.{end}It has five: 5"), TAGS)
    if end.startswith("<|start|>"):
        assert made.text == "It has five: 5"
        return
    assert (made.text.strip(), made.thinking) == ("It has five: 5", DONE)
    assert made.reasoning == "Perhaps 7, so 7."


@pytest.mark.parametrize(
    "text",
    [
        "Here is my response: 42",
        "analysis of the data: 42",
        "Analysis\n42",
        "analysis is what assistantfinal means",
        "<|end|>",
        "5 < think > 4",
        "f<thinker>(x) is <unused> and <reasonable>",
        "[thinker] a[think1] [/thinker]",
        "The channel <|channel|> has no message",
        "一道题：《思考》答案是 42",
    ],
)
def test_what_is_no_mark(text: str) -> None:
    made = split_reasoning(Response(text=text), TAGS)
    assert (made.text, made.thinking) == (text, NO)
    assert left_over(text) is None


HEAD = "<|channel|>analysis<|message|>Perhaps 7.<|end|><|start|>assistant"


@pytest.mark.parametrize(
    ("text", "answer", "thinking", "calls"),
    [
        (f"{HEAD}<|channel|>final<|message|>5 legs<|return|>", "5 legs", DONE, ()),
        (f"{HEAD}<|channel|>final<|message|>5 legs", "5 legs", DONE, ()),
        ("<|channel|>final<|message|>5 legs", "5 legs", DONE, ()),
        (f"{HEAD}<|channel|>final<|message|>", "", DONE, ()),
        (f"{HEAD}<|channel|>commentary<|message|>Let me see.", "", OPEN, ()),
        (f"{HEAD}<|channel|>final<|message|>6<|end|><|start|>assistant<|channel|>analysis"
         "<|message|>Rather 5.<|end|><|start|>assistant<|channel|>final<|message|>5", "5", DONE,
         ()),
        (f"{HEAD}<|channel|>commentary to=functions.legs <|constrain|>json<|message|>"
         '{"of": "cow"}<|call|>', "", DONE, ("legs",)),
        (f"{HEAD} to=functions.legs<|channel|>commentary json<|message|>" '{"of": "cow"}', "",
         DONE, ("legs",)),
        ("analysisWe need 7.assistantanalysisMore.assistantfinal5", "5", DONE, ()),
        ("analysisWe need 7.assistantcommentaryHm.", "", OPEN, ()),
    ],
)  # fmt: skip
def test_channels(text: str, answer: str, thinking: Thinking, calls: tuple[str, ...]) -> None:
    made = split_reasoning(Response(text=text), TAGS)
    assert (made.text, made.thinking) == (answer, thinking)
    assert tuple(one.name for one in made.tool_calls) == calls
    assert all(one.arguments == '{"of": "cow"}' for one in made.tool_calls)
    assert split_reasoning(made, TAGS) == made


def test_what_the_suite_does_not_name_is_left_over() -> None:
    for start, _ in FAMILIES[:-1]:
        if start.startswith("analysis"):
            continue
        text = f"{start}why"
        assert split_reasoning(Response(text=text), NONE).text == text
        found = left_over(text)
        assert found is not None
        assert found in text
    assert left_over("Use `<think>` and\n```\n[THINK]\n```") is None
    assert left_over("Use `<think>`. <think>") == "<think>"


MARKS = st.sampled_from([mark for pair in FAMILIES for mark in pair])
PIECES = st.text(alphabet='ab5 .\n`"', max_size=12) | MARKS


@given(st.lists(PIECES, max_size=8), st.sampled_from([TAGS, IMPLIED, NONE, ONLY_END, OWN]))
@settings(deadline=None)
def test_any_mixture(pieces: list[str], rule: Reasoning) -> None:
    text = "".join(pieces)
    made = split_reasoning(Response(text=text), rule)
    assert made.text in text
    assert made.thinking is not OPEN or made.text == ""
    assert made.thinking is not NO or made.text == text
    assert split_reasoning(made, rule) == made


@given(st.sampled_from(FAMILIES), st.text(alphabet="ab5 .\n"), st.text(alphabet="cd7 .\n"))
@settings(deadline=None)
def test_reasoning_never_reaches_the_answer(
    marks: tuple[str, str], inside: str, after: str
) -> None:
    start, end = marks
    if start == "analysis":  # not told from a word before a small letter
        inside = "A" + inside
    made = split_reasoning(Response(text=f"{start}{inside}{end}{after}"), TAGS)
    assert made.text == after.lstrip("\n")
    assert made.thinking is DONE


def test_marks_of_ones_own_come_in_pairs() -> None:
    for rule in (TAGS, IMPLIED, NONE, ONLY_END, OWN, Reasoning(end="")):
        assert check_reasoning(rule) is None
    assert check_reasoning(Reasoning(start="[T]")) == (
        "end", "is missing: the marks are a pair, and the other one is '[T]'"
    )  # fmt: skip
    assert check_reasoning(Reasoning(end="[/T]")) == (
        "start", "is missing: the marks are a pair, and the other one is '[/T]'"
    )  # fmt: skip


def test_a_second_block_that_never_ends() -> None:
    made = split_reasoning(Response(text="<think>a</think>\n<think>b"), TAGS)
    assert (made.text, made.thinking) == ("", OPEN)


@pytest.mark.parametrize("rule", [TAGS, IMPLIED, NONE, ONLY_END])
@pytest.mark.parametrize(
    "text", ["42", "<think>why</think>42", "why</think>42", "<think>why", "why", ""]
)
def test_twice_is_once(rule: Reasoning, text: str) -> None:
    once = split_reasoning(Response(text=text), rule)
    assert split_reasoning(once, rule) == once


@pytest.mark.parametrize(
    ("rule", "text"),
    [(TAGS, "<think>why</think>"), (IMPLIED, "<think></think>42"), (TAGS, "a</think><think>b")],
)
def test_twice_is_once_in_corner_cases(rule: Reasoning, text: str) -> None:
    once = split_reasoning(Response(text=text), rule)
    assert split_reasoning(once, rule) == once


@given(st.text(alphabet="ab \n"), st.text(alphabet="ab \n"))
@settings(deadline=None)
def test_nothing_is_lost_but_white_space(inside: str, after: str) -> None:
    made = split_reasoning(Response(text=f"<think>{inside}</think>{after}"), TAGS)
    assert made.text == after.lstrip("\n")
    assert made.reasoning == (inside.strip() or None)
    assert made.thinking is DONE
