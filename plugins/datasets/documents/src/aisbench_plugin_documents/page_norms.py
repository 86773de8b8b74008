"""Texts, formulas and tables of pages as OmniDocBench compares them
(``utils/data_preprocess.py``)."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Any

_INLINE = re.compile(r"\$(.*?)\$|\\\((.*?)\\\)")
_DOLLARS = re.compile(r"\$(.*?)\$")
_ESCAPED = re.compile(r"\\([\\_&%^])")
_BLANKS = ("\\t", "\\n", "\t", "\n", "/t", "/n")
_OTHER = re.compile(r"[^\w\u4e00-\u9fff]")
_DISPLAYED = re.compile(r"\\\[(.+?)(?<!\\)\\\]")
_ARGUMENTS = re.compile(r"\\(?:tag|hspace|begin|end)\{.*?\}")
_COLUMN_SPACE = re.compile(r"\\arraycolsep.*?\}")
_COMMANDS = (
    "\\mathbf", "\\mathrm", "\\mathnormal", "\\mathit", "\\mathbb", "\\mathcal", "\\mathscr",
    "\\mathfrak", "\\mathsf", "\\mathtt", "\\textbf", "\\text", "\\boldmath", "\\boldsymbol",
    "\\operatorname", "\\bm", "\\symbfit", "\\mathbfcal", "\\symbf", "\\scriptscriptstyle",
    "\\notag", "\\setlength", "\\coloneqq", "\\space", "\\thickspace", "\\thinspace",
    "\\medspace", "\\nobreakspace", "\\negmedspace", "\\quad", "\\qquad", "\\enspace",
    "\\substackw", " ", "$$", "\\left", "\\right", "\\displaystyle", "\\text",
)  # fmt: skip
"""What is taken out of formulas, in this order."""
_INNER = ("sup", "sub", "span", "div", "p")


def plain_text(text: str) -> str:
    """Letters and digits alone; formulas within it as characters."""
    # Without a closing one, opening ones would be followed to the end of the text each.
    inline = _INLINE if "\\)" in text else _DOLLARS
    for place in reversed(list(inline.finditer(text))):
        content = next(one for one in place.groups() if one is not None)
        read = _as_characters(_ESCAPED.sub(r"\1", content))
        if read is not None:
            text = text[: place.start()] + read.strip() + text[place.end() :]
    return letters(text)


def _as_characters(formula: str) -> str | None:
    """None: it has no command, or is not LaTeX."""
    if not any(mark in formula for mark in "\\^_"):
        return None
    try:
        return latex_as_text(f"{formula} " if formula.endswith("\\") else formula)
    except Exception:  # noqa: BLE001 - whatever a library raises at what a model wrote
        return None


def latex_as_text(formula: str) -> str:
    """LaTeX in characters, by pylatexenc."""
    from pylatexenc.latex2text import LatexNodes2Text

    return str(LatexNodes2Text().latex_to_text(formula))


def letters(text: str) -> str:
    """Without blanks and marks."""
    for blank in _BLANKS:
        text = text.replace(blank, "")
    return _OTHER.sub("", text)


def plain_formula(text: str) -> str:
    """A formula without what does not change it."""
    text = text.strip().strip("$").strip("\n")
    if match := _DISPLAYED.search(text):
        text = match[1].strip()
    text = _COLUMN_SPACE.sub("", _ARGUMENTS.sub("", text)).strip(".")
    for command in _COMMANDS:
        text = text.replace(command, "")
    return text.lower()


def plain_table(text: str) -> str:
    """A table as a page of HTML: heads as cells, no styles; "" where there is none."""
    from bs4 import BeautifulSoup

    if "<table" not in text.replace(" ", "").replace("'", '"'):
        return ""
    soup: Any = BeautifulSoup(text, "html.parser")
    for head in soup.find_all("th"):
        head.name = "td"
    for head in soup.find_all("thead"):
        head.unwrap()
    for formula in soup.find_all("math"):
        formula.replace_with(f"${formula.get('alttext', '')}$")
    for span in soup.find_all("span"):
        span.unwrap()
    page = unicodedata.normalize("NFKC", html.unescape(str(soup)).replace("\n", "")).strip()
    rows = "".join(re.findall(r"<table\b[^>]*>(.*)</table>", page, re.DOTALL | re.IGNORECASE))
    for attribute in ("style", "height", "width", "align", "class"):
        rows = re.sub(f'( {attribute}=".*?")', "", rows)
    rows = re.sub(r"\s+", " ", re.sub("</?tbody>", "", rows))
    for tag in _INNER:
        rows = rows.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
    rows = rows.replace('<spandata-span-identity="">', "")
    rows = re.sub("<colgroup>.*?</colgroup>", "", rows)
    return f'<html><body><table border="1" >{rows}</table></body></html>'


def cells_of(table: str) -> list[str]:
    """The texts of a table's cells that hold a text alone."""
    from bs4 import BeautifulSoup

    soup: Any = BeautifulSoup(table, "html.parser")
    return [
        re.sub(r"\$\\cdot\$", "", str(cell.string)).strip()
        for cell in soup.find_all("td")
        if cell.string
    ]
