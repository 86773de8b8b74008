"""Digits with separators: grouped by thousands, with decimals, as English and others write it.

``1,234.5``, ``1 234,5``, ``1'234.5`` and ``12,34,567`` are read everywhere. ``1.234`` and
``3,5`` depend on the language: :func:`groups_of` tells. Pure.
"""

from __future__ import annotations

import enum
import re
from decimal import Decimal


class Groups(enum.Enum):
    """How digits are grouped where it is not plain from the number itself."""

    ENGLISH = "1,234.5"
    CONTINENTAL = "1.234,5"


_SAME = re.compile(r"[0-9]+|[0-9]*\.[0-9]+")
_COMMAS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_OTHERS = re.compile(
    r"[0-9]{1,3}(?:(?:'[0-9]{3})+|(?:_[0-9]{3})+|(?:[ \u00a0][0-9]{3})+)(?:\.[0-9]+)?"
)
_INDIAN = re.compile(r"[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]+)?")
_POINTS = re.compile(
    r"[0-9]{1,3}(?:\.[0-9]{3}){2,}(?:,[0-9]+)?|[0-9]{1,3}\.[0-9]{3},[0-9]+"
    r"|[0-9]{1,3}(?:[ \u00a0'][0-9]{3})+,[0-9]{1,2}"
)
_CONTINENTAL = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})")
_SEPARATORS = re.compile(r"[^0-9.]")

_WORDS = re.compile(
    r"(?<!\w)(?:die|der|das|ist|und|antwort|lautet|beträgt|kosten|ergebnis|insgesamt|euro|"
    r"la|le|les|est|sont|réponse|donc|total\sde|coûte|el|los|las|respuesta|cuesta|cuestan|"
    r"son|entonces|a\sresposta|resposta|é|são|reais|custa|risposta|è|sono|quindi|het|een|antwoord|"
    r"odpowied[zź]|jest|odpověď|svar|svaret|är|cevap|yanıt|jawaban|adalah|răspuns\w*|este|"
    r"ответ|равен|итого|відповідь|đáp\sán|là|rubl\w*|руб\w*|евро)(?!\w)",
    re.IGNORECASE,
)
# They begin with one sign, so that re runs to its next place.
_POINT = re.compile(r"\.(?<=[0-9]\.)[0-9]{3}(?![0-9])")
_COMMA = re.compile(r",(?<=[0-9],)(?:[0-9]{1,2}(?![0-9])|[0-9]{4})")
_ENGLISH = re.compile(r"\b(?:the|is|are|of|answer|so|and|for|each|has|total)\b", re.IGNORECASE)


def groups_of(text: str) -> Groups:
    """By the words of a text: which of both ways its language has. English where none tells,
    or where no number depends on it."""
    if _POINT.search(text) is None and _COMMA.search(text) is None:
        return Groups.ENGLISH
    other = sum(1 for _ in _WORDS.finditer(text[:4000]))
    if not other:
        return Groups.ENGLISH
    english = sum(1 for _ in _ENGLISH.finditer(text[:4000]))
    return Groups.CONTINENTAL if other > english else Groups.ENGLISH


def cluster_value(digits: str, groups: Groups) -> Decimal | None:
    """The value of digits with separators between them, None where it may be several."""
    if groups is Groups.CONTINENTAL:
        if _CONTINENTAL.fullmatch(digits):
            return Decimal(digits.replace(".", "").replace(",", "."))
        if re.fullmatch(r"[0-9]{1,3},[0-9]{3}", digits):
            return None
    if _SAME.fullmatch(digits):
        return Decimal(digits)
    if _COMMAS.fullmatch(digits) or _OTHERS.fullmatch(digits) or _INDIAN.fullmatch(digits):
        return Decimal(_SEPARATORS.sub("", digits))
    if _POINTS.fullmatch(digits):
        return Decimal(re.sub(r"[^0-9,]", "", digits).replace(",", "."))
    return None
