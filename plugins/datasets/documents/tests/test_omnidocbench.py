"""Pages in Markdown against their elements: the authors' figures, and the rules behind them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from aisbench.api import Answer, DataError, Sample, Verdict, open_dataset
from aisbench_plugin_documents.equation_lines import said_lines, wanted_lines
from aisbench_plugin_documents.markdown_rows import with_html_tables
from aisbench_plugin_documents.omnidocbench import OmniDocBenchEvaluator, compared
from aisbench_plugin_documents.page_matching import Pairing, quick_match
from aisbench_plugin_documents.page_norms import plain_formula, plain_table, plain_text
from aisbench_plugin_documents.page_pieces import PagePiece, pieces_of
from aisbench_plugin_documents.page_reference import Element, elements_of, reduced
from aisbench_plugin_documents.trees import teds

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
MM = SHARED / "data2" / "mm" / "omnidocbench"
DATA = Path(__file__).parent / "data"
PAGE = """# A short report

Sales rose in the first half of the year, and fell again.

| 2023 | 5 |
| --- | --- |
| 2024 | 8 |

$$a^2 + b^2 = c^2$$
"""


def _sample() -> Sample:
    (sample,) = open_dataset("omnidocbench", {"path": str(DATA)}).samples()
    return sample


@pytest.mark.slow
@pytest.mark.skipif(not MM.is_dir(), reason="no official files; set AISBENCH_SHARED")
def test_every_page_has_the_authors_edits() -> None:
    expected = {
        name: json.loads(
            (MM / f"result_rerun/end2end_rerun_{file}_per_page_edit.json").read_text()
        )
        for name, file in (
            ("text edit", "text_block"),
            ("formula edit", "display_formula"),
            ("table edit", "table"),
            ("reading order edit", "reading_order"),
        )
    }
    evaluator = OmniDocBenchEvaluator()
    tables: list[tuple[float, float, float]] = []
    rows = json.loads((MM / "OmniDocBench_demo.json").read_text("utf-8"))
    assert len(rows) == 18
    for row in rows:
        name = row["page_info"]["image_path"]
        answer = (MM / "end2end" / f"{name[:-4]}.md").read_text("utf-8")
        score = evaluator.score(Sample(id="a", target=reduced(row)), Answer.of(answer))
        for measure, pages in expected.items():
            held = score.measures.get(measure)
            assert (held and held.value) == pytest.approx(pages.get(name)), (measure, name)
        teds, structure = score.measures["TEDS"], score.measures["TEDS-S"]
        tables.append((teds.weight, teds.value, structure.value))
    count = sum(weight for weight, _, _ in tables)
    assert sum(weight * value for weight, value, _ in tables) / count == pytest.approx(78.38125416)
    assert sum(weight * value for weight, _, value in tables) / count == pytest.approx(91.15886968)
    means = [fmean(pages.values()) for pages in expected.values()]
    assert means == pytest.approx([0.3513169, 0.3189451, 0.2027191, 0.1613371], abs=5e-8)


def test_a_page() -> None:
    score = OmniDocBenchEvaluator().score(_sample(), Answer.of(PAGE))
    values = {name: one.value for name, one in score.measures.items()}
    assert values["text edit"] == 0  # the paragraph that was cut is one
    assert values["reading order edit"] == 0
    assert values["formula edit"] == pytest.approx(6 / 17)  # the braces
    assert values["TEDS"] == pytest.approx(100 * (1 - 1 / 6))
    assert values["TEDS-S"] == 100
    assert score.verdict is Verdict.GRADED
    turned = "\n\n".join(reversed(PAGE.split("\n\n")))
    moved = OmniDocBenchEvaluator().score(_sample(), Answer.of(turned))
    assert moved.measures["reading order edit"].value > 0
    assert moved.measures["text edit"].value == 0
    nothing = OmniDocBenchEvaluator().score(_sample(), Answer.of("# Other things"))
    assert nothing.value < 0.3
    assert nothing.measures["TEDS"].value == 0
    with pytest.raises(DataError, match="has no elements of a page"):
        OmniDocBenchEvaluator().check(Sample(id="a", target="x"))


def test_pages_are_taken_apart() -> None:
    page = (
        "![x](y.png)\nText with $a_1$ in it.\n\n\\[ x^2 \\]\n\n"
        "<table><tr><td>1</td></tr></table>\n\n"
        "\\begin{tabular}{l} 1 \\end{tabular}\n\n```python\nx = 1\n```\n"
    )
    kinds = [(one.kind, one.inline) for one in pieces_of(page)]
    assert kinds == [
        ("text", False),
        ("formula", True),
        ("formula", False),
        ("html table", False),
        ("latex table", False),
        ("text", False),
    ]
    assert [one.content for one in pieces_of("one\ntwo")] == ["one", "two"]
    assert pieces_of("") == []


def test_tables_of_markdown() -> None:
    found = with_html_tables("before\n\n| a | b |\n| --- | --- |\n| 1 | t: 2 |\nafter")
    assert "before" in found
    assert "after" in found
    assert found.count("<tr>") == 2
    assert found.count("<td ") == 3  # a cell with a colon is left out
    assert with_html_tables("| one |") == "| one |"


def test_forms_in_which_things_are_compared() -> None:
    assert plain_text("Some  words, $a_1$!") == "Somewordsa_1"
    assert plain_text("a \\( x \\)") == "ax"
    assert plain_formula("$$ \\mathbf{A} + \\tag{1} b $$") == "{a}+b"
    table = plain_table('<table border="1"><thead><tr><th style="x">a</th></tr></thead></table>')
    assert table == '<html><body><table border="1" ><tr><td>a</td></tr></table></body></html>'
    assert plain_table("no table") == ""
    assert teds(table, table) == 1


def test_formulas_of_one_column_are_lines() -> None:
    formula = "\\begin{array}{l} x \\\\ y \\end{array}"
    wanted = wanted_lines([Element("equation_isolated", formula, 7)])
    assert [(one.content, one.order) for one in wanted] == [("\\[x\\]", 7.1), ("\\[y\\]", 7.2)]
    said = said_lines([PagePiece("formula", 100, formula)])
    assert [one.content for one in said] == ["\\[x\\]", "\\[y\\]"]
    assert said[0].start < said[1].start
    matrix = Element("equation_isolated", formula.replace("{l}", "{lr}"), 7)
    assert wanted_lines([matrix]) == [matrix]


def test_lines_are_matched() -> None:
    wanted = ["the first paragraph of a page", "another one that is long enough", "third"]
    assert quick_match(wanted, []) == [Pairing((0,), ()), Pairing((1,), ()), Pairing((2,), ())]
    assert quick_match([], ["x"]) == []
    said = ["third", "another one that", "is long enough", "the first paragraph of a page"]
    assert sorted(quick_match(wanted, said), key=lambda one: one.wanted) == [
        Pairing((0,), (3,)),
        Pairing((1,), (1, 2)),
        Pairing((2,), (0,)),
    ]
    both = quick_match(["abcdefghij", "klmnopqrst"], ["abcdefghijklmnopqrst", "zz"])
    assert Pairing((0, 1), (0,)) in both
    many = quick_match([f"line {n}" for n in range(300)], [f"line {n}" for n in range(300)])
    assert many[7] == Pairing((7,), (7,))


def test_cut_elements_are_one() -> None:
    rows: list[dict[str, Any]] = json.loads((DATA / "OmniDocBench.json").read_text("utf-8"))
    elements = elements_of(reduced(rows[0]))
    assert [one.content[:12] for one in elements if one.kind == "text_block"] == ["Sales rose i"]
    page = compared(elements, "12")
    assert [one.said for one in page.texts] == ["", ""]
