"""The evaluator ``omnidocbench``: a page in Markdown against its elements.

L. Ouyang et al., "OmniDocBench", CVPR 2025 (arXiv:2412.07626); end to end with the quick match of
``dataset/end2end_dataset.py`` and ``metrics/cal_metric.py``. Of each page the edits of texts, of
formulas and of tables are divided by the lengths, and figures are means over the pages that have
such (ALL_page_avg); TEDS is a mean over tables; the order of reading is compared as a list. CDM,
which renders formulas with LaTeX, is not computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from statistics import fmean
from typing import Any

from attrs import define, field, frozen

from aisbench.api import Answer, DataError, Measure, Sample, Score, Verdict
from aisbench_plugin_documents.equation_lines import said_lines, wanted_lines
from aisbench_plugin_documents.page_matching import (
    Pairing,
    alike,
    assigned,
    joined_lines,
    quick_match,
)
from aisbench_plugin_documents.page_norms import (
    cells_of,
    latex_as_text,
    letters,
    plain_formula,
    plain_table,
    plain_text,
)
from aisbench_plugin_documents.page_pieces import PagePiece, pieces_of
from aisbench_plugin_documents.page_reference import FORMULA, IGNORED, TABLE, Element, elements_of
from aisbench_plugin_documents.trees import teds

_NEEDED = {"beautifulsoup4": "bs4", "pylatexenc": "pylatexenc", "scipy": "scipy"}


@frozen
class ComparedPair:
    """Two stretches of a page: what is wanted, what was said."""

    wanted: str | list[float]
    said: str | list[float]

    @property
    def length(self) -> int:
        """Of the longer one."""
        return max(len(self.wanted), len(self.said))

    @property
    def edits(self) -> int:
        """Between them."""
        from rapidfuzz.distance import Levenshtein

        return int(Levenshtein.distance(self.wanted, self.said))


@define
class ComparedPage:
    """All that is compared of a page."""

    texts: list[ComparedPair] = field(factory=list)
    formulas: list[ComparedPair] = field(factory=list)
    tables: list[ComparedPair] = field(factory=list)
    order: ComparedPair | None = None


class OmniDocBenchEvaluator:
    """1 less the mean of the page's edit distances; these, and TEDS, are the measures."""

    def check(self, sample: Sample) -> None:
        """Raises DataError for a page without elements, or where libraries are missing."""
        _reference(sample)
        if missing := [name for name, module in _NEEDED.items() if find_spec(module) is None]:
            raise DataError(
                f"omnidocbench needs {', '.join(missing)}, which are not installed",
                hint='pip install "aisbench-plugin-documents[omnidocbench]"',
            )

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError for a page without elements."""
        elements = _reference(sample)
        if not answer.text.strip():
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
        page = compared(elements, answer.text)
        edits = {
            "text edit": _edit(page.texts),
            "formula edit": _edit(page.formulas),
            "table edit": _edit(page.tables),
            "reading order edit": _edit([page.order] if page.order else []),
        }
        known = {name: value for name, value in edits.items() if value is not None}
        measures = {name: Measure(value=value, better="down") for name, value in known.items()}
        value = 1 - fmean(known.values()) if known else 0.0
        return Score(
            value=min(1.0, max(0.0, value)),
            verdict=Verdict.GRADED,
            extracted=answer.text.strip(),
            measures={**measures, **_teds(page.tables)},
        )


def _reference(sample: Sample) -> list[Element]:
    page = sample.target
    if not isinstance(page, Mapping) or not isinstance(page.get("elements"), list):
        raise DataError(
            f"sample {sample.id} has no elements of a page: its target is {page!r:.60}",
            hint="rows of OmniDocBench.json have layout_dets",
        )
    return elements_of(page)


def _edit(pairs: Sequence[ComparedPair]) -> float | None:
    """Edits by length, of all pairs together; None: there is nothing."""
    length = sum(one.length for one in pairs)
    return sum(one.edits for one in pairs) / length if length else None


def _teds(tables: Sequence[ComparedPair]) -> dict[str, Measure]:
    """Weighted by the page's tables: pages without one count nothing."""
    found = {}
    for name, structure in (("TEDS", False), ("TEDS-S", True)):
        scores = [teds(str(one.said), str(one.wanted), structure_only=structure) for one in tables]
        value = 100 * fmean(scores) if scores else 0.0
        found[name] = Measure(value=value, unit="%", weight=float(len(scores)))
    return found


def compared(elements: Sequence[Element], answer: str) -> ComparedPage:
    """The page, matched with its reference."""
    page = ComparedPage()
    pieces = pieces_of(answer)
    lines = [one for one in pieces if one.kind in ("text", "formula")]
    tables = [one for one in elements if one.kind == TABLE]
    if tables:
        lines += _tables(tables, pieces, page)
    wanted = wanted_lines([one for one in elements if one.kind != TABLE])
    _texts(wanted, said_lines(lines), page)
    return page


