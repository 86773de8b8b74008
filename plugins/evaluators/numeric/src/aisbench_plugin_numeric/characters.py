"""From the many ways to write digits, signs and formulas to one. Pure; linear in the length.

What is done here has to be done before :class:`aisbench.answers.Answer` takes bold marks and the
like away: ``2**20`` is a power, and ``9 *2*`` is not.
"""

from __future__ import annotations

import re
import unicodedata

# GSM8K's calculator annotations repeat what the text says anyway and would count as numbers.
_ANNOTATION = re.compile(r"<<[^<>\n]{0,200}>>")

_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
_SUPERSCRIPT = {ord(c): str(n) for n, c in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")} | {
    ord("⁻"): "-",
    ord("⁺"): "+",
}
_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]{1,20}")
_VULGAR = {
    char: f" {''.join(str(int(part)) for part in parts[:1])}/{parts[1]}"
    for char in "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅑⅒"
    for parts in [unicodedata.normalize("NFKD", char).split("\u2044")]
}
_CIRCLED = {chr(0x2460 + n): f"({n + 1}) " for n in range(20)}
_TABLE: dict[int, str] = {
    **{ord(char): text for char, text in {**_VULGAR, **_CIRCLED}.items()},
    ord("\u066b"): ".",  # the Arabic decimal separator
    ord("\u066c"): ",",
    ord("\u2019"): "'",
    ord("\u2013"): "-",
    ord("\u2012"): "-",
    ord("\u2044"): "/",
    ord("\u2236"): ":",
    ord("\u301c"): "~",
    ord("\uff5e"): "~",
    ord("\u2a7d"): "≤",
    ord("\u2266"): "≤",
    ord("\u2a7e"): "≥",
    ord("\u2267"): "≥",
}
# A Chinese comma between digits lists; an ASCII comma may group.
_WIDE_COMMA = re.compile(r"(?<=\d)[\uff0c、](?=\d)")

_COMMANDS = {
    "times": "×", "cdot": "×", "div": "÷", "approx": "≈", "quad": " ", "qquad": " ",
    "le": "≤", "leq": "≤", "leqslant": "≤", "ge": "≥", "geq": "≥", "geqslant": "≥",
    "lt": "<", "gt": ">", "sim": "~", "pm": "±", "to": "→", "rightarrow": "→",
}  # fmt: skip
_COMMAND = re.compile(
    r"\\(times|cdot|div|approx|qq?uad|leqslant|geqslant|leq?|geq?|lt|gt|sim|pm|rightarrow|to)"
    r"(?![A-Za-z])|(\{,\}|,\\!)|\\([$%])"
)
_PART = r"\{\s{0,2}(-?[0-9]{1,20})\s{0,2}\}"
_FRACTION = re.compile(rf"\\[dtc]?frac\s?(?:{_PART}\s?{_PART}|([0-9])\s?([0-9]))")
_DEGREES = re.compile(r"\^\{?\s?\\circ\s?\}?")
_BEGINNING = re.compile(r"\^\{\s?(-?[0-9]{1,10})\s?\}")
# Patterns begin with what is rare, so that re runs to its next place.
_POWER = re.compile(r"\*\*(?<=[0-9)]\*\*)(?=-?[0-9]{1,3}(?![0-9*]))")
_SPACED_POWER = re.compile(r" \*\* (?<=[0-9)] \*\* )(?=-?[0-9]{1,3}(?![0-9*]))")
_TIMES = re.compile(r"\*(?<=[0-9)\]%]\*)(?!\*)(?=[$(\\]{0,2}[0-9A-Za-z])")
_SPACED_TIMES = re.compile(r" \* (?<=[0-9A-Za-z)\]%}] \* )(?=[$(\\]{0,2}[0-9A-Za-z])")
_LEFT_TIMES = re.compile(r"\*(?<=[0-9)] \*)(?=[$(]?[0-9][0-9.,]{0,12}(?![0-9.,*]))")
# The codes first: re then runs to the next of their letters, which it does not with "\b" first.
_CODES = (r"USD", r"US\$", r"RMB", r"CNY", r"INR", r"Rs\.", r"Rs", r"HK\$", r"A\$", r"C\$")
_WHOLE_CODES = "|".join(rf"{code}(?<!\w{code})" for code in _CODES)
_CURRENCY_CODE = re.compile(rf"(?:{_WHOLE_CODES})\s?(?=[-+]?[0-9])")
_EURO_CODE = re.compile(r"(?:EUR(?<!\wEUR)|GBP(?<!\wGBP))\s?(?=[-+]?[0-9])")
_CUES = ("USD", "RMB", "CNY", "INR", "Rs", "EUR", "GBP")
_DOLLARS = re.compile(r"\${2,}")


def _command(match: re.Match[str]) -> str:
    if match.group(1):
        return _COMMANDS[match.group(1)]
    return "," if match.group(2) else match.group(3)


def _fraction(match: re.Match[str]) -> str:
    top, bottom = match.group(1) or match.group(3), match.group(2) or match.group(4)
    before = match.string[match.start() - 1 : match.start()]
    return f"{' ' if before.isdigit() else ''}{top}/{bottom}"


def prepare(text: str) -> str:
    """``text`` with ASCII digits, fractions and powers, without annotations.

    Bold marks, boxes, braces, currency signs and line breaks stay.
    """
    if "<<" in text:
        text = _ANNOTATION.sub("", text)
    if not text.isascii():
        text = _WIDE_COMMA.sub(", ", text)
        text = _RAISED.sub(_raised, text).translate(_TABLE)
        text = _OTHER_DIGIT.sub(lambda match: str(unicodedata.decimal(match.group())), text)
    if "\\" in text:
        text = _COMMAND.sub(_command, _FRACTION.sub(_fraction, _DEGREES.sub("°", text)))
    if "{," in text:
        text = text.replace("{,}", ",")
    if "^{" in text:
        text = _BEGINNING.sub(r"^\1", text)
    if "*" in text:
        text = _stars(text)
    if "$" in text or any(cue in text for cue in _CUES):
        text = _EURO_CODE.sub("€", _CURRENCY_CODE.sub("$", text))
    return _DOLLARS.sub("$", text) if "$$" in text else text


def _stars(text: str) -> str:
    """Stars that multiply or raise, and don't dress."""
    if "**" in text:
        text = _POWER.sub("^", text)
        if " ** " in text:
            text = _SPACED_POWER.sub("^", text)
    text = _TIMES.sub("×", text)
    if " * " in text:
        text = _SPACED_TIMES.sub("×", text)
    return _LEFT_TIMES.sub("×", text)


def _raised(match: re.Match[str]) -> str:
    return "^" + match.group().translate(_SUPERSCRIPT)
