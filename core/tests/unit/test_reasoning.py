"""Reasoning told from the answer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.config.suite import Reasoning
from aisbench.reasoning import split_reasoning
from aisbench.types.response import Response, Thinking

TAGS = Reasoning()
IMPLIED = Reasoning(implied=True)
NONE = Reasoning(start="", end="")
ONLY_END = Reasoning(start="")
OWN = Reasoning(start="[THINK]", end="[/THINK]")
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
        (TAGS, "<think>a</think>x<think>b</think>y", None, "y", "a</think>x<think>b", DONE),
        # Tags inside code: an opening tag that does not begin the text opens nothing ...
        (TAGS, "Write `<think>` first.", None, "Write `<think>` first.", None, NO),
        # ... and the last closing tag wins, wherever it stands.
        (TAGS, "<think>why</think>Use `</think>`.", None, "`.", "why</think>Use `", DONE),
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
