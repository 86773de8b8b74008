"""What a sentence does with each of its numbers: states it, bounds it, denies it, or names it
beside the one that matters ("of the 20", "in 2023", "than Tom's 5"). Pure.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from attrs import frozen

from aisbench_plugin_numeric.groups import Groups
from aisbench_plugin_numeric.numbers import FoundNumber, find_numbers


class Role(enum.Enum):
    """Of a number in its sentence."""

    PLAIN = "stated"
    SIDE = "beside what is stated"
    TERM = "of a calculation"
    BOUND = "a bound, a range, or no plain number"
    DENIED = "denied"
    WEAK = "an ordinal or the like"


@frozen
class NumberCandidate:
    """A number and its role."""

    number: FoundNumber
    role: Role

    @property
    def value(self) -> Decimal | None:
        """The number's."""
        return self.number.value


REACH = 48
_MONEY = r"[-$€£¥₹*({\[\s\"'+#≈~]{0,5}"
_DETERMINERS = (
    r"(?:(?:the|las|los|les|la|le|die|den|der|das|os|as|gli|all|each|his|her|their|its|my|our|your|these|those|a|an|another|about|just|"
    r"first|last|next|other|remaining|original|initial|both|any|day|week|year|years|room|step|page|"
    r"problem|question|horse|number|only|roughly|around|approximately|exactly|almost|nearly)\s){0,3}"
)
_BOUND_BEFORE = re.compile(
    r"(?:\b(?:at\s(?:the\s)?(?:very\s)?(?:least|most|minimum|maximum)|(?:more|less|fewer|greater|larger|"
    r"higher|lower|smaller|bigger|longer|later|earlier)\sthan(?:\sor\sequal\sto)?|over|under|above|"
    r"below|up\sto|exceed(?:s|ed|ing)?|beyond|(?:min|max)(?:imum)?\sof|upwards?\sof|in\sexcess\sof|"
    r"as\s(?:many|much|few|little|high|low)\sas|between|mindestens|höchstens|"
    r"über|unter|mehr\sals|weniger\sals|zwischen|au\s(?:moins|plus)|(?:plus|moins)\sde|entre|al\smenos|"
    r"como\smáximo|(?:más|menos|mais)\sde|pelo\smenos|no\smáximo|almeno|al\smassimo|(?:più|meno)\sdi|"
    r"tra|fra|не\sменее|не\sболее|более|менее|от)\s"
    r"|(?:至少|最少|最多|至多|不会?(?:少|多|大|小|高|低|超|足)(?:于|过)?|大于|小于|多于|少于|高于|低于|超过|"
    r"不到|不足|将近|接近|介于|未满|突破|起码|顶多|上限|下限)(?:或|是|为|有|等于|[\s:])*)"
    rf"(?:(?:about|roughly|around|approximately|only|just|a\stotal\sof)\s)?{_MONEY}$"
    r"|[<>≤≥±]=?\s?[-$€£¥]{0,2}$"
)
_BOUND_AFTER = re.compile(
    r"(?:\s?[a-z%°²³]{1,12}(?:\s[a-z]{1,12})?)?\s?(?:\bor\s(?:more|less|fewer|greater|above|below|over|"
    r"under|higher|lower)|\band\s(?:above|up|over|below|more|beyond)\b|\b(?:at|as\sa)\s(?:the\s)?"
    r"(?:very\s)?(?:most|least|minimum|maximum))"
    r"|\s?(?:minimum|maximum|max)\b|\+(?!\s?[0-9$(a-z])|\s?[a-z]?\s?[<>≤≥]"
    r"|(?:多|余|来|几)(?![出于少])|[^\d\s,.。;:]{0,4}(?:以上|以下|以内|之内|不到|不止|开外)"
    r"|(?:円|元)?(?:から|以上|以下|未満)"
)
_EXCEPT_WITH = re.compile(
    r"(?:left|remain\w*|ends?(?:ed)?(?:\sup)?|leav\w{1,3}(?:\s\w+)?|result\w*|com(?:e|es|ing)\sup|"
    r"going|go)\s(?:with|in)\s\W*$"
)
# "the girl's 3 apples", but not "so it's 299".
_POSSESSIVE = (
    r"(?<=[a-z])(?<!\bit)(?<!\bthat)(?<!\bthere)(?<!\bhere)(?<!\bwhat)(?<!answer)(?<!total)'s\s"
)
_SIDE_BEFORE = re.compile(
    r"(?:\b(?:out\sof|of\s(?:the|all|those|these|his|her|their|its|my|our)|(?<=[0-9%])\sof|percent\sof|"
    r"from|in|on|at|with|per|every|within|among|than|after|before|since|during|across|against|"
    r"instead\sof|compared\s(?:to|with)|by\s\w+ing|over|through|until|"
    r"to\s(?:reach|make|get|buy|pay|cover|complete|finish|fill|serve|feed|clean|transport|earn|save|"
    r"have|be|sell|bake|cook|build|travel|read|walk|drive|produce)|because|selling|buying|working|using|"
    r"given|considering|assuming|für|pour|por|para|per|для|aus|von|sur|em)\s"
    rf"{_DETERMINERS}|{_POSSESSIVE}|(?<=%)\sof\s){_MONEY}$"
)
_FOR = re.compile(rf"\bfor\s{_DETERMINERS}\W{{0,3}}$")
_FOR_MONEY = re.compile(r"\s?(?:dollars|cents|yuan|euros?|pounds|usd|bucks)\b")
_SIDE_AFTER = re.compile(
    r"\s?(?:[a-z]{1,12}\s){0,2}(?:more|less|fewer|older|younger|taller|shorter|longer|heavier|"
    r"lighter|faster|slower|higher|lower|bigger|smaller|greater|cheaper)\s(?:[a-z]{1,12}\s){0,2}than\b"
    r"|\s?times\s(?:as|the|more|older)\b|倍(?!$|[。,，.])|[^,，。;\d]{0,5}?(?:当中|之中|里面|中(?=还|有|的))"
)
_ZH_SIDE = re.compile(
    r"(?:比[^,，。;]{0,14}?(?:多|少|大|小|高|低|长|短|贵|便宜|重|轻|早|晚|快|慢)(?:了|出|花|用|卖|买|吃)?"
    r"|比|其中[^,，。;]{0,8}?|原[有来价][^,，。;]{0,6}?|原本|起初[^,，。;]{0,6}?|一开始[^,，。;]{0,4}?|用时|耗时|(?:不?包[含括]|[含除]|除了|除去|另有|另外|外加)[^,，。;]{0,6}?|"
    r"每(?!天|年|月|周|日|小时|分钟)[^,，。;\d]{0,3}?|距离?|自|截至|は|で)[\s$¥]{0,2}$"
)
_YEAR_ZH = re.compile(r"年(?!龄|级|后|前|的?时间|$|[。，,])")
_TERM_SIGN = (
    r"(?:[+×÷*/]|(?<!\w)x(?!\w)|\bplus\b|\bminus\b|\btimes\b|\bdivided\sby\b"
    r"|加上?|减去?|乘以?|除以)"
)
_TERM_AFTER = re.compile(
    rf"[\s)}}%a-z$]{{0,14}}?{_TERM_SIGN}\s?[$(]{{0,2}}[0-9]|[\s)}}$%]{{0,3}}-\s?[$(]{{0,2}}[0-9]|\s?\(\s?[0-9]"
)
_OPERAND = re.compile(
    r"(?:减去?|加上?|乘以?|除以|\b(?:subtract(?:ing)?|add(?:ing)?|take\saway|taking\saway|multipl\w+\s(?:it\s|them\s|that\s)?"
    r"by|divid\w+\s(?:it\s|them\s|that\s)?by))\s?(?:the\s|another\s)?[$]?$"
)
_TERM_BEFORE = re.compile(rf"[0-9)}}%a-z$][\s)}}%$]{{0,3}}(?:{_TERM_SIGN}|-)[\s$(]{{0,4}}$")
_RANGE = re.compile(
    r"\s?(?:[a-z%°]{1,10}|[^\x00-\x7f\d]{1,3})?\s?(?:-|—|~|--|\bto\b|\bthrough\b|至|到|から|\bbis\b|\bà\b|\ba\b)\s?[$€£¥]?"
)
_ONLY_JOINED = re.compile(r"\s?[-—]\s?[$€£¥]?")
_BETWEEN = re.compile(
    r"\s?(?:[^\s\d,.]{1,10}\s?)?(?:\band|\bund|\bet|\by|\be|и|和|与|到|至|、|,)\s?[$€£¥]?"
)
_BETWEEN_BEFORE = re.compile(r"\b(?:between|zwischen|entre|tra|fra)\s\W{0,3}$|(?:介于|在)$")
_BETWEEN_ZH = re.compile(r"[^\d,，。]{0,4}(?:之间|の間)")
_BIG = (
    r"(?:hours?|hrs?|h|ft|feet|foot|pounds?|lbs?|kg|km|m|minutes?|mins?|days?|weeks?|months?|years?|"
    r"yards?|yd|dollars?|meters?|metres?|元|小时|个?小时|分钟?|米|公里|千克|公斤|斤|吨|年|天|个月|块|时)"
)
_SMALL = (
    r"(?:minutes?|mins?|inch(?:es)?|in|seconds?|secs?|s|ounces?|oz|hours?|days?|months?|weeks?|cents?|"
    r"cm|centimet\w+|grams?|g|m|feet|ft|分钟?|秒|厘米|毫米|克|天|个月|角|小时)"
)
_COMPOUND = re.compile(rf"\s?{_BIG},?\s?(?:and\s|又|零)?[$]?")
_COMPOUND_END = re.compile(rf"\s?{_SMALL}(?![a-z])")
_DENIED = re.compile(
    r"(?:(?:\b(?:not|never|cannot|neither|nor|rather\sthan|instead\sof|other\sthan|except|isn't|wasn't|aren't|can't|"
    r"couldn't|shouldn't|won't|doesn't|don't|nicht|pas|kein|non|não|no\ses|не)\s|n't\s)(?:(?:be|is|was|equal|to|have|has|make|"
    r"makes|get|got|say|mean|the|answer|just|simply|exactly|really|actually|even|only|a|of|that|as|it|number)\s){0,4}"
    r"|(?:不(?:应该?|可能|会|能|再|该|就|只)?(?:是|为|等于|得)|并?非|而非|排除|不等于|≠)(?:答案|[:\s])?)"
    rf"{_MONEY}$"
)
_DENIED_AFTER = re.compile(
    r"(?:\s[a-z]{1,12})?[\s,)\"'*]{0,3}(?:is|was|are|were|would\sbe|can't\sbe|must\sbe|seems|looks)\s(?:\w+\s){0,1}?"
    r"(?:wrong|incorrect|not\s(?:right|correct|it|the|possible)|a\smistake|impossible|too\s\w+)|\s?\((?:wrong|incorrect)"
    r"|[^\d,，。;]{0,3}(?:是?错|不对|不正确|有误|不可能|算错|是错误)"
)
_DENIALS = re.compile(
    r"n't|\bnot\b|never|cannot|neither|nor\b|than\b|instead|except|wrong|incorrect|mistake|impossible|too\s|"
    r"nicht|\bpas\b|kein|\bnon\b|não|не|no es|不|非|错|排除|有误|≠"
)


