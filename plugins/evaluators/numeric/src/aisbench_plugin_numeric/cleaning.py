"""From a model's markup to plain text in which numbers look alike. Pure; linear in the length."""

from __future__ import annotations

import re

# GSM8K's calculator annotations repeat what the text says anyway and would count as numbers.
_ANNOTATION = re.compile(r"<<[^<>\n]*>>")

_FULL_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)}
_SIGNS = dict.fromkeys(map(ord, "\u2212\u2013\ufe63\u2010\u2011\u2012"), "-")
# One separator for all spaces that stand inside numbers; a plain space separates numbers too.
_SPACES = dict.fromkeys(map(ord, "\u2009\u202f\u2007\u2008"), "\u00a0")
_FRACTIONS = {ord("½"): " 1/2", ord("¼"): " 1/4", ord("¾"): " 3/4", ord("⅓"): " 1/3"}
_FRACTIONS[ord("⅔")] = " 2/3"
_REST = {ord("`"): "", ord("’"): "'", ord("\r"): "\n", ord("\u200b"): "", 0x3000: " "}
_TABLE: dict[int, str | int] = {**_FULL_WIDTH, **_SIGNS, **_SPACES, **_FRACTIONS, **_REST}

_COMMANDS = {
    "times": "×",
    "cdot": "×",
    "div": "÷",
    "approx": "≈",
    "left": "",
    "right": "",
    "quad": " ",
    "qquad": " ",
    "!": "",
    ",": "\u00a0",
    ";": " ",
    ":": " ",
    " ": " ",
    "$": "$",
    "%": "%",
    "(": "",
    ")": "",
    "[": "",
    "]": "",
}
_COMMAND = re.compile(
    r"\\(times|cdot|div|approx|left|right|qq?uad)(?![A-Za-z])|\\([!,;: $%()\[\]])"
)
# The braces stay, so that those of \boxed{...} still pair up.
_STYLE = re.compile(r"\\(?:text|math|operator)[a-z]{0,6}(?=\s?\{)|\\mbox(?=\{)")
_PART = r"\{\s{0,2}(-?[0-9]{1,20})\s{0,2}\}"
_FRAC = re.compile(rf"\\[dtc]?frac\s?(?:{_PART}\s?{_PART}|([0-9])\s?([0-9]))")
_DEGREES = re.compile(r"\^\{?\s?\\circ\}?")
# The codes first: re then runs to the next of their letters, which it does not with "\b" first.
_CODES = (r"USD", r"US\$", r"RMB", r"CNY", r"EUR", r"GBP", r"INR", r"Rs\.", r"Rs")
_WHOLE_CODES = "|".join(rf"{code}(?<!\w{code})" for code in _CODES)
_CURRENCY_CODE = re.compile(rf"(?:{_WHOLE_CODES})\s?(?=[-+]?[0-9])")
_DOLLARS = re.compile(r"\${2,}")

_DIGIT = re.compile("[0-9]")
_NEXT_QUESTION = re.compile(
    r"\n[ \t>*#]{0,8}(?:Question|Q|Human|User|问题|题目)[ \t]?[0-9]{0,3}[*\t ]{0,3}:"
)


def _command(match: re.Match[str]) -> str:
    return _COMMANDS[match.group(1) or match.group(2)]


def _fraction(match: re.Match[str]) -> str:
    top, bottom = match.group(1) or match.group(3), match.group(2) or match.group(4)
    before = match.string[match.start() - 1 : match.start()]
    return f"{' ' if before.isdigit() else ''}{top}/{bottom}"


def clean(text: str) -> str:
    """``text`` with ASCII digits and signs, without annotations and common LaTeX spelling.

    Emphasis by asterisks, braces, currency signs and line breaks stay: the rules read them.
    """
    text = _ANNOTATION.sub("", text).translate(_TABLE)
    if "\\" in text:
        text = _FRAC.sub(_fraction, _DEGREES.sub("°", text))
        text = _STYLE.sub("", _COMMAND.sub(_command, text))
    text = text.replace("{,}", ",").replace("^{", "^").replace("__", "**")
    text = _CURRENCY_CODE.sub("$", text)
    return _DOLLARS.sub("$", text) if "$$" in text else text


def cut_next_question(text: str) -> str:
    """``text`` up to the question that a base model invents after its answer.

    The part before must hold a digit: a heading "Question:" before any work is a restatement.
    """
    digit = _DIGIT.search(text)
    match = None if digit is None else _NEXT_QUESTION.search(text, digit.end())
    return text if match is None else text[: match.start()]
