"""Which option a written answer names.

The strict rule reads what the answer itself marks as its answer; the lenient one also options
given by their text, options called correct, and the only option that is mentioned. Neither
guesses: an answer that names several, or none, is unparsed. Pure; linear in the length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from aisbench_plugin_choices.letters import Found, letter_at
from aisbench_plugin_choices.spelling import plain

MOST = 50
"""Statements looked at, from the end: an answer that repeats itself endlessly is junk."""

_BOXED = re.compile(r"\\f?box(?:ed)?\s?\{")
# These two are searched in lower case: a flag for it would make them three times slower.
_TAGS = re.compile("<answer>")
_VERB = (
    r"(?:is|was|are|be|becomes|comes to be)\b"
    r"(?!\s{0,3}(?:not\b|n't|neither\b|incorrect|wrong))"
)
_SAYS = re.compile(
    rf"\b(?:answers?|choice|option|solution|response|selection)\b[^:\n。?!]{{0,80}}?"
    rf"(?:\b{_VERB}|:|=|->|→)"
    r"|\b(?:i|we|i'd|we'd|i'll|to|would|should|must|will|can|therefore|thus|so)\s(?:\w{1,12}\s)?"
    r"(?:choose|select|pick|chose|selected|picked|go with|opt for)\b"
    r"|^[ \t>*_#-]{0,8}answer[*_ \t]{0,4}$"
    r"|^[ \t>*_#-]{0,8}a[*_]{0,2}:",
    re.MULTILINE,
)
_SAYS_ZH = re.compile(
    r"(?:答案|正解|正确选项|正确的选项|结论|结果)[^。\n:A-Za-z]{0,12}?"
    r"(?:是|为|选择|选|:|=)(?!不|错)"
    r"|(?<![不别非能应可题项单多])选(?:择)?(?!项|择|自|出|题)"
    r"|(?:应|可|故|只能|因此|所以|应该)选(?:择)?(?!项|择题)"
    r"|^[ \t>*_#-]{0,8}(?:答|解答|答案)[*\s]{0,4}:?",
    re.MULTILINE,
)
_RIGHT = re.compile(
    r"(?<![A-Za-z0-9])([A-Z])[)\]\"'*_]{0,4}\s{0,2}"
    r"(?:(?:is|must be|should be|would be|seems|appears to be)\s(?:(?:the|definitely|most|likely|"
    r"therefore|clearly)\s){0,3}(?:correct|right|best|answer|accurate|appropriate)"
    r"|(?:项|选项)?\s?(?:是)?(?:正确|符合题意|当选|为正确答案|为答案))"
)
_MENTIONED = re.compile(
    r"[(\[]([A-Z])[)\]]|\b(?:[Oo]ption|[Cc]hoice|OPTION|CHOICE)\s{0,2}[\"'*(]{0,3}([A-Z])(?![A-Za-z0-9])"
    r"|选项?\s?([A-Z])(?![A-Za-z0-9])|^[\s*_#>-]{0,8}([A-Z])[.):](?=\s|\*|$)",
    re.MULTILINE,
)
_LEADING = re.compile(
    r"[\s*_#>\"'(\[-]{0,8}([A-Za-z])(?:[*_\"']{0,3}[).:\]、,;]|[*_]{1,3}(?=\s|$)|\s*$|\s[-–—]\s)"
)
_BARE = re.compile(r"[^A-Za-z0-9\u4e00-\u9fff]{0,12}([A-Za-z])[^A-Za-z0-9\u4e00-\u9fff]{0,12}\Z")
_LINE_LETTER = re.compile(r"^[\s*_#>-]{0,8}([A-Z])[.):、]", re.MULTILINE)


def strict(text: str, count: int) -> Found | None:
    """What the cleaned ``text`` marks as its answer, of ``count`` options."""
    lower = text.lower()
    if len(lower) != len(text):  # a few letters of other scripts are longer in lower case
        lower = "".join(one.lower() if len(one.lower()) == 1 else one for one in text)
    if "box" in text and (places := _after(_BOXED, text, text, count)):
        return Found(places[-1][1], "boxed")
    if "<answer>" in lower and (places := _after(_TAGS, lower, text, count)):
        return Found(places[-1][1], "in answer tags")
    places = _after(_SAYS, lower, text, count)
    if not text.isascii():
        places = sorted(places + _after(_SAYS_ZH, text, text, count))
    if places:
        return Found(places[-1][1], "stated")
    return _whole(text, count) or _last_line(text, count)


def lenient(
    text: str, options: Sequence[str], count: int, found: Found | None = None
) -> Found | None:
    """The strict reading (``found``, where it is known), else what else identifies one option."""
    found = found or strict(text, count)
    if found is not None:
        return found
    rest: tuple[Callable[[], Found | None], ...] = (
        lambda: _option_text(text, options),
        lambda: _only(_RIGHT, text, count, "called correct"),
        lambda: _only(_MENTIONED, text, count, "the only one mentioned"),
    )
    for rule in rest:
        if (found := rule()) is not None:
            return found
    return None


def strict_text(text: str, options: Sequence[str]) -> Found | None:
    """For prompts that ask for an option's words: the whole answer, or what it says it is."""
    return _option_text(text, options, held=False)


