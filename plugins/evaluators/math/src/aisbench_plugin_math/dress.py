r"""What mathematics may wear without meaning anything else: layout, colours, signs of Unicode,
grouped digits. Pure; linear.

Written into one form: LaTeX commands for signs, ASCII digits without groups, no layout.
"""

from __future__ import annotations

import re
import unicodedata

_SIGNS = {
    "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "﹣": "-", "＋": "+",
    "×": "\\times ", "✕": "\\times ", "⋅": "\\cdot ", "·": "\\cdot ", "∙": "\\cdot ",
    "÷": "/", "∕": "/", "⁄": "/", "≤": "\\le ", "⩽": "\\le ", "≥": "\\ge ", "⩾": "\\ge ",
    "≠": "\\ne ", "≈": "\\approx ", "≡": "\\equiv ", "±": "\\pm ", "∓": "\\mp ",
    "√": "\\sqrt ", "π": "\\pi ", "∞": "\\infty ", "∪": "\\cup ", "∩": "\\cap ",
    "∈": "\\in ", "∅": "\\emptyset ", "ø": "\\emptyset ", "∖": "\\setminus ",
    "°": "^\\circ ", "º": "^\\circ ", "⟨": "\\langle ", "⟩": "\\rangle ", "∨": "\\lor ",
    "∧": "\\land ", "ℝ": "\\mathbb{R}", "ℤ": "\\mathbb{Z}", "ℕ": "\\mathbb{N}",
    "ℂ": "\\mathbb{C}", "ℚ": "\\mathbb{Q}", "α": "\\alpha ", "β": "\\beta ",
    "γ": "\\gamma ", "θ": "\\theta ", "λ": "\\lambda ", "μ": "\\mu ", "φ": "\\phi ",
    "ω": "\\omega ", "δ": "\\delta ", "′": "'", "’": "'", "，": ",", "、": ",", "；": ";",
    "：": ":", "。": ". ", "【": "[", "】": "]", "…": "\\ldots ", "⌊": "\\lfloor ",
    "⌋": "\\rfloor ", "⌈": "\\lceil ", "⌉": "\\rceil ", "½": "\\frac{1}{2}",
    "⅓": "\\frac{1}{3}", "⅔": "\\frac{2}{3}", "¼": "\\frac{1}{4}", "¾": "\\frac{3}{4}",
    "⅕": "\\frac{1}{5}", "⅖": "\\frac{2}{5}", "⅗": "\\frac{3}{5}", "⅘": "\\frac{4}{5}",
    "⅙": "\\frac{1}{6}", "⅛": "\\frac{1}{8}", "⅜": "\\frac{3}{8}", "⅝": "\\frac{5}{8}",
    "⅞": "\\frac{7}{8}", "\xa0": "~", "\u2009": "\\,", "\u202f": "\\,", "\u200b": "",
    "\ufeff": "", "\u2061": "", "\u2062": "",
}  # fmt: skip
_SIGN = re.compile("|".join(map(re.escape, _SIGNS)))
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_RAISED_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ]+")
_LOWERED_RUN = re.compile("[₀₁₂₃₄₅₆₇₈₉]+")

_LAYOUT = re.compile(
    r"\\(?:displaystyle|textstyle|scriptstyle|left|right|middle|[bB]igg?[lrm]?|limits|nolimits"
    r"|boldsymbol|bm|mathbf|bf|mathit|it|mathsf|mathcal|mathstrut|strut|ensuremath|hfill|hline"
    r"|mathop|mathbin|mathrel|rm|sf|tt|Large|large|LARGE|huge|Huge|normalsize|small)(?![A-Za-z])"
    r"(?:\s*\.(?=\s*$))?"
)
_COLOUR = re.compile(r"\\(?:color|textcolor|colorbox|fcolorbox)\s*(?:\[\w+\])?\s*\{[^{}]*\}")
_SPACED = re.compile(r"\\(?:q?quad|enspace|thinspace|hspace\s*\{[^{}]*\})(?![A-Za-z])")
_NAMED = re.compile(r"\\operatorname\s*\*?\s*\{\s*([A-Za-z]+)\s*\}|\\mathrm\s*\{\s*([ied])\s*\}")
_TEXT = re.compile(r"\\(?:textbf|textit|textrm|textsf|texttt|textnormal|mbox|hbox|mathrm|emph"
                   r"|textup|mathtt|underline)(?=\s*\{)")  # fmt: skip
