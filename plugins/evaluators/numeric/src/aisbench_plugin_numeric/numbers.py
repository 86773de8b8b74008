"""The numbers of a text: where they stand and what they are worth, exactly.

A literal is read whole, or not read. What looks like a number but cannot be an
answer (3:30, 2024-05-01, 1,2345, 2π) is found too, without a value, so that no part of it is
taken for another number. Pure; linear in the length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from attrs import frozen

from aisbench_plugin_numeric import chinese_numerals as chinese
from aisbench_plugin_numeric import english_numerals as english
from aisbench_plugin_numeric import exact
from aisbench_plugin_numeric.groups import Groups, cluster_value
from aisbench_plugin_numeric.signs import sign_before

_LONGEST = 60
"""Literals with more characters answer nothing; a limit keeps hostile text cheap."""


@frozen
class FoundNumber:
    """A literal in a text; ``start`` is where its sign or currency begins.

    ``value`` is None where it is not a plain number. ``written`` is the value without the scale
    word, or None. ``weak`` marks numbers that seldom are an answer: ordinals, coefficients, the
    numbering of a list. ``spelled`` ones are written in words.
    """

    value: Decimal | None
    written: Decimal | None
    start: int
    end: int
    weak: bool = False
    spelled: bool = False


_LITERAL = re.compile(
    r"""(?<![A-Za-z0-9^\\_])(?<![0-9][.])
    (?P<digits>[0-9]{1,3}(?:[ \u00a0][0-9]{3}(?![0-9]))+(?:[.,][0-9]+)?(?![0-9])
      |[0-9]+(?:[.,'_\u00a0·][0-9]+)*
      |(?<!\.)\.[0-9]+)
    (?P<more>(?:[:/][0-9]+(?:\.[0-9]+)?)+)?""",
    re.VERBOSE,
)
_SIMPLE = re.compile(r"[-+]?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_ENDS = frozenset(["", *".,;!?)]}\n\"'"])
_DATE = re.compile(r"-[0-9]{1,2}-[0-9]{1,4}(?![0-9])")
_MIXED = re.compile(r"(?:\s|\sand\s|又|\s?&\s)([0-9]{1,3})/([0-9]{1,3})(?![0-9/.])")
_OVER = re.compile(r"\s?/\s?([0-9]{1,20})(?![0-9.,/])")
_POWER = re.compile(r"\^\(?(-?[0-9]{1,3})(?![0-9.])\)?")
_EXPONENT = re.compile(
    r"[eE](?P<e>[-+]?[0-9]{1,3})(?!\.?[0-9A-Za-z])"
    r"|\s?[×x*·]\s?10\s?\^\s?[({]?(?P<ten>[-+]?[0-9]{1,3})(?![0-9])[)}]?"
)
_IN_PARTS = re.compile(r"分之([0-9]{1,6})(?![0-9])")
_SCALE = re.compile(
    r"\s?-?\s?(thousand|million|billion|trillion|lakhs?|crores?|dozen|hundred|bn|mn)\b"
    r"|(?P<letter>[kKM])(?![A-Za-z0-9])|\s?\((?P<apart>百万|千万|万|亿)[^()0-9]{0,3}\)",
    re.IGNORECASE,
)
_SCALES = {
    "k": 10**3,
    "m": 10**6,
    "bn": 10**9,
    "mn": 10**6,
    "hundred": 100,
} | english.SCALES
_APART = {"百万": 10**6, "千万": 10**7, "万": 10**4, "亿": 10**8}
_HANZI_SCALE = re.compile(
    r"\s?(?:个(?=亿))?(?P<units>[十百千万亿]{1,3})(?P<more>(?:[0-9]{1,4}[十百千万亿]{1,2}){0,3}(?:[0-9]{1,4}(?![0-9.,]))?)"
)
_NO_SCALE = re.compile(r"千(?:克|米|瓦|卡|赫|帕|伏|焦|字)|百分|十(?:分|字)")
_TOKENS = re.compile(r"([0-9]+)([十百千万亿]*)")
_UNIT_VALUES = {"十": 10, "百": 100, "千": 1000}
_MONEY = re.compile(r"(?:元|块)([0-9])(?:(?:角|毛)(?:([0-9])分)?|(?![0-9]))|角([0-9])分")
_GLUED = re.compile(r"(?:st|nd|rd|th|[xyznab])(?![A-Za-z])|\^", re.IGNORECASE)
_NO_ANSWER = re.compile(
    r"\s?(?:\\?(?:sqrt|pi\b)|√|π|/7(?![0-9.]))|\s?\(?(?:mod|modulo)\b|[.:][A-Za-z]|年[0-9]{1,2}月|月[0-9]{1,2}[日号]"
    r"|(?:点|时|h)(?:[0-9]|半)"
)
_ROOT = re.compile(r"(?:√|\\?sqrt(?:\[[0-9]\])?\{?|\\?log|\\?ln)[\s({]{0,2}$")
_HOUR = re.compile(r":00(?::00)?")
_LIST_HEAD = re.compile(r"(?:^|\n)[\s>*_#(\[-]{0,8}(?:step\s?|步骤\s?|第)?$", re.IGNORECASE)
_LIST_MARK = re.compile(r"[步.):、\]](?![0-9])\s{0,4}[^\s*]")
_BELOW = re.compile(
    r"\s?(?:°|degrees?)?\s?(?:celsius|fahrenheit|centigrade|[CF]\b)?\s?below\szero", re.IGNORECASE
)


def parse_number(text: str) -> Decimal | None:
    """The value of ``text`` if it is one number in digits and nothing else."""
    text = text.strip()
    if _SIMPLE.fullmatch(text):
        return Decimal(text)
    bare = text[1:] if text[:1] in ("+", "-") else text
    found = find_numbers(bare) if bare[:1].isdigit() or bare[:1] == "." else []
    if len(found) != 1 or found[0].spelled or bare[: found[0].start] or bare[found[0].end :]:
        return None
    value = found[0].value
    return value if value is None or text[0] != "-" else -value


def find_numbers(text: str, groups: Groups = Groups.ENGLISH) -> list[FoundNumber]:
    """All numbers of prepared ``text``, in order; words for numbers too."""
    found: list[FoundNumber] = []
    at = 0
    for match in _LITERAL.finditer(text):
        if match.start() < at:
            continue  # the exponent, or the fraction, of the one before
        number = _read(text, match, groups)
        if number is None:
            at = match.end()
            continue
        found += number
        at = number[-1].end
    spelled = _spelled(text, found)
    if not spelled:
        return found
    return sorted([*found, *spelled], key=lambda number: number.start)


def _read(text: str, match: re.Match[str], groups: Groups) -> list[FoundNumber] | None:
    start, end = match.span()
    digits, more = match.group("digits"), match.group("more")
    negative, begin = sign_before(text, start)
    if end - start > _LONGEST:
        return [FoundNumber(None, None, begin, end)]
    if digits.isdigit() and not more and _ends(text, end) and not _rooted(text, start):
        # Nothing that follows makes another number of it, as mostly.
        plain = -Decimal(digits) if negative else Decimal(digits)
        return [FoundNumber(plain, None, begin, end, _is_weak(text, start, end))]
    value, end = _plain(text, match, groups)
    if value is None:
        if not more and groups is Groups.ENGLISH and _is_list(digits):
            return _listed(match)
        return [FoundNumber(None, None, begin, end, _is_weak(text, start, end))]
    amount, written, end = _scale(text, value, end)
    if (below := _BELOW.match(text, end)) is not None:
        negative, end = True, below.end()
    if negative:
        amount, written = -amount, None if written is None else -written
    value = None if _is_other(text, start, end) else amount
    return [FoundNumber(value, written, begin, end, _is_weak(text, start, end))]


def _ends(text: str, at: int) -> bool:
    return text[at : at + 1] in _ENDS and not text[at + 1 : at + 2].isalnum()


def _is_other(text: str, start: int, end: int) -> bool:
    """Whether what surrounds a number makes it part of something else: a root, a time, a date."""
    if _NO_ANSWER.match(text, end) or _rooted(text, start):
        return True
    return text[start - 1 : start] == "月" and text[end : end + 1] in ("日", "号")


def _plain(text: str, match: re.Match[str], groups: Groups) -> tuple[Decimal | None, int]:
    """The value before any scale word, and where it ends."""
    digits, more, end = match.group("digits"), match.group("more"), match.end()
    if more:
        return _joined(text, match, groups)
    if len(digits) in (1, 2, 4) and (date := _DATE.match(text, end)) is not None:
        return None, date.end()
    near = _nearby(text, match.start(), end, groups)
    value = cluster_value(digits, near)
    if value is None:
        return None, end
    if digits.isdigit() and (found := _with_part(text, digits, end)) is not None:
        return found
    if (power := _POWER.match(text, end)) is not None:
        return exact.power(value, int(power.group(1))), power.end()
    if (exponent := _EXPONENT.match(text, end)) is not None:
        return (
            exact.scaled(value, int(exponent.group("e") or exponent.group("ten"))),
            exponent.end(),
        )
    return value, end


def _with_part(text: str, digits: str, end: int) -> tuple[Decimal | None, int] | None:
    """An integer with the fraction, the divisor or the smaller coins that follow it, and where
    that ends; None where none follow."""
    if (mixed := _MIXED.match(text, end)) is not None and len(digits) <= 6:
        top, bottom = mixed.groups()
        if int(bottom) and int(top) < int(bottom):
            return exact.ratio(top, bottom, digits), mixed.end()
    if (over := _OVER.match(text, end)) is not None:
        if not int(over.group(1)):
            return None, over.end()
        return exact.ratio(digits, over.group(1)), over.end()
    if (parts := _IN_PARTS.match(text, end)) is not None:
        ok = int(digits)
        return (exact.ratio(parts.group(1), digits) if ok else None), parts.end()
    if (money := _MONEY.match(text, end)) is not None:
        tenths, cents, of_tenths = money.groups()
        if of_tenths:
            return Decimal(digits) / 10 + Decimal(of_tenths) / 100, money.end()
        return Decimal(f"{digits}.{tenths}{cents or ''}"), money.end()
    return None


def _joined(text: str, match: re.Match[str], groups: Groups) -> tuple[Decimal | None, int]:
    """3/4 and 8:00 have a value; 3:30, a date, a ratio and 24/7 have none."""
    digits, more, end = match.group("digits"), match.group("more"), match.end()
    if _HOUR.fullmatch(more) and digits.isdigit() and int(digits[:3]) <= 24:
        return Decimal(digits), end
    if more[0] == "/" and more.count("/") == 1 and ":" not in more and (digits, more) != (
        "24", "/7"
    ):  # fmt: skip
        value = cluster_value(digits, groups)
        if value is not None and more[1:].isdigit() and int(more[1:]):
            if "." in digits or "," in digits:
                return None, end
            return exact.ratio(
                digits.replace(" ", ""), more[1:]
            ) if digits.isdigit() else None, end
    return None, end


def _nearby(text: str, start: int, end: int, groups: Groups) -> Groups:
    """Amounts in euros and reais are written with decimal commas even in other languages."""
    if groups is Groups.ENGLISH and (
        text[end : end + 2].strip().startswith("€")
        or text[max(0, start - 3) : start].strip() == "R$"
    ):
        return Groups.CONTINENTAL
    return groups


def _scale(text: str, value: Decimal, end: int) -> tuple[Decimal, Decimal | None, int]:
    """The value with a scale word that follows, the value without it, and the end."""
    if (match := _SCALE.match(text, end)) is not None:
        if match.group("apart"):
            size = _APART[match.group("apart")]
        else:
            word = (match.group(1) or match.group("letter")).lower()
            if match.group("letter") == "m":
                return value, None, end  # metres
            size = _SCALES[word]
        return exact.product(value, size), value, match.end()
    match = _HANZI_SCALE.match(text, end)
    if match is None:
        return value, None, end
    units, stop = match.group("units"), match.end("units")
    while units and _NO_SCALE.match(text, stop - 1):
        units, stop = units[:-1], stop - 1
    if not units:
        return value, None, end
    parts: list[tuple[Decimal, str]] = [(value, units)]
    if stop == match.end("units"):
        parts += [(Decimal(n), unit) for n, unit in _TOKENS.findall(match.group("more"))]
        stop = match.end()
    result = _sum(parts)
    return result, (value if len(parts) == 1 else None), stop


def _sum(parts: list[tuple[Decimal, str]]) -> Decimal:
    """1万2千 is 12000, 3千6百万 is 36000000."""
    total = section = Decimal(0)
    for number, units in parts:
        for unit in units:
            if unit in _UNIT_VALUES:
                number = exact.product(number, _UNIT_VALUES[unit])
        section = exact.total(section, number)
        for unit in units:
            if unit in "万亿":
                size = 10**4 if unit == "万" else 10**8
                total, section = exact.total(total, exact.product(section, size)), Decimal(0)
    return exact.total(total, section)


def _is_list(digits: str) -> bool:
    parts = digits.split(",")
    return len(parts) > 2 and all(part.isdigit() and len(part) < 3 for part in parts)


def _listed(match: re.Match[str]) -> list[FoundNumber]:
    found, at = [], match.start()
    for part in match.group("digits").split(","):
        found.append(FoundNumber(Decimal(part), None, at, at + len(part)))
        at += len(part) + 1
    return found


def _rooted(text: str, start: int) -> bool:
    return text[start - 1 : start] in ("{", "√", "(", "g", "n", " ", "t") and (
        _ROOT.search(text[max(0, start - 12) : start]) is not None
    )


def _is_weak(text: str, start: int, end: int) -> bool:
    if _GLUED.match(text, end) or text[start - 1 : start] in ("第", "#"):
        return True
    if text[end : end + 1] == "\\" and re.match(r"\\[a-z]", text[end : end + 2]):
        return True
    head = text[max(0, start - 24) : start]
    if start > 24 and "\n" not in head:
        return False
    # The cut must not look like the beginning of a line.
    head = ("" if start <= 24 else "x") + head
    return _LIST_HEAD.search(head) is not None and _LIST_MARK.match(text, end) is not None


def _spelled(text: str, found: list[FoundNumber]) -> list[FoundNumber]:
    taken = [(number.start, number.end) for number in found]
    result: list[FoundNumber] = []
    if english.CUES.search(text) is not None:
        result += _english(text, taken)
    if not text.isascii():
        result += _chinese(text, taken)
    return result


def _english(text: str, taken: list[tuple[int, int]]) -> Iterator[FoundNumber]:
    for match in english.RUN.finditer(text):
        value = english.value(match.group())
        if value is None or _overlaps(match.start(), match.end(), taken):
            continue
        negative, begin = sign_before(text, match.start())
        end = match.end()
        if (below := _BELOW.match(text, end)) is not None:
            negative, end = True, below.end()
        value = -value if negative else value
        weak = _is_pronoun(text, match)
        yield FoundNumber(value, None, begin, end, weak=weak, spelled=True)


def _chinese(text: str, taken: list[tuple[int, int]]) -> Iterator[FoundNumber]:
    for match in chinese.RUN.finditer(text):
        end = chinese.trimmed(match)
        cut = match if end == match.end() else chinese.RUN.fullmatch(text, match.start(), end)
        value = None if cut is None else chinese.value(cut)
        if cut is None or value is None or _overlaps(cut.start(), end, taken):
            continue
        if chinese.is_word(text, cut.start(), end):
            continue
        negative, begin = sign_before(text, cut.start())
        weak = text[cut.start() - 1 : cut.start()] == "第" or cut.group() == "一"
        none = _NO_ANSWER.match(text, end) is not None
        value = None if none else -value if negative else value
        yield FoundNumber(value, None, begin, end, weak=weak, spelled=True)


_PRONOUN = re.compile(
    r"(?:one|half|second|third|quarter|a\s(?:quarter|third|half))", re.IGNORECASE
)


def _is_pronoun(text: str, match: re.Match[str]) -> bool:
    """One, half and the like are seldom counts."""
    return _PRONOUN.fullmatch(match.group()) is not None


def _overlaps(start: int, end: int, taken: list[tuple[int, int]]) -> bool:
    return any(begin < end and start < stop for begin, stop in taken)
