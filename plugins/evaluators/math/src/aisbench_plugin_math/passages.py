"""The part of a sentence that is its value: "the answer is $x = 5$ cm, because ..." Pure."""

from __future__ import annotations

import re
from itertools import pairwise

from attrs import frozen

from aisbench_plugin_math.units import unit_named

_FORMULA = re.compile(
    r"\$\$(.{1,1500}?)\$\$|(?<![\\\d])\$((?:\\\$|[^$\n]){1,1500}?)(?<!\\)\$|\\\((.{1,1500}?)\\\)|"
    r"\\\[(.{1,1500}?)\\\]",
    re.DOTALL,
)
_BETWEEN = re.compile(r"\s*(?:[,;、，；]|\band\b|\bor\b|和|与|或|及|,\s*and\b|,\s*or\b)\s*")
_BOUND = re.compile(
    r"\b(?:at\s+(?:least|most)|more\s+than|less\s+than|greater\s+than|fewer\s+than|between|up\s+to|"
    r"over|under|above|below|no\s+more\s+than|no\s+less\s+than|or\s+(?:more|less|fewer|greater)|"
    r"somewhere|within)\b|至少|至多|不超过|不少于|大于|小于|介于|以上|以下|之间",
    re.IGNORECASE,
)
_DISCARDED = re.compile(
    r"\W*(?:(?:is|was|which\s+is|but|\w+)\s+)?(?:rejected|discarded|extraneous|not\s+valid|invalid)\b|"
    r"\W*(?:不合题意|不符合|舍去|舍)",
    re.IGNORECASE,
)
"""What is said of a solution that does not count."""
_NUMBER = re.compile(r"(?<![A-Za-z0-9_.,^\\{])[-+]?\d[\d,]*(?:\.\d+)?(?:\s?/\s?\d+)?\s?%?")
_VERB = re.compile(
    r"(?:\b(?:is|are|was|were|has|have|had|needs?|takes?|costs?|earns?|gets?|makes?|totals?|equals?|"
    r"exactly)|有|是|为|共|要|得|剩|用|花|产生)\s*[$￥]?\s*\Z"
)
_AWAY = re.compile(
    r"\s*(?:,?\s+(?:this|that|it|we|here|note|let|i\s+\w+|because|since|as|which|where|so|for|when|given|after|by|from|if|with|but|"
    r"not|rather|instead|due)\b|[(（;；。，：]|,\s+(?=[A-Za-z]{2})|\s[—–-]\s|因为|由于|而不是|，|,\s*(?=[\u4e00-\u9fff])(?![和或与及])|\.\s|,\s*i\.e\.)",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"\s*(?:or|to|than|and|and\s+above|以上|以下|到|至|或)\b", re.IGNORECASE)
_UNIT = re.compile(r"[^\W\d_]+(?:[\s/·]+[^\W\d_]+){0,3}(?:\^?[23²³])?")
_INNER_END = re.compile(r"([.!?;])\s+(?=\S)(?!\$|\\[)\]])")
_RAISED = re.compile(r"\$\s*\^\s*\{?(\d)\}?\s*\$")
"""The exponent of a unit: cm$^2$."""
_LEAD = re.compile(r"[^\d\\$=]*")
_QUOTES = "\"'`“”‘’*_ \t\n"


def flattened(text: str) -> str:
    """``text`` with each formula on one line, and no sentence's end inside: "11,\\! 111"."""
    return _FORMULA.sub(_on_one_line, text)


def _on_one_line(match: re.Match[str]) -> str:
    return _INNER_END.sub(r"\1", " ".join(match.group().split()))


@frozen
class Passage:
    """``lead`` stands before the value; ``sources`` are texts that may be it, the first that can
    be read is, if ``several``, else only the first counts."""

    lead: str
    sources: tuple[str, ...]
    bound: bool = False
    several: bool = False

    @property
    def source(self) -> str:
        return self.sources[0] if self.sources else ""


NO_PASSAGE = Passage("", ())


def passage(text: str, *, last: bool = False) -> Passage:
    """The value in what follows a mark; ``last``: in a sentence without one, where its last
    formula is meant, and nothing but a formula or what follows "=" counts."""
    text = _RAISED.sub(r"^\1", text)
    formulas = list(_FORMULA.finditer(text))
    if formulas:
        return _of_formulas(text, formulas, last=last)
    if last:
        return _after_equals(text)
    return _of_words(text)


