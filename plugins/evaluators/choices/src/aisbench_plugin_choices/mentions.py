"""The options that a sentence mentions, by letter or by their words. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from string import ascii_uppercase

from attrs import field, frozen


@frozen
class Mention:
    """An option from ``start`` to ``end`` of a sentence; its letter and its words beside each
    other are one mention.

    ``ends`` tells that nothing but marks follows in the sentence, ``begun`` that no word but a
    reason or a comma does; ``named`` that it cannot be anything but an option: "option B", "(B)".
    """

    place: int
    start: int
    end: int
    ends: bool = False
    begun: bool = False
    named: bool = False
    by_text: bool = False
    contradicts: bool = False
    """Another option's words follow its letter."""


_WORDS = re.compile(r"[\w]+")
_MARKS = re.compile(r"[*_`#>]+")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LETTER = re.compile(
    r"(?<![A-Za-z0-9_'\\^&$.])(?<![A-Za-z]/)(?<![0-9]\s)([A-Z])(?![A-Za-z0-9_^']|\.[A-Za-z]\.?|/[A-Z]?[a-z]|-[a-z])"
)
# What may follow a capital A that is an option; before any other word it is an article, and a
# capital I before any other word speaks of the model.
_AFTER = re.compile(
    r"\s+(?:because|since|as|and|is|was|which|for|due|based|given|by|on|with|from|in|not|or|but|"
    r"would|should|seems|appears|here|therefore|thus|so|according|matches|alone|only|cannot|can't|"
    r"isn't|doesn't|does|fits|are|must|can|may|might|instead|rather|over|to|has|states|says|describes)\b"
)
_AFTER_I = re.compile(r"\s+(?:because|since|is|was|which|and|or|not)\b")
_WORD_FOLLOWS = re.compile(r"\s+[a-z']")
_NAMED = re.compile(
    r"(?:\b(?:options?|choices?|letter|answer)|选项|选择|选|答案)[\s:\"'*(\[]{0,3}\Z",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"\s?(?:选?项|\))")
_FORMULA = re.compile(r"\s?(?:[=+*/^<>≤≥≈∪∩×÷]|-\s?[0-9A-Z]|\\[a-z])")
_ENDS = re.compile(
    r"[\s*_\"'`)\]}>.:,;!。，、|✓✔✅□]*(?:选?项|选项|option|choice)?[\s*_\"'`)\]}>.:,;!。，、|✓✔✅□]*\Z",
    re.IGNORECASE,
)
_BEGUN = re.compile(
    r"[\"'*_`)\]}]{0,3}\s?(?:[.,;:!(（。，、—–)\]}]|\s-\s|because\b|since\b|as\b|due\b|based\b|given\b|"
    r"by\selimination|here\b|now\b|after\sall|for\sthe|选?项|因为|由于|了|吧|，)"
)


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """For comparing options: lower case, words alone, one blank between them; the bare text
    where an option has no word."""
    own = unicodedata.normalize("NFKC", _MARKS.sub("", text)).lower()
    return " ".join(_WORDS.findall(own)) or " ".join(own.split())


@lru_cache(maxsize=1024)
def spelled(text: str) -> str:
    """An option as it is looked for in a sentence: lower case, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split()).strip(" .。;；")


@frozen
class Options:
    """What was offered: the texts, or their number alone."""

    texts: tuple[str, ...]
    count: int
    known: tuple[str, ...] = field(init=False)
    """Each option's words, where all are known and no two are alike; else ()."""

    def __attrs_post_init__(self) -> None:
        known = tuple(plain(one) for one in self.texts)
        usable = len(set(known)) == len(known) and all(known)
        object.__setattr__(self, "known", known if usable else ())

    @property
    def letters(self) -> str:
        """The letters of the options."""
        return ascii_uppercase[: self.count]


def letters(text: str, options: Options) -> list[Mention]:
    """The options that a sentence mentions by their letters, in order."""
    found = []
    for match in _LETTER.finditer(text):
        place = ord(match.group(1)) - ord("A")
        if place < options.count and (one := _letter(text, match.start(), place, options)):
            found.append(one)
    return found


def _letter(
    text: str, at: int, place: int, options: Options, *, low: bool = False
) -> Mention | None:
    """The mention of the letter at ``at``; None when it is an article, a pronoun or a symbol."""
    end = at + 1
    named = _NAMED.search(text[max(0, at - 16) : at]) is not None if at else False
    brackets = text[at - 1 : at] in ("(", "[", '"') and text[end : end + 1] in (")", "]", '"')
    named = named or brackets or _SUFFIX.match(text, end) is not None
    letter = text[at]
    if _FORMULA.match(text, end) and not brackets:
        return None
    if _WORD_FOLLOWS.match(text, end) and not brackets:
        allowed = {"A": _AFTER, "I": _AFTER_I}.get(letter)
        own = bool(options.known) and _own(text, end, place, options)[0] > end
        if (
            allowed is not None
            and not own
            and not (named and letter == "A")
            and not allowed.match(text, end)
        ):
            return None
    own_end, contradicts = _own(text, end, place, options)
    ends = _ENDS.match(text, own_end) is not None
    begun = ends or own_end > end or _BEGUN.match(text, end) is not None
    if low and not (ends or own_end > end or brackets or _SUFFIX.match(text, end)):
        return None
    return Mention(place, at, own_end, ends, begun, named, contradicts=contradicts)


