"""A page in Markdown, HTML and LaTeX as OmniDocBench takes it apart: tables, formulas, texts.

L. Ouyang et al., "OmniDocBench", CVPR 2025 (arXiv:2412.07626), ``utils/extract.py`` of
github.com/opendatalab/OmniDocBench. What was found is blanked, so that places stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from attrs import field, frozen

from aisbench_plugin_documents.markdown_rows import with_html_tables

PieceKind = Literal["text", "formula", "html table", "latex table"]


@frozen
class PagePiece:
    """A part of a page; ``start`` is where it stands, ``inline`` what is written like a formula
    within a text."""

    kind: PieceKind
    start: int
    content: str
    inline: bool = field(default=False)
    fine: str = ""
    """What the authors call it, where that differs from its kind."""


_IMAGE = re.compile(r"!\[.*?\]\(.*?\)")
_FENCES = (
    re.compile(r"^```(?:markdown)\n?", re.MULTILINE),
    re.compile(r"^```(?:html)\n?", re.MULTILINE),
    re.compile(r"^```(?:latex)\n?", re.MULTILINE),
    re.compile(r"```\n?$", re.MULTILINE),
)
_OPENED = re.compile(r"\$|\\\[|\\\(")
_DELIMITERS = (("$$", "$$"), ("\\[", "\\]"), ("$", "$"), ("\\(", "\\)"))
_DOLLARS = re.compile(r"\$\$(.*?)\$\$|\$(.*?)\$|\\\((.*?)\\\)", re.DOTALL)
_CODE = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
_TABLE = re.compile(r"<table.*?</table>", re.DOTALL)
_TEX_TABLE = re.compile(r"\\begin{table}(.*?)\\end{table}", re.DOTALL)
_TEX_EDGES = re.compile(r"(\\begin{tabular})|\\end{tabular}")
_HTML_EDGES = re.compile(r"(<table[^>]*>)|</table>")
_STYLES = (
    re.compile(r"\\title\{(.*?)\}"),
    re.compile(r"\\title\s*\{\s*(.*?)\s*\}", re.DOTALL),
    re.compile(r"\\text\s*\{\s*(.*?)\s*\}", re.DOTALL),
    re.compile(r"\\section\*?\{(.*?)\}"),
    re.compile(r"\\section\*?\{\s*(.*?)\s*\}", re.DOTALL),
)


LONGEST = 60_000
"""Letters of a page that are looked at: a model that repeats itself without end says no more."""


def pieces_of(page: str) -> list[PagePiece]:
    """The pieces, in the order in which they stand, of the first :data:`LONGEST` letters."""
    page = page[:LONGEST]
    page = _IMAGE.sub("", page)
    for fence in _FENCES:
        page = fence.sub("", page)
    page = re.sub(" {4,}", "    ", re.sub("_{4,}", "____", page))
    page = re.sub("</?(?:html|body)>", "", page)
    found: list[PagePiece] = []
    page = _take(page, _tex_tables(page), "latex table", found)
    page = _take(page, _outermost(page, _HTML_EDGES), "html table", found)
    page = _formulas(page, found)
    page = _markdown_tables(page, found)
    for match in _CODE.finditer(page):
        found.append(PagePiece("text", match.start(), match[2].strip(), fine="code"))
        page = _blank(page, match.start(), match.end())
    for style in _STYLES:
        page = style.sub(r"\1", page)
    found += _texts(page)
    return sorted(found, key=lambda one: one.start)


def _blank(page: str, start: int, end: int) -> str:
    return page[:start] + " " * (end - start) + page[end:]


def _take(page: str, spans: list[tuple[int, int]], kind: PieceKind, found: list[PagePiece]) -> str:
    for start, end in spans:
        found.append(PagePiece(kind, start, page[start:end]))
        page = _blank(page, start, end)
    return page


def _tex_tables(page: str) -> list[tuple[int, int]]:
    spans = [match.span() for match in _TEX_TABLE.finditer(page)]
    for start, end in spans:
        page = _blank(page, start, end)
    return sorted(spans + _outermost(page, _TEX_EDGES))


def _outermost(page: str, edges: re.Pattern[str]) -> list[tuple[int, int]]:
    """What stands between outermost edges; of one that never ends, what is within it."""
    spans: list[tuple[int, int]] = []
    begin = 0
    while True:
        opened: list[int] = []
        for match in edges.finditer(page, begin):
            if match[1]:
                opened.append(match.start())
            elif opened:
                start = opened.pop()
                if not opened:
                    spans.append((start, match.end()))
        if not opened:
            return spans
        begin = opened[0] + 1


def _formulas(page: str, found: list[PagePiece]) -> str:
    """Formulas in lines of their own are blanked; those within texts are pieces, and stay."""
    for start, end in list(_formula_spans(page)):
        written = " ".join(page[start:end].strip().split("\n"))
        dollars = _DOLLARS.search(written)
        if dollars is not None and not dollars[1]:
            content = _DOLLARS.sub(lambda one: f"\\[{one[2] or ''}{one[3] or ''}\\]", written)
            found.append(PagePiece("formula", start, content, inline=True, fine="equation_inline"))
            continue
        if dollars is not None:
            written = _DOLLARS.sub(lambda one: f"\\[{one[1] or ''}\\]", written)
        found.append(PagePiece("formula", start, written))
        page = _blank(page, start, end)
    return page


def _formula_spans(page: str) -> Iterator[tuple[int, int]]:
    """What stands between delimiters of formulas. A delimiter that is nowhere further on is not
    looked for again: else a page of opening ones would take the square of its length."""
    absent: set[str] = set()
    place = 0
    while (opened := _OPENED.search(page, place)) is not None:
        start = place = opened.start()
        for begin, close in _DELIMITERS:
            if close in absent or not page.startswith(begin, start):
                continue
            end = page.find(close, start + len(begin))
            if end >= 0:
                place = end + len(close)
                yield start, place
                break
            absent.add(close)
        else:
            place += 1


def _markdown_tables(page: str, found: list[PagePiece]) -> str:
    page = with_html_tables(page)
    for match in _TABLE.finditer(page):
        found.append(
            PagePiece("html table", match.start(), match[0].strip(), fine="md2html_table")
        )
        page = _blank(page, *match.span())
    return page


def _texts(page: str) -> Iterator[PagePiece]:
    """What stands between blank lines, or without these between line breaks."""
    parts = page.split("\n\n")
    if len(parts) == 1:
        parts = page.split("\n")
    start = 0
    for part in parts:
        text = "\n".join(line.strip() for line in part.strip().split("\n") if line.strip())
        if text.startswith("<table") and text.endswith("</table>"):
            yield PagePiece("html table", start, text)
        elif text.startswith("$") and text.endswith("$"):
            if text.replace("$", "").strip():
                yield PagePiece("formula", start, text)
        elif text:
            yield PagePiece("text", start, text, fine="text_block")
        # Without the breaks between them, as the authors count.
        start += len(part)
