"""What a short answer says without its dress. Pure.

A text is only ever stripped at its ends, and never of what it is made of: ``1/2`` is not ``12``,
``C#`` not ``C``, and brackets alone stay brackets (BIG-bench's dyck_languages).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from aisbench.answers import SURE, Act, WrittenAnswer, plain_characters, without_latex_dress

_WORD = re.compile(r"[^\W_]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_ARTICLE = re.compile(r"(?:the|an?)\s+(?=[^\W_])")
_PAIRS = (
    ("**", "**"), ("__", "__"), ("`", "`"), ("*", "*"), ("_", "_"), ('"', '"'), ("'", "'"),
    ("「", "」"), ("『", "』"), ("《", "》"), ("〈", "〉"), ("[", "]"), ("(", ")"), ("{", "}"),
    ("$", "$"),
)  # fmt: skip
_BRACKETS = "[({"
_FENCE = re.compile(r"(```+|~~~+)[^\n`]*\n(.*?)\n?[ \t]*\1\Z", re.DOTALL)
_BOX = re.compile(r"\\f?box(?:ed)?\s*\{(.*)\}\Z", re.DOTALL)
_TAG = re.compile(r"<(final_?answer|answer)>(.*)</\1>\Z", re.DOTALL)
_BULLET = re.compile(r"(?:[-*+>•]|#{1,6})\s+(?=[^\W\d_])")
_END = ".,;!?。，；！？、…:"


def forms(text: str) -> list[str]:
    """``text`` in lower case with single blanks, and then more and more bare: without a fence,
    a box, quotes, emphasis, a bullet, a last full stop, a first article. Each differs from the
    one before it; all but the first hold a word."""
    bare = text.strip()
    if bare.isascii() and bare.isalnum():
        return [bare.casefold()]
    found = [_single(text)]
    while (barer := _peeled(found[-1])) is not None:
        found.append(barer)
    return found


def _single(text: str) -> str:
    """Upper and lower case, width, blanks and the commas between thousands do not count."""
    own = unicodedata.normalize("NFC", plain_characters(text)).casefold()
    return _THOUSANDS.sub("", " ".join(own.split()) if "```" not in own else own.strip())


def _peeled(text: str) -> str | None:
    """``text`` without one layer; None when there is none, or no word would be left."""
    for step in _STEPS:
        barer = step(text)
        if barer is not None and barer != text and _WORD.search(barer):
            return barer
    return None


def _enclosing(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    def step(text: str) -> str | None:
        match = pattern.match(text)
        return None if match is None else " ".join(match.group(match.lastindex or 0).split())

    return step


def _pair(text: str) -> str | None:
    for left, right in _PAIRS:
        if not text.startswith(left) or not text.endswith(right):
            continue
        inside = text[len(left) : len(text) - len(right)]
        if not inside or left in inside or right in inside:
            continue
        # Brackets group; around a single word they only dress it.
        if left in _BRACKETS and not inside.isalnum():
            continue
        return inside.strip()
    return None


def _bullet(text: str) -> str | None:
    match = _BULLET.match(text)
    return None if match is None else text[match.end() :]


def _full_stop(text: str) -> str | None:
    return text.rstrip(_END + " ") if text[-1:] in _END else None


def _article(text: str) -> str | None:
    match = _ARTICLE.match(text)
    return None if match is None else text[match.end() :]


_STEPS = (
    _enclosing(_FENCE),
    _enclosing(_BOX),
    _enclosing(_TAG),
    _pair,
    _bullet,
    _full_stop,
    _article,
)


def marked(text: str) -> str | None:
    """What the last statement of a longer answer marks as the answer, to its end; None where it
    marks nothing.

    ``Answer: Canberra``, ``\\boxed{Canberra}`` under a working, ``the answer is Canberra.``
    """
    answer = WrittenAnswer.read(text)
    for one in answer.backwards():
        sure = [mark for mark in one.marks if mark.kind in SURE]
        if one.act is not Act.TELLS or not sure:
            return None
        said = without_latex_dress(one.text[sure[-1].end :]).strip(" *_\t")
        return said or None
    return None
