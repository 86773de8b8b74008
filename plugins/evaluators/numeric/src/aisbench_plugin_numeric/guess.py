"""The number of an answer that marks none: what its last statement comes to. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import frozen

from aisbench.answers import Kind, Statement, WrittenAnswer, without_emphasis
from aisbench_plugin_numeric.asides import (
    TRAILS,
    main_statements,
    refuses,
    reports,
    takes_back,
    tells_to,
)
from aisbench_plugin_numeric.groups import Groups
from aisbench_plugin_numeric.marks import is_anothers
from aisbench_plugin_numeric.numbers import FoundNumber
from aisbench_plugin_numeric.roles import NumberCandidate, Role, candidates, counted
from aisbench_plugin_numeric.several import FIRM, is_one_part, parallel, parallel_lines
from aisbench_plugin_numeric.stated import (
    SPAN,
    VOID,
    StatedNumber,
    alone,
    corrected,
    equation,
    joined,
    leading,
    stated,
    without_parentheses,
)

WINDOW = 60
"""Statements that are looked at, from the end."""


@frozen
class Guess:
    """The number, where it stood (``how``, ``statement``); ``sure`` where it needs no further
    look to know that it is a result, ``strict`` where it is bold."""

    number: FoundNumber
    how: str
    statement: Statement
    sure: bool = False
    strict: bool = False


LOOSE = (Kind.CONCLUSION, Kind.CORRECTION, Kind.CHOOSES, Kind.PHRASE, Kind.LABEL, Kind.HEADING)
_REASON = re.compile(
    r"\b(?:because|since|as\s(?:there|he|she|it|they|we))\b|因为|由于"
    r"|[,，]\s?(?:若|如果|假如|要是|倘若|if\b)",
    re.IGNORECASE,
)
# What follows these words tells how or when, not what was asked: "... $18 by selling 9 eggs".
_TAIL = re.compile(
    r"\b(?:by\s\w+ing|because|since|after|before|when|if|given|considering|assuming|"
    r"out\sof|compared\s(?:to|with)|instead\sof|rather\sthan|more\sthan\sthe|while|whereas|"
    r"i\.e|although|though|as\s(?:there|he|she|it|they|we))\b"
    r"|因为|由于|[,，](?:比|够|其中|也就是|即(?!使))",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"\b(?:so|then|therefore|thus|hence)\b|=|所以|因此|故", re.IGNORECASE)
_CLAUSE = re.compile(r"[,，](?!\d)|;")
_NOT = re.compile(r"n't\b|\bnot\b|\bcannot\b|不")


def guess(answer: WrittenAnswer, told: Sequence[Statement], groups: Groups) -> Guess | None:
    """The likeliest number of ``told``, the answer's statements in order; None rather than one of
    several."""
    main = main_statements(told[-WINDOW:])
    for at in range(len(main) - 1, -1, -1):
        one = main[at]
        if reports(one) and at:
            continue
        if refuses(one):
            return _first_line(answer, main, groups) if tells_to(one) else None
        found = counted(candidates(one.text[:SPAN], groups)) if len(one.text) < 5 * SPAN else []
        if any(_counts(each, main, one) for each in found):
            return _picked(answer, main, at, groups)
        if any(each.role is Role.DENIED for each in found) and takes_back(one):
            return None
    return None


def _picked(
    answer: WrittenAnswer, main: Sequence[Statement], at: int, groups: Groups
) -> Guess | None:
    """What the last statement with a number comes to, if that is the answer's end."""
    picked = _of_statement(main[at], groups)
    if picked is None:
        return _first_line(answer, main, groups) if at else None
    if _is_no_end(answer, main, at, picked, groups):
        return None
    picked = _bold(answer, main[at], picked, groups)
    return _against_first(answer, main[at], picked, main, groups)


def _is_no_end(
    answer: WrittenAnswer, main: Sequence[Statement], at: int, picked: Guess, groups: Groups
) -> bool:
    """Whether the statement is one of several results, breaks off, or only adds something."""
    one = main[at]
    if at and picked.how == _LINE and parallel_lines(main, at):
        return True
    if one is main[-1] and TRAILS.search(one.text) and not is_conclusive(picked, groups):
        return True
    if at and not picked.sure and _goes_on_from(main[at - 1], one, groups):
        return True
    if is_one_part(main, at):
        return True
    return _first_line(answer, main, groups) is None and _after_the_end(main, at, picked, groups)


def _after_the_end(main: Sequence[Statement], at: int, picked: Guess, groups: Groups) -> bool:
    """Whether the paragraph before ends in a conclusion, and this one only says something more."""
    one = main[at]
    begin = at
    while begin and main[begin].line - main[begin - 1].line <= 1:
        begin -= 1
    if not begin or is_conclusive(picked, groups):
        return False
    before = main[begin - 1]
    ended = _of_statement(before, groups)
    if ended is None or ended.number.value == picked.number.value or one is before:
        return False
    return _ENDS.match(before.lower) is not None or is_conclusive(ended, groups)


