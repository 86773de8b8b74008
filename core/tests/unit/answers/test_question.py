"""The question of a sample is found under the usual names."""

from __future__ import annotations

from aisbench.answers import question_of
from aisbench.api import Sample


def test_the_likeliest_name_comes_first() -> None:
    fields = {"goal": "to boil water", "problem": "2 + 2?", "question": " "}
    assert question_of(Sample(id="s", target="", fields=fields)) == "2 + 2?"
    assert question_of(Sample(id="s", target="", fields={"goal": "to boil"})) == "to boil"


def test_without_one_it_is_empty() -> None:
    fields = {"question": 7, "prompt": "", "answer": "4"}
    assert question_of(Sample(id="s", target="", fields=fields)) == ""
