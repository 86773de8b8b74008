"""Which option a written answer takes.

The statements are read from the last to the first (see :mod:`aisbench.answers`): the last one that
is marked as the answer counts, unless it names several options, or what it names is called wrong
afterwards. What is only concluded ("so it is B") gives way to none that is marked otherwise and
later. Neither rule guesses. Pure; linear in the length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from attrs import evolve, field, frozen, mutable

from aisbench.answers import LONGEST, SURE, Act, Answer, Kind, Mark, Polarity, Statement, polarity
from aisbench_plugin_choices.mentions import (
    Mention,
    Options,
    behind,
    letters,
    plain,
    text_behind,
    texts,
)
from aisbench_plugin_choices.question import wants_the_wrong_one


@frozen
class Found:
    """``place`` of the option from 0; ``how`` says in a few words where it was read."""

    place: int
    how: str
    by_text: bool = False


@frozen
class Read:
    """What both rules make of an answer."""

    strict: Found | None
    lenient: Found | None


_JOIN = re.compile(
    r"[\s*_\"')\]}]{0,4}(?:,|/|&|\+|\band\b|\bor\b|\bnor\b|,\s?(?:and|or)|和|或者?|与|及|、|以及|und|oder|et|ou|y|o|и|или)[\s*_\"'(\[]{0,4}"
    r"(?:either\s|both\s|options?\s|choices?\s|选?项)?"
)
_NUMBERED = re.compile(
    r"[ \t>*_#(\[-]{0,8}([A-Z])[ \t*_]{0,3}[).:、\]](?=[\s*_]|[^\x00-\x7f]|$|[A-Za-z])"
)
_LINE = re.compile(
    r"[\W_]{0,16}(?:(?:the\s)?(?:final\s|correct\s|right\s|best\s)?(?:option|choice|answer|letter|select|选项|选择|选|答案)[\s:*\"'(\[]{0,6})?"
    r"([A-Za-z])(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"[\s*_\"'`)\]}>.:,;!。，、|✓✔✅]*(?:选?项|正确|\(\s?\d[^()\n]{0,40}\)|\((?:correct|confidence[^()]{0,30}|[^()]{0,30}(?:confident|sure|certain))\))?"
    r"[\s*_\"'`)\]}>.:,;!。，、|✓✔✅]*\Z",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"[\s*_\"'`)\]}>.:,;!。，、|–—-]{1,6}(?:because|since|as\b|due\sto|for\b|given|reason|explanation|this\b|it\b|the\b|that\b|"
    r"in\b|here\b|因为|理由|解析|由于|解释|根据)",
    re.IGNORECASE,
)
_RIGHT_ZH = re.compile(
    r"(?:错误|不正确|不对|有误|不属于|不符合|不恰当|不包括)[^。,，]{0,8}?[是为:]$"
)


@mutable
class _Reading:
    """What has been seen, from the end backwards."""

    options: Options
    by_text: bool
    """Whether an option's words count too."""
    wrong: set[int] = field(factory=set)
    concluded: Found | None = None
    corrected: bool = False
    right: dict[int, str] = field(factory=dict)
    hedged: set[int] = field(factory=set)
    mentioned: set[int] = field(factory=set)


MENTIONS = 60
"""Of one sentence; one with more of them is no statement that anybody would read."""
VOID = -1
"""A statement that is marked as the answer and names several options, or none that stands."""


def read(answer: Answer, options: Options, *, asked: str = "letter") -> Read:
    """The strict and the lenient reading. ``asked`` is "letter", or "text" where the prompt asks
    for an option's words, and no letter counts."""
    letters_count = asked == "letter"
    flipped = wants_the_wrong_one(answer.question)
    if (whole := _whole(answer, options, letters_count)) is not None:
        return Read(whole if not whole.by_text or not letters_count else None, whole)
    marked, seen = _marked(answer, options, letters_count, flipped)
    if marked is not None:
        if marked.place == VOID:
            return Read(None, None)
        strict = marked if not marked.by_text or not letters_count else None
        return Read(strict, marked)
    return Read(None, _otherwise(answer, options, seen, letters_count, flipped))


# -- the whole answer


def _whole(answer: Answer, options: Options, by_letter: bool) -> Found | None:
    """An answer that is nothing but an option."""
    text = answer.text.strip()
    if len(text) > 400:
        return None
    if by_letter and (place := _letter_line(text, options)) is not None:
        return Found(place, "the whole answer")
    words = plain(text)
    equal = [place for place, one in enumerate(options.known) if one == words]
    return Found(equal[0], "by its text", by_text=True) if len(equal) == 1 else None


