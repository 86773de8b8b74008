"""The one number that a stretch of text states. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from attrs import frozen

from aisbench_plugin_numeric import english_numerals as english
from aisbench_plugin_numeric.groups import Groups
from aisbench_plugin_numeric.numbers import FoundNumber
from aisbench_plugin_numeric.roles import NumberCandidate, Role, candidates, counted

SPAN = 300
"""Longest stretch that is read after a mark, in characters: more is not a statement."""


@frozen
class StatedNumber:
    """``number`` is None where the stretch says something that is not one number.

    ``clear`` is False where it may only be the way to one.
    """

    number: FoundNumber | None
    clear: bool = True


VOID = StatedNumber(None)
UNCLEAR = StatedNumber(None, clear=False)

_FILLER = r"[\s$€£¥₹*_#:=\"'{}()\[\]~≈+,\u25a1>-]*"
_WORD = (
    r"(?:approximately|approx\.?|about|around|roughly|exactly|simply|just|only|indeed|therefore|"
    r"thus|now|then|equal\sto|a\stotal\sof|that|it's|it\sis|still|precisely|be|"
    r"(?:大约|约|一共|总共|共计|共|是|为|等于|应该|应|有|还剩|剩下?|还有|得|现有|即|就是|只有|正好|刚好|大概))"
)
_VARIABLE = r"(?:[a-zA-Z]\s?[=≈]\s?)?"
_LEAD = re.compile(rf"{_FILLER}(?:{_WORD}{_FILLER}){{0,3}}{_VARIABLE}{_FILLER}", re.IGNORECASE)
_EQUALS = re.compile(
    r"[=≈]|\bequals\b|\bis\sequal\sto\b|等于|(?<=[0-9元个本])(?:得|为)(?=[0-9])", re.IGNORECASE
)
_EQUALS_LEAD = re.compile(rf"{_FILLER}(?:{_WORD}{_FILLER}){{0,2}}", re.IGNORECASE)
_OPERATOR = re.compile(
    r"[\s)}%]{0,2}(?:[a-z]{1,9}\s)?[+×÷/*^](?!\s?\d{1,2}\s?=?$)|[\s)}]{0,2}(?:-\s?[0-9$(]|x\s?[0-9$(])"
)
_ALTERNATIVE = re.compile(
    r"[\s*_\"')\]}%$]{0,3}(?P<unit>[a-z°]{1,12}|[^\x00-\x7f,、或和与及还]{1,3})?[\s*_\"')\]}$]{0,3}"
    r"(?:,\s?(?:and|or)?|;|/|\band\b|\bor\b|&|或者?|和|与|及|以及|还是|、|\bund\b|\boder\b|\bet\b|\bou\b)\s?"
    r"(?:also\s|maybe\s|possibly\s|perhaps\s|even\s)?[\s*_\"'(\[{$€£¥]{0,3}(?:[a-z]\s?=\s?)?[$]?"
)
_CORRECTED = re.compile(
    r"(?:[,.;:!?…(\s—-]|\.\.\.)\s?(?:no|wait|nope|actually|sorry|oops|i\smean|i\smeant|rather(?!\sthan)|correction|corrected|"
    r"scratch\sthat|hold\son|hmm)\b(?=\s?[,:.!—-]|\s(?:it|that)\b)[\s,:.!—-]*|[,.;:!?…。(\s—-](?:不对|[哦啊呃]?不,|错了|更准确地?说[:,]?|更正|应该?[是为]|等等|抱歉)[:,]?",
    re.IGNORECASE,
)
_PARENTHESES = re.compile(
    r"\((?!百?千?[万亿])[^()\n]{0,200}\)|\[[^\[\]\n]{3,200}\]|(?<=[\w.。)%°])\s?\[\^?\d{1,3}\]"
)
_NUMERAL = re.compile(
    f"[0-9零一二两三四五六七八九十百千万亿]|{english.CUES.pattern}", re.IGNORECASE
)
_TAIL = re.compile(
    r"(?:\b(?:because|since|as\s(?:the|there|he|she|it|they|we)|after\sall|given\sthat|considering|"
    r"assuming|so\sthat|which\sis|while|whereas|compared\sto|for\sexample|e\.g|i\.e|where)\b"
    r"|[—]|因为|由于|其中|比(?:[^,，。]{1,8})(?:多|少|大|小)|[,，](?:也就是|即|合))",
    re.IGNORECASE,
)


def without_parentheses(text: str) -> str:
    """``text`` without what stands in parentheses, if a digit is left."""
    if "(" not in text and "[" not in text:
        return text
    rest = _PARENTHESES.sub(_blank, text)
    return rest if _NUMERAL.search(rest) else text


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def corrected(text: str) -> tuple[str, bool]:
    """What stands behind the last "no, wait" within ``text``, and whether there is one."""
    last = None
    for last in _CORRECTED.finditer(text):  # noqa: B007
        pass
    if last is None:
        return text, False
    return text[last.end() :], True


def without_tail(text: str, groups: Groups) -> str:
    """``text`` up to a reason or an aside that ends it, where a number stands before."""
    for match in _TAIL.finditer(text):
        before = text[: match.start()]
        if any(one.role in (Role.PLAIN, Role.BOUND) for one in candidates(before, groups)):
            return before
    return text


def stated(text: str, groups: Groups) -> StatedNumber | None:
    """The number that ``text`` states as a result; None where it holds no number.

    In this order: the number it begins with; the result of its last equation; the only one.
    """
    text = text[:SPAN]
    if (plain := _PLAIN.fullmatch(text)) is not None:
        return StatedNumber(
            FoundNumber(Decimal(plain.group(1)), None, plain.start(1), plain.end(1))
        )
    rest, is_corrected = corrected(text)
    if is_corrected:
        if candidates(rest, groups):
            return _plainly(rest, groups)
        if candidates(text, groups):
            return VOID
    text = without_tail(without_parentheses(text), groups)
    found = counted(candidates(text, groups))
    if not found:
        return None
    if (lead := leading(text, found)) is not None:
        return lead
    if (result := equation(text, found)) is not None:
        return result
    return only(text, found)


def _plainly(rest: str, groups: Groups) -> StatedNumber:
    """What a correction puts in the place of a number: nothing less than a number, or a sum."""
    text = without_tail(without_parentheses(rest), groups)
    found = counted(candidates(text, groups))
    one = leading(text, found) or equation(text, found)
    return VOID if one is None or not found else one


def begins(text: str, groups: Groups) -> bool:
    """Whether ``text`` begins with its number."""
    found = counted(candidates(text[:SPAN], groups))
    return bool(found) and leading(text, found) is not None


def leading(text: str, found: Sequence[NumberCandidate]) -> StatedNumber | None:
    """The number that ``text`` begins with, words like "about" apart."""
    first = found[0]
    if first.role is Role.DENIED or _LEAD.fullmatch(text, 0, first.number.start) is None:
        return None
    if first.role is Role.TERM or re.match(r"[\s)}%$a-z]{0,8}=", text[first.number.end :]):
        return None
    if first.role is Role.BOUND:
        return VOID
    if joined(text, found, 0):
        return VOID
    return StatedNumber(first.number)


def joined(text: str, found: Sequence[NumberCandidate], place: int) -> bool:
    """Whether the number at ``place`` is one of several that are named side by side."""
    if place + 1 >= len(found):
        return False
    one, two = found[place].number, found[place + 1].number
    if found[place + 1].role in (Role.DENIED, Role.TERM, Role.SIDE) or one.value == two.value:
        return False
    match = _ALTERNATIVE.fullmatch(text, one.end, two.start)
    if match is None:
        return False
    unit = match.group("unit")
    if unit is None:
        return True
    # "36 years, or 432 months" says one thing twice.
    return re.match(rf"\s?{re.escape(unit)}", text[two.end :]) is not None


def equation(text: str, found: Sequence[NumberCandidate]) -> StatedNumber | None:
    """The number behind the last sign of equality, or before it where a calculation follows."""
    signs = list(_EQUALS.finditer(text))
    if not signs:
        return None
    last = signs[-1]
    for place, one in enumerate(found):
        number = one.number
        if number.start < last.end() - 1:
            continue
        if _EQUALS_LEAD.fullmatch(text, last.end(), number.start) is None:
            return None
        if one.role is Role.TERM or _OPERATOR.match(text, number.end):
            return _left(text, found, last.start())
        if one.role in (Role.BOUND, Role.DENIED) or joined(text, found, place):
            return VOID
        if _several_equations(text, signs, found, place):
            return VOID
        return StatedNumber(number)
    return None


def _several_equations(
    text: str, signs: Sequence[re.Match[str]], found: Sequence[NumberCandidate], place: int
) -> bool:
    """x = 408 or x = 92."""
    if place == 0 or len(signs) < 2:
        return False
    between = text[found[place - 1].number.end : signs[-1].start()]
    return (
        re.fullmatch(r"\s?(?:,\s?)?(?:or|and|或者?|和)\s[a-z]\s?", between) is not None
        and found[place - 1].value != found[place].value
    )


def _left(text: str, found: Sequence[NumberCandidate], sign: int) -> StatedNumber | None:
    """The number before the sign, as in 42 = 12 + 30."""
    before = [one for one in found if one.number.end <= sign]
    if len(before) != 1 or before[0].role is not Role.PLAIN:
        return None
    between = text[before[0].number.end : sign]
    return StatedNumber(before[0].number) if re.fullmatch(r"[\s)}%$a-z]{0,12}", between) else None


def only(text: str, found: Sequence[NumberCandidate]) -> StatedNumber:
    """The only value that is plainly stated; else the only one named beside."""
    for role in (Role.PLAIN, Role.SIDE):
        of_role = [one for one in found if one.role is role]
        values = {one.value for one in of_role}
        if len(values) == 1:
            return StatedNumber(of_role[-1].number)
        if len(values) > 1:
            several = any(joined(text, of_role, place) for place in range(len(of_role)))
            return VOID if several else UNCLEAR
        if role is Role.PLAIN and any(one.role is Role.BOUND for one in found):
            return VOID
    weak = [one for one in found if one.role is Role.WEAK]
    if len(weak) == 1 and len(found) == 1 and weak[0].value is not None:
        return StatedNumber(weak[0].number)
    return UNCLEAR


# What most marks are followed by.
_PLAIN = re.compile(r"[\s*:\"']{0,4}(-?[0-9]{1,15})[\s*.\"']{0,4}")
_SPACES = re.compile(r"[^\w%°]+")


def alone(text: str, most: int, groups: Groups) -> StatedNumber | None:
    """The number of ``text`` if nothing but it and up to ``most`` words of unit is there."""
    if len(text) > SPAN or (text.isascii() and text.count(" ") > most + 12):
        return None
    rest, is_corrected = corrected(text)
    if is_corrected and candidates(rest, groups):
        text = rest
    bare = _PARENTHESES.sub(_blank, text)
    bare = bare if re.search(r"\w", bare) else text
    found = counted(candidates(bare, groups))
    if not found or _LEAD.fullmatch(bare, 0, found[0].number.start) is None:
        return None
    lead = leading(bare, found)
    if lead is VOID and len(found) <= 2:
        return VOID
    if lead is None or len(found) != 1 or lead.number is None:
        return None
    return lead if _unit_size(bare[lead.number.end :]) <= most else None


def _unit_size(text: str) -> int:
    """How many words of unit ``text`` is. Chinese units are written without spaces: two of their
    characters count as a word."""
    units = _SPACES.sub(" ", text).split()
    return sum(1 if word.isascii() else (len(word) + 1) // 2 for word in units)
