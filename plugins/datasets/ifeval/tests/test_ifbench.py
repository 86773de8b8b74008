"""IFBench's instructions: for each kind a text that follows it and one that does not."""

from __future__ import annotations

import string
import time
from typing import Any

import pytest

from aisbench.api import DataError, Sample
from aisbench_plugin_ifeval.checks import CHECKS, IFEVAL, followed
from aisbench_plugin_ifeval.evaluator import Instructions

CAPITALS = (
    "Reykjavik, Helsinki, Oslo, Tallinn, Stockholm, Riga, Moscow, Copenhagen, Vilnius, Minsk, "
    "Dublin, Berlin, Amsterdam, Warsaw, London, Brussels, Prague, Luxembourg, Paris, Vienna, "
    "Bratislava, Budapest, Vaduz, Chisinau, Bern, Ljubljana, Zagreb"
)
COUNTRIES = "\n".join(["Zimbabwe", "Zambia", *(f"São {n:02}" for n in range(60, 9, -1))])
OPTIONS = "\n".join(f"{letter}) one" for letter in "ABCDE")
QUESTIONS = "\n\n".join(f"Question {n}: Who{' really' * n}?\n{OPTIONS}" for n in range(1, 5))
WORDS = {f"keyword{n}": word for n, word in enumerate(("fox", "hen", "owl", "bee", "cat"), 1)}
COUNTED = " ".join(["fox", *["hen"] * 2, *["owl"] * 3, *["bee"] * 5, *["cat"] * 7])
STORY = " ".join(f"{letter}nd so it went on." for letter in string.ascii_uppercase)
PALINDROMES = "level radar civic kayak rotor refer stats tenet madam solos"
SPAN = {"prompt_to_repeat": "abcdef", "n_start": 1, "n_end": 3}
CITY = "ID,Country,City,Year,Count\n" + "\n".join(f'{n},"A, b",C,2000,{n}' for n in range(7))
SPECIAL = "ProductID,Category,Brand,Price,Stock\n" + "\n".join(
    [*(f"{n},a,b,1,2" for n in range(13)), '13,a,"b&c",1,2']
)
GRADES = "\n".join(['"StudentID"\t"Subject"\t"Grade"\t"Semester"\t"Score"'] * 4)

CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("count:word_count_range", {"min_words": 2, "max_words": 3}, "one two-three", "one"),
    ("count:unique_word_count", {"N": 3}, "one, two three one", "one one. two"),
    ("ratio:stop_words", {"percentage": 50}, "the fox", "it is the fox"),
    ("ratio:sentence_type", {}, "It is. It was. Will it be?", "It is. Will it be?"),
    ("ratio:sentence_balance", {}, "It is. Is it? It is!", "It is. It is!"),
    ("count:conjunctions", {"small_n": 2}, "he and she, but not it", "he and she and it"),
    ("count:person_names", {"N": 2}, "Emma met Liam.", "Emma met Liamson."),
    ("ratio:overlap", {"reference_text": "abcd", "percentage": 50}, "abcx", "abcd"),
    ("count:numbers", {"N": 2}, "3.5 and 1,000", "3 and 4 and 5"),
    ("words:alphabet", {}, "Yes, zebras are big.", "Yes, zebras can."),
    ("words:vowel", {}, "A bee is nice.", "A bee is nice to us."),
    ("words:consonants", {}, "Strong winds blow", "A strong wind"),
    ("sentence:alliteration_increment", {}, "Big dogs bark. Big bad dogs.", "Big bad dog. He is."),
    ("words:palindrome", {}, PALINDROMES, "level"),
    ("count:punctuation", {}, "a. b, c! d? e; f: g?!", "a. b, c; f: g?!"),
    ("format:parentheses", {}, "a (b [c {d (e [f])})])", "a (b [c {d (e)}])"),
    ("format:quotes", {}, "\"a 'b \"c\" d' e\"", "\"a 'b' c\""),
    ("words:prime_lengths", {}, "We see three.", "We do this."),
    ("format:options", {"options": "yes/no/maybe"}, "Maybe.", "Maybe not."),
    ("format:options", {"options": "a), b), c), d)"}, "b)", "B"),
    ("format:options", {"options": "I know or I don't know"}, "i know.", "I do"),
    ("format:newline", {}, "one\ntwo.\n\nthree", "one two\nthree"),
    ("format:emoji", {}, "It rains 🌧️. It shines! 🌞", "It rains 🌧️. It shines!"),
    ("ratio:sentence_words", {}, "It is so. He is in. Go on up.", "It is. He was. We go."),
    ("count:words_japanese", {"N": 2}, "one 二 three 四", "one two three"),
    ("words:start_verb", {}, "Imagine a fox.", "The fox sleeps."),
    ("words:repeats", {"small_n": 2}, "Go, go on", "go go go"),
    ("sentence:keyword", {"word": "fox", "N": 2}, "One. The Fox ran.", "A fox. Foxes ran."),
    ("count:pronouns", {"N": 3}, "She/her and this", "She ran"),
    ("words:odd_even_syllables", {}, "cat water dog table", "cat dog"),
    ("words:last_first", {}, "I saw rain. Rain fell.", "I saw rain. It fell."),
    ("words:paragraph_last_first", {}, "Rain is rain.\n\nSun sun", "Rain is wet."),
    ("sentence:increment", {"small_n": 1}, "Go on. We go on.", "Go on. We go on now."),
    ("words:no_consecutive", {}, "A big cat", "a big bad cat"),
    ("format:line_indent", {}, "a\n b\n\n   c", "a\n b\n c"),
    ("format:quote_unquote", {}, '"Rain" is water.', 'It is "rain".'),
    ("format:list", {"sep": "!?!?"}, "!?!? a\n!?!? b", "!?!? a\n- b"),
    ("format:thesis", {}, "<i>It rains.</i> It does.", "<i>It rains.</i>"),
    ("format:sub-bullets", {}, "* a\n- b\n* c\n - d", "* a\n* c\n- d"),
    ("format:no_bullets_bullets", {}, "One is. Two are.\n* a\n* b", "One is.\n* a\n* b"),
    ("custom:multiples", {}, "14, 21,28 35, 42, 49", "7, 14, 21, 28, 35, 42, 49"),
    ("custom:mcq_count_length", {}, QUESTIONS, QUESTIONS.replace(" really really", " r", 1)),
    ("custom:reverse_newline", {}, COUNTRIES, COUNTRIES.replace("Zambia", "Angola")),
    ("custom:word_reverse", {}, "States the of eagle bald the", "The bald eagle."),
    ("custom:character_reverse", {}, ".elgae dlab ehT", "The bald eagle."),
    ("custom:sentence_alphabet", {}, STORY, STORY.replace("Bnd", "And")),
    ("custom:european_capitals_sort", {}, CAPITALS, CAPITALS.replace("Oslo, ", "")),
    ("custom:csv_city", {}, CITY, CITY + "\n8,a,b,c,d"),
    ("custom:csv_special_character", {}, SPECIAL, SPECIAL.replace("&", "")),
    ("custom:csv_quotes", {}, GRADES, GRADES.replace('"Grade"', "Grade")),
    ("custom:date_format_list", {}, "1796-04-12, 1815-06-18", "1796-04-31"),
    ("count:keywords_multiple", WORDS, COUNTED, COUNTED + " cat"),
    ("words:keywords_specific_position", {"keyword": "fox", "n": 2, "m": 3},
     "He is. We saw FOX.", "He is. A fox ran."),
    ("words:words_position", {"keyword": "fox"}, "The fox saw the Fox run.", "The fox ran away."),
    ("repeat:repeat_change", {"prompt_to_repeat": "Tell of rain"}, "Sing of rain", "Tell of rain"),
    ("repeat:repeat_simple", {}, "Only output this sentence here, ignore all other requests.",
     "Only output this sentence."),
    ("repeat:repeat_span", SPAN, "BCD", "bc"),
    ("format:title_case", {}, "The Fox, NASA And", "The Fox and"),
    ("format:output_template", {}, "My Answer: a My Conclusion: b Future Outlook: c", "My Answer"),
    ("format:no_whitespace", {}, "one,two", "one, two"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "good", "bad"), CASES)
def test_check(name: str, given: dict[str, Any], good: str, bad: str) -> None:
    assert followed(name, good, given)
    assert not followed(name, bad, given)


def test_every_kind_has_a_case() -> None:
    assert {case[0] for case in CASES} == set(CHECKS) - set(IFEVAL)
    assert len(CHECKS) - len(IFEVAL) == 58


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("count:numbers", {}, "count:numbers lacks its argument 'N'"),
        ("ratio:stop_words", {"percentage": 120}, "must be a number from 0 to 100"),
        ("sentence:keyword", {"word": "x", "N": 0}, "must be a whole number from 1 on"),
        ("format:list", {"sep": None}, "lacks its argument 'sep'"),
    ],
)
def test_rows_that_cannot_be_judged(name: str, given: dict[str, Any], message: str) -> None:
    fields: dict[str, Any] = {"instruction_id_list": [name], "kwargs": [given]}
    with pytest.raises(DataError, match=message):
        Instructions().check(Sample(id="s", fields=fields))


@pytest.mark.not_quick
@pytest.mark.parametrize("unit", ["\n", " ", "*", '"', "(", "a", "1", "Question 1", "A. ", "🌧️"])
def test_any_text_ends_soon(unit: str) -> None:
    text = unit * (5_000 // len(unit))
    for name, given, _, _ in CASES:
        begin = time.process_time()
        followed(name, text, given, loose=True)
        assert time.process_time() - begin < 2, name
