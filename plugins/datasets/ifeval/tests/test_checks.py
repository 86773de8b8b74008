"""Each kind of instruction, followed and not."""

from __future__ import annotations

from typing import Any

import pytest

from aisbench.api import DataError, Prompt, Response, Sample, Score, Transcript, Verdict
from aisbench_plugin_ifeval.checks import CHECKS, followed, variants
from aisbench_plugin_ifeval.evaluator import Instructions

CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("keywords:existence", {"keywords": ["fox", "den"]}, "A Fox in its den.", "A fox."),
    ("keywords:frequency", {"keyword": "fox", "frequency": 2, "relation": "at least"},
     "Fox and foxes", "one fox"),
    ("keywords:frequency", {"keyword": "fox", "frequency": 2, "relation": "less than"},
     "one fox", "Fox and foxes"),
    ("keywords:forbidden_words", {"forbidden_words": ["fox"]}, "foxes", "The FOX!"),
    ("keywords:letter_frequency", {"letter": "q", "let_frequency": 2, "let_relation": "at least"},
     "Quite quiet", "quite"),
    ("language:response_language", {"language": "de"},
     "Das ist ein ganz gewöhnlicher deutscher Satz.", "This is a plain sentence in English."),
    ("length_constraints:number_sentences", {"num_sentences": 2, "relation": "at least"},
     "Dr. Fox came. He left.", "Dr. Fox came and left."),
    ("length_constraints:number_sentences", {"num_sentences": 2, "relation": "less than"},
     "It is 3.5 m long, e.g. a fox.", "One. Two."),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "one\n***\ntwo", "one\n\ntwo"),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "***one***two***",
     "one *** *** two"),
    ("length_constraints:number_words", {"num_words": 3, "relation": "at least"}, "a b-c", "a b"),
    ("length_constraints:nth_paragraph_first_word",
     {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "then"},
     'first\n\n"Then, second', "then first\n\nsecond"),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}, "[name] at [place]",
     "[name]"),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "Bye\nP. S. more", "Bye"),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, "Bye\np.p.s more", "P.S. x"),
    ("detectable_format:constrained_response", {}, "Well: My answer is maybe.", "maybe"),
    ("detectable_format:json_format", {}, '```json\n{"a": 1}\n```', "a: 1"),
    ("detectable_format:multiple_sections", {"section_spliter": "Part", "num_sections": 2},
     "Part 1\nx\nPart 2\ny", "Part one Part two"),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}, "* a\n- b\n**c**", "* a"),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2}, "*a* and **b c**",
     "*a*"),
    ("detectable_format:title", {}, "<<A fox>>\ntext", "<< >>"),
    ("change_case:capital_word_frequency",
     {"capital_frequency": 2, "capital_relation": "at least"}, "RED FOX runs", "RED fox"),
    ("change_case:english_capital", {}, "THIS IS A LOUD SENTENCE.", "This is not."),
    ("change_case:english_lowercase", {}, "this is a quiet sentence.", "This is not."),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Say it. "}, "say it. I did.", "I did."),
    ("combination:two_responses", {}, "one******two", "one******one"),
    ("punctuation:no_comma", {}, "one; two", "one, two"),
    ("startend:end_checker", {"end_phrase": "Any questions?"}, 'So. "any questions?"', "So."),
    ("startend:quotation", {}, '"all of it"', '"part" of it'),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "good", "bad"), CASES)
def test_check(name: str, given: dict[str, Any], good: str, bad: str) -> None:
    assert followed(name, good, given)
    assert not followed(name, bad, given)


def test_every_kind_has_a_case() -> None:
    assert {case[0] for case in CASES} == set(CHECKS)
    assert len(CHECKS) == 25


def test_loose_forms() -> None:
    assert variants("a\n*b*\nc") == [
        "a\n*b*\nc", "*b*\nc", "a\n*b*", "*b*", "a\nb\nc", "b\nc", "a\nb", "b",
    ]  # fmt: skip
    text = "Sure, here it is:\nNo commas in here."
    assert not followed("punctuation:no_comma", text, {})
    assert followed("punctuation:no_comma", text, {}, loose=True)
    assert not followed("punctuation:no_comma", " \n ", {}, loose=True)


def judged(text: str, **fields: Any) -> Score:
    transcript = Transcript(prompts=(Prompt(text="?"),), responses=(Response(text=text),))
    return Instructions().score(Sample(id="s", fields=fields), transcript)


def test_the_four_measures() -> None:
    score = judged(
        "Sure, yes\nno commas HERE",
        instruction_id_list=["punctuation:no_comma", "keywords:existence"],
        kwargs=[{}, {"keywords": ["here"], "letter": None}],
    )
    assert (score.value, score.verdict) == (0.0, Verdict.WRONG)
    assert score.reason == "not followed: punctuation:no_comma"
    found = {name: (one.value, one.weight) for name, one in score.measures.items()}
    assert found == {
        "prompt-level strict": (0, 1),
        "instruction-level strict": (50, 2),
        "prompt-level loose": (100, 1),
        "instruction-level loose": (100, 2),
    }


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "has no instructions to check"),
        ({"instruction_id_list": ["x:y"], "kwargs": [{}]}, "the instruction 'x:y' is not known"),
        ({"instruction_id_list": ["punctuation:no_comma"], "kwargs": []}, "1 instructions, 0 kw"),
        ({"instruction_id_list": ["keywords:existence"], "kwargs": [{}]}, "lacks its argument"),
    ],
)
def test_samples_that_cannot_be_judged(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        judged("text", **fields)
