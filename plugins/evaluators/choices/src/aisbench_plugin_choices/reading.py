"""Which option a written answer takes.

The statements are read from the last to the first (see :mod:`aisbench.answers`): the last one
that is marked as the answer counts, unless it names several options, or is taken back
afterwards. What is only concluded ("so it is B") must agree with what is marked before it, or
correct it. The lenient rule also takes the only option that everything in the answer speaks for.
Neither guesses. Pure; linear in the length.
"""

from __future__ import annotations

import re

from attrs import field, frozen, mutable

from aisbench.answers import LONGEST, Act, Answer, Kind, Polarity, Statement
from aisbench_plugin_choices.claims import (
    SEVERAL,
    Claim,
    Reader,
    Weight,
    gives_reason,
    several_letters,
)
from aisbench_plugin_choices.lines import (
    begins_with_letter,
    few_shot_line,
    letter_line,
    listed,
    numbered,
)
from aisbench_plugin_choices.mentions import behind, groups, letters, text_behind, texts
from aisbench_plugin_choices.options import Options
from aisbench_plugin_choices.question import wants_the_wrong_one


@frozen
class Found:
    """``place`` of the option from 0; ``how`` says in a few words where it was read."""

    place: int
    how: str
    by_text: bool = False
    marked: bool = True
    """Marked as the answer, not only concluded."""


@frozen
class Read:
    """What both rules make of an answer."""

    strict: Found | None
    lenient: Found | None


NOTHING = Read(None, None)
_STANDS = (Polarity.PLAIN, Polarity.RIGHT)
SHORT = 400
"""Characters up to which a text may be an option and nothing else."""

_YES = re.compile(
    r"\W*(?:yes|correct|right|indeed|true|exactly|是的?|对的?|没错)\b\W*", re.IGNORECASE
)
_NO = re.compile(r"\W*(?:no|wrong|not|incorrect|nope|不是?|不对|错)\b", re.IGNORECASE)


@mutable
class _Seen:
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


def read(answer: Answer, options: Options, *, asked: str = "letter") -> Read:
    """The strict and the lenient reading. ``asked`` is "letter", or "text" where the prompt asks
    for an option's words, and no letter counts."""
    if asked == "letter" and (ended := _ends_plainly(answer.text, options)) is not None:
        return Read(ended, ended)
    reader = Reader(options, asked == "letter", wants_the_wrong_one(answer.question))
    if (whole := _whole(answer, reader)) is not None:
        return _both(whole, reader)
    seen = _Seen()
    marked = _marked(answer, reader, seen)
    if marked is SEVERAL:
        return NOTHING
    if marked is not None:
        return _both(Found(marked.place, marked.how, marked.by_text), reader)
    if seen.concluded is not None:
        return _both(seen.concluded, reader)
    return Read(None, _otherwise(answer, reader, seen))


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


def _both(found: Found, reader: Reader) -> Read:
    """An option's words count for the strict rule where they were asked for."""
    return Read(None if found.by_text and reader.by_letter else found, found)


def _whole(answer: Answer, reader: Reader) -> Found | None:
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


def _marked(answer: Answer, reader: Reader, seen: _Seen) -> Claim | None:
    """The last claim that stands; SEVERAL where it does not. Notes what else is said."""
    full = [number for number, line in enumerate(answer.lines) if line.strip()]
    first, last = (full[0], full[-1]) if full else (0, 0)
    lists: set[int] | None = None if reader.by_letter else set()
    for one in answer.backwards():
        seen.passed.append(one)
        if one.act not in (Act.TELLS, Act.RETRACTS):
            continue
        if enclosed(one):
            claim = _enclosed(one, reader)
        else:
            if lists is None and numbered(answer.lines[one.line]):
                lists = listed(answer.lines)
            if lists is not None and one.line in lists:
                continue
            claim = reader.claim(one)
            if claim is None:
                claim = _own_line(answer, one, reader, first=first, last=last)
        if claim is not None and (ended := _weigh(claim, seen, reader)) is not None:
            return ended
        if one.act is Act.RETRACTS or any(m.kind is Kind.CORRECTION for m in one.marks):
            # What stands before is taken back, for what was concluded after it, or for nothing.
            seen.corrected = seen.concluded is not None
            seen.retracted = seen.retracted or seen.concluded is None
    return None