_FRACTION = re.compile(r"\\[dtc]frac(?![A-Za-z])")
_BINOMIAL = re.compile(r"\\[dt]binom(?![A-Za-z])")

_THIN = r"(?:\\[,;:>! ]|~)+"
_BRACED = r"\s*(?:\{\s*,\s*\}|,\s*\\!)\s*"
_GROUPS = [
    re.compile(rf"(?<![\d.])\d{{1,3}}(?:{joint}\d{{3}})+(?!\d)")
    for joint in (_BRACED, rf"\s*{_THIN}\s*", r" ")
]
_AFTER_POINT = re.compile(rf"(?<=\.)\d{{3}}(?:{_THIN}\d{{3}})*{_THIN}\d{{1,3}}(?!\d)")
_DECIMAL_COMMA = re.compile(r"(?<=\d)\{,\}(?=\d)")
_IN_BRACES = re.compile(r"\{\s*([:;<>=+*/-])\s*\}")
_LONE_BACKSLASH = re.compile(r"(?<!\\)\\\Z")
_DOLLAR = re.compile(r"\$(?=\s*\d)")
_NOT_DIGITS = re.compile(r"[^\d]")
_FRACTION_AFTER = re.compile(r"\s*/|\s+\d")


def undressed(text: str) -> str:
    """``text`` with one way of writing for what can be written in several."""
    if not text.isascii():
        text = _RAISED_RUN.sub(lambda m: "^{" + m.group().translate(_RAISED) + "}", text)
        text = _LOWERED_RUN.sub(lambda m: "_{" + m.group().translate(_LOWERED) + "}", text)
        text = _SIGN.sub(lambda m: _SIGNS[m.group()], text)
        text = "".join(_plain(one) for one in text) if not text.isascii() else text
    if "\\\\" in text and "\\begin" not in text:
        # A backslash written twice, as in JSON or a Python string.
        text = re.sub(r"\\\\(?=[A-Za-z])", r"\\", text)
    if "{" in text:
        text = _IN_BRACES.sub(r"\1", text)
    text = text.replace("\\$", "\\dollar ")
    if text.count("$") % 2:
        # One that encloses no formula is money.
        text = _DOLLAR.sub(r"\\dollar ", text, count=1)
    text = text.replace("$", " ").replace("\\%", "%")
    if "\\" in text:
        text = _COLOUR.sub("", text)
        text = _LAYOUT.sub("", text)
        text = _NAMED.sub(_name, text)
        text = _TEXT.sub(r"\\text", text)
        text = _FRACTION.sub(r"\\frac", text)
        text = _BINOMIAL.sub(r"\\binom", text)
        text = _SPACED.sub(r"\\ ", text)
    text = _ungrouped(text).strip()
    return text[:-1].rstrip() if _LONE_BACKSLASH.search(text) else text


def _plain(character: str) -> str:
    if character.isascii():
        return character
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if "\uff01" <= character <= "\uff5e":
        return chr(ord(character) - 0xFEE0)
    return "-" if character == "负" else character


def _name(match: re.Match[str]) -> str:
    return f"\\{match.group(1)} " if match.group(1) else match.group(2)


def _ungrouped(text: str) -> str:
    for number, pattern in enumerate(_GROUPS):
        if number == 2 and " " not in text:
            continue
        text = pattern.sub(_digits if number < 2 else _digits_unless_mixed, text)
    if "{,}" in text:
        text = _DECIMAL_COMMA.sub(".", text).replace("{,}", ",")
    if "\\" in text or "~" in text:
        text = _AFTER_POINT.sub(_digits, text)
        text = text.replace("\\!", "")
    return text


def _digits(match: re.Match[str]) -> str:
    return _NOT_DIGITS.sub("", match.group())


def _digits_unless_mixed(match: re.Match[str]) -> str:
    """ "12 345" is grouped; "2 345/678" may be a mixed number, "1 234 5" is nothing."""
    if _FRACTION_AFTER.match(match.string, match.end()):
        return match.group()
    return _digits(match)