def lenient_text(text: str, options: Sequence[str]) -> Found | None:
    """The strict reading, else the only option that the last or first line holds."""
    return strict_text(text, options) or _option_text(text, options)


def _after(
    pattern: re.Pattern[str], searched: str, text: str, count: int
) -> list[tuple[int, int]]:
    """(where, place) of letters that follow the pattern in ``searched``, which is ``text`` or
    the same in lower case; of the last statements."""
    ends = [match.end() for match in pattern.finditer(searched)][-MOST:]
    found = [(end, letter_at(text, end, count)) for end in ends]
    return [(at, place) for at, place in found if place is not None]


def _whole(text: str, count: int) -> Found | None:
    """An answer that is a letter, or begins with one as lists do; not a list of all options."""
    bare = _BARE.match(text.strip())
    if bare:
        place = ord(bare.group(1).upper()) - ord("A")
        return Found(place, "the whole answer") if place < count else None
    leading = _LEADING.match(text.lstrip())
    if leading is None or (leading.group(1).islower() and leading.group(0)[-1] not in ")]"):
        return None
    place = ord(leading.group(1).upper()) - ord("A")
    if place >= count or len(set(_LINE_LETTER.findall(text))) > 1:
        return None
    if letter_at(text, text.index(leading.group(1)), count) != place:
        return None
    return Found(place, "at the beginning")


def _last_line(text: str, count: int) -> Found | None:
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < 2:
        return None
    last = lines[-1].strip()
    bare = _BARE.match(last)
    if bare is None:
        leading = _LEADING.match(last)
        before = lines[-2].strip()
        # The last of a list of options is no answer.
        if leading is None or leading.group(1).islower() or _LINE_LETTER.match(before):
            return None
        bare = leading
    place = ord(bare.group(1).upper()) - ord("A")
    return Found(place, "the last line") if place < count else None


def _only(pattern: re.Pattern[str], text: str, count: int, how: str) -> Found | None:
    letters = {next(filter(None, match.groups())) for match in pattern.finditer(text)}
    places = {place for letter in letters if 0 <= (place := ord(letter) - ord("A")) < count}
    return Found(places.pop(), how) if len(places) == 1 else None


def _option_text(text: str, options: Sequence[str], *, held: bool = True) -> Found | None:
    """An option by its words: as the whole answer, behind "the answer is", or as the only one
    that the last sentence holds."""
    known = [plain(option) for option in options]
    if len(set(known)) < len(known) or not all(known):
        return None
    for said in _claims(text):
        place = _same(said, known, held=held)
        if place is not None:
            return Found(place, "by its text")
    return None


def _claims(text: str) -> Iterator[str]:
    """What may be an option's words, the likeliest first."""
    yield text
    lower = text.lower()
    searched = (_SAYS, lower if len(lower) == len(text) else text), (_SAYS_ZH, text)
    ends = sorted(
        match.end() for one, where in searched for match in list(one.finditer(where))[-MOST:]
    )
    for end in reversed(ends):
        rest = text[end : end + 1000].lstrip()
        yield re.split(r"\n|(?<=[a-z0-9)\]\"'])\.(?:\s|$)|。", rest, maxsplit=1)[0]
    lines = [line for line in text.split("\n") if line.strip()]
    if lines and len(set(_LINE_LETTER.findall(text))) < 2:
        yield lines[-1]
        yield lines[0]


def _same(said: str, options: Sequence[str], *, held: bool) -> int | None:
    words = plain(said)
    if not words:
        return None
    equal = [place for place, option in enumerate(options) if option == words]
    if equal:
        return equal[0] if len(equal) == 1 else None
    # "the answer is the first arch because ...": the option's words, then more.
    padded = f" {words} "
    begun = [place for place, option in enumerate(options) if padded.startswith(f" {option} ")]
    if begun:
        return max(begun, key=lambda place: len(options[place]))
    if not held:
        return None
    inside = [place for place, option in enumerate(options) if f" {option} " in padded]
    longest = [
        place
        for place in inside
        if not any(options[place] in options[other] for other in inside if other != place)
    ]
    return longest[0] if len(longest) == 1 and len(options[longest[0]]) > 2 else None