def enclosed(one: Statement) -> bool:
    """Whether a statement is the inside of a box or of tags."""
    return bool(one.marks) and one.marks[0].kind in (Kind.BOX, Kind.TAG)


def _weigh(claim: Claim, seen: _Seen, reader: Reader) -> Claim | None:
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
    if not reader.wrong_wanted and _called_wrong(claim, seen, reader):
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


def _enclosed(one: Statement, reader: Reader) -> Claim | None:
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


def _own_line(
    answer: Answer, one: Statement, reader: Reader, *, first: int, last: int
) -> Claim | None:
    """A line or a statement that is an option; a first one that begins with it."""
    if not reader.by_letter:
        return _begins(one, reader) if one.line == first else None
    line = answer.lines[one.line][:LONGEST]
    if one.line in (first, last):
        place = letter_line(line, reader.options)
        if place is not None:
            return Claim(place, Weight.SURE, "a line of its own")
    place = letter_line(one.text, reader.options)
    if place is not None:
        return Claim(place, Weight.CONCLUDED, "a sentence of its own")
    if one.line != first or one.text not in line or line.find(one.text) > _indent(line):
        return None
    return _leading(answer, one, line, reader)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _leading(answer: Answer, one: Statement, line: str, reader: Reader) -> Claim | None:
    """A first line that begins with an option and goes on to say why: "B. It is red."."""
    at = begins_with_letter(line)
    found = None if at is None else behind(line, at, reader.options)
    if found is None or found.start != at or found.contradicts or not found.begun:
        return None
    grouped = groups(line, letters(line, reader.options))
    own = next((many for many in grouped if many[0].start == at), [found])
    if len({each.place for each in own}) > 1:
        return None
    whole = Statement(line, line.lower(), 0, 0) if len(line.lower()) == len(line) else one
    until = next((many[0].start for many in grouped if many[0].start > found.start), None)
    if reader.meant(whole, own, until=until) not in (Polarity.PLAIN, Polarity.RIGHT):
        return None
    others = set(re.findall(r"(?<![A-Za-z0-9(])([A-Z])[).:、]", answer.text))
    others &= set(reader.options.letters)
    if others - {line[found.start]} and not gives_reason(line, found.end):
        return None
    return Claim(found.place, Weight.SURE, "at the beginning")


def _begins(one: Statement, reader: Reader) -> Claim | None:
    """A first sentence that begins with an option's words, and goes on to say why."""
    found = text_behind(one.text, one.lower, 0, reader.options)
    if found is None or not found.begun or re.search(r"\w", one.text[: found.start]):
        return None
    others = {each.place for each in texts(one.text, one.lower, reader.options)}
    if len(others) > 1 or reader.meant(one, [found], until=None) not in _STANDS:
        return None
    return Claim(found.place, Weight.SURE, "at the beginning", by_text=True)


# -- what else identifies one option


def _called_wrong(claim: Claim, seen: _Seen, reader: Reader) -> bool:
    """Whether a later statement calls the option of a claim wrong, by its letter."""
    letter = reader.options.letters[claim.place]
    noted = _Seen()
    for one in seen.passed[:-1]:
        if letter in one.text:
            _note(one, reader, noted)
    return claim.place in noted.wrong


def _note_all(answer: Answer, reader: Reader, seen: _Seen) -> None:
    """Note what all statements say, up to one that takes back what precedes it."""
    after = ""
    for one in seen.passed:
        line = answer.lines[one.line] if one.line < len(answer.lines) else ""
        if numbered(line) and one.text.strip() != line.strip() and not numbered(one.text):
            # "- A. Anchoring: the first figure. No."
            place = ord(line.lstrip(" \t>*_#([-")[:1] or "~") - ord("A")
            if 0 <= place < reader.options.count and len(one.text) < 20:
                if _YES.match(one.text):
                    seen.right.add(place)
                elif _NO.match(one.text):
                    seen.wrong.add(place)
            continue
        if one.act is Act.ASKS:
            _asked(one, after, reader, seen)
        elif one.act in (Act.TELLS, Act.RETRACTS) and not enclosed(one):
            _note(one, reader, seen)
            if one.act is Act.RETRACTS or any(m.kind is Kind.CORRECTION for m in one.marks):
                return
        after = one.text


