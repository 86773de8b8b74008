"""Two things said side by side, of which none is the answer: Anna is 36, Ben is 12. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aisbench.answers import Statement
from aisbench_plugin_numeric.numbers import FoundNumber
from aisbench_plugin_numeric.stated import SPAN

FIRM = re.compile(
    r"\b(?:total|sum|left|remain\w*|altogether|result|final(?:ly)?|net|profit|difference|average|answer|overall|need\w*)\b"
    r"|共|剩|余|合计|结果|总|最终|现"
)
"""Words of a result."""
_LABELLED = re.compile(r"^[\s>*_•-]{0,8}([^:=\n0-9]{1,40})[:=]\s?[-$€£¥*\s]{0,4}[0-9]")


_PARTS = re.compile(
    r"(?:^|[\s,;，；。])\(([a-eA-E]|[ivx]{1,3}|[1-5])\)\s*[^()\d\n]{0,12}[-$]{0,2}\d"
)
_PART = re.compile(r"[\s>*_-]{0,8}(?:part\s)?\(([b-e])\)", re.IGNORECASE)


def is_one_part(main: Sequence[Statement], at: int) -> bool:
    """(a) 408 (b) 92: two questions are answered."""
    if len({match.group(1) for match in _PARTS.finditer(main[at].text[:SPAN])}) > 1:
        return True
    return _PART.match(main[at].lower) is not None and any(
        re.match(r"[\s>*_-]{0,8}(?:part\s)?\(a\)", one.lower) for one in main[:at]
    )


_UNIT = re.compile(r"\s?(?:%|[a-z]{1,12}|[^\x00-\x7f。，、；]{1,2})?", re.IGNORECASE)
_AND = re.compile(
    r"[^.]{0,40}?(?:\b(?:and|or|while|whereas|but|versus|vs)\b|[,，;、]|和|或|而)[^.]{0,24}"
)


_RESULTS = re.compile(
    r"\b(?:so|thus|then|total|sum|left|remain\w*|altogether|now|together|therefore|hence|finally|"
    r"overall|leav\w+|mak\w+|giv\w+|which|each|only)\b|=|所以|因此|现|变|最后|就|得|每|于是"
)


_OR = re.compile(r"(?:\bor|\band|或者?|和|及)\s?[$€£¥]?$", re.IGNORECASE)


def parallel(text: str, one: FoundNumber, two: FoundNumber) -> bool:
    """Whether two numbers are said of two things: Anna is 36, Ben is 12."""
    between = text[one.end : two.start]
    if len(between) > 60 or _AND.fullmatch(between) is None:
        return False
    cut = max(between.rfind(sign) for sign in ",，;、")
    clause = (between[cut + 1 :] if cut >= 0 else between) + text[two.end :]
    words = clause.lower()
    own = text[max(0, one.start - 24) : one.start].lower()
    if _RESULTS.search(words):
        return False
    if re.search(r"共|总|剩|余|还", words):
        # 剩320千克，共1000千克: which of both?
        if re.search(r"[加又再买增]", between):
            return False
        return re.search(r"剩|余|还", own) is not None and re.search(r"共|总", words) is not None
    if _OR.search(between):
        return True
    return _unit(text, one.end) == _unit(text, two.end)


def _unit(text: str, end: int) -> str:
    match = _UNIT.match(text, end)
    return "" if match is None else match.group().strip().lower()


def parallel_lines(main: Sequence[Statement], at: int) -> bool:
    """Anna: 36, and in the next line Ben: 12."""
    one, before = main[at], main[at - 1]
    mine, other = _LABELLED.match(one.lower), _LABELLED.match(before.lower)
    if mine is None or other is None or before.line == one.line:
        return False
    return FIRM.search(mine.group(1)) is None
