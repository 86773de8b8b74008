"""The strict rule: only a number that the answer itself marks as final. Pure; linear time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from aisbench_plugin_numeric.cleaning import clean, cut_next_question
from aisbench_plugin_numeric.extraction import Extraction
from aisbench_plugin_numeric.numbers import Number, find_numbers
from aisbench_plugin_numeric.spans import (
    SPAN,
    alone,
    leading,
    line,
    sentence,
    stated,
    without_parentheses,
)

_MOST = 50
"""Markers looked at, from the end: an answer that repeats itself thousands of times is junk."""

_ABOUT = r"(?:\s(?:to|for|of|in)\s[^.:\n]{1,60}?)?"
_QUIET = r"[\"'*_\s)]{0,4}"
# Python's re runs to the next place of a literal at a pattern's head ten times as fast as to
# the next place where an alternative may begin. So each word has patterns of its own that begin
# with it, and each is looked for only in a text that holds the word.
_ANSWER = r"answer\b(?<!\wanswer)"
_PHRASE = (
    (
        "answer",
        re.compile(
            rf"{_ANSWER}{_ABOUT}{_QUIET}\s"
            r"(?:is|was|equals|will be|would be|should be|must be|comes to|becomes)\b"
            r"(?!\s(?:not\b|n't|wrong|incorrect|unclear))"
        ),
    ),
    ("<answer>", re.compile(r"<answer>")),
    ("答案", re.compile(r"答案[\"'*\s]{0,4}(?:应该|应当|就|即|便)?(?:是|为|等于)(?!不)")),
)
_LABEL = (
    ("answer", re.compile(rf"{_ANSWER}\s?(?:\([^()\n]{{0,40}}\))?{_QUIET}[:=]")),
    (
        "answer",
        re.compile(
            r"^(?:[ \t>*_#0-9.]{0,10}(?:the\s)?final\sanswer[*_ \t]{0,4}$"
            r"|[ \t>]{0,4}(?:#{1,6}|\*\*)[ \t#*]{0,6}answer[*_ \t]{0,4}$)",
            re.MULTILINE,
        ),
    ),
    (":", re.compile(r"^[ \t>*_-]{0,8}a[*_]{0,2}[ \t]?:", re.MULTILINE)),
    ("答案", re.compile(r"答案[\"'*\s]{0,4}[::=]")),
    ("答", re.compile(r"^[ \t>*_#-]{0,8}(?:答|解答)[*\s]{0,4}:", re.MULTILINE)),
)
_HASHES = (("####", re.compile(r"#{4,}(?!#)")),)
_BRACES = re.compile(r"\\f?box(?:ed)?\s?\{|[{}]")
_BOLD = re.compile(r"\*\*([^*\n]{1,200})\*\*")
_SKIP = re.compile(r"[\s*_#:\"'>=]*")
_SENTENCE_THEN_NUMBER = re.compile(r"[.!?。]\*{0,2}(?:\s[^0-9\n]*)?[0-9]")

_Reader = Callable[[str, int], "Number | None"]


def _skip(text: str, at: int) -> int:
    match = _SKIP.match(text, at)
    return at if match is None else match.end()


def _rest_has_digits(text: str, at: int) -> bool:
    end = text.find("\n", at)
    return end != -1 and re.search("[0-9]", text[end : end + 4 * SPAN]) is not None


def _phrase(text: str, at: int) -> Number | None:
    return stated(sentence(text, _skip(text, at)))


def _label(text: str, at: int) -> Number | None:
    """Few-shot formats put the whole solution after "Answer:", so its first line counts only
    if it begins with its only number, or if it is the last line with a number."""
    start = _skip(text, at)
    first = without_parentheses(sentence(text, start).replace("**", ""))
    numbers = [number for number in find_numbers(first, spaced=True) if not number.weak]
    if len(numbers) == 1 and (number := leading(first, numbers)):
        return number
    return None if _rest_has_digits(text, start) else stated(line(text, start))


def _hashes(text: str, at: int) -> Number | None:
    """Four hashes are a Markdown heading too: words after the number need the last line."""
    span = line(text, at)
    if number := alone(span, 0):
        return number
    return None if _rest_has_digits(text, at) else (alone(span, 5) or _equation(span))


def _equation(span: str) -> Number | None:
    return stated(span) if "=" in span else None


def _boxes(text: str) -> Iterator[tuple[int, str]]:
    """Where boxes begin, and what they hold. One pass, however they are nested or left open."""
    if "box" not in text:
        return
    opened: list[tuple[int, int] | None] = []
    for match in _BRACES.finditer(text):
        if match.group() == "}":
            box = opened.pop() if opened else None
            if box is not None and match.start() - box[1] <= SPAN:
                yield box[0], text[box[1] : match.start()]
        else:
            is_box = len(match.group()) > 1
            opened.append((match.start(), match.end()) if is_box else None)


def _marked(text: str) -> Extraction | None:
    """The last explicit marker that holds a number: later ones correct earlier ones."""
    found: list[tuple[int, int, str, str, _Reader | None]] = []
    # The patterns are in lower case: a flag for it would make them several times slower.
    lower = text.lower()
    if len(lower) != len(text):  # a few letters of other scripts are longer in lower case
        lower = "".join(one.lower() if len(one.lower()) == 1 else one for one in text)
    for patterns, reader, how in (
        (_PHRASE, _phrase, 'stated after "the answer is"'),
        (_LABEL, _label, 'marked by "Answer:"'),
        (_HASHES, _hashes, "marked by ####"),
    ):
        for word, pattern in patterns:
            if word in lower:
                for match in pattern.finditer(lower):
                    found.append((match.start(), match.end(), "", how, reader))
    for start, content in _boxes(text):
        found.append((start, start, content, "marked by \\boxed", None))
    found.sort(key=lambda item: item[0])
    for _, end, content, how, read in found[: -_MOST - 1 : -1]:
        number = stated(content) if read is None else read(text, end)
        if number is not None:
            return Extraction(number.value, number.written, how)
    return None


def _whole(text: str) -> Extraction | None:
    number = alone(text.rstrip(". "), 4) if len(text) <= SPAN and "\n" not in text else None
    if number is None:
        return None
    return Extraction(number.value, number.written, "the whole answer is a number")


def _bold(text: str) -> Extraction | None:
    """The last bold number of the last line with a number, if no later sentence has one."""
    tail = text[-10 * SPAN :].split("\n")
    last = next((part for part in reversed(tail) if re.search("[0-9]", part)), "")
    for match in reversed(list(_BOLD.finditer(last))):
        number = stated(match.group(1))
        if number is None or number.weak:
            continue
        if _SENTENCE_THEN_NUMBER.search(last, match.end() - 3):
            return None
        return Extraction(number.value, number.written, "bold in the last sentence")
    return None


def strict_of_clean(text: str) -> Extraction | None:
    """:func:`extract_strict` for text that is clean and cut already."""
    return _marked(text) or _whole(text.strip()) or _bold(text)


def extract_strict(text: str) -> Extraction | None:
    """The number that ``text`` marks as its final answer, or None. Never raises."""
    return strict_of_clean(cut_next_question(clean(text)))
