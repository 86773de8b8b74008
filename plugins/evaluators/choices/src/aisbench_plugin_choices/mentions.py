"""The options that a sentence mentions, by letter or by their words. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import frozen

from aisbench_plugin_choices.options import Options, plain


@frozen
class Mention:
    """An option from ``start`` to ``end`` of a sentence; its letter and its words beside each
    other are one mention.

    ``ends``: nothing but marks follows in the sentence; ``begun``: no word but a
    reason or a comma does; ``named``: it cannot be anything but an option: "option B", "(B)".
    ``leads``: a verb or a sign that an option may follow stands before it.
    ``contradicts``: another option's words follow its letter.
    """

    place: int
    start: int
    end: int
    ends: bool = False
    begun: bool = False
    named: bool = False
    leads: bool = False
    by_text: bool = False
    contradicts: bool = False


MOST = 60
"""Of one sentence; one with more of them is not read by anybody."""

_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LETTER = re.compile(
    r"(?<![A-Za-z0-9_'\\^&.])(?<![A-Za-z]/)(?<![0-9]\s)([A-Z])"
    r"(?!'(?!dir)|[A-Za-z0-9_^+#]|\.[A-Za-z]\.?|/[A-Z]?[a-z]|-[a-z])"
)
# What may follow a capital A that is an option; before any other word it is an article, and a
# capital I before any other word speaks of the model.
_AFTER_A = re.compile(
    r"\s+(?:because|since|as|and|is|was|which|for|due|based|given|by|on|with|from|in|not|or|but|"
    r"would|should|seems|appears|here|therefore|thus|so|according|matches|alone|only|cannot|can't|"
    r"isn't|doesn't|does|fits|are|must|can|may|might|instead|rather|over|to|has|states|says|before|after|when|if|until|unless|"
    r"describes)\b"
)
_AFTER_I = re.compile(r"\s+(?:because|since|is|was|which|and|or|not)\b")
_WORD_FOLLOWS = re.compile(r"\s+[a-z']")
_NAMED = re.compile(
    r"(?:\b(?:options?|choices?|letter|answer|statement)|选项|选择|选|答案|項|选非)[\s:\"'*(\[]{0,3}\Z",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"\s?选?[项項]")
_LEADS = re.compile(
    r"(?:\b(?:is|was|be|are|in|to|with|as|by|says?|fits?|matches|means|then|thus|so|only|just|"
    r"simply|but|yes|otherwise|else|sondern|sino|mais|mas|ma|но|а|c'est|est|ist|es|é|goes|it's|that's|and|pick|choose|select|mark)|[→:：,，.。;；!！?？(\[=>-]|^|为|是|选|的|就|故|于|答|再看|看)"
    r"[\s\"'*(\[$]{0,3}\Z",
    re.IGNORECASE,
)
_FORMULA = re.compile(r"\s?(?:[=+*/^<≤≥≈∪∩×÷]|>(?!>)|-\s?[0-9A-Z]|\\[a-z])")
_TRAIL = r"[\s*_\"'`)\]}>.:,;!。，、|✓✔✅□$~]*"
_ENDS = re.compile(
    rf"{_TRAIL}(?:选?[项項]|option|choice|吧|です|である|だ|입니다|है|'dir)?{_TRAIL}\Z",
    re.IGNORECASE,
)
_BEGUN = re.compile(
    r"[\"'*_`)\]}$]{0,4}\s?(?:[.,;:!(（。，、—–)\]}]|\s-\s|→|because\b|since\b|as\b|due\b|based\b|"
    r"given\b|by\selimination|here\b|now\b|after\sall|for\sthe|选?[项項]|因为|由于|了|吧|而非|而不是)"
)
_BEFORE_END = " \t*_\"'`)]}.:,;|-–—=(（、\u00a0$"


def letters(text: str, options: Options) -> list[Mention]:
    """The options that a sentence mentions by their letters, in order; at most :data:`MOST`."""
    found: list[Mention] = []
    for match in _LETTER.finditer(text):
        place = ord(match.group(1)) - ord("A")
        if place < options.count and (one := _letter(text, match.start(), place, options)):
            found.append(one)
            if len(found) == MOST:
                break
    return found


def _letter(
    text: str, at: int, place: int, options: Options, *, low: bool = False
) -> Mention | None:
    """The mention of the letter at ``at``; None when it is an article, a pronoun or a symbol."""
    end = at + 1
    before = text[max(0, at - 18) : at]
    brackets = _in_brackets(text, at)
    suffix = _SUFFIX.match(text, end)
    named = brackets or suffix is not None or _NAMED.search(before) is not None
    if not brackets and _FORMULA.match(text, end):
        return None
    own_end, contradicts = _own(text, suffix.end() if suffix else end, place, options)
    if not brackets and own_end == end and _is_word(text, at, named):
        return None
    ends = _ENDS.match(text, own_end) is not None
    whole = ends or own_end > end
    begun = whole or _BEGUN.match(text, end) is not None
    if low and not (whole or brackets or suffix):
        return None
    leads = _LEADS.search(before) is not None
    return Mention(place, at, own_end, ends, begun, named, leads, contradicts=contradicts)


def _in_brackets(text: str, at: int) -> bool:
    return text[at - 1 : at] in ("(", "[", '"') and text[at + 1 : at + 2] in (")", "]", '"')


def _is_word(text: str, at: int, named: bool) -> bool:
    """Whether the letter at ``at`` is an article or a pronoun, by the word that follows."""
    end = at + 1
    if not _WORD_FOLLOWS.match(text, end):
        return False
    allowed = {"A": _AFTER_A, "I": _AFTER_I}.get(text[at])
    if allowed is None or (named and text[at] == "A"):
        return False
    return not allowed.match(text, end)


def _own(text: str, end: int, place: int, options: Options) -> tuple[int, bool]:
    """Where the option's own words end that follow its letter (``end`` when they do not), and
    whether another option's words, and nothing else, do."""
    if not options.known:
        return end, False
    at = end
    while at < len(text) and text[at] in _BEFORE_END:
        at += 1
    if at >= len(text):
        return end, False
    own = options.spellings[place][0]
    rest = " ".join(text[at : at + len(own) + 200].lower().split())
    if rest.startswith(own):
        following = rest[len(own) : len(own) + 1]
        if not following.isalnum() or not own[-1].isalnum() or _WIDE.match(own[-1]):
            return _consumed(text, at, own), False
    said = plain(rest)
    if options.known[place] == said:
        return len(text), False
    return end, len(said) > 1 and any(
        said == one for number, one in enumerate(options.known) if number != place
    )


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
    for place, many in enumerate(options.spellings):
        for wanted in many:
            at = lower.find(wanted)
            while at != -1 and len(found) < MOST:
                end = at + len(wanted)
                if _bounded(lower, at, end):
                    found.append(_by_text(text, place, at, end))
                at = lower.find(wanted, at + 1)
    found.sort(key=lambda one: (one.start, -one.end))
    return [one for one in found if not any(_within(one, other) for other in found)]