def _own(text: str, end: int, place: int, options: Options) -> tuple[int, bool]:
    """Where the option's own words end that follow its letter (``end`` when they do not), and
    whether another option's words, and nothing else, do."""
    if not options.known:
        return end, False
    at = end
    while at < len(text) and (text[at] in " \t*_\"'`)]}.:,;|-–—=(（、" or text[at] == "\u00a0"):
        at += 1
    if at >= len(text):
        return end, False
    own = spelled(options.texts[place])
    rest = " ".join(text[at : at + len(own) + 200].lower().split())
    if rest.startswith(own) and not rest[len(own) : len(own) + 1].isalnum():
        return _consumed(text, at, own), False
    if rest.startswith(own) and _WIDE.search(own):
        return _consumed(text, at, own), False
    said = plain(rest)
    if options.known[place] == said:
        return len(text), False
    other = [one for number, one in enumerate(options.known) if number != place]
    return end, said in other


def _consumed(text: str, at: int, own: str) -> int:
    """Where ``own`` ends in ``text`` from ``at``, blanks not being counted."""
    left = len(own.replace(" ", ""))
    while at < len(text) and left:
        left -= not text[at].isspace()
        at += 1
    return at


def texts(text: str, lower: str, options: Options) -> list[Mention]:
    """The options that a sentence mentions by their words, in order; of words that are part of
    others the longer ones."""
    found: list[Mention] = []
    for place, option in enumerate(options.texts if options.known else ()):
        wanted = spelled(option)
        if not wanted or len(wanted) > len(lower):
            continue
        at = lower.find(wanted)
        while at != -1:
            end = at + len(wanted)
            if _bounded(lower, at, end):
                found.append(
                    Mention(place, at, end, _ENDS.match(text, end) is not None,
                            _BEGUN.match(text, end) is not None, by_text=True)
                )  # fmt: skip
            at = lower.find(wanted, at + 1)
    found.sort(key=lambda one: (one.start, -one.end))
    return [one for one in found if not any(_within(one, other) for other in found)]


def _within(one: Mention, other: Mention) -> bool:
    """Whether ``one`` is part of a longer mention."""
    longer = other.end - other.start > one.end - one.start
    return longer and other.start <= one.start and one.end <= other.end


def _bounded(lower: str, at: int, end: int) -> bool:
    """Whether no word goes on at the ends; characters of unspaced scripts stand for themselves."""
    first, last = lower[at], lower[end - 1]
    before, after = lower[at - 1 : at], lower[end : end + 1]
    if first.isalnum() and before.isalnum() and not (_WIDE.match(first) or _WIDE.match(before)):
        return False
    if last.isalnum() and after.isalnum() and not (_WIDE.match(last) or _WIDE.match(after)):
        return False
    if last.isdigit() and after in (".", ",") and lower[end + 1 : end + 2].isdigit():
        return False
    if first.isdigit() and before in (".", ",") and lower[at - 2 : at - 1].isdigit():
        return False
    return not (first.isdigit() and before in ("-", "$") and wanted_sign(lower, at))


def wanted_sign(lower: str, at: int) -> bool:
    """Whether the sign before a number belongs to it."""
    return lower[at - 1] == "-" and not lower[at - 2 : at - 1].isalnum()


_FILLER = re.compile(
    r"(?:[\s*_`\"'\[\](){}<>:=,;、→#|~-]{1,12}"
    r"|(?:the|this|that|it|it's|is|would|be|should|must|options?|choices?|letters?|answers?|number|statement|"
    r"therefore|thus|hence|clearly|indeed|definitely|certainly|simply|just|most|likely|probably|then|"
    r"still|actually|obviously|only|for|with|as|either|one|going|go|to|say|who|labeled|labelled|marked|"
    r"la|le|el|die|der|das|o|a(?=\s(?:option|choice|opción|letra))|option|opción|opção|opzione|antwort|"
    r"lettre|letra|lettera|buchstabe|вариант|буква|под|буквой)\b"
    r"|应该?|应当|就|是|为|选项?|选择|字母|第|对应|显然|只能|最终|即|的|本题|此题|该|：|。|は|の|選択肢|번|은|는)"
)
_REACH = 12
"""Fillers between a mark and what it marks."""


def behind(text: str, at: int, options: Options, *, low: bool = True) -> Mention | None:
    """The option whose letter stands at ``at``, behind words and signs that say nothing of
    their own."""
    for _ in range(_REACH + 1):
        if at >= len(text):
            return None
        letter = text[at]
        if letter.isascii() and letter.isalpha():
            place = ord(letter.upper()) - ord("A")
            following = text[at + 1 : at + 2]
            lone = not ((following.isascii() and following.isalnum()) or following in ("_", "^"))
            if following == "'" and text[at + 2 : at + 3].isalpha():
                lone = False
            if following == "." and re.match(r"[A-Za-z]\.", text[at + 2 : at + 4]):
                lone = False
            if lone and 0 <= place < options.count and (letter.isupper() or low):
                one = _letter(text, at, place, options, low=letter.islower())
                if one is not None:
                    return one
        match = _FILLER.match(text, at)
        if match is None:
            match = _FILLER.match(text.lower(), at) if letter.isupper() else None
        if match is None or match.end() == at:
            return None
        at = match.end()
    return None


def text_behind(text: str, lower: str, at: int, options: Options) -> Mention | None:
    """The option whose words stand at ``at``, behind fillers."""
    if not options.known:
        return None
    found = {one.start: one for one in texts(text, lower, options)}
    for _ in range(_REACH + 1):
        while at < len(lower) and lower[at].isspace():
            at += 1
        if at in found:
            return found[at]
        match = _FILLER.match(lower, at)
        if match is None or match.end() == at:
            break
        at = match.end()
    said = plain(lower[at : at + 400])
    same = [place for place, one in enumerate(options.known) if one == said]
    if len(same) == 1:
        return Mention(same[0], at, len(text), True, True, by_text=True)
    return None
