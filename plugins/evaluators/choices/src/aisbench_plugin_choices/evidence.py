"""What an answer says of the options besides marking one as the answer. Pure."""

from __future__ import annotations

import re

from attrs import field, frozen, mutable

from aisbench.answers import Act, Kind, Polarity, Statement, WrittenAnswer
from aisbench_plugin_choices.beginnings import STANDS, begins
from aisbench_plugin_choices.claims import Claim, ClaimReader
from aisbench_plugin_choices.mentions import groups, texts
from aisbench_plugin_choices.option_lines import listed, numbered


@frozen
class Found:
    """``place`` of the option from 0; ``how`` says in a few words where it was read."""

    place: int
    how: str
    by_text: bool = False
    marked: bool = True
    """Marked as the answer, not only concluded."""


_BUT = re.compile(r"\bbut\b.*(?:unlikely|not\b|n't|no\b|wrong)|但.*(?:不|非|错)|其实(?:不|错)")
_YES = re.compile(
    r"\W*(?:yes|correct|right|indeed|true|exactly|是的?|对的?|没错)\b\W*", re.IGNORECASE
)
_NO = re.compile(r"\W*(?:no|wrong|not|incorrect|nope|不是?|不对|错)\b", re.IGNORECASE)


@mutable
class Evidence:
    """What the statements say of the options besides marking one as the answer."""

    right: set[int] = field(factory=set)
    wrong: set[int] = field(factory=set)
    fails: set[int] = field(factory=set)
    denied: set[int] = field(factory=set)
    plain: set[int] = field(factory=set)
    hedged: set[int] = field(factory=set)
    passed: list[Statement] = field(factory=list)
    """The statements from the last one to the present one."""
    concluded: Found | None = None
    corrected: bool = False
    retracted: bool = False


def enclosed(one: Statement) -> bool:
    """Whether a statement is the inside of a box or of tags."""
    return bool(one.marks) and one.marks[0].kind in (Kind.BOX, Kind.TAG)


def called_wrong(claim: Claim, seen: Evidence, reader: ClaimReader) -> bool:
    """Whether a later statement calls the option of a claim wrong, by its letter."""
    letter = reader.options.letters[claim.place]
    noted = Evidence()
    for one in seen.passed[:-1]:
        if letter in one.text:
            _note(one, reader, noted)
    return claim.place in noted.wrong


def _note_all(answer: WrittenAnswer, reader: ClaimReader, seen: Evidence) -> None:
    """Note what all statements say, up to one that takes back what precedes it."""
    after = ""
    for one in seen.passed:
        line = answer.lines[one.line] if one.line < len(answer.lines) else ""
        if numbered(line) and one.text.strip() != line.strip() and not numbered(one.text):
            _note_listed(line, one, reader, seen)
            continue
        if one.act is Act.ASKS:
            _note_question(one, after, reader, seen)
        elif one.act in (Act.TELLS, Act.RETRACTS) and not enclosed(one):
            _note(one, reader, seen)
            if one.act is Act.RETRACTS or any(m.kind is Kind.CORRECTION for m in one.marks):
                return
        after = one.text


def _note_listed(line: str, one: Statement, reader: ClaimReader, seen: Evidence) -> None:
    """Keep what is said behind an option in a list: "- A. Anchoring: the first figure. No."."""
    place = ord(line.lstrip(" \t>*_#([-")[:1] or "~") - ord("A")
    if not 0 <= place < reader.options.count or len(one.text) >= 20:
        return
    if _YES.match(one.text):
        seen.right.add(place)
    elif _NO.match(one.text):
        seen.wrong.add(place)


def _note(one: Statement, reader: ClaimReader, seen: Evidence) -> None:
    """Keep what a statement says of options named by their letters."""
    grouped = groups(one.text, reader.letters(one))
    for number, group in enumerate(grouped):
        until = grouped[number + 1][0].start if number + 1 < len(grouped) else None
        meant = reader.meant(one, group, until=until)
        places = {each.place for each in group}
        if meant is Polarity.WRONG:
            seen.wrong |= places
        elif meant is Polarity.FAILS:
            seen.fails |= places
        elif meant is Polarity.DENIED:
            seen.denied |= places
        elif meant is Polarity.RIGHT:
            seen.right |= places
        elif meant is Polarity.HEDGED and _BUT.search(one.lower, group[-1].end) is None:
            seen.hedged |= places
        elif meant is Polarity.HEDGED:
            seen.denied |= places
        elif any(m.named or m.leads for m in group) and meant is Polarity.PLAIN:
            seen.plain |= places


def _note_question(one: Statement, after: str, reader: ClaimReader, seen: Evidence) -> None:
    """A question with an option that is answered by yes or no."""
    places = {each.place for each in reader.letters(one)}
    if len(places) == 1 and _YES.match(after):
        seen.right |= places
    elif _NO.match(after):
        seen.fails |= places