_ENDS = re.compile(
    r"[\s>*_#-]{0,8}(?:so|therefore|thus|hence|in\stotal|overall|finally|total|altogether|result)\b"
    r"|[\s>*_#-]{0,8}(?:所以|因此|综上|故|∴|于是|一共|总共|还剩|结果)"
)


def _goes_on_from(before: Statement, one: Statement, groups: Groups) -> bool:
    """There remain 92; 408 were used: which of both?"""
    if not before.text.rstrip().endswith(";") or before.line != one.line:
        return False
    found = counted(candidates(before.text[:SPAN], groups))
    return FIRM.search(one.lower) is None and any(each.role is Role.PLAIN for each in found)


def _counts(one: NumberCandidate, main: Sequence[Statement], statement: Statement) -> bool:
    if one.role is Role.DENIED:
        return False
    if one.number.weak and statement.text[one.number.end : one.number.end + 1] in (*".):、]",):
        return len(main) == 1  # the number of a step
    if one.number.spelled:
        return not one.number.weak or len(main) == 1
    return True


_LINE = "last number of the last line"
_FIRST = "the first line is a number"
_RESULT = "result of the last line's equation"


def _of_statement(one: Statement, groups: Groups) -> Guess | None:
    text = one.text[:SPAN] if len(one.text) > SPAN else one.text
    if _PARTS.search(text) is not None:
        return None
    rest, is_corrected = corrected(text)
    if is_corrected and candidates(rest, groups):
        text = rest
    plain = _main_clause(without_parentheses(text), _REASON, groups)
    found = _undenied(plain, groups)
    result = equation(plain, found) if found else None
    if result is VOID:
        return None
    if result is not None and result.number is not None:
        if _explains(plain, result.number, groups):
            return None
        return Guess(result.number, _RESULT, one, sure=True)
    number = _stated_last(plain, found, groups)
    return None if number is None else Guess(number, _LINE, one)


def _undenied(text: str, groups: Groups) -> list[NumberCandidate]:
    return [one for one in counted(candidates(text, groups)) if one.role is not Role.DENIED]


def _stated_last(
    plain: str, all_of_it: list[NumberCandidate], groups: Groups
) -> FoundNumber | None:
    """The last number that a sentence without an equation states, in its main clause if there is
    one; ``all_of_it`` are the numbers of the sentence."""
    clause = _main_clause(plain, _TAIL, groups)
    found = _undenied(clause, groups)
    if not found:
        clause, found = plain, all_of_it
    if not found:
        return None
    if len(found) == 1 and (found[0].role is Role.BOUND or found[0].value is None):
        return None
    if leading(clause, found) is VOID:
        return None
    number = _likeliest(clause, found)
    if number is None or number.value is None or _explains(clause, number, groups):
        return None
    return number


def _explains(text: str, result: FoundNumber, groups: Groups) -> bool:
    """Whether a number stands before "because", and the equation behind it comes to another."""
    match = _REASON.search(text)
    if match is None or match.start() > result.start:
        return False
    before = [one for one in candidates(text[: match.start()], groups) if one.role is Role.PLAIN]
    goes_on = re.search(
        r"\b(?:so|therefore|thus|hence|leav\w+)\b|所以|因此|故", text[match.end() :]
    )
    return bool(before) and goes_on is None and result.value not in [one.value for one in before]


_PARTS = re.compile(r"(?:^|\s)\(?a\)\s?\S.*\s\(?b\)\s?\S|[(（]1[)）].*[(（]2[)）]", re.IGNORECASE)


def is_conclusive(found: Guess, groups: Groups) -> bool:
    """Whether a conclusion or an equation gives it, or it stands alone."""
    if found.sure:
        return True
    conclusion = concluded(found.statement, groups)
    if conclusion is not None and conclusion.number is not None:
        return conclusion.number.value == found.number.value
    plain = without_parentheses(found.statement.text).strip().rstrip(". 。")
    return alone(plain, 3, groups) is not None


def _likeliest(text: str, found: Sequence[NumberCandidate]) -> FoundNumber | None:
    """The last number that is stated; None where several are named side by side."""
    plain = [one for one in found if one.role is Role.PLAIN]
    if not plain:
        return _only_beside(found)
    last = plain[-1]
    if len(plain) == 1 or len({one.value for one in plain}) == 1:
        return last.number
    place = len(plain) - 2
    if joined(text, plain, place) or parallel(text, plain[-2].number, last.number):
        return None
    return last.number


