"""Reading the one number that a short stretch of text states. Pure."""

from __future__ import annotations

import re

from aisbench_plugin_numeric.numbers import Number, find_numbers

SPAN = 300
"""Longest stretch that is read after a marker, in characters: more is not a statement."""

_FILLER = r"[\s$€£¥₹*_#:=\"'{}()\[\]~≈+]*"
_WORD = (
    r"(?:approximately|approx\.?|about|around|roughly|exactly|simply|just|only|indeed|therefore|"
    r"thus|now|equal to|a total of|(?:大约|约|一共|总共|共计|共|是|为|等于|应该|有))"
)
_LEAD = re.compile(rf"{_FILLER}(?:{_WORD}{_FILLER}){{0,3}}", re.IGNORECASE)
_EQUALS = re.compile(r"[=≈]|\bequals\b|\bis equal to\b|等于", re.IGNORECASE)
_JOINED = re.compile(r"(?:[+×÷/*-]|\b(?:x|to|or|and|times|plus|minus)|[,~至到或和]|-)[\s$(]*$")
_WORDS_BETWEEN = re.compile(r"[^+×÷*/=,;]{0,24}[+×÷*/][\s$(]*")
_OPERATOR = re.compile(r"[\s)}]{0,2}(?:[+×÷/*]|-\s?[0-9$(]|x\s?[0-9$(])")
_SENTENCE_END = re.compile(r"[.!?](?=[\s\"')*\]}$<]|$)|[。\n]")
_PARENTHESES = re.compile(r"\([^()\n]{0,200}\)")


def sentence(text: str, start: int) -> str:
    """From ``start`` to the end of the sentence or line, at most :data:`SPAN` characters."""
    stretch = text[start : start + SPAN]
    match = _SENTENCE_END.search(stretch)
    return stretch if match is None else stretch[: match.start()]


def line(text: str, start: int) -> str:
    """From ``start`` to the end of the line, at most :data:`SPAN` characters."""
    return text[start : start + SPAN].split("\n", 1)[0]


def sentences(text: str) -> list[str]:
    """The sentences of a line."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    return [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True) if a < b]


def without_parentheses(text: str) -> str:
    """``text`` without what stands in parentheses, if a number is left."""
    rest = _PARENTHESES.sub(" ", text)
    return rest if any(char in "0123456789" for char in rest) else text


def after_equals(text: str, numbers: list[Number]) -> Number | None:
    """The number right after the last equals sign, unless a further operation follows it."""
    signs = [match.end() for match in _EQUALS.finditer(text)]
    if not signs:
        return None
    for number in numbers:
        if number.start >= signs[-1] and _LEAD.fullmatch(text, signs[-1], number.start):
            return None if _OPERATOR.match(text, number.end) else number
    return None


def leading(text: str, numbers: list[Number]) -> Number | None:
    """The number that ``text`` begins with, words like "about" apart; no term, no range."""
    if not numbers or not _LEAD.fullmatch(text, 0, numbers[0].start):
        return None
    if len(numbers) > 1:
        between = text[numbers[0].end : numbers[1].start]
        if _WORDS_BETWEEN.fullmatch(between) or (len(between) < 8 and _JOINED.search(between)):
            return None
    return numbers[0]


def stated(text: str) -> Number | None:
    """The number that ``text`` states as a result; None when several could be meant.

    In this order: the result of the last equation; the number it begins with; the only one.
    """
    text = without_parentheses(text.replace("**", ""))
    numbers = find_numbers(text, spaced=True)
    if found := after_equals(text, numbers) or leading(text, numbers):
        return found
    strong = [number for number in numbers if not number.weak]
    candidates = strong or numbers
    return candidates[0] if len(candidates) == 1 else None


def alone(text: str, words: int) -> Number | None:
    """The number of ``text`` if nothing but it and up to ``words`` words of unit is there."""
    text = text.replace("**", "")
    numbers = find_numbers(text, spaced=True)
    if len(numbers) != 1 or not _LEAD.fullmatch(text, 0, numbers[0].start):
        return None
    rest = re.sub(r"[^\w]+", " ", text[numbers[0].end :]).split()
    # Chinese units are written without spaces: count their characters.
    size = sum(1 if word.isascii() else (len(word) + 1) // 2 for word in rest)
    return numbers[0] if size <= words else None