def _letter_line(text: str, options: Options, *, aside: bool = True) -> int | None:
    """The option of a line that is its letter, perhaps with its own words behind it."""
    match = _LINE.match(text)
    if match is None:
        return None
    at = match.start(1)
    letter = text[at]
    if letter.islower() and match.group(0).strip() == letter and not _ASIDE.match(text, at + 1):
        return None
    one = behind(text, at, options, low=True)
    if one is None or one.start != at:
        return None
    if one.ends or (aside and not one.contradicts and _ASIDE.match(text, one.end)):
        return one.place
    return None


# -- statements


def _marked(
    answer: Answer, options: Options, by_letter: bool, flipped: bool
) -> tuple[Found | None, _Reading]:
    seen = _Reading(options, by_text=True)
    full = [number for number, line in enumerate(answer.lines) if line.strip()]
    first, last = (full[0], full[-1]) if full else (0, 0)
    listed = _listed(answer.lines) if by_letter else set()
    for one in answer.backwards():
        if one.act is not Act.TELLS:
            continue
        found = None
        if by_letter and one.marks and one.marks[0].kind in (Kind.BOX, Kind.TAG):
            found = _enclosed(one, options)
        elif by_letter and one.line in listed:
            _note(one, seen, flipped)
            continue
        elif not by_letter and one.marks and one.marks[0].kind in (Kind.BOX, Kind.TAG):
            found = _text_alone(one.text, options)
        else:
            found = _stated(one, options, by_letter, flipped)
            if found is None and one.line in (first, last):
                if by_letter:
                    found = _own_line(answer, one, options, last=one.line == last)
                elif one.line == first:
                    found = _begins(one, options)
            _note(one, seen, flipped)
        if found is None:
            continue
        place, kind = found
        if place == VOID:
            if seen.concluded is not None:
                return seen.concluded, seen
            return Found(VOID, "several"), seen
        if place in seen.wrong and not flipped:
            return Found(VOID, "taken back"), seen
        if kind == "hedged":
            seen.hedged.add(place)
            continue
        result = Found(place, kind.removesuffix(" by its text"), kind.endswith(" by its text"))
        if kind in ("concluded", "corrected"):
            if seen.concluded is None:
                seen.concluded = evolve(result, how="stated")
                seen.corrected = kind == "corrected"
            continue
        if seen.concluded is not None and seen.concluded.place != place:
            if seen.corrected:
                return seen.concluded, seen
            return Found(VOID, "two that differ"), seen
        return result, seen
    return seen.concluded, seen


def _enclosed(one: Statement, options: Options) -> tuple[int, str] | None:
    """A box holds a letter only if the letter is all of it, with its words."""
    place = _letter_line(one.text, options, aside=False)
    if place is not None:
        return place, one.marks[0].kind.value
    if _several(one.text, options):
        return VOID, ""
    return _text_alone(one.text, options)


def _several(text: str, options: Options) -> bool:
    """Whether a short text is several letters and nothing else."""
    words = re.findall(r"[A-Za-z]+", text)
    if len(text) > 40 or not words:
        return False
    if len(words) == 1 and words[0].isupper() and 1 < len(words[0]) <= options.count:
        return set(words[0]) <= set(options.letters) and plain(text) not in options.known
    kept = [
        word
        for word in words
        if word.lower() not in ("and", "or", "both", "either", "options", "option")
    ]
    return len(kept) > 1 and all(len(word) == 1 and word in options.letters for word in kept)


def _text_alone(text: str, options: Options) -> tuple[int, str] | None:
    said = plain(text)
    equal = [place for place, one in enumerate(options.known) if one == said]
    return (equal[0], "in a box by its text") if len(equal) == 1 else None


def _stated(
    one: Statement, options: Options, by_letter: bool, flipped: bool
) -> tuple[int, str] | None:
    """What a statement marks as the answer: (place, how), (VOID, ...) for several, None for
    nothing that is an option."""
    if not one.marks:
        return None
    all_letters = letters(one.text, options)[:MENTIONS] if by_letter else []
    # From the last mark: a later one corrects an earlier one in the same sentence.
    for mark in reversed(one.marks):
        found = behind(one.text, mark.end, options) if by_letter else None
        if found is None:
            found = text_behind(one.text, one.lower, mark.end, options)
        if found is None:
            continue
        taken = _taken(one, mark, found, all_letters, options, flipped)
        if taken is not None:
            return taken
    sure = [mark for mark in one.marks if mark.kind in SURE]
    return _elsewhere(one, sure[-1], all_letters, options, flipped) if sure else None


