"""From a model's markup to plain text in which letters, digits and signs look alike. Pure."""

from __future__ import annotations

import re

_FULL_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)}
_QUOTES = dict.fromkeys(map(ord, "“”„‟«»「」『』〝〞＂"), '"') | dict.fromkeys(
    map(ord, "‘’‚‛´"), "'"
)
_BRACKETS = {ord("【"): "[", ord("〔"): "[", ord("】"): "]", ord("〕"): "]"}
# One separator for all spaces that stand inside numbers.
_SPACES = dict.fromkeys(map(ord, "\u2009\u202f\u2007\u2008\u200a"), "\u00a0") | {0x3000: " "}
_SIGNS = dict.fromkeys(map(ord, "\u2212\ufe63\u2010\u2011\u2012"), "-")
# Marks that change how text is shown, not what it says.
_UNSEEN = dict.fromkeys(
    [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF, 0xAD, 0xFE0F],
    "",
)
_CIRCLED = {0x24B6 + i: 0x41 + i for i in range(26)} | {0x24D0 + i: 0x41 + i for i in range(26)}
_CIRCLED |= {0x1F130 + i: 0x41 + i for i in range(26)}
_CIRCLED |= {0x1F150 + i: 0x41 + i for i in range(26)} | {0x1F170 + i: 0x41 + i for i in range(26)}
_BOLD = {0x1D400 + i: 0x41 + i for i in range(26)} | {0x1D7CE + i: 0x30 + i for i in range(10)}
_TABLE: dict[int, str | int] = {
    **_FULL_WIDTH,
    **_QUOTES,
    **_BRACKETS,
    **_SPACES,
    **_SIGNS,
    **_UNSEEN,
    **_CIRCLED,
    **_BOLD,
    ord("\r"): "\n",
    0x2028: "\n",
    0x2029: "\n",
    0x85: "\n",
}

_LOOKS_LATIN = re.compile(
    r"(?<![A-Za-z\u0370-\u03ff\u0400-\u04ff])[АВСЕΑΒΕ](?![A-Za-z\u0370-\u03ff\u0400-\u04ff])"
)
_LATIN = str.maketrans("АВСЕΑΒΕ", "ABCEABE")
_STRUCK = re.compile(r"~~[^~\n]{1,200}~~|<(del|s|strike)>[^<]{1,200}</\1>", re.IGNORECASE)
_STYLE = re.compile(
    r"\\(?:text|math|operatorname|emph|underline|textcolor\{\w*\}|color\{\w*\})[a-z]{0,8}\*?\s?"
    r"\{([^{}]*)\}|\\mbox\s?\{([^{}]*)\}"
)
_COMMANDS = re.compile(
    r"\\(?:[()\[\]!]|(?:left|right|displaystyle|bf|rm|it)(?![A-Za-z]))|\\([,;: ])|\\([$%])"
)
_HTML = re.compile(
    r"(?<!<)</?(?:b|i|u|em|strong|p|span|div|center|code|sub|h[1-6])>|<br\s?/?>", re.IGNORECASE
)
# A lone asterisk beside a word; one between two factors stays.
_ITALICS = re.compile(r"\*(?<![\w*]\*)(?=[^\s*])|\*(?<=[^\s*]\*)(?![\w*])")
_CELLS = re.compile(r"^[ \t]*\|(.*?)\|?[ \t]*$", re.MULTILINE)
_RULE = re.compile(r"^[\s|:=-]*$")


def plain_characters(text: str) -> str:
    """``text`` with ASCII letters, digits, quotes, brackets and minus signs for their
    full-width, circled, bold and typographic forms, without invisible characters.

    A lone Cyrillic or Greek letter that looks like a Latin one is that one. The spaces inside
    numbers (thin, narrow) become U+00A0; lines end with a line feed.
    """
    if text.isascii():
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    text = text.replace("\r\n", "\n").translate(_TABLE)
    return _LOOKS_LATIN.sub(lambda match: match.group().translate(_LATIN), text)


def without_latex_dress(text: str) -> str:
    r"""``text`` without the LaTeX that says how text looks: \text{...} and the like, delimiters
    of formulas, \left and \right. Fractions, roots, boxes and dollar signs stay."""
    if "\\" not in text:
        return text
    before = ""
    while before != text:
        before, text = text, _STYLE.sub(lambda m: m.group(1) or m.group(2) or "", text)
    return _COMMANDS.sub(_command, text)


def _command(match: re.Match[str]) -> str:
    if match.group(1):
        return "\u00a0" if match.group(1) == "," else " "
    return match.group(2) or ""


def without_emphasis(text: str) -> str:
    """``text`` without bold, italics, code marks, simple HTML and struck-through words. The row of
    a table becomes its cells with colons between them."""
    if "~~" in text or "</" in text:
        text = _STRUCK.sub("", text)
    if "|" in text:
        text = _CELLS.sub(_row, text)
    if "<" in text:
        text = _HTML.sub(
            lambda match: "\n" if match.group().lower().startswith("<br") else "", text
        )
    for sign in ("**", "__", "`", "~~"):
        if sign in text:
            text = text.replace(sign, "")
    if "*" in text:
        text = _ITALICS.sub("", text)
    return text


def _row(match: re.Match[str]) -> str:
    inside = match.group(1)
    if _RULE.match(inside):
        return ""
    return ": ".join(cell.strip() for cell in inside.split("|"))