def otherwise(answer: WrittenAnswer, reader: ClaimReader, seen: Evidence) -> Found | None:
    """The only option that is called right, considered, or spoken for, by letter or by words."""
    _note_all(answer, reader, seen)
    if reader.wrong_wanted and reader.by_letter:
        denied = seen.wrong or seen.fails
        if denied or seen.right:
            only = len(denied) == 1 and not denied & seen.right
            return Found(next(iter(denied)), "the only one called wrong") if only else None
    if _breaks_off(answer.text):
        return None
    for places, how in (
        (seen.right - seen.wrong, "called correct"),
        (seen.hedged | seen.plain, "the only one mentioned"),
    ):
        if places:
            return _lone(places, how, answer, reader, seen)
    if seen.retracted:
        return _opened(reader, seen)
    return _spoken_for(answer, reader, seen)


def _opened(reader: ClaimReader, seen: Evidence) -> Found | None:
    """The option "No" of an answer that begins with it, which takes nothing back: nothing stands
    before it."""
    *later, first = seen.passed
    claim = begins(first, reader) if reader.options.known else None
    if claim is None:
        return None
    for one in later:
        corrects = any(mark.kind is Kind.CORRECTION for mark in one.marks)
        named = {each.place for each in texts(one.text, one.lower, reader.options)}
        if one.act is Act.RETRACTS or corrects or named - {claim.place}:
            return None
    return Found(claim.place, "at the beginning", by_text=True)


def _lone(
    places: set[int], how: str, answer: WrittenAnswer, reader: ClaimReader, seen: Evidence
) -> Found | None:
    """The only one of ``places``, if nothing in the answer speaks against it."""
    if len(places) > 1:
        return None
    place = next(iter(places))
    if place in seen.wrong | seen.fails | seen.denied:
        return None
    by_text = _spoken_for(answer, reader, seen)
    if by_text is not None and by_text.place != place and how != "called correct":
        return None
    return Found(place, how)


_COMPLETE = re.compile(
    r"[.!?。！？)\]\"'*:；;}$✅✓✔]\s*\Z|[\u4e00-\u9fff](?<![为是的在和与约有于])\s*\Z"
)


def _breaks_off(text: str) -> bool:
    """Whether a longer text ends within a sentence."""
    last = text.rstrip().rpartition("\n")[2]
    if re.search(r"[为是的在和与约有于，,、]\s*\Z", last) is not None:
        return True
    return len(last) > (40 if last.isascii() else 20) and _COMPLETE.search(text) is None


def _spoken_for(answer: WrittenAnswer, reader: ClaimReader, seen: Evidence) -> Found | None:
    """The only option by its words: in a first sentence that begins with it, or in all of a
    short answer, or in the last or the first statement."""
    options = reader.options
    if not options.known:
        return None
    lists = listed(answer.lines)
    told = [one for one in seen.passed if one.line not in lists and one.act is Act.TELLS]
    if not told:
        return None
    if (claim := begins(told[-1], reader)) is not None:
        return Found(claim.place, "by its text", by_text=True)
    if len(told) <= 3:
        return _only(told, reader, seen, whole=True)
    for one in (told[0], told[-1]):
        found = _only([one], reader, seen, whole=False)
        if found is not None:
            return found
    return None


@mutable
class _ByWords:
    """What statements say of the options that they name by their words."""

    right: set[int] = field(factory=set)
    stand: set[int] = field(factory=set)
    named: set[int] = field(factory=set)
    denied: set[int] = field(factory=set)
    hedged: bool = False

    def note(self, one: Statement, reader: ClaimReader, *, whole: bool) -> None:
        """Add a statement; with ``whole`` it is part of a short answer."""
        grouped = groups(one.text, texts(one.text, one.lower, reader.options))
        for number, group in enumerate(grouped):
            until = grouped[number + 1][0].start if number + 1 < len(grouped) else None
            meant = reader.meant(one, group, until=until)
            if meant in STANDS:
                kept = [m for m in group if whole or m.ends or m.end - m.start > 2]
                self.stand |= {m.place for m in kept}
                self.named |= {m.place for m in kept if m.leads and (m.ends or m.begun)}
                if meant is Polarity.RIGHT:
                    self.right |= {each.place for each in group}
            elif meant is Polarity.HEDGED:
                self.hedged = True
            else:
                self.denied |= {each.place for each in group}


def _only(
    told: list[Statement], reader: ClaimReader, seen: Evidence, *, whole: bool
) -> Found | None:
    """The only option whose words statements do not deny; the only one that they call right."""
    said = _ByWords()
    for one in told:
        by_letter = {m.place for m in reader.letters(one) if m.named or m.ends}
        said.note(one, reader, whole=whole)
        if by_letter - said.stand and said.stand:
            return None
    if reader.wrong_wanted:
        return _single(said.denied if len(said.denied) == 1 else said.stand)
    if len(said.right) == 1:
        return _single(said.right)
    if said.hedged or said.right:
        return None
    only = _single(said.stand - seen.wrong - seen.fails)
    return only or (_single(said.named) if len(told) == 1 else None)


def _single(places: set[int]) -> Found | None:
    return Found(next(iter(places)), "by its text", by_text=True) if len(places) == 1 else None