def _taken(
    one: Statement,
    mark: Mark,
    found: Mention,
    all_letters: Sequence[Mention],
    options: Options,
    flipped: bool,
) -> tuple[int, str] | None:
    sure = mark.kind in SURE
    group = _group(one.text, found, all_letters, options)
    if len({each.place for each in group}) > 1 or _glued(one.text, found, options):
        meant = polarity(one.lower, found.start, group[-1].end, since=mark.start)
        if meant in (Polarity.DENIED, Polarity.WRONG):
            return None
        return (VOID, "") if sure or group[-1].ends else None
    if found.contradicts:
        return (VOID, "") if sure else None
    meant = _meant(one, mark, found, all_letters, flipped)
    if meant is Polarity.WRONG and flipped and sure:
        return VOID, ""  # called wrong where the wrong one is asked for: which of both is meant?
    if meant in (Polarity.DENIED, Polarity.WRONG):
        return None
    if meant is Polarity.HEDGED:
        return found.place, "hedged"
    if not sure:
        good = found.ends or meant is Polarity.RIGHT or (found.named and found.begun)
        if not good and not (found.begun and _alone_after(one, found)):
            return None
        how = "corrected" if mark.kind is Kind.CORRECTION else "concluded"
    else:
        how = mark.kind.value
    return found.place, f"{how} by its text" if found.by_text else how


def _alone_after(one: Statement, found: Mention) -> bool:
    """Whether what follows gives a reason, or is another clause."""
    rest = one.text[found.end :]
    return (
        _REASON.match(rest) is not None
        or re.match(r"[\s)\]\"'*]{0,3}[,.;—(（，；。]", rest) is not None
    )


def _meant(
    one: Statement, mark: Mark, found: Mention, all_letters: Sequence[Mention], flipped: bool
) -> Polarity:
    until = next((each.start for each in all_letters if each.start > found.end), None)
    return polarity(
        one.lower, found.start, found.end, since=mark.start, until=until, wrong_wanted=flipped
    )


def _elsewhere(
    one: Statement, mark: Mark, all_letters: Sequence[Mention], options: Options, flipped: bool
) -> tuple[int, str] | None:
    """The only option that is named behind a sure mark with other words before it."""
    named = [
        each
        for each in all_letters
        if each.start >= mark.end and (each.named or each.ends or each.begun)
    ]
    stand: set[int] = set()
    hedged: set[int] = set()
    for each in named:
        meant = _meant(one, mark, each, all_letters, flipped)
        if meant in (Polarity.DENIED, Polarity.WRONG):
            continue
        (hedged if meant is Polarity.HEDGED else stand).add(each.place)
    if (
        len(stand | hedged) == 1
        and len({each.place for each in named if each.place in stand | hedged}) == 1
    ):
        place = next(iter(stand | hedged))
        return place, "stated" if stand else "hedged"
    return (VOID, "") if len(stand | hedged) > 1 else None


def _group(
    text: str, found: Mention, all_letters: Sequence[Mention], options: Options
) -> list[Mention]:
    """``found`` with the options that are joined to it by "and", "or", a comma, a slash."""
    group = [found]
    while True:
        joint = _JOIN.match(text, group[-1].end)
        if joint is None:
            return group
        following = [one for one in all_letters if group[-1].end < one.start <= joint.end() + 1]
        if not following:
            return group
        # "B, C is wrong": a clause of its own begins after a comma.
        if (
            "," in joint.group()
            and not following[0].ends
            and not _JOIN.match(text, following[0].end)
        ):
            return group
        group.append(following[0])


def _glued(text: str, found: Mention, options: Options) -> bool:
    """Whether the letter stands in a cluster such as "A/B" or "AB"."""
    cluster = re.match(
        r"[\s)\]]{0,2}[/、&+]\s?[(\[]?([A-Z])(?![A-Za-z0-9])", text[found.start + 1 :]
    )
    return (
        not found.by_text
        and cluster is not None
        and cluster.group(1) in options.letters
        and cluster.group(1) != text[found.start].upper()
    )


# -- lines


def _listed(lines: Sequence[str]) -> set[int]:
    """The numbers of lines that list options: neighbours whose letters follow each other."""
    heads: list[tuple[int, str]] = []
    for number, line in enumerate(lines):
        match = _NUMBERED.match(line)
        if match is not None and line[match.end() :].strip(" *_.)"):
            heads.append((number, match.group(1)))
    found: set[int] = set()
    for (first, one), (second, other) in pairwise(heads):
        if ord(other) - ord(one) == 1:
            found.update((first, second))
    return found


