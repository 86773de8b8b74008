"""Where a base model, after its answer, begins an exercise of its own invention. Pure.

A heading such as "Question:" may also open a repetition of the original question before its
answer. What stands before it and what follows decide between the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice

HEADINGS = 12
"""Headings that are examined. For each the whole text before it may be read."""
_HEADING = re.compile(
    r"\n[ \t>*#_\[【-]{0,8}(?:(?:(?:next|new|another|example|sample|practice|follow-?up)\s){0,2}"
    r"(?:question|problem|exercise|example|q|task|quiz)"
    r"|(?:下一|新的|另一)?(?:个|道)?(?:问题|题目|例题|练习题?|习题|试题|例|问|题))"
    r"[ \t]?[0-9一二三四五六七八九十]{0,3}[*_\t ]{0,4}(?:[:\uff1a.)、\]】]|\n)"
    r"|\n[ \t>*#]{0,8}the\sfollowing\s(?:is|are)\s(?:an?\s)?(?:multiple|single|question)"
    r"|\n[ \t>*#_\[【-]{0,8}(?:例题?|习题|练习题?|题目?)\s?"
    r"[0-9一二三四五六七八九十]{1,3}(?=[\s\]】])"
    r"|\n[ \t>*#_-]{0,8}第[ \t]?[0-9一二三四五六七八九十]{1,3}[ \t]?题",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"\n[ \t]*\n(?P<asked>[ \t>*#]{0,6}[^\n]{20,500}[?\uff1f])[ \t*]{0,4}(?=\n)"
)
# Questions that an answer may ask itself before it goes on.
_ITS_OWN = re.compile(
    r"[\W_]*(?:wait|hmm+|but|is|was|are|were|does|do|did|so|let|actually|should|could|would|can|am|"
    r"now|why|how\scome|what\sif|what\sabout|等等|那么|但|会不会|是不是|是否|为什么|怎么)",
    re.IGNORECASE,
)


def _until_question(text: str, question: str, answered: Callable[[str], bool] | None) -> str:
    """``text`` up to a paragraph that ends with another question than the original one, if what
    stands before it is an answer already."""
    for match in islice(_QUESTION.finditer(text), HEADINGS):
        before = text[: match.start()]
        found_question = match.group("asked")
        if (
            not before.strip()
            or _ITS_OWN.match(found_question)
            or _like(found_question, question) is not False
        ):
            continue
        if answered is not None and answered(before):
            return before
    return text


_LATER = re.compile(
    r"[2-9二三四五六七八九十]|1[0-9]|\bnext\b|\banother\b|下一|另一", re.IGNORECASE
)
_LEAD = re.compile(
    r"^\W*(?:sure|ok(?:ay)?|certainly|of course|alright|great|hello|hi|let me|let's|let us|here|"
    r"i will|i'll|i am|i'm|we will|we'll|my (?:reply|answer|response|solution)|first|to (?:solve|"
    r"answer|find)|this (?:question|problem)|below|the following|as an|thank|step \d|"
    r"好的|首先|让我|下面|以下|我来|我们来|解题|题目|根据)",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[a-z0-9]+|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LISTED = re.compile(r"^[ \t>*_(-]{0,6}([A-Ja-j])[ \t]{0,2}[).:、\uff0e\uff1a][ \t*_]{0,4}(\S.*)$")
_HEADS = ("A.", "A)", "A:", "A、", "a)", "a.", "A\uff0e", "A\uff1a", "A*", "A ")
_INLINE = re.compile(
    r"\(?A[).、:\uff0e\uff09]\s?(\S[^\n]{0,80}?)\s*\(?B[).、:\uff0e\uff09]\s?(\S[^\n]{0,80}?)"
    r"(?:\s*\(?C[).、:\uff0e\uff09]\s?(\S[^\n]{0,80}?))?(?:\s*\(?D[).、:\uff0e\uff09]|$)"
)
_ASKS = re.compile(r"[?？]\W*$|(?:[:：]|_{2,}|（\s*）|\(\s*\))\W*$|是[^。]{0,3}$")


def until_next_exercise(
    text: str,
    question: str = "",
    options: Sequence[str] = (),
    answered: Callable[[str], bool] | None = None,
) -> str:
    """``text`` up to the exercise that follows the answer.

    ``question`` and ``options`` are the original ones, as far as they are known: text that
    repeats them is not a next exercise. ``answered`` says whether a text that precedes a heading
    is an answer already.
    """
    for match in islice(_HEADING.finditer(text), HEADINGS):
        before = text[: match.start()]
        if not before.strip():
            continue
        if answered is not None and answered(before):
            return _until_list(before, question, options, answered)
        alike = _like(text[match.end() : match.end() + 600], question)
        if alike is None and _LATER.search(match.group()) is not None:
            alike = False  # there is nothing to compare with, but the number is a later one
        if alike is False and _says(before):
            return _until_list(before, question, options, answered)
    if question and ("?" in text or "\uff1f" in text):
        text = _until_question(text, question, answered)
    return _until_list(text, question, options, answered)


_APPENDIX = re.compile(
    r"\n[ \t>*#_(\[]{0,8}(?:references?|sources?|bibliography|works\scited|footnotes?|citations?|"
    r"further\sreading|see\salso|参考文献|参考资料|参考来源|资料来源|引用来源|来源|引用|注释|脚注)"
    r"[ \t*_)\]:\uff1a]{0,6}(?=\n|\Z)",
    re.IGNORECASE,
)


_ENTRY = r"\n(?:[ \t>]*\n)*[ \t>]*(?:\[\d{1,3}\]|\(\d{1,3}\)|\d{1,3}[.)、]|[-*•]\s|https?:)[^\n]*"
_ENTRIES = re.compile(rf"(?:{_ENTRY})+")


def without_sources(text: str) -> str:
    """``text`` without lists under headings such as "Sources", which state nothing."""
    if _APPENDIX.search(text) is None:
        return text
    parts, at = [], 0
    for match in _APPENDIX.finditer(text):
        entries = _ENTRIES.match(text, match.end())
        if entries is None or match.start() < at or not text[: match.start()].strip():
            continue
        parts.append(text[at : match.start()])
        at = entries.end()
    return "".join([*parts, text[at:]])


def resembles(text: str, question: str) -> bool | None:
    """Whether ``text`` repeats ``question``; None where too little is known to tell."""
    return _like(text, question)


def _like(text: str, question: str) -> bool | None:
    original = set(_WORDS.findall(question.lower()))
    if len(original) < 5:
        return None
    head = text[: 3 * len(question) + 80].lower()
    common = original.intersection(_WORDS.findall(head))
    return len(common) >= 0.6 * len(original)


def _says(text: str) -> bool:
    """Whether the text holds more than introductory phrases."""
    sentences = re.split(r"(?<=[.!?。！？:：])\s|\n", text)
    return any(one.strip() and not _LEAD.match(one) for one in sentences)


def _until_list(
    text: str, question: str, options: Sequence[str], answered: Callable[[str], bool] | None
) -> str:
    """``text`` up to a question with a list of options other than the original ones.

    A list under a heading may also be the answer's own review of the options, and of a question
    that stands in a picture nobody knows the words: such a list ends the answer only where one is
    given before it.
    """
    if not options or "\n" not in text or not any(head in text for head in _HEADS):
        return text
    lines = text.split("\n")
    for at in range(1, len(lines)):
        listed = _list_at(lines, at)
        if listed and (cut := _other_list(lines, at, listed, question, options)) is not None:
            asks = bool(question) and _asked(lines, at)
            if asks or answered is None or answered(cut):
                return cut
    return text


def _list_at(lines: Sequence[str], at: int) -> list[str]:
    """The options of a list that begins in line ``at``, also if several stand in that line."""
    match = _LISTED.match(lines[at])
    inline = _INLINE.search(lines[at])
    if match is not None and match.group(1).upper() != "A":
        return []
    listed = [match.group(2)] if match is not None else []
    if inline is not None:
        listed = [one.strip() for one in inline.groups() if one]
    if match is None:
        return listed
    for further in filter(str.strip, lines[at + 1 : at + 14]):
        one = _LISTED.match(further)
        if one is None or ord(one.group(1).upper()) - ord("A") != len(listed):
            break
        listed.append(one.group(2))
    return listed


def _heading_of(lines: Sequence[str], at: int) -> int | None:
    """The line that asks for one of the options listed from line ``at``; None where none does."""
    if _ASKS.search(lines[at].partition("A")[0]):
        return at
    heading = at - 1
    while heading > 0 and not lines[heading].strip():
        heading -= 1
    return heading if _ASKS.search(lines[heading]) else None


def _asked(lines: Sequence[str], at: int) -> bool:
    """Whether what stands above a list is a question by its mark."""
    heading = _heading_of(lines, at)
    return heading is not None and re.search(r"[?？]", lines[heading]) is not None


def _other_list(
    lines: Sequence[str], at: int, listed: Sequence[str], question: str, options: Sequence[str]
) -> str | None:
    """What precedes another question with the options ``listed`` in line ``at``; None where the
    list is the original one, or no question stands above it."""
    if len(listed) < 2:
        return None
    heading = _heading_of(lines, at)
    if heading is None:
        return None
    if _known(listed, options) and _like(lines[heading], question) is not False:
        return None
    before = "\n".join(lines[:heading])
    return before if before.strip() else None


def _known(listed: Sequence[str], options: Sequence[str]) -> bool:
    """Whether most texts of a list begin like the original options."""
    original = [_plain(one) for one in options]
    same = sum(
        1
        for place, one in enumerate(listed)
        if place < len(original)
        and original[place]
        and _plain(one).startswith(original[place][:40])
    )
    return 2 * same > min(len(listed), len(original))


def _plain(text: str) -> str:
    return " ".join(_WORDS.findall(text.lower())) or text.strip().lower()
