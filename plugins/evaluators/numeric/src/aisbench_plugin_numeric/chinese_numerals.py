"""Numbers in Chinese and Japanese numerals: 三百二十, 三点五, 四分之三, 百分之二十. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from attrs import mutable

from aisbench_plugin_numeric import exact

_DIGITS = {char: n for n, row in enumerate(
    ("零〇○", "一壹弌", "二两兩贰貳", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖")
) for char in row}  # fmt: skip
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_SECTIONS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_LONGEST = 30

_SIGNS = "".join(_DIGITS)
_CLASS = _SIGNS + "十拾百佰千仟万萬亿億"
_INTEGER = rf"[{_CLASS}]{{1,{_LONGEST}}}"
RUN = re.compile(
    rf"百分之(?P<percent>{_INTEGER}(?:[点點]{_INTEGER})?)"
    rf"|(?:(?P<whole>{_INTEGER})又)?(?P<bottom>{_INTEGER})分之(?P<top>{_INTEGER})"
    rf"|(?P<plain>{_INTEGER})(?P<end>[点點](?P<decimals>[{_SIGNS}]{{1,{_LONGEST}}}))?"
    r"(?P<half>(?:个|倍|元|块|斤|米|天|年|亩|吨|公里|千克)?半)?"
)
"""A stretch that may be a number; :func:`value` tells."""
# 千克, 百分, 万一: the last sign belongs to a word that follows.
_WORD_END = re.compile(r"千(?=克|米|瓦|卡|赫|帕|伏|焦|字)|百(?=分|货|姓)|万(?=一|能)")
_WORD = re.compile(
    r"一(?:共|样|些|起|直|下|定|种|般|步|致|旦|边|半|次|开始|律|切|道|系列|方面|下子|会儿)"
    r"|[二两]者|[一两二三四五六]位(?:数|小数)|两边|[三四五六七八]边|[三四五六]角形|[一二三四]次方|[二三四]维|三角|四周|万一|"
    r"十分(?!之)|千万别|百分"
)
_UNIT = re.compile(
    r"[\s]?(?:$|[。，,.!！;；)）\]」』~～]|个|只|本|元|块|角|分|人|位|名|岁|周岁|天|日|年|月|周|小时|分钟|秒|"
    r"点(?:钟|半|整)?|时|度|条|张|次|页|辆|支|枝|头|匹|棵|朵|颗|粒|袋|箱|盒|瓶|杯|碗|件|套|双|对|束|盏|座|"
    r"间|层|步|道|题|组|队|排|行|列|倍|米|厘米|毫米|千米|公里|里|克|千克|公斤|斤|吨|升|毫升|平方|立方|亩|公顷|"
    r"枚|艘|架|台|部|节|段|根|把|块钱|美元|日元|円|冊|人民币|种|户|家|桶|包|筐|篮|串|片|幅|节课|几|多|余|半|左右|以)"
)


def value(match: re.Match[str]) -> Decimal | None:
    """The exact value, or None where the stretch is not a number."""
    group = match.groupdict()
    if group["percent"]:
        whole, _, rest = group["percent"].replace("點", "点").partition("点")
        return _decimal(whole, rest)
    if group["top"]:
        whole, top, bottom = (
            _integer(group["whole"]) if group["whole"] else 0,
            _integer(group["top"]),
            _integer(group["bottom"]),
        )
        if whole is None or top is None or not bottom:
            return None
        return exact.ratio(top, bottom, whole)
    found = _decimal(group["plain"], group["decimals"] or "")
    if found is not None and group["half"] and not group["decimals"]:
        found += Decimal("0.5")
    return found


def trimmed(match: re.Match[str]) -> int:
    """Where the number in ``match`` ends, without a sign that the following word begins with.

    The start, where nothing is left of it.
    """
    text, end = match.string, match.end()
    while end > match.start() and _WORD_END.match(text, end - 1):
        end -= 1
    return end


def is_word(text: str, start: int, end: int) -> bool:
    """Whether one sign alone is rather part of a word (一共, 十分) than a count."""
    if end - start > 1:
        return False
    if _WORD.match(text, start) or (start and text[start - 1] in "统唯之单专万同有某每这那哪"):
        return text[start - 1 : start] != "有" or _WORD.match(text, start) is not None
    return _UNIT.match(text, end) is None


def _decimal(whole: str, decimals: str) -> Decimal | None:
    number = _integer(whole)
    if number is None or not decimals:
        return None if number is None else Decimal(number)
    digits = [_DIGITS.get(char) for char in decimals]
    if any(digit is None for digit in digits):
        return None
    return Decimal(f"{number}.{''.join(map(str, digits))}")


def _integer(text: str) -> int | None:
    """By digits (二〇二四) or by units (三千零五); None where they make no number."""
    if len(text) > _LONGEST:
        return None
    if all(char in _DIGITS for char in text):
        return _by_digits(text)
    numeral = _Numeral(only=len(text) == 1)
    for char in text:
        if char in _DIGITS:
            fits = numeral.add_digit(_DIGITS[char])
        elif char in _UNITS:
            fits = numeral.add_unit(_UNITS[char])
        else:
            fits = numeral.close_section(_SECTIONS[char])
        if not fits:
            return None
    return numeral.value()


def _by_digits(text: str) -> int | None:
    if len(text) == 1 or len(text) > 2 or any(char in "零〇○" for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    return None  # 三五个: some


@mutable
class _Numeral:
    """A numeral read sign by sign. ``section`` is what stands below the next 万 or 亿, ``digit``
    what waits for its unit, ``unit`` the last unit, ``gap`` whether a zero stood behind it."""

    only: bool
    """The numeral is one sign."""
    total: int = 0
    section: int = 0
    digit: int | None = None
    unit: int = 10**12
    gap: bool = False

    def add_digit(self, digit: int) -> bool:
        if self.digit:
            return False
        self.gap = self.gap or digit == 0
        self.digit = digit
        return True

    def add_unit(self, size: int) -> bool:
        """Ten may stand without a digit, a hundred only where it is all that is said."""
        if self.digit is None and size != 10:
            if not self.only:
                return False
            self.digit = 1
        self.section += (self.digit or 1) * size
        self.digit, self.unit, self.gap = None, size, False
        return True

    def close_section(self, size: int) -> bool:
        """End what is counted in 万 or 亿."""
        self.section += self.digit or 0
        if not self.section and not self.total:
            return False
        if self.total and size > 10**4:
            self.total = (self.total + self.section) * size
        else:
            self.total += self.section * size
        self.section, self.digit, self.unit, self.gap = 0, None, size, False
        return True

    def value(self) -> int:
        rest = self.digit or 0
        if 100 <= self.unit < 10**12 and not self.gap:
            rest = rest * self.unit // 10  # 一百五 is 150
        return self.total + self.section + rest
