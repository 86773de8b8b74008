"""From a model's markup to plain text in which letters and options look alike. Pure."""

from __future__ import annotations

import re
import unicodedata

_FULL_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)}
_QUOTES = dict.fromkeys(map(ord, "“”„«»「」『』〝〞"), '"') | dict.fromkeys(map(ord, "‘’`´"), "'")
_BRACKETS = {ord("【"): "[", ord("〔"): "[", ord("】"): "]", ord("〕"): "]", 0x3000: " "}
_REST = {ord("\r"): "\n", 0x200B: "", 0xFEFF: "", 0xA0: " ", ord("。"): "。"}
_CIRCLED = {0x24B6 + i: 0x41 + i for i in range(26)} | {0x24D0 + i: 0x41 + i for i in range(26)}
_TABLE: dict[int, str | int] = {**_FULL_WIDTH, **_QUOTES, **_BRACKETS, **_REST, **_CIRCLED}

_STYLE = re.compile(r"\\(?:text|math|operatorname)[a-z]{0,6}\s?\{([^{}]*)\}|\\mbox\s?\{([^{}]*)\}")
_SIGNS = re.compile(r"\\[()\[\]]|\$+")
_NEXT_QUESTION = re.compile(
    r"\n[ \t>*#]{0,8}(?:Question|Q|Human|User|问题|题目)[ \t]?[0-9]{0,3}[*\t ]{0,3}:"
)
_WORDS = re.compile(r"\w+")
_MARKS = re.compile(r"[*_`#>]+")


def clean(text: str) -> str:
    """``text`` with ASCII letters, brackets and quotes, without LaTeX's dress."""
    text = text.translate(_TABLE)
    if "\\" in text or "$" in text:
        before = ""
        while before != text:
            before, text = text, _STYLE.sub(lambda m: m.group(1) or m.group(2) or "", text)
        text = _SIGNS.sub("", text)
    return text


def cut_next_question(text: str) -> str:
    """``text`` up to the question that a base model invents after its answer."""
    match = _NEXT_QUESTION.search(text)
    return text if match is None or not text[: match.start()].strip() else text[: match.start()]


def plain(text: str) -> str:
    """For comparing options: lower case, words alone, one blank between them."""
    return " ".join(_WORDS.findall(unicodedata.normalize("NFKC", _MARKS.sub("", text)).lower()))