def _tables(
    wanted: Sequence[Element], pieces: Sequence[PagePiece], page: ComparedPage
) -> list[PagePiece]:
    """Match the tables; the cells of those that are too many are texts."""
    latex = [one for one in pieces if one.kind == "latex table"]
    said = [one for one in pieces if one.kind == "html table"]
    given = [one for one in wanted if one.content]
    if len(latex) > len(said):
        # Tables in LaTeX are made HTML by a program (LaTeXML) there, and count as missing.
        said = []
    taken = assigned([one.content for one in given], [one.content for one in said]) if said else {}
    for number, one in enumerate(given):
        content = said[taken[number]].content if number in taken else ""
        page.tables.append(ComparedPair(plain_table(one.content), plain_table(content)))
    used = set(taken.values())
    return [
        PagePiece("text", piece.start, cell, fine=piece.fine)
        for number, piece in enumerate(said)
        if number not in used
        for cell in cells_of(piece.content)
    ]


@frozen
class _Lines:
    """Lines of one side in the form in which they are compared. ``things`` are those of all lines,
    also of blank ones, as the authors' code looks there by the numbers of these."""

    plain: list[str]
    raw: list[str]
    kinds: list[str]
    things: Sequence[Any]


def _wanted_side(elements: Sequence[Element]) -> _Lines:
    rows = [
        (plain_formula(one.content) if one.kind == FORMULA else plain_text(one.content), one)
        for one in elements
    ]
    kept = [(plain, one) for plain, one in rows if plain and one.content]
    return _Lines(
        [plain for plain, _ in kept],
        [one.content for _, one in kept],
        [one.kind for _, one in kept],
        elements,
    )


def _said_side(pieces: Sequence[PagePiece]) -> _Lines:
    rows = [
        (plain_formula(one.content) if one.kind == "formula" else plain_text(one.content), one)
        for one in pieces
    ]
    kept = [(plain, one) for plain, one in rows if plain and one.content]
    return _Lines([plain for plain, _ in kept], [one.content for _, one in kept], [], pieces)


def _texts(elements: Sequence[Element], pieces: Sequence[PagePiece], page: ComparedPage) -> None:
    wanted, said = _wanted_side(elements), _said_side(pieces)
    order: list[tuple[int, list[float]]] = []
    for pair in _pairings(wanted, said):
        kind = _kind(wanted, pair.wanted)
        both = ComparedPair(
            joined_lines(wanted.plain, pair.wanted), joined_lines(said.plain, pair.said)
        )
        orders = [wanted.things[one].order for one in pair.wanted]
        if kind == FORMULA:
            if pair.said and said.things[pair.said[0]].kind != "formula":
                # What is no formula on the page is compared as a text.
                raw = _formula_of(wanted, pair.wanted)
                page.texts.append(ComparedPair(letters(latex_as_text(raw)), both.said))
            else:
                page.formulas.append(both)
            continue
        if kind in IGNORED:
            continue
        page.texts.append(both)
        start = said.things[pair.said[0]].start if pair.said else -1
        order.append((start, orders))
    page.order = _order(order)


def _pairings(wanted: _Lines, said: _Lines) -> list[Pairing]:
    """Of all lines: those that need not be scored first, which take what they are like away."""
    if not wanted.plain or not said.plain:
        return quick_match(wanted.plain, said.plain)
    if len(wanted.plain) == 1 == len(said.plain):
        return [Pairing((0,), (0,))]
    ignored = [number for number, kind in enumerate(wanted.kinds) if kind in IGNORED]
    scored = [number for number, kind in enumerate(wanted.kinds) if kind not in IGNORED]
    lost = {column for _, column in alike([wanted.plain[one] for one in ignored], said.plain)}
    left = [number for number in range(len(said.plain)) if number not in lost]
    found = quick_match([wanted.plain[one] for one in scored], [said.plain[one] for one in left])
    return [
        Pairing(tuple(scored[one] for one in pair.wanted), tuple(left[one] for one in pair.said))
        for pair in found
    ]


def _kind(wanted: _Lines, numbers: Sequence[int]) -> str:
    """The kind of most of the lines; of equals the first."""
    kinds = [wanted.kinds[one] for one in numbers]
    return max(dict.fromkeys(kinds), key=kinds.count)


def _formula_of(wanted: _Lines, numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return wanted.raw[numbers[0]]
    lines = " \\\\ ".join("{" + wanted.raw[one].strip("$").strip("\n") + "}" for one in numbers)
    return f"\\begin{{array}}{{l}} {lines} \\end{{array}}"


def _order(found: Sequence[tuple[int, list[float]]]) -> ComparedPair | None:
    """The places in the reference, as the page has them, beside their own order."""
    wanted = sorted(one for _, orders in found for one in orders if one)
    placed = sorted((pair for pair in found if pair[0] >= 0), key=lambda pair: pair[0])
    said = [one for _, orders in placed for one in orders if one]
    return ComparedPair(wanted, said) if wanted or said else None
