"""Which option a written answer takes.

The statements are read from the last to the first (see :mod:`aisbench.answers`): the last one
that is marked as the answer counts, unless it names several options, or is taken back
afterwards. What is only concluded ("so it is B") must agree with what is marked before it, or
correct it. The lenient rule also takes the only option that everything in the answer speaks for.
Neither guesses. Pure; linear in the length.
"""

from __future__ import annotations

import re

from attrs import frozen, mutable

from aisbench.answers import Act, Kind, Statement, WrittenAnswer
from aisbench_plugin_choices.beginnings import own_line
from aisbench_plugin_choices.claims import (
    SEVERAL,
    Claim,
    ClaimReader,
    Weight,
    several_letters,
)
from aisbench_plugin_choices.evidence import Evidence, Found, called_wrong, enclosed, otherwise
from aisbench_plugin_choices.option_lines import (
    few_shot_line,
    letter_line,
    listed,
    numbered,
)
from aisbench_plugin_choices.options import Options
from aisbench_plugin_choices.wrong_wanted import wants_the_wrong_one


@frozen
class ChoiceReadings:
    """What both rules make of an answer."""

    strict: Found | None
    lenient: Found | None


NOTHING = ChoiceReadings(None, None)
SHORT = 400
"""Characters up to which a text may be an option and nothing else."""


def read(answer: WrittenAnswer, options: Options, *, asked: str = "letter") -> ChoiceReadings:
    """The strict and the lenient reading. ``asked`` is "letter", or "text" where the prompt asks
    for an option's words, and no letter counts."""
    if asked == "letter" and (ended := _ends_plainly(answer.text, options)) is not None:
        return ChoiceReadings(ended, ended)
    reader = ClaimReader(options, asked == "letter", wants_the_wrong_one(answer.question))
    if (whole := _whole(answer, reader)) is not None:
        return _both(whole, reader)
    seen = Evidence()
    marked = _marked(answer, reader, seen)
    if marked is SEVERAL:
        return NOTHING
    if marked is not None:
        return _both(Found(marked.place, marked.how, marked.by_text), reader)
    if seen.concluded is not None:
        return _both(seen.concluded, reader)
    return ChoiceReadings(None, otherwise(answer, reader, seen))


_TAIL = 80
_STATED = re.compile(
    r"(?:\A|[.!?\n]\s?)\s{0,3}(?:(?:[Ss]o|[Tt]herefore|[Tt]hus|[Hh]ence),?\s)?(?:[Tt]he\s)?"
    r"(?:[Ff]inal\s|[Cc]orrect\s|[Rr]ight\s|[Bb]est\s)?[Aa]nswer(?:\sis:?|:)\s{0,2}[(\[\"]{0,3}([A-Z])"
    r"[)\]\".]{0,4}\s*\Z"
    r"|(?:\A|[。\n])\s{0,3}(?:所以|因此|故)?,?(?:正确|最终)?答案(?:是|为|:)\s?[(\[\"]{0,2}([A-Z])[)\]\"。.]{0,3}\s*\Z"
)


def _ends_plainly(text: str, options: Options) -> Found | None:
    """The option of an answer that ends with "The answer is B." and nothing else: what most
    do, and the long way would read as well."""
    begin = max(0, len(text) - _TAIL)
    if text.find("nswer", begin) == -1 and text.find("答案", begin) == -1:
        return None
    match = _STATED.search(text, begin)
    if match is None:
        return None
    place = ord(match.group(1) or match.group(2)) - ord("A")
    return Found(place, Kind.PHRASE.value) if place < options.count else None


def _both(found: Found, reader: ClaimReader) -> ChoiceReadings:
    """An option's words count for the strict rule where they were asked for."""
    return ChoiceReadings(None if found.by_text and reader.by_letter else found, found)


def _whole(answer: WrittenAnswer, reader: ClaimReader) -> Found | None:
    """An answer that is nothing but an option."""
    text = answer.masked.strip()
    if len(text) > SHORT or not text:
        return None
    if len(text) > 40 + max((len(one) for one in reader.options.texts), default=200):
        return None
    if reader.by_letter:
        place = few_shot_line(text, reader.options)
        place = letter_line(text, reader.options) if place is None else place
        if place is not None:
            return Found(place, "the whole answer")
    place = reader.options.equal(text)
    return None if place is None else Found(place, "by its text", by_text=True)


# -- marked as the answer


def _marked(answer: WrittenAnswer, reader: ClaimReader, seen: Evidence) -> Claim | None:
    """The last claim that stands; SEVERAL where it does not. Notes what else is said."""
    full = [number for number, line in enumerate(answer.lines) if line.strip()]
    first, last = (full[0], full[-1]) if full else (0, 0)
    lists = _Lists(answer, reader)
    for one in answer.backwards():
        seen.passed.append(one)
        if one.act not in (Act.TELLS, Act.RETRACTS):
            continue
        if enclosed(one):
            claim = _enclosed(one, reader)
        elif lists.hold(one.line):
            continue
        else:
            claim = reader.claim(one) or own_line(answer, one, reader, first=first, last=last)
        if claim is not None and (ended := _weigh(claim, seen, reader)) is not None:
            return ended
        if one.act is Act.RETRACTS or any(m.kind is Kind.CORRECTION for m in one.marks):
            # What stands before is taken back, for what was concluded after it, or for nothing.
            seen.corrected = seen.concluded is not None
            seen.retracted = seen.retracted or seen.concluded is None
    return None


@mutable
class _Lists:
    """The lines of an answer that list the options; looked for at the first that may be one.
    Where words are asked for, no line is set aside."""

    _answer: WrittenAnswer
    _reader: ClaimReader
    _lines: set[int] | None = None

    def hold(self, number: int) -> bool:
        if not self._reader.by_letter:
            return False
        if self._lines is None:
            if not numbered(self._answer.lines[number]):
                return False
            self._lines = listed(self._answer.lines)
        return number in self._lines


def _weigh(claim: Claim, seen: Evidence, reader: ClaimReader) -> Claim | None:
    """The claim that ends the search, or None when it goes on."""
    if claim.weight is Weight.HEDGED:
        seen.hedged.add(claim.place)
        return None
    later = seen.concluded
    if seen.retracted and later is None:
        return SEVERAL
    if claim is SEVERAL:
        return (
            SEVERAL if later is None else Claim(later.place, Weight.SURE, later.how, later.by_text)
        )
    if not reader.wrong_wanted and called_wrong(claim, seen, reader):
        return SEVERAL
    if claim.weight is Weight.SURE:
        if later is None or later.place == claim.place:
            return claim
        if seen.corrected or seen.retracted:
            return Claim(later.place, Weight.SURE, later.how, later.by_text)
        return SEVERAL
    if later is None:
        seen.concluded = Found(claim.place, claim.how, claim.by_text, marked=False)
        seen.corrected = claim.weight is Weight.CORRECTED
    return None


def _enclosed(one: Statement, reader: ClaimReader) -> Claim | None:
    """A box holds an option only if that is all of it."""
    how = one.marks[0].kind.value
    if reader.by_letter:
        place = letter_line(one.text, reader.options, aside=False)
        if place is not None:
            return Claim(place, Weight.SURE, how)
        if several_letters(one.text, reader.options):
            return SEVERAL
    place = reader.options.equal(one.text)
    return None if place is None else Claim(place, Weight.SURE, how, by_text=True)