def _own_line(
    answer: Answer, one: Statement, options: Options, *, last: bool
) -> tuple[int, str] | None:
    """A first or last line that is an option, or that begins with one and goes on to say why."""
    line = answer.lines[one.line][:LONGEST]
    begin = len(line) - len(line.lstrip())
    place = _letter_line(line, options)
    if place is not None:
        return place, "the last line" if last else "at the beginning"
    if last and one.line != 0:
        return None
    # "B. It is red.": read where the first sentence is met, which comes last.
    if one.start - _start_of(answer, one.line) > begin:
        return None
    match = _LINE.match(line)
    if match is None or match.group(1).islower():
        return None
    found = behind(line, match.start(1), options, low=False)
    if found is None or found.start != match.start(1) or found.contradicts or not found.begun:
        return None
    all_letters = letters(line, options)
    if len({each.place for each in _group(line, found, all_letters, options)}) > 1:
        return None
    until = next((each.start for each in all_letters if each.start > found.start), None)
    if polarity(line.lower(), found.start, found.end, until=until) not in (
        Polarity.PLAIN,
        Polarity.RIGHT,
    ):
        return None
    others = {m.group(1) for m in re.finditer(r"(?<![A-Za-z0-9])([A-Z])[).:、]", answer.text)}
    if len((others & set(options.letters)) - {line[match.start(1)]}) and not _first_stands(
        line, found
    ):
        return None
    return found.place, "at the beginning"


def _begins(one: Statement, options: Options) -> tuple[int, str] | None:
    """A first sentence that begins with an option's words, and goes on to say why."""
    found = text_behind(one.text, one.lower, 0, options)
    if found is None or not found.begun or re.search(r"\w", one.text[: found.start]):
        return None
    others = {each.place for each in texts(one.text, one.lower, options)}
    return (found.place, "at the beginning by its text") if len(others) == 1 else None


def _first_stands(line: str, found: Mention) -> bool:
    """Whether a line's option has no words of its own beside it but a reason."""
    return _REASON.match(line[found.end :]) is not None


def _start_of(answer: Answer, number: int) -> int:
    return sum(len(line) + 1 for line in answer.lines[:number])


# -- what else identifies one option


def _note(one: Statement, seen: _Reading, flipped: bool) -> None:
    """Keep what a statement says of options besides an answer's mark."""
    options = seen.options
    found = letters(one.text, options)[:MENTIONS]
    for place, each in enumerate(found):
        until = found[place + 1].start if place + 1 < len(found) else None
        group = _group(one.text, each, found, options)
        end = group[-1].end
        if len(group) > 1:
            until = next((other.start for other in found if other.start > end), None)
        meant = polarity(one.lower, each.start, end, until=until)
        if meant is Polarity.WRONG:
            seen.wrong.add(each.place)
        elif meant is Polarity.RIGHT:
            seen.right.setdefault(each.place, "called correct")
        elif meant is Polarity.PLAIN and each.named:
            seen.mentioned.add(each.place)


def _otherwise(
    answer: Answer, options: Options, seen: _Reading, by_letter: bool, flipped: bool
) -> Found | None:
    if by_letter:
        right, wrong = set(seen.right), seen.wrong
        if flipped and len(wrong) == 1 and len(right) >= 1 and not wrong & right:
            return Found(next(iter(wrong)), "the only one called wrong")
        if flipped and (right or wrong):
            return None
        right -= wrong
        if len(right) == 1:
            return Found(next(iter(right)), "called correct")
        if len(right) > 1:
            return None
        if len(seen.hedged) == 1:
            return Found(next(iter(seen.hedged)), "the only one considered")
        if len(seen.hedged) > 1:
            return None
    by_text = _last_or_first(answer, options)
    if by_letter:
        mentioned = seen.mentioned - seen.wrong
        if len(mentioned) == 1:
            place = next(iter(mentioned))
            if by_text is not None and by_text.place != place:
                return None
            return Found(place, "the only one mentioned")
        if len(mentioned) > 1:
            return None
    return by_text


def _last_or_first(answer: Answer, options: Options) -> Found | None:
    """The only option whose words the last statement holds, or the first."""
    listed = _listed(answer.lines)
    told = [one for one in answer.backwards() if one.line not in listed]
    if not told:
        return None
    for one in dict.fromkeys((0, len(told) - 1)):
        statement = told[one]
        if statement.act is not Act.TELLS:
            continue
        found = _only_text(statement, options)
        if found is not None:
            return Found(found, "by its text", by_text=True)
    return None


def _only_text(one: Statement, options: Options) -> int | None:
    stand: set[int] = set()
    found = texts(one.text, one.lower, options)
    for number, each in enumerate(found):
        until = found[number + 1].start if number + 1 < len(found) else None
        meant = polarity(one.lower, each.start, each.end, until=until)
        if meant in (Polarity.DENIED, Polarity.WRONG):
            continue
        if meant is Polarity.HEDGED:
            return None
        if each.end - each.start <= 2 and not each.ends:
            continue
        stand.add(each.place)
    return stand.pop() if len(stand) == 1 else None