def _note(one: Statement, reader: Reader, seen: _Seen) -> None:
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
        elif meant is Polarity.HEDGED:
            seen.hedged |= places
        elif any(m.named or m.leads for m in group) and meant is Polarity.PLAIN:
            seen.plain |= places


def _asked(one: Statement, after: str, reader: Reader, seen: _Seen) -> None:
    """A question with an option that is answered by yes or no."""
    places = {each.place for each in reader.letters(one)}
    if len(places) == 1 and _YES.match(after):
        seen.right |= places
    elif _NO.match(after):
        seen.fails |= places


def _otherwise(answer: Answer, reader: Reader, seen: _Seen) -> Found | None:
    """The only option that is called right, considered, or spoken for, by letter or by words."""
    _note_all(answer, reader, seen)
    if reader.wrong_wanted and reader.by_letter:
        denied = seen.wrong or seen.fails
        if len(denied) == 1 and not denied & seen.right:
            return Found(next(iter(denied)), "the only one called wrong")
        if denied or seen.right:
            return None
    if _breaks_off(answer.text):
        return None
    for places, how in (
        (seen.right - seen.wrong, "called correct"),
        (seen.hedged | seen.plain, "the only one mentioned"),
    ):
        if len(places) > 1:
            return None
        if places:
            place = next(iter(places))
            if place in seen.wrong | seen.fails | seen.denied:
                return None
            by_text = _spoken_for(answer, reader, seen)
            if by_text is not None and by_text.place != place and how != "called correct":
                return None
            return Found(place, how)
    return None if seen.retracted else _spoken_for(answer, reader, seen)


_COMPLETE = re.compile(r"[.!?。！？)\]\"'*:；;}$✅✓✔]\s*\Z|[\u4e00-\u9fff]\s*\Z")


def _breaks_off(text: str) -> bool:
    """Whether a longer text ends within a sentence."""
    last = text.rstrip().rpartition("\n")[2]
    return len(last) > (40 if last.isascii() else 20) and _COMPLETE.search(text) is None


def _spoken_for(answer: Answer, reader: Reader, seen: _Seen) -> Found | None:
    """The only option by its words: in a first sentence that begins with it, or in all of a
    short answer, or in the last or the first statement."""
    options = reader.options
    if not options.known:
        return None
    lists = listed(answer.lines)
    told = [one for one in seen.passed if one.line not in lists and one.act is Act.TELLS]
    if not told:
        return None
    if (claim := _begins(told[-1], reader)) is not None:
        return Found(claim.place, "by its text", by_text=True)
    if len(told) <= 3:
        return _only(told, reader, seen, whole=True)
    for one in (told[0], told[-1]):
        found = _only([one], reader, seen, whole=False)
        if found is not None:
            return found
    return None


def _only(told: list[Statement], reader: Reader, seen: _Seen, *, whole: bool) -> Found | None:
    """The only option whose words statements do not deny; the only one that they call right."""
    right: set[int] = set()
    stand: set[int] = set()
    named: set[int] = set()
    denied: set[int] = set()
    hedged = False
    for one in told:
        grouped = groups(one.text, texts(one.text, one.lower, reader.options))
        by_letter = {m.place for m in reader.letters(one) if m.named or m.ends}
        for number, group in enumerate(grouped):
            until = grouped[number + 1][0].start if number + 1 < len(grouped) else None
            meant = reader.meant(one, group, until=until)
            places = {each.place for each in group}
            if meant in (Polarity.PLAIN, Polarity.RIGHT):
                kept = [m for m in group if whole or m.ends or m.end - m.start > 2]
                stand |= {m.place for m in kept}
                named |= {m.place for m in kept if m.leads and (m.ends or m.begun)}
                right |= places if meant is Polarity.RIGHT else set()
            elif meant is Polarity.HEDGED:
                hedged = True
            else:
                denied |= places
        if by_letter - stand and stand:
            return None
    if reader.wrong_wanted:
        only = denied if len(denied) == 1 else set()
        return Found(next(iter(only)), "by its text", by_text=True) if only else _single(stand)
    if len(right) == 1:
        return _single(right)
    stand -= seen.wrong | seen.fails
    if hedged or right:
        return None
    return _single(stand) or (_single(named) if len(told) == 1 else None)


def _single(places: set[int]) -> Found | None:
    return Found(next(iter(places)), "by its text", by_text=True) if len(places) == 1 else None