@lru_cache(maxsize=256)
def candidates(text: str, groups: Groups) -> tuple[NumberCandidate, ...]:
    """The numbers of a sentence with their roles. Words count where there are no digits."""
    numbers = find_numbers(text, groups)
    if not numbers:
        return ()
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(one.lower() if len(one.lower()) == 1 else one for one in text)
    pairs = _paired(lower, numbers)
    denies = _DENIALS.search(lower) is not None
    return tuple(
        NumberCandidate(number, _role(lower, numbers, place, pairs, denies))
        for place, number in enumerate(numbers)
    )


def counted(found: Sequence[NumberCandidate]) -> list[NumberCandidate]:
    """Those in digits, if one of them is stated; else words count too."""
    digits = [one for one in found if not one.number.spelled]
    if any(one.role not in (Role.WEAK, Role.SIDE) for one in digits):
        return digits
    return list(found)


def _role(
    lower: str, numbers: Sequence[FoundNumber], place: int, pairs: set[int], denies: bool
) -> Role:
    number = numbers[place]
    before = lower[max(0, number.start - REACH) : number.start]
    if number.value is None and not number.weak:
        return Role.BOUND
    if not before.strip(_BLANK):
        return _role_of_first(lower, number, place in pairs, denies)
    if denies and (_DENIED.search(before) or _DENIED_AFTER.match(lower, number.end)):
        return Role.DENIED
    if place in pairs or _BOUND_BEFORE.search(before) or _BOUND_AFTER.match(lower, number.end):
        return Role.BOUND
    if number.weak:
        return Role.WEAK
    if _TERM_AFTER.match(lower, number.end) or _TERM_BEFORE.search(before):
        return Role.TERM
    if _OPERAND.search(before):
        return Role.TERM
    return Role.SIDE if _is_side(lower, number, before) else Role.PLAIN