def _only_beside(found: Sequence[NumberCandidate]) -> FoundNumber | None:
    """The only number of a sentence that states none plainly."""
    unclear = _has(found, Role.BOUND, Role.TERM)
    sides = [one for one in found if one.role is Role.SIDE]
    if len({one.value for one in sides}) == 1 and not unclear:
        return sides[-1].number
    if sides or unclear:
        return None
    weak = [one for one in found if one.role is Role.WEAK]
    return weak[-1].number if len(weak) == 1 else None


def _has(found: Sequence[NumberCandidate], *roles: Role) -> bool:
    return any(one.role in roles for one in found)


def _main_clause(text: str, tail: re.Pattern[str], groups: Groups) -> str:
    """``text`` without the tail that ends it, if a number stands before the tail.

    A tail that a comma ends is followed by the main clause, which may hold the answer.
    """
    if len(text) > 2 * SPAN:
        return text  # no sentence; and each tail costs a pass over what stands before it
    for match in tail.finditer(text):
        ends = _CLAUSE.search(text, match.end()) is None or (
            tail is _REASON and _GOES_ON.search(text, match.end()) is None
        )
        if ends and any(
            one.role in (Role.PLAIN, Role.BOUND)
            or (one.role is Role.SIDE and one.value is not None)
            for one in candidates(text[: match.start()], groups)
        ):
            return text[: match.start()]
    for match in re.finditer(r",\s?which\sis\s(?=[0-9.]+\s?(?:%|percent)\sof)", text):
        return text[: match.start()]
    return text


def concluded(one: Statement, groups: Groups, *, chosen: bool = True) -> StatedNumber | None:
    """What a sentence concludes: behind "so it's", or as the result of an equation; behind "I'd
    say" too if ``chosen``."""
    for mark in reversed(one.marks):
        if mark.kind is Kind.CHOOSES and not chosen:
            continue
        if mark.kind in LOOSE and not _NOT.search(one.lower, mark.start, mark.end):
            if mark.kind in (Kind.PHRASE, Kind.LABEL) and is_anothers(one, mark):
                continue
            rest = one.text[mark.end : mark.end + SPAN]
            found = counted(candidates(without_parentheses(rest), groups))
            if not found:
                continue
            lead = leading(rest, found)
            if lead is not None and lead.number is not None:
                return lead
    text = without_parentheses(one.text[:SPAN])
    found = _undenied(text, groups)
    result = equation(text, found) if found else None
    if result is not None and result.number is not None:
        return result
    return None


def _first_line(answer: WrittenAnswer, main: Sequence[Statement], groups: Groups) -> Guess | None:
    """The number that a first line is, with what follows it."""
    full = answer.lines[main[0].line]
    number = _firm(_alone(full, groups))
    if number is None or "=" in full:
        return None
    return Guess(number, _FIRST, main[0], sure=True)


def _alone(text: str, groups: Groups) -> StatedNumber | None:
    return alone(text.strip().rstrip(". 。"), 3, groups)


def _firm(found: StatedNumber | None) -> FoundNumber | None:
    """The number that is stated, unless it is of a kind that seldom is an answer."""
    if found is None or found.number is None or found.number.weak:
        return None
    return found.number


_BOLD = re.compile(r"\*\*([^*\n]{1,200})\*\*|__([^_\n]{1,200})__")


def _bold(answer: WrittenAnswer, one: Statement, picked: Guess, groups: Groups) -> Guess:
    """The last bold number of the statement, which outranks what else it names."""
    if "**" not in answer.dressed and "__" not in answer.dressed:
        return picked
    for match in reversed(list(_BOLD.finditer(answer.dressed))[-20:]):
        inside = without_emphasis(match.group(1) or match.group(2)).strip()
        if not inside or inside not in one.text or not re.search("[0-9]", inside):
            continue
        number = _firm(stated(inside, groups))
        if number is None:
            continue
        start = one.text.rfind(inside) + number.start
        said = [each for each in candidates(one.text, groups) if each.number.start == start]
        if said and said[0].role in (Role.WEAK, Role.TERM, Role.BOUND, Role.DENIED):
            continue  # **Step 1:** 40 - 13 = 27
        return Guess(number, "bold in the last sentence", one, sure=True, strict=True)
    return picked


def _against_first(
    answer: WrittenAnswer, one: Statement, picked: Guess, main: Sequence[Statement], groups: Groups
) -> Guess | None:
    """A first line that is a number alone is the answer, and what follows explains it; unless
    that comes to another one."""
    first = main[0]
    if one is first or first.text.strip() == "" or picked.strict:
        return picked
    full = answer.lines[first.line] if first.line < len(answer.lines) else ""
    if any(line.strip() for line in answer.lines[: first.line]):
        return picked
    found = _alone(full, groups)
    if found is None and first.line == one.line:
        found = _alone(first.text, groups)
    number = _firm(found)
    if number is None or "=" in full or number.value == picked.number.value:
        return picked
    if FIRM.search(one.lower) or is_conclusive(picked, groups):
        return None
    return Guess(number, _FIRST, main[0], sure=True)
