"""The number that an answer marks as its answer, whatever else it says before and behind. Pure.

The last sure mark counts. What follows it is an explanation, unless it takes the answer back;
then only a number that is plainly put in its place counts. Two marks that differ without a word
of correction are not an answer.
"""

from __future__ import annotations

import re
from decimal import Decimal

from attrs import field, frozen, mutable

from aisbench.answers import Act, Kind, Statement, WrittenAnswer, resembles
from aisbench_plugin_numeric.asides import Aside, aside, reports, takes_back
from aisbench_plugin_numeric.groups import Groups
from aisbench_plugin_numeric.guess import LOOSE, concluded
from aisbench_plugin_numeric.marks import (
    boxed,
    corrects_between,
    is_box,
    leads,
    numbers_follow,
    of_box,
    of_statement,
    says_it,
)
from aisbench_plugin_numeric.roles import candidates
from aisbench_plugin_numeric.stated import SPAN, VOID, StatedNumber, alone

MOST_MARKS = 50
"""Marked statements that are looked at: an answer that repeats itself endlessly is junk."""


@frozen
class Marked:
    """``stated`` may be VOID: a mark before what is not one number."""

    stated: StatedNumber
    kind: Kind


@mutable
class MarksSeen:
    """What the walk from the end has seen.

    ``later`` are the statements, the last one first. ``held`` is what a label or a heading says
    that may as well open a solution. ``unclear``: some mark stands before several
    numbers.
    """

    later: list[Statement] = field(factory=list)
    held: Marked | None = None
    unclear: bool = False


# Without one of these no mark stands there; a search for each is cheap.
_CUES = ("answer", "ans", "####", "box", "result", "<", "[[", "答", "结果", "正解", "a:", "final")


def marked(answer: WrittenAnswer, seen: MarksSeen, groups: Groups) -> Marked | None:
    """What the last mark states; None where no mark stands before a number."""
    if (box := boxed(answer, groups)) is not None:
        return Marked(box, Kind.BOX)
    looked = 0
    chosen: Marked | None = None
    behind: list[Statement] = []
    for one in answer.backwards():
        found, kind = _found(one, seen, groups)
        looked += bool(one.marks)
        if looked > MOST_MARKS:
            return chosen or Marked(VOID, Kind.PHRASE)
        if chosen is not None:
            behind.append(one)
            decided = _against(chosen, found, one, behind, answer, groups)
            if decided is not None:
                return decided
            continue
        if found is not None:
            decided = _decided(found, kind, one, seen, groups)
            seen.later.append(one)
            if decided is None:
                continue
            if decided.stated.number is None or not _may_differ(answer, one):
                return decided
            chosen, behind = decided, [one]
            continue
        seen.later.append(one)
    return chosen


def _may_differ(answer: WrittenAnswer, one: Statement) -> bool:
    """Whether anything before ``one`` looks like another mark."""
    before = answer.text[: one.start].lower()
    return (
        "?" in before
        or any(cue in before for cue in _CUES)
        or (
            not before.isascii()
            and any(cue in before for cue in ("ответ", "정답", "répons", "답"))
        )
    )


def _found(one: Statement, seen: MarksSeen, groups: Groups) -> tuple[StatedNumber | None, Kind]:
    if is_box(one):
        return of_box(one, groups), Kind.BOX
    if one.act is Act.RETRACTS and one.marks:
        found, kind = of_statement(one, seen.later, groups)
        return None if found is None else VOID, kind
    if one.act is not Act.TELLS or (
        not one.marks and one.lower[:12].find("a") < 0 and one.lower.isascii()
    ):
        return None, Kind.PHRASE
    return of_statement(one, seen.later, groups)


def _decided(
    found: StatedNumber, kind: Kind, one: Statement, seen: MarksSeen, groups: Groups
) -> Marked | None:
    opens = kind in (Kind.HEADING, Kind.HASHES) or (
        kind is Kind.LABEL and numbers_follow(seen.later, groups)
    )
    if any(_corrects(each) for each in seen.later):
        instead = _instead(found, seen.later, groups)
        return Marked(VOID if instead is None else instead, kind)
    if found.number is None:
        if found.clear:
            return Marked(VOID, kind)
        seen.unclear = True
        return None
    if opens and not leads(one, groups):
        seen.held = seen.held or Marked(found, kind)
        return None
    only = _only_says(seen.later, groups)
    if only is not None and value_of(only) != value_of(found):
        return Marked(VOID, kind)
    return Marked(found, kind)


def value_of(one: StatedNumber | None) -> Decimal | None:
    """The value that is stated, if any is."""
    return None if one is None or one.number is None else one.number.value


# -- two marks