def _role_of_first(lower: str, number: FoundNumber, paired: bool, denies: bool) -> Role:
    """The role of a number with nothing before it, as behind most marks."""
    if paired or _BOUND_AFTER.match(lower, number.end):
        return Role.BOUND
    if denies and _DENIED_AFTER.match(lower, number.end):
        return Role.DENIED
    if number.weak:
        return Role.WEAK
    if _TERM_AFTER.match(lower, number.end):
        return Role.TERM
    return Role.SIDE if _SIDE_AFTER.match(lower, number.end) else Role.PLAIN


_BLANK = " $€£¥*(\"'{"


def _is_side(lower: str, number: FoundNumber, before: str) -> bool:
    if _SIDE_AFTER.match(lower, number.end) or _ZH_SIDE.search(before):
        return True
    if (
        _YEAR_ZH.match(lower, number.end)
        and number.value is not None
        and (1000 <= number.value <= 2100)
    ):
        return True
    if _FOR.search(before):
        money = lower[number.start] in "$€£¥" or _FOR_MONEY.match(lower, number.end)
        return not money
    if _SIDE_BEFORE.search(before):
        return _EXCEPT_WITH.search(before) is None
    return False


def _paired(lower: str, numbers: Sequence[FoundNumber]) -> set[int]:
    """The places of numbers that make a range or a compound quantity (5 ft 11 in) together."""
    found: set[int] = set()
    for place in range(len(numbers) - 1):
        one, two = numbers[place], numbers[place + 1]
        if two.start - one.end > 24 or one.value is None or two.value is None:
            continue
        between = lower[one.end : two.start]
        if (
            (one.value < two.value and _is_range(lower, one, two, between))
            or (_BETWEEN.fullmatch(between) and _is_between(lower, one, two))
            or (_COMPOUND.fullmatch(between) and _COMPOUND_END.match(lower, two.end))
        ):
            found |= {place, place + 1}
    return found


def _is_range(lower: str, one: FoundNumber, two: FoundNumber, between: str) -> bool:
    """3 to 5, 3-5; not the difference 5 - 3 = 2."""
    if _RANGE.fullmatch(between) is None:
        return False
    if _ONLY_JOINED.fullmatch(between) is None:
        return True
    before = lower[max(0, one.start - REACH) : one.start]
    goes_on = re.match(r"\s?[a-z]{0,9}\s?[=≈+×÷*/-]", lower[two.end : two.end + 12])
    return _TERM_BEFORE.search(before) is None and goes_on is None


def _is_between(lower: str, one: FoundNumber, two: FoundNumber) -> bool:
    """Between 3 and 5, 在3和5之间."""
    if _BETWEEN_ZH.match(lower, two.end) is not None:
        return True
    before = lower[max(0, one.start - REACH) : one.start]
    return before[-1:] != "在" and _BETWEEN_BEFORE.search(before) is not None
