"""The options of a question, and the spellings by which an answer may name them. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from string import ascii_uppercase

from attrs import field, frozen

_WORDS = re.compile(r"\w+")
_MARKS = re.compile(r"[*_`#>]+")
_NUMBERS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
_JUDGEMENTS = (
    ("true", "yes", "right", "correct", "对", "正确", "是", "真", "是的", "√", "✓", "✔"),
    ("false", "no", "wrong", "incorrect", "错", "错误", "不对", "不正确", "否", "假", "错的",
     "错误的", "不是", "×", "✗", "✘"),
)  # fmt: skip


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """For comparing options: lower case, words alone, one blank between them; the bare text
    where there is no word."""
    own = unicodedata.normalize("NFKC", _MARKS.sub("", text)).lower()
    return " ".join(_WORDS.findall(own)) or " ".join(own.split())


@lru_cache(maxsize=4096)
def spelled(text: str) -> str:
    """An option as it is looked for in a sentence: lower case, single blanks."""
    own = unicodedata.normalize("NFKC", text).lower()
    return " ".join(own.split()).strip(" .。;；$") or " ".join(own.split())


@frozen
class Options:
    """What was offered: the texts, or their number alone.

    ``known`` are the words of each option, () where they are not known or two are alike.
    ``spellings`` are those that a sentence may hold, the first being the option's own.
    """

    texts: tuple[str, ...]
    count: int
    known: tuple[str, ...] = field(init=False)
    spellings: tuple[tuple[str, ...], ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        known, spellings = _known(self.texts)
        object.__setattr__(self, "known", known)
        object.__setattr__(self, "spellings", spellings)

    @property
    def letters(self) -> str:
        """The letters of the options."""
        return ascii_uppercase[: self.count]

    def equal(self, text: str) -> int | None:
        """The option whose words ``text`` is, and nothing else."""
        if not self.known:
            return None
        own = spelled(text)
        exact = [place for place, many in enumerate(self.spellings) if own in many]
        if len(exact) == 1:
            return exact[0]
        said = plain(text)
        same = [place for place, one in enumerate(self.known) if one == said]
        return same[0] if len(same) == 1 else None


@lru_cache(maxsize=512)
def _known(texts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    known = tuple(plain(one) for one in texts)
    if len(set(known)) < len(known):
        # C and C++ differ in their signs alone.
        known = tuple(spelled(one) for one in texts)
    if not texts or len(set(known)) < len(known) or not all(known):
        return (), ()
    judged = _judgements(known)
    found = []
    for place, text in enumerate(texts):
        own = [spelled(text)]
        if own[0].isdigit() and int(own[0]) < len(_NUMBERS):
            own.append(_NUMBERS[int(own[0])])
        if judged is not None:
            own += [one for one in _JUDGEMENTS[judged[place]] if one not in own]
        found.append(tuple(own))
    return known, tuple(found)


def _judgements(known: Sequence[str]) -> tuple[int, int] | None:
    """For two options that say yes and no: which of them each is."""
    if len(known) != 2:
        return None
    kinds = [[kind for kind in (0, 1) if one in _JUDGEMENTS[kind]] for one in known]
    if kinds[0] == [0] and kinds[1] == [1]:
        return 0, 1
    return (1, 0) if kinds[0] == [1] and kinds[1] == [0] else None