def _of_formulas(text: str, formulas: list[re.Match[str]], *, last: bool) -> Passage:
    group = _first(text, formulas) if not last else _last(text, formulas)
    lead = text[: group[0].start()]
    if not last and (re.search(r"\d", lead) or _AWAY.search(lead.strip())):
        # The value stands before the formula, which explains it.
        return _of_words(text)
    source = _together(text, group)
    after = text[group[-1].end() :]
    ends = _AWAY.match(after) if not last else None
    trailing = "" if ends else after.strip(_QUOTES + ".!。")
    if last and trailing and not _UNIT.fullmatch(trailing):
        return NO_PASSAGE
    bound = _is_bound(lead, after)
    if not trailing:
        return Passage(lead, (source,), bound)
    if _REFUSED.match(after):
        return Passage(lead, (), bound=True) if not last else NO_PASSAGE
    return Passage(lead, (*_with_unit(source, trailing), source), bound, several=True)


def _together(text: str, group: list[re.Match[str]]) -> str:
    """Formulas beside one another as one, with what joins them."""
    source = _content(group[0])
    for before, one in pairwise(group):
        word = re.search(r"and|or|或", text[before.end() : one.start()])
        source += f" \\text{{ {word.group().replace('或', 'or')} }} " if word else " , "
        source += _content(one)
    return source


def _is_bound(lead: str, after: str) -> bool:
    """Whether the words around a value make it a bound, or no solution."""
    if _BOUND.search(lead[-40:]) or _BOUND.match(after.lstrip()):
        return True
    return _DISCARDED.match(after) is not None


def _with_unit(source: str, trailing: str) -> tuple[str, ...]:
    """A formula with the unit that stands behind it in words; nothing where none does."""
    unit = _UNIT.match(trailing) if re.search(r"\d|\\pi|\\sqrt", source) else None
    if unit is None or unit_named(unit.group()) is None:
        return ()
    return (f"{source} \\text{{ {unit.group()} }}",)


def _content(match: re.Match[str]) -> str:
    return next(one for one in match.groups() if one is not None)


def _first(text: str, formulas: list[re.Match[str]]) -> list[re.Match[str]]:
    group = formulas[:1]
    for one in formulas[1:]:
        if not _BETWEEN.fullmatch(text[group[-1].end() : one.start()]):
            break
        group.append(one)
    return group


def _last(text: str, formulas: list[re.Match[str]]) -> list[re.Match[str]]:
    group = formulas[-1:]
    for one in reversed(formulas[:-1]):
        if not _BETWEEN.fullmatch(text[one.end() : group[0].start()]):
            break
        group.insert(0, one)
    return group


def bounded(text: str) -> bool:
    """Whether words say that a value is a bound: at least, 至少."""
    return _BOUND.search(text) is not None


def only_number(text: str) -> str:
    """The number of a sentence that has one alone, behind "is" or "has"; else ""."""
    numbers = list(_NUMBER.finditer(text))
    if len(numbers) != 1 or bounded(text) or re.search(r"[$\\]", text):
        return ""
    verb = _VERB.search(text, max(0, numbers[0].start() - 20), numbers[0].start())
    return numbers[0].group().strip(" ,") if verb else ""


def _of_words(text: str) -> Passage:
    plain = text.strip(_QUOTES).strip()
    if not plain:
        return NO_PASSAGE
    bound = _BOUND.search(plain[:60]) is not None
    whole = _unquoted(plain.rstrip(" .。!,"))
    away = _AWAY.search(plain, 1)
    sources = [whole]
    if away and away.start():
        sources.append(plain[: away.start()].strip(_QUOTES))
    lead = _LEAD.match(plain)
    return Passage(lead.group() if lead else "", tuple(sources), bound, several=True)


def _unquoted(text: str) -> str:
    """``text`` without quotes at its end, and brackets that nothing opens: {"answer": "5"}"""
    while text and (
        text[-1] in _QUOTES
        or (text[-1] == "}" and text.count("}") > text.count("{"))
        or (text[-1] == "]" and text.count("]") > text.count("[") + text.count("("))
    ):
        text = text[:-1]
    return text


def _after_equals(text: str) -> Passage:
    """x + 2 = 5"""
    lead, equals, value = text.rstrip(" .*\n").rpartition("=")
    if not equals or not value.strip() or lead[-1:] in "<>!":
        return NO_PASSAGE
    return Passage("", (value,))
