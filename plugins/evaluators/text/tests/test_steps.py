"""What each step makes of a text."""

from __future__ import annotations

from typing import Any

import pytest

from aisbench.api import Sample
from aisbench_plugin_text import steps
from aisbench_plugin_text.json_field import FieldSettings, JsonField
from aisbench_plugin_text.steps import MarkSettings, RegexSettings, WhichSettings

CODE = "Try:\n```python\na = 1\n```\nor\n~~~\nb = 2\n\nc = 3\n~~~\ndone"


@pytest.mark.parametrize(
    ("step", "text", "wanted"),
    [
        (steps.Strip(), " a ", "a"),
        (steps.Strip(), " ", None),
        (steps.Lower(), "Ab", "ab"),
        (steps.FirstLine(), "\n  one \ntwo", "one"),
        (steps.LastLine(), "one\n two \n\n", "two"),
        (steps.LastLine(), "\n", None),
        (steps.CodeBlock(WhichSettings()), CODE, "b = 2\n\nc = 3"),
        (steps.CodeBlock(WhichSettings(which="first")), CODE, "a = 1"),
        (steps.CodeBlock(WhichSettings()), "```\ncut sh", "cut sh"),
        (steps.CodeBlock(WhichSettings()), "no code", None),
        (steps.After(MarkSettings(text="A:")), "A: 1 A: 2 ", "2"),
        (steps.After(MarkSettings(text="A:", which="first")), "A: 1 A: 2 ", "1 A: 2"),
        (steps.After(MarkSettings(text="B:")), "A: 1", None),
        (steps.After(MarkSettings(text="B:", otherwise="whole")), "A: 1", "A: 1"),
        (steps.Before(MarkSettings(text=".", which="first")), "1. 2. 3", "1"),
        (steps.Before(MarkSettings(text=".")), "1. 2. 3", "1. 2"),
        (steps.Regex(RegexSettings(pattern=r"\d+")), "1 and 22", "22"),
        (steps.Regex(RegexSettings(pattern=r"x(\d)", which="first")), "x1 x2", "1"),
        (steps.Regex(RegexSettings(pattern="yes", ignore_case=True)), "YES", "YES"),
        (steps.Regex(RegexSettings(pattern=r"\s+", replace=" ")), "a \n b", "a b"),
        (steps.Regex(RegexSettings(pattern="z")), "a", None),
        (steps.AnswerIs(), "So the answer is (B).", "(B)"),
        (steps.AnswerIs(), "The answer is A. No, the answer is: **True**, ok", "True"),
        (steps.AnswerIs(), "The answer is 12.5.\nThat is it.", "12.5"),
        (steps.AnswerIs(), "答案是：北京。", "北京"),
        (steps.AnswerIs(), "I do not know.", None),
        (steps.AnswerIs(), "the answer is", None),
    ],
)
def test_step(step: Any, text: str, wanted: str | None) -> None:
    assert step.process(text, Sample(id="s")) == wanted


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ('{"reasoning": "r", "answer": "18"}', "18", "18"),
        ('Here:\n```json\n{"answer": 18.5}\n```', "18.5", "18.5"),
        ('{"answer": "1"} no: {"answer": "2"}', "1", "2"),
        ('{"a": {"answer": 3}, "answer": [1, 2]}', "[1, 2]", "[1, 2]"),
        ('{"answer": " x\n"}', " x\n", " x\n"),
        (r'{"answer": "$\frac{1}{2}$ or \(x\)"}', r"$\frac{1}{2}$ or \(x\)",
         r"$\frac{1}{2}$ or \(x\)"),
        ('{"reasoning": "cut", "answer": 7', "7", "7"),
        ('{"answer": ""}', "", ""),
        ('{"reply": "x"}', None, None),
        ("18", None, None),
        ("", None, None),
    ],
)  # fmt: skip
def test_fields_of_json(text: str, first: str | None, last: str | None) -> None:
    for which, wanted in (("first", first), ("last", last)):
        settings = FieldSettings(which=which)  # type: ignore[arg-type]
        assert JsonField(settings).process(text, Sample(id="s")) == wanted