_COPULA = re.compile(
    r"(?:\b(?:is|are|was|be|called|named|means|ist|est|es|é|è)|是|为|叫|即|[=:：→])[\s\"'*$(]{0,3}"
    r"(?:the\s|a\s|an\s|called\s)?\Z"
)


def _by_text(text: str, place: int, at: int, end: int) -> Mention:
    before = text[max(0, at - 16) : at].lower()
    leads = not before.strip(" *_\"'(") or _COPULA.search(before) is not None
    ends = _ENDS.match(text, end) is not None
    begun = ends or _BEGUN.match(text, end) is not None
    return Mention(place, at, end, ends, begun, leads=leads, by_text=True)


def _within(one: Mention, other: Mention) -> bool:
    """Whether ``one`` is part of a longer mention."""
    longer = other.end - other.start > one.end - one.start
    return longer and other.start <= one.start and one.end <= other.end


def _bounded(lower: str, at: int, end: int) -> bool:
    """Whether no word goes on at the ends; characters of unspaced scripts stand for themselves,
    and a number is whole."""
    before, after = lower[at - 1 : at] if at else "", lower[end : end + 1]
    first, last = lower[at], lower[end - 1]
    if _in_one_word(first, before) or _in_one_word(last, after):
        return False
    if last.isdigit() and after in (".", ",", "/", "^") and lower[end + 1 : end + 2].isdigit():
        return False
    if first.isdigit() and before in (".", ",", "/", "^") and lower[at - 2 : at - 1].isdigit():
        return False
    return not (first.isdigit() and before == "-" and not lower[at - 2 : at - 1].isalnum())


