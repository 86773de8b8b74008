"""The 25 kinds of instructions of IFEval, and how all are checked. Pure but for the detection of
languages.

After the description in J. Zhou et al. 2023 (arXiv:2311.07911), table 1, and the behaviour of the
authors' checkers where it goes beyond (what counts as a paragraph, a bullet, a highlight).
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from aisbench_plugin_ifeval.ifbench_sentences import SENTENCES
from aisbench_plugin_ifeval.ifbench_tasks import TASKS
from aisbench_plugin_ifeval.ifbench_words import WORDS
from aisbench_plugin_ifeval.language import (
    capital_words,
    count_words,
    is_language,
    sentences,
)

Arguments = Mapping[str, Any]
Check = Callable[[str, Arguments], bool]

_RELATIONS: Mapping[str, Callable[[int, int], bool]] = {
    "less than": operator.lt,
    "at least": operator.ge,
}


def _related(found: int, relation: str, wanted: int) -> bool:
    return _RELATIONS[relation](found, wanted)


def _count(word: str, text: str, *, alone: bool = False) -> int:
    """How often a word is there, in either case; within longer words too, unless ``alone``.

    The authors' checkers take words for patterns, and their data has none that differ: here
    ``f(x`` and ``C++`` are words too.
    """
    pattern = re.escape(word)
    pattern = rf"(?<!\w){pattern}(?!\w)" if alone else pattern
    return len(re.findall(pattern, text, re.IGNORECASE))


# The authors' patterns for the following begin with blanks, or look for the end of a line from
# every bracket: answers of blanks or brackets alone would take hours. These find the same.

_STAR = re.compile(r"\*[^*].*")
_DASH = re.compile(r"-.*")
_BLANKS = re.compile(r"\s*")


def _lines(text: str, bullet: re.Pattern[str]) -> int:
    r"""How often ``^\s*`` and a bullet are found, whose blanks may be lines of their own."""
    count, start = 0, 0
    while start < len(text):
        blanks = _BLANKS.match(text, start)
        place = blanks.end() if blanks else start
        found = bullet.match(text, place)
        count += found is not None
        line = text.find("\n", found.end() if found else place)
        if line < 0:
            break
        start = line + 1
    return count


def _pairs(text: str, opening: str, closing: str) -> int:
    """How many pairs stand within a line, each from an opening to the next closing."""
    count = 0
    for line in text.split("\n"):
        begin = line.find(opening)
        while begin >= 0 and (end := line.find(closing, begin)) >= 0:
            count += 1
            begin = line.find(opening, end)
    return count


def existence(text: str, given: Arguments) -> bool:
    """Every keyword is there."""
    return all(_count(keyword, text) for keyword in given["keywords"])


def frequency(text: str, given: Arguments) -> bool:
    """A keyword is there so often."""
    return _related(_count(given["keyword"], text), given["relation"], given["frequency"])


def forbidden_words(text: str, given: Arguments) -> bool:
    """No word of the list stands alone."""
    return not any(_count(word, text, alone=True) for word in given["forbidden_words"])


def letter_frequency(text: str, given: Arguments) -> bool:
    """A letter is there so often, in either case."""
    count = text.lower().count(given["letter"].lower())
    return _related(count, given["let_relation"], given["let_frequency"])


def response_language(text: str, given: Arguments) -> bool:
    """All is in one language."""
    return is_language(text, given["language"])


def number_sentences(text: str, given: Arguments) -> bool:
    """So many sentences."""
    wanted = int(given["num_sentences"])
    # Both relations are decided as soon as so many are there.
    return _related(sentences(text, wanted), given["relation"], wanted)


def number_words(text: str, given: Arguments) -> bool:
    """So many words."""
    return _related(count_words(text), given["relation"], given["num_words"])


def number_paragraphs(text: str, given: Arguments) -> bool:
    """So many paragraphs, divided by ***; none between two dividers is empty."""
    parts = re.split(r"\s?\*\*\*\s?", text)
    if not all(part.strip() for part in parts[1:-1]):
        return False
    return sum(bool(part.strip()) for part in parts) == int(given["num_paragraphs"])


def nth_paragraph_first_word(text: str, given: Arguments) -> bool:
    """So many paragraphs, divided by blank lines, and the first word of one of them."""
    parts = text.split("\n\n")
    count = sum(bool(part.strip()) for part in parts)
    nth = int(given["nth_paragraph"])
    if nth > count:
        return False
    paragraph = parts[nth - 1].strip()
    if not paragraph:
        return False
    word = paragraph.split()[0].lstrip("'").lstrip('"')
    first = re.split(r"[.,?!'\"]", word, maxsplit=1)[0].lower()
    return bool(count == int(given["num_paragraphs"]) and first == given["first_word"].lower())


def number_placeholders(text: str, given: Arguments) -> bool:
    """At least so many placeholders in square brackets."""
    return _pairs(text, "[", "]") >= int(given["num_placeholders"])


def postscript(text: str, given: Arguments) -> bool:
    """A postscript that begins with the marker, blanks in it or not."""
    marker = given["postscript_marker"]
    known = {"P.P.S": r"p\.\s?p\.\s?s", "P.S.": r"p\.\s?s\."}
    pattern = known.get(marker, re.escape(marker.lower()))
    return re.search(pattern, text.lower()) is not None


def constrained_response(text: str, given: Arguments) -> bool:
    """One of three answers is given."""
    return any(f"My answer is {one}." in text for one in ("yes", "no", "maybe"))


def json_format(text: str, given: Arguments) -> bool:
    """All is JSON, in a fenced block or not."""
    text = text.strip()
    for fence in ("```json", "```Json", "```JSON", "```"):
        text = text.removeprefix(fence)
    try:
        json.loads(text.removesuffix("```").strip())
    except (ValueError, RecursionError):
        return False
    return True


def multiple_sections(text: str, given: Arguments) -> bool:
    """At least so many sections, marked by a word and a number."""
    parts = re.split(rf"\s?{re.escape(given['section_spliter'])}\s?\d+\s?", text)
    return len(parts) - 1 >= int(given["num_sections"])


def number_bullet_lists(text: str, given: Arguments) -> bool:
    """Exactly so many bullets: lines that begin with * or -."""
    bullets = _lines(text, _STAR) + _lines(text, _DASH)
    return bullets == int(given["num_bullets"])


def number_highlighted_sections(text: str, given: Arguments) -> bool:
    """At least so many highlights between single or double asterisks."""
    single = [one for one in re.findall(r"\*[^\n\*]*\*", text) if one.strip("*").strip()]
    double = [one for one in re.findall(r"\*\*[^\n\*]*\*\*", text) if one[2:-2].strip()]
    return len(single) + len(double) >= int(given["num_highlights"])


def title(text: str, given: Arguments) -> bool:
    """A title in double angular brackets."""
    for line in text.split("\n"):
        begin, end = line.find("<<"), line.rfind(">>")
        if 0 <= begin < end - 2 and line[begin:end].strip("<>").strip():
            return True
    return False


def capital_word_frequency(text: str, given: Arguments) -> bool:
    """So many words in capitals."""
    wanted = int(given["capital_frequency"])
    return _related(capital_words(text, wanted), given["capital_relation"], wanted)


def english_capital(text: str, given: Arguments) -> bool:
    """English, in capitals alone."""
    return text.isupper() and is_language(text, "en")


def english_lowercase(text: str, given: Arguments) -> bool:
    """English, without capitals."""
    return text.islower() and is_language(text, "en")


def repeat_prompt(text: str, given: Arguments) -> bool:
    """The request is repeated first."""
    return text.strip().lower().startswith(given["prompt_to_repeat"].strip().lower())


def two_responses(text: str, given: Arguments) -> bool:
    """Two different responses, divided by six asterisks."""
    parts = text.split("******")
    if not all(part.strip() for part in parts[1:-1]):
        return False
    responses = [part.strip() for part in parts if part.strip()]
    return len(responses) == 2 and responses[0] != responses[1]


def no_comma(text: str, given: Arguments) -> bool:
    """No comma."""
    return "," not in text


def end_checker(text: str, given: Arguments) -> bool:
    """A phrase is the end; nothing but quotation marks follows."""
    return text.strip().strip('"').lower().endswith(given["end_phrase"].strip().lower())


def quotation(text: str, given: Arguments) -> bool:
    """All is between double quotation marks."""
    text = text.strip()
    return len(text) > 1 and text[0] == text[-1] == '"'


IFEVAL: Mapping[str, Check] = {
    "keywords:existence": existence,
    "keywords:frequency": frequency,
    "keywords:forbidden_words": forbidden_words,
    "keywords:letter_frequency": letter_frequency,
    "language:response_language": response_language,
    "length_constraints:number_sentences": number_sentences,
    "length_constraints:number_paragraphs": number_paragraphs,
    "length_constraints:number_words": number_words,
    "length_constraints:nth_paragraph_first_word": nth_paragraph_first_word,
    "detectable_content:number_placeholders": number_placeholders,
    "detectable_content:postscript": postscript,
    "detectable_format:constrained_response": constrained_response,
    "detectable_format:json_format": json_format,
    "detectable_format:multiple_sections": multiple_sections,
    "detectable_format:number_bullet_lists": number_bullet_lists,
    "detectable_format:number_highlighted_sections": number_highlighted_sections,
    "detectable_format:title": title,
    "change_case:capital_word_frequency": capital_word_frequency,
    "change_case:english_capital": english_capital,
    "change_case:english_lowercase": english_lowercase,
    "combination:repeat_prompt": repeat_prompt,
    "combination:two_responses": two_responses,
    "punctuation:no_comma": no_comma,
    "startend:end_checker": end_checker,
    "startend:quotation": quotation,
}
CHECKS: Mapping[str, Check] = {**IFEVAL, **WORDS, **SENTENCES, **TASKS}
"""IFEval's 25 kinds and IFBench's 58."""


def variants(text: str) -> list[str]:
    """The eight forms of which any may follow a loosely checked instruction: without the first
    line, the last, both, and each of them without asterisks (section 2.3 of the paper)."""
    lines = text.split("\n")
    cut = [text, *("\n".join(part).strip() for part in (lines[1:], lines[:-1], lines[1:-1]))]
    return [*cut, *(one.replace("*", "") for one in cut)]


def followed(name: str, text: str, given: Arguments, *, loose: bool = False) -> bool:
    """Whether the instruction ``name``, whose arguments are as they should be
    (:func:`~aisbench_plugin_ifeval.arguments.problem_of`), was followed."""
    check = CHECKS[name]
    forms = dict.fromkeys(variants(text)) if loose else [text]
    return any(bool(form.strip()) and check(form, given) for form in forms)
