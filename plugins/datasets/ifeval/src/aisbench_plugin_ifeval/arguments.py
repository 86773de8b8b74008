"""What each kind of instruction needs to know, and whether a row says it.

A row of one's own may lack an argument, misspell it, or give one that no checker knows ("at
most"): such a row can never be scored; the error names it and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

RELATIONS = ("less than", "at least")
"""The two relations that the instructions have (section 2.2 of the paper, and its data)."""
LANGUAGES = frozenset({
    "af", "ar", "bg", "bn", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "fa", "fi",
    "fr", "gu", "he", "hi", "hr", "hu", "id", "it", "ja", "kn", "ko", "lt", "lv", "mk", "ml",
    "mr", "ne", "nl", "no", "pa", "pl", "pt", "ro", "ru", "sk", "sl", "so", "sq", "sv", "sw",
    "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "zh-cn", "zh-tw",
})  # fmt: skip
"""What langdetect can tell."""

Problem = Callable[[Any], str]
"""What is wrong with a value; "" where nothing is."""


def _whole(least: int) -> Problem:
    def problem(value: Any) -> str:
        whole = (isinstance(value, int) and not isinstance(value, bool)) or (
            isinstance(value, float) and value.is_integer()
        )
        return "" if whole and value >= least else f"must be a whole number from {least} on"

    return problem


def _text(value: Any) -> str:
    return "" if isinstance(value, str) and value.strip() else "must be a text"


def _words(value: Any) -> str:
    fit = isinstance(value, (list, tuple)) and value and not any(map(_text, value))
    return "" if fit else "must be a list of words"


def _relation(value: Any) -> str:
    known = " or ".join(repr(one) for one in RELATIONS)
    return "" if value in RELATIONS else f"must be {known}, which are all that is known"


def _language(value: Any) -> str:
    fit = isinstance(value, str) and value in LANGUAGES
    return "" if fit else f"must be one of {', '.join(sorted(LANGUAGES))}"


def _number(value: Any) -> str:
    fit = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 100
    return "" if fit else "must be a number from 0 to 100"


_COUNT, _PLACE, _NUMBER = _whole(0), _whole(1), _number
ARGUMENTS: Mapping[str, Mapping[str, Problem]] = {
    "keywords:existence": {"keywords": _words},
    "keywords:frequency": {"keyword": _text, "frequency": _COUNT, "relation": _relation},
    "keywords:forbidden_words": {"forbidden_words": _words},
    "keywords:letter_frequency": {
        "letter": _text, "let_frequency": _COUNT, "let_relation": _relation
    },
    "language:response_language": {"language": _language},
    "length_constraints:number_sentences": {"num_sentences": _COUNT, "relation": _relation},
    "length_constraints:number_paragraphs": {"num_paragraphs": _COUNT},
    "length_constraints:number_words": {"num_words": _COUNT, "relation": _relation},
    "length_constraints:nth_paragraph_first_word": {
        "num_paragraphs": _COUNT, "nth_paragraph": _PLACE, "first_word": _text
    },
    "detectable_content:number_placeholders": {"num_placeholders": _COUNT},
    "detectable_content:postscript": {"postscript_marker": _text},
    "detectable_format:multiple_sections": {"section_spliter": _text, "num_sections": _COUNT},
    "detectable_format:number_bullet_lists": {"num_bullets": _COUNT},
    "detectable_format:number_highlighted_sections": {"num_highlights": _COUNT},
    "change_case:capital_word_frequency": {
        "capital_frequency": _COUNT, "capital_relation": _relation
    },
    "combination:repeat_prompt": {"prompt_to_repeat": _text},
    "startend:end_checker": {"end_phrase": _text},
    "count:word_count_range": {"min_words": _COUNT, "max_words": _COUNT},
    "count:unique_word_count": {"N": _COUNT},
    "ratio:stop_words": {"percentage": _NUMBER},
    "count:conjunctions": {"small_n": _COUNT},
    "count:person_names": {"N": _COUNT},
    "ratio:overlap": {"reference_text": _text, "percentage": _NUMBER},
    "count:numbers": {"N": _COUNT},
    "format:options": {"options": _text},
    "count:words_japanese": {"N": _PLACE},
    "words:repeats": {"small_n": _COUNT},
    "sentence:keyword": {"word": _text, "N": _PLACE},
    "count:pronouns": {"N": _COUNT},
    "sentence:increment": {"small_n": _COUNT},
    "format:list": {"sep": _text},
    "count:keywords_multiple": {f"keyword{number}": _text for number in range(1, 6)},
    "words:keywords_specific_position": {"keyword": _text, "n": _PLACE, "m": _PLACE},
    "words:words_position": {"keyword": _text},
    "repeat:repeat_change": {"prompt_to_repeat": _text},
    "repeat:repeat_span": {"prompt_to_repeat": _text, "n_start": _COUNT, "n_end": _COUNT},
}  # fmt: skip
"""Those that are not here need to know nothing."""


def problem_of(name: str, given: Mapping[str, Any]) -> str:
    """What is wrong with the arguments of the instruction ``name``; "" where nothing is.
    Arguments of other kinds do not matter: published tables repeat all of them in every row."""
    for key, problem in ARGUMENTS.get(name, {}).items():
        if key not in given:
            return f"{name} lacks its argument {key!r}"
        if wrong := problem(given[key]):
            return f"{name}: {key} = {given[key]!r} {wrong}"
    return ""
