"""Which number an answer gives: by its marks alone (strict), else by its last statement (lenient).

The statements are read from the last to the first (see :mod:`aisbench.answers`). A mark before a
range, a bound or several numbers marks no number, and nothing else is taken for it. Pure; linear
in the length.
"""

from __future__ import annotations

import re
from decimal import Decimal

from attrs import frozen

from aisbench.answers import Kind, WrittenAnswer
from aisbench_plugin_numeric.characters import prepare
from aisbench_plugin_numeric.groups import Groups, groups_of
from aisbench_plugin_numeric.guess import Guess, guess, is_conclusive
from aisbench_plugin_numeric.marked import Marked, MarksSeen, marked, value_of
from aisbench_plugin_numeric.numbers import FoundNumber
from aisbench_plugin_numeric.stated import SPAN, VOID, alone


@frozen
class Extraction:
    """The number that a rule took for the answer.

    ``written`` is the number without its scale word ("4 million" is 4000000, written 4), or
    None when there is none. ``how`` says in a few words where the number stood.
    """

    value: Decimal
    written: Decimal | None
    how: str


@frozen
class NumericReadings:
    """What both rules make of an answer; ``guess`` where the lenient number is one."""

    strict: Extraction | None
    lenient: Extraction | None
    guess: Guess | None = None


NOTHING = NumericReadings(None, None)
_HOW = {
    Kind.BOX: "marked by \\boxed",
    Kind.TAG: "in answer tags",
    Kind.FIELD: "in a field called answer",
    Kind.HASHES: "marked by ####",
    Kind.LABEL: 'marked by "Answer:"',
    Kind.HEADING: "under a heading",
    Kind.PHRASE: 'stated after "the answer is"',
}


def read(answer: WrittenAnswer, *, cut: bool = False) -> NumericReadings:
    """Both readings. Nothing is guessed of an answer that was ``cut`` short: what stands last in
    it is a step on the way."""
    if (ended := _ends_plainly(answer.text)) is not None:
        return NumericReadings(ended, ended)
    groups = groups_of(answer.text)
    if (whole := _whole(answer, groups)) is not None:
        return whole
    seen = MarksSeen()
    if (found := marked(answer, seen, groups)) is not None:
        one = _of_mark(found)
        return NumericReadings(one, one)
    return NOTHING if cut else _unmarked(answer, seen, groups)


_TAIL = 90
_STATED = re.compile(
    r"(?:\A|[.!?\n]\s?)\s{0,3}(?:(?:[Ss]o|[Tt]herefore|[Tt]hus|[Hh]ence),?\s)?(?:[Tt]he\s)?"
    r"(?:[Ff]inal\s|[Cc]orrect\s)?[Aa]nswer(?P<says>\sis:?|:)\s{0,2}\$?"
    r"(?P<value>-?[0-9]{1,15}(?:\.[0-9]{1,2})?)\.?\s*\Z"
    r"|(?:\A|\n)####\s?(?P<behind>-?[0-9]{1,15}(?:\.[0-9]{1,2})?)\s*\Z"
)
_FURTHER = ("box", "esult", "onclusion", "olution", "A:", "a:", "答", "<", "[[")
"""What another mark needs: a text that holds it is read the long way."""


def _ends_plainly(text: str) -> Extraction | None:
    """The number of an answer that ends with "The answer is 18." or "#### 18", says nothing else
    and is marked nowhere else: what most do, and the long way would read as well."""
    marks = text.count("nswer"), text.count("####")
    if marks not in ((1, 0), (0, 1)) or any(one in text for one in _FURTHER):
        return None
    match = _STATED.search(text, max(0, len(text) - _TAIL))
    if match is None:
        return None
    if match.group("behind") is not None:
        return Extraction(Decimal(match.group("behind")), None, _HOW[Kind.HASHES])
    kind = Kind.LABEL if match.group("says") == ":" else Kind.PHRASE
    return Extraction(Decimal(match.group("value")), None, _HOW[kind])


def _unmarked(answer: WrittenAnswer, seen: MarksSeen, groups: Groups) -> NumericReadings:
    guessed = guess(answer, seen.later[::-1], groups)
    if seen.held is not None:
        # "Answer: She has 16 eggs ...": a whole solution may follow, with an end of its own.
        if guessed is None:
            found = _of_mark(seen.held)
            return NumericReadings(found, found)
        if guessed.number.value == value_of(seen.held.stated):
            return NumericReadings(None, _of_mark(seen.held))
        if seen.held.kind is Kind.HASHES or not is_conclusive(guessed, groups):
            return NOTHING
    if guessed is None or (seen.unclear and not is_conclusive(guessed, groups)):
        return NOTHING
    found = _extraction(guessed.number, guessed.how)
    return NumericReadings(found if guessed.strict else None, found, guessed)


def _of_mark(found: Marked) -> Extraction | None:
    return _extraction(found.stated.number, _HOW[found.kind])


def _extraction(number: FoundNumber | None, how: str) -> Extraction | None:
    if number is None or number.value is None:
        return None
    return Extraction(number.value, number.written, how)


def _whole(answer: WrittenAnswer, groups: Groups) -> NumericReadings | None:
    """An answer that is nothing but a number and its unit."""
    text = answer.text.strip()
    if len(text) > SPAN or "\n" in text or "box" in text or "####" in text or "?" in text:
        return None
    found = alone(text.rstrip(". "), 4, groups)
    if found is None or (found.number is not None and found.number.spelled and found.number.weak):
        return None
    if found is VOID:
        return NOTHING
    one = _extraction(found.number, "the whole answer is a number")
    return NumericReadings(one, one)


def read_text(text: str, *, question: str = "", cut: bool = False) -> NumericReadings:
    """Both readings of a written answer. ``question`` is what was asked, where it is known."""

    worked_out: list[Decimal | None] = []

    def answered(before: str) -> bool:
        found = read(WrittenAnswer(before, question))
        one = found.guess if found.strict is None else None
        if one is not None and is_conclusive(one, groups_of(before)):
            worked_out.append(one.number.value)
        return found.strict is not None

    found = read(WrittenAnswer.read(prepare(text), question=question, answered=answered), cut=cut)
    if worked_out and found.lenient is not None and found.lenient.value not in worked_out:
        # What stands above a heading "Question:" may be the answer, or work for what follows.
        return NOTHING
    return found


def extract_strict(text: str) -> Extraction | None:
    """The number that ``text`` marks as its final answer, or None. Never raises."""
    return read_text(text).strict


def extract_lenient(text: str) -> Extraction | None:
    """The number that ``text`` marks or most likely means as its answer. Never raises."""
    return read_text(text).lenient
