"""Each kind of instruction, followed and not."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, settings
from hypothesis import given as drawn
from hypothesis import strategies as st

from aisbench.api import Answer, DataError, Sample, Score, Verdict, open_dataset
from aisbench_plugin_ifeval.arguments import LANGUAGES
from aisbench_plugin_ifeval.checks import CHECKS, IFEVAL, followed, variants
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


def test_the_file_of_hugging_face(tmp_path: Path) -> None:
    """google/IFEval calls it otherwise."""
    official = Path(__file__).parent / "data"
    rows = (official / "input_data.jsonl").read_bytes()
    (tmp_path / "ifeval_input_data.jsonl").write_bytes(rows)
    found = open_dataset("ifeval", {"path": str(tmp_path)}).samples()
    expected = open_dataset("ifeval", {"path": str(official)}).samples()
    assert [(one.id, one.fields) for one in found] == [(one.id, one.fields) for one in expected]


def test_every_kind_has_a_case() -> None:
    assert {case[0] for case in CASES} == set(IFEVAL)
    assert len(IFEVAL) == 25


def test_loose_forms() -> None:
    assert variants("a\n*b*\nc") == [
        "a\n*b*\nc", "*b*\nc", "a\n*b*", "*b*", "a\nb\nc", "b\nc", "a\nb", "b",
    ]  # fmt: skip
    text = "Sure, here it is:\nNo commas in here."
    assert not followed("punctuation:no_comma", text, {})
    assert followed("punctuation:no_comma", text, {}, loose=True)
    assert not followed("punctuation:no_comma", " \n ", {}, loose=True)


def judged(text: str, **fields: Any) -> Score:
    answer = Answer.of(text)
    return Instructions().score(Sample(id="s", fields=fields), answer)


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


def one(name: str, given: Any, message: str) -> tuple[dict[str, Any], str]:
    return {"instruction_id_list": [name], "kwargs": [given]}, message


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "has no instructions to check"),
        ({"instruction_id_list": ["x:y"], "kwargs": [{}]}, "the instruction 'x:y' is not known"),
        ({"instruction_id_list": ["punctuation:no_comma"], "kwargs": []}, "1 instructions, 0 kw"),
        ({"instruction_id_list": [3], "kwargs": [{}]}, "the instruction 3 is not known"),
        ({"instruction_id_list": ["punctuation:no_comma"], "kwargs": ["x"]}, "not an object: 'x'"),
        one("keywords:existence", {}, "lacks its argument 'keywords'"),
        one("keywords:existence", {"keywords": "fox"}, "'fox' must be a list of words"),
        one("keywords:existence", {"keywords": []}, "must be a list of words"),
        one("keywords:forbidden_words", {"forbidden_words": ["a", ""]}, "must be a list of words"),
        one("keywords:frequency", {"keyword": 3, "frequency": 1, "relation": "at least"},
            "keyword = 3 must be a text"),
        one("length_constraints:number_words", {"num_words": 3, "relation": "at most"},
            "relation = 'at most' must be 'less than' or 'at least', which are all"),
        one("length_constraints:number_words", {"num_words": 3, "relation": ["at least"]},
        "must be"),
        one("length_constraints:number_words", {"num_words": "3", "relation": "at least"},
            "num_words = '3' must be a whole number from 0 on"),
        one("length_constraints:number_paragraphs", {"num_paragraphs": 1.5}, "a whole number"),
        one("length_constraints:number_paragraphs", {"num_paragraphs": True}, "a whole number"),
        one("length_constraints:nth_paragraph_first_word",
            {"num_paragraphs": 1, "nth_paragraph": 0, "first_word": "a"},
            "a whole number from 1 on"),
        one("language:response_language", {"language": "xx"}, "'xx' must be one of af, ar"),
        one("keywords:letter_frequency", {"letter": "", "let_frequency": 1,
        "let_relation": "at least"},
            "letter = '' must be a text"),
    ],
)  # fmt: skip
def test_samples_that_cannot_be_judged(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message) as raised:
        judged("text", **fields)
    assert "sample s" in raised.value.message
    with pytest.raises(DataError, match=message):
        Instructions().check(Sample(id="s", fields=fields))


def test_languages_are_those_that_can_be_told() -> None:
    from langdetect import detector_factory  # type: ignore[import-untyped]

    folder = Path(detector_factory.PROFILES_DIRECTORY)
    assert {file.name for file in folder.iterdir()} == LANGUAGES


WORDS: list[tuple[str, dict[str, Any], str, str]] = [
    ("keywords:existence", {"keywords": ["f(x", "C++"]}, "c++: F(x)", "f(y) of C+"),
    ("keywords:existence", {"keywords": ["a.b"]}, "A.B", "axb"),
    ("keywords:frequency", {"keyword": "*", "frequency": 2, "relation": "at least"}, "**", "*"),
    ("keywords:frequency", {"keyword": "[", "frequency": 1, "relation": "less than"}, "]", "["),
    ("keywords:forbidden_words", {"forbidden_words": ["C++", ".net"]}, "C+ net C++x",
    "I like C++."),
    ("keywords:forbidden_words", {"forbidden_words": ["(a+)+"]}, "aaa", "x (A+)+"),
    ("detectable_format:multiple_sections", {"section_spliter": "(Part", "num_sections": 2},
     "(Part 1 (part 2 (Part 3", "Part 1 Part 2"),
    ("detectable_content:postscript", {"postscript_marker": "P.S.*"}, "x\nP.S.* y", "P.S. y"),
    ("length_constraints:number_words", {"num_words": 2.0, "relation": "at least"}, "a b", "a"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "good", "bad"), WORDS)
def test_words_are_no_patterns(name: str, given: dict[str, Any], good: str, bad: str) -> None:
    assert followed(name, good, given)
    assert not followed(name, bad, given)


@settings(max_examples=400, deadline=None)
@example("*\n* b\n\n *")
@example("\n\n- a\n-\n **b")
@drawn(text=st.text("*-[]<>ps. P\n\x0ba", max_size=20))
def test_the_same_is_found_as_with_the_authors_patterns(text: str) -> None:
    stars = re.findall(r"^\s*\*[^\*].*$", text, re.MULTILINE)
    dashes = re.findall(r"^\s*-.*$", text, re.MULTILINE)
    titles = re.findall(r"<<[^\n]+>>", text)
    places = re.findall(r"\[.*?\]", text)
    ps = re.findall(r"\s*p\.\s?s\..*$", text.lower(), re.MULTILINE)
    count = len(stars) + len(dashes)
    bullets = "detectable_format:number_bullet_lists"
    assert CHECKS[bullets](text, {"num_bullets": count})
    assert not CHECKS[bullets](text, {"num_bullets": count + 1})
    wanted = any(one.strip("<>").strip() for one in titles)
    assert CHECKS["detectable_format:title"](text, {}) == wanted
    placeholders = "detectable_content:number_placeholders"
    assert CHECKS[placeholders](text, {"num_placeholders": len(places)})
    assert not CHECKS[placeholders](text, {"num_placeholders": len(places) + 1})
    marker = {"postscript_marker": "P.S."}
    assert CHECKS["detectable_content:postscript"](text, marker) == bool(ps)


LONG = [unit * (40_000 // len(unit)) for unit in
        ("\n", " ", "*", "**", "[", "<", "<<", "-", "p.", "a", "A ", "1", "{", "'", '"', "(",
        "\u200b", ".",
         "x@", "http://", "\u0301", "******", "***", "\n* a", "!? ", "A.B.", "word ", "``", "[]",
         "9,")]  # fmt: skip


@pytest.mark.not_quick
@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_any_text_ends_soon(text: str) -> None:
    for name, given, _, _ in CASES:
        begin = time.process_time()
        followed(name, text, given, loose=True)
        assert time.process_time() - begin < 3, name


def test_long_texts_are_counted_in_pieces() -> None:
    text = "One two. " * 6_000
    assert followed("length_constraints:number_sentences", text,
                    {"num_sentences": 6_000, "relation": "at least"})  # fmt: skip
