"""Lines that are an option, or lists of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from aisbench_plugin_choices.mentions import behind
from aisbench_plugin_choices.options import Options

_NUMBERED = re.compile(
    r"[ \t>*_#(\[❌✅✗✓✔-]{0,8}(?:[Oo]ption\s|[Cc]hoice\s|选项\s?)?([A-Z])"
    r"[ \t*_]{0,3}[).:、\]](?=[\s*_]|[^\x00-\x7f]|$|[A-Za-z])"
)
_LINE = re.compile(
    r"(?:[^\w❌✗✘✖❎×✅✔✓√]|_){0,16}(?:(?:q(?:uestion)?\s?)?\d{1,3}\s?[.):、]\s?|第\s?\d{1,3}\s?题\s?[:：]?\s?)?"
    r"(?:(?:the\s)?(?:final\s|correct\s|right\s|best\s)?"
    r"(?:option|choice|answer|letter|select|选项|选择|選|选|答案)[\s:*\"'(\[\]]{0,6})?"
    r"(?:[^\w❌✗✘✖❎×]|_){0,8}([A-Za-z])(?![A-Za-z0-9+#])",
    re.IGNORECASE,
)
_SIGNS = r"[\s*_\"'`)\]}>.:,;!。，、|✓✔✅$~]*"
_ASIDE = re.compile(
    rf"{_SIGNS}(?:选?[项項]|正确|(?:is\s)?(?:correct|right)|\((?:\s?\d[^()\n]{{0,40}}|correct|confidence[^()]{{0,30}}|"
    rf"[^()]{{0,30}}(?:confident|sure|certain))\))?{_SIGNS}\Z",
    re.IGNORECASE,
)
_FEW_SHOT = re.compile(r"\s*(?:[^\n]{0,300}\n\s*)?A\s?:\s*(\(?[A-Z]\)?)\W*\Z")


def letter_line(text: str, options: Options, *, aside: bool = True) -> int | None:
    """The option of a line that is its letter, perhaps with its own words behind it, and, with
    ``aside``, how sure that is."""
    match = _LINE.match(text)
    if match is None:
        return None
    one = behind(text, match.start(1), options)
    if one is None or one.start != match.start(1) or one.contradicts:
        return None
    if one.ends or (aside and _ASIDE.match(text, one.end)):
        return one.place
    return None


def begins_with_letter(line: str) -> int | None:
    """Where the letter stands that a line begins with."""
    match = _LINE.match(line)
    return None if match is None or match.group(1).islower() else match.start(1)


def few_shot_line(text: str, options: Options) -> int | None:
    """The letter behind "A:", where a whole answer is that, as few-shot prompts have it."""
    match = _FEW_SHOT.match(text)
    if match is None:
        return None
    letter = match.group(1).strip("()")
    place = ord(letter) - ord("A")
    if place >= options.count or (options.known and options.known[0] == letter.lower()):
        return None
    return place


def numbered(line: str) -> bool:
    """Whether a line begins like an option in a list."""
    return _NUMBERED.match(line) is not None


def listed(lines: Sequence[str]) -> set[int]:
    """The numbers of lines that list options: two or more neighbours whose letters follow each
    other, and all others that begin like them."""
    heads: list[tuple[int, str]] = []
    for number, line in enumerate(lines):
        match = _NUMBERED.match(line)
        if match is not None and line[match.end() :].strip(" *_.)"):
            heads.append((number, match.group(1)))
    inside: set[int] = set()
    for (first, one), (second, other) in pairwise(heads):
        if ord(other) > ord(one) and (ord(other) - ord(one) == 1 or len(heads) > 2):
            inside.update((first, second))
    return inside