def _against(
    chosen: Marked,
    earlier: StatedNumber | None,
    one: Statement,
    behind: list[Statement],
    answer: WrittenAnswer,
    groups: Groups,
) -> Marked | None:
    """What an earlier mark makes of the one that is chosen; None where it says nothing to it."""
    if earlier is None and _ends_before_exercise(one, behind, groups):
        ended = concluded(one, groups)
        return None if value_of(ended) == value_of(chosen.stated) else Marked(VOID, chosen.kind)
    if earlier is None or earlier.number is None or not says_it(one, groups):
        return None
    if answer.text.startswith("[[", one.start):
        return None  # a source
    if value_of(earlier) == value_of(chosen.stated):
        return None
    return _of_two(chosen, earlier, one, behind, answer)


def _of_two(
    chosen: Marked,
    earlier: StatedNumber,
    one: Statement,
    behind: list[Statement],
    answer: WrittenAnswer,
) -> Marked:
    """Which of two marks that differ counts, by what stands between them."""
    between = behind[:-1]
    questions = [each for each in between if each.act is Act.ASKS]
    for each in questions:
        if resembles(each.text, answer.question) is False and re.search("[0-9]", each.text):
            return Marked(earlier, chosen.kind)  # a next exercise follows the answer
    if any(_is_exercise(each, one) for each in questions):
        return Marked(VOID, chosen.kind)
    if any(_corrects(each) for each in between):
        return chosen
    if (
        is_box(one)
        and is_box(behind[0])
        and corrects_between(answer.text[one.start : behind[0].start])
    ):
        return chosen
    return Marked(VOID, chosen.kind)


def _is_exercise(asks: Statement, earlier: Statement) -> bool:
    """Whether a question with numbers of its own begins a paragraph behind an answer."""
    return asks.line - earlier.line > 1 and re.search("[0-9]", asks.text) is not None


def _ends_before_exercise(one: Statement, behind: list[Statement], groups: Groups) -> bool:
    """Whether ``one`` concludes with a number, and a paragraph with another question follows."""
    following = behind[-2] if len(behind) > 1 else None
    return (
        following is not None
        and following.act is Act.ASKS
        and following.line - one.line > 1
        and re.search("[0-9]", following.text) is not None
        and concluded(one, groups) is not None
    )


# -- corrections


def _corrects(one: Statement) -> bool:
    """Whether it takes back what was said, and not what others say."""
    if one.act not in (Act.TELLS, Act.RETRACTS) or reports(one) or _SUPPOSES.search(one.lower):
        return False
    if _FORGOT_TO_SAY.search(one.lower):
        return False
    if aside(one) is not Aside.NO:
        return False
    if one.act is Act.RETRACTS or takes_back(one):
        return True
    return any(
        mark.kind is Kind.CORRECTION and _FIRM.search(one.lower, mark.start, mark.end)
        for mark in one.marks
    )


# "Wait 3 days" corrects nothing, "Wait, 3 days" may.
_FIRM = re.compile(
    r"[,.:;!。，—–-]|it's|it\sis|should|mean|no\b|更正|修正|纠正|错|不对|等等|不$|应|准确"
)
_FORGOT_TO_SAY = re.compile(r"\bforgot\sto\s(?:say|mention|add|tell|note)|忘了?(?:说|提)")


_SUPPOSES = re.compile(
    r"\b(?:if|had|were|suppose|would|next|tomorrow)\b|如果|假如|假设|要是|倘若|若|再|下次"
)


def _instead(found: StatedNumber, later: list[Statement], groups: Groups) -> StatedNumber | None:
    """The last number that is put in the place of one that was taken back."""
    for one in later:
        if one.act not in (Act.TELLS, Act.RETRACTS) or is_box(one) or aside(one) is not Aside.NO:
            continue
        if reports(one) or _SUPPOSES.search(one.lower):
            continue
        result = concluded(one, groups, chosen=False)
        if result is not None and result.number is not None:
            if value_of(result) == value_of(found):
                return result
            values = {each.value for each in candidates(one.text[:SPAN], groups)}
            # 42 + 150 = 192 checks the answer.
            return None if value_of(found) in values and "=" in one.text else result
        if _corrects(one):
            return None
    return None


def _only_says(later: list[Statement], groups: Groups) -> StatedNumber | None:
    """A later sentence that is nothing but "So it's 14"."""
    for one in later:
        if one.act is not Act.TELLS or reports(one):
            continue
        for mark in reversed(one.marks):
            if _NOT.search(one.lower, mark.start, mark.end):
                continue
            if mark.kind in LOOSE and not one.text[: mark.start].strip(" *_>#-"):
                found = alone(one.text[mark.end :].rstrip(". 。"), 0, groups)
                if found is not None and found.number is not None:
                    return found
    return None


_NOT = re.compile(r"n't\b|\bnot\b|\bcannot\b|不")
