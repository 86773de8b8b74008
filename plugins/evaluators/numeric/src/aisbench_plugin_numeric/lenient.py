"""The lenient rule: a marked number, else the likeliest number of the last line. Pure."""

from __future__ import annotations

import re

from aisbench_plugin_numeric.cleaning import clean, cut_next_question
from aisbench_plugin_numeric.extraction import Extraction
from aisbench_plugin_numeric.numbers import Number, find_numbers
from aisbench_plugin_numeric.spans import SPAN, after_equals, sentences, without_parentheses
from aisbench_plugin_numeric.strict import strict_of_clean

_WINDOW = 20 * SPAN
"""How far from the end, in characters, a last line with a number is looked for."""

# What follows these words tells how or when, not what was asked: "... $18 by selling 9 eggs".
_TAIL = re.compile(
    r"\b(?:by\s\w+ing|because|since|after|before|when|if|given|considering|assuming|"
    r"out\sof|compared\s(?:to|with)|instead\sof|rather\sthan|more\sthan\sthe)"
    r"|因为|由于",
    re.IGNORECASE,
)
# "... costs $1,080 for 3 nights": an amount of money, then a count that says what for.
_COUNT = re.compile(
    r"\b(?:for|in|over|per|every|within|from|on|with|selling|buying|working)\s"
    r"(?:the\s|all\s|each\s|his\s|her\s|their\s|its\s){0,2}(?=[0-9])",
    re.IGNORECASE,
)
_MONEY = re.compile(r"-?[$€£¥₹]")
_CLAUSE = re.compile(r",(?!\d)|;")


def _last_line(text: str) -> str:
    tail = text[-_WINDOW:].replace("**", "")
    for part in reversed(tail.split("\n")):
        if _strong(part):
            return part
    return next((part for part in reversed(tail.split("\n")) if find_numbers(part)), "")


def _strong(text: str) -> list[Number]:
    return [number for number in find_numbers(text) if not number.weak]


def _is_count(text: str) -> bool:
    return not _CLAUSE.search(text) and not any(
        _MONEY.match(text, number.start) for number in find_numbers(text)
    )


def _main_clause(text: str) -> str:
    """``text`` without the tail that ends it, if a number stands before the tail.

    A tail that a comma ends is followed by the main clause, which may hold the answer.
    """
    if len(text) > 2 * SPAN:
        return text  # no sentence; and each tail costs a pass over what stands before it
    for match in _TAIL.finditer(text):
        if not _CLAUSE.search(text, match.end()) and _strong(text[: match.start()]):
            return text[: match.start()]
    for match in _COUNT.finditer(text):
        before = _strong(text[: match.start()])
        if before and _MONEY.match(text, before[-1].start) and _is_count(text[match.end() :]):
            return text[: match.start()]
    return text


def _guess(text: str) -> tuple[Number, str] | None:
    for part in reversed(sentences(_last_line(text))):
        if not find_numbers(part):
            continue
        plain = without_parentheses(part)
        # After an equals sign one number is expected, so "= $118 000" may be read as one.
        if number := after_equals(plain, find_numbers(plain, spaced=True)):
            return number, "result of the last line's equation"
        numbers = find_numbers(_main_clause(plain)) or find_numbers(part)
        strong = [number for number in numbers if not number.weak]
        return (strong or numbers)[-1], "last number of the last line"
    return None


def lenient_of_clean(text: str, strict: Extraction | None) -> Extraction | None:
    """:func:`extract_lenient` for text that is clean and cut already, whose strict reading is
    known."""
    if strict is not None:
        return strict
    guess = _guess(text)
    return None if guess is None else Extraction(guess[0].value, guess[0].written, guess[1])


def extract_lenient(text: str) -> Extraction | None:
    """The number that ``text`` marks or most likely means as its answer. Never raises."""
    cleaned = cut_next_question(clean(text))
    return lenient_of_clean(cleaned, strict_of_clean(cleaned))