def _in_one_word(one: str, other: str) -> bool:
    if not (one.isalnum() and other.isalnum()):
        return False
    return not (_WIDE.match(one) or _WIDE.match(other))


_WORD = re.compile(r"\w")
_FILLER = re.compile(
    r"(?:[\s*_`\"'\[\](){}<>:=,;、→#|~$-]{1,12}"
    r"|(?:the|this|that|it|it's|is|would|be|should|must|options?|choices?|letters?|answers?|number|"
    r"statement|therefore|thus|hence|clearly|indeed|definitely|certainly|simply|just|most|likely|"
    r"probably|then|still|actually|obviously|only|for|with|as|either|one|going|goes|go|to|say|who|"
    r"labeled|labelled|marked|la|le|el|die|der|das|o|option|opción|opção|opzione|alternativa|"
    r"antwort|lettre|letra|lettera|buchstabe|вариант|буква|под|буквой)\b"
    r"|a\s(?=(?:option|choice|opción|letra|alternativa)\b|[b-j]\b)"
    r"|应该?|应当|應|就|是|为|選|选项?|选择|字母|第|对应|显然|只能|最终|即|的|本题|此题|该|：|。|は|の|選択肢|번|은|는)",
    re.IGNORECASE,
)
_REACH = 12
"""Fillers between a mark and what it marks."""


def behind(text: str, at: int, options: Options) -> Mention | None:
    """The option whose letter stands at ``at``, behind words and signs that say nothing of
    their own."""
    for _ in range(_REACH + 1):
        if at >= len(text):
            return None
        if _lone_letter(text, at):
            letter = text[at]
            place = ord(letter.upper()) - ord("A")
            if 0 <= place < options.count:
                one = _letter(text, at, place, options, low=letter.islower())
                if one is not None:
                    return one
        match = _FILLER.match(text, at)
        if match is None or match.end() == at:
            return None
        at = match.end()
    return None


def _lone_letter(text: str, at: int) -> bool:
    if not (text[at].isascii() and text[at].isalpha()):
        return False
    following = text[at + 1 : at + 2]
    if (following.isascii() and following.isalnum()) or following in ("_", "^", "+", "#"):
        return False
    if following == "'" and text[at + 2 : at + 3].isalpha():
        return text[at + 2 : at + 5].lower() == "dir"  # Turkish: "cevap B'dir"
    return not (following == "." and re.match(r"[A-Za-z]\.", text[at + 2 : at + 4]))


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
        same = options.equal(lower[at : at + 400]) if at < len(lower) else None
        if same is not None:
            word = _WORD.search(lower, at)
            start = at if word is None else word.start()
            return Mention(same, start, len(text), True, True, by_text=True)
        match = _FILLER.match(lower, at)
        if match is None or match.end() == at:
            return None
        at = match.end()
    return None


_JOIN = re.compile(
    r"[\s*_\"')\]}]{0,4}(?:,\s?(?:and|or|nor)\b|,|/|&|\+|\b(?:and|or|nor|und|oder|et|ou|y|o|и|или)\b|"
    r"和|或者?|以及|与|及|、|跟)[\s*_\"'(\[]{0,4}(?:either\s|both\s|options?\s|choices?\s|the\s|an?\s|选?项)?"
)


def groups(text: str, found: Sequence[Mention]) -> list[list[Mention]]:
    """Mentions in order, those together that are joined by "and", "or", a comma, a slash."""
    made: list[list[Mention]] = []
    for number, one in enumerate(found):
        if made:
            last = made[-1][-1]
            joint = _JOIN.match(text, last.end)
            if joint is not None and last.end < one.start <= joint.end():
                # "B, C is wrong": after a lone comma a clause of its own may begin.
                lone = joint.group().strip(" *_\"')]}([") == ","
                following = found[number + 1] if number + 1 < len(found) else None
                goes_on = one.ends or (following is not None and _joined(text, one, following))
                again = one.place in [m.place for m in made[-1]]
                if not again and (not lone or goes_on or len(made[-1]) > 1):
                    made[-1].append(one)
                    continue
        made.append([one])
    return made


def _joined(text: str, one: Mention, other: Mention) -> bool:
    joint = _JOIN.match(text, one.end)
    return joint is not None and one.end < other.start <= joint.end()
