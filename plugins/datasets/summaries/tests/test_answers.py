"""What of an answer is scored: the steps of each set's variants before ROUGE and chrF."""

from __future__ import annotations

from pathlib import Path

import pytest

from aisbench.api import PostprocessorOffer, Sample, open_dataset
from aisbench_testkit.checks.making import make
from aisbench_testkit.conformance.base import installed

DATA = Path(__file__).parent / "data"


def read(name: str, variant: str, text: str) -> str | None:
    """``text`` after the steps of the variant."""
    for step in open_dataset(name, {"path": str(DATA / name)}).variants()[variant].postprocess:
        table = {"use": step} if isinstance(step, str) else dict(step)
        listed = installed().find(PostprocessorOffer, str(table.pop("use")))[1]
        found = make(listed, table).process(text, Sample(id="s"))
        if found is None:
            return None
        text = found
    return text


@pytest.mark.parametrize(
    ("name", "text", "scored"),
    [
        ("lcsts", "吊机落水致江城港关闭", "吊机落水致江城港关闭"),
        ("lcsts", "“吊机落水致江城港关闭。”", "吊机落水致江城港关闭"),
        ("lcsts", "1. 吊机落水\n2. 港口关闭", "吊机落水"),
        ("lcsts", "- 吊机落水！", "吊机落水"),
        ("lcsts", "\n\n  吊机落水  \n", "吊机落水"),
        ("lcsts", "吊机落水，港口关闭。", "吊机落水，港口关闭"),
        ("lcsts", "11. 月", "11. 月"),
        ("lcsts", "“，。！”", ""),
        ("lcsts", "   ", None),
        ("xsum", "A crane fell.\n\nIt was heavy.", "A crane fell."),
        ("xsum", "\n A crane fell. ", "A crane fell."),
        ("xsum", "1. A crane fell.", "1. A crane fell."),
        ("xsum", "", None),
        ("csl-summary", "排课方法研究\n这是标题。", "排课方法研究"),
        ("csl-summary", "《排课方法研究》", "《排课方法研究》"),
    ],
)
def test_what_is_scored(name: str, text: str, scored: str | None) -> None:
    assert read(name, "0-shot-chat", text) == scored


def test_xsum_in_both_layouts(tmp_path: Path) -> None:
    """AISBench's column is called otherwise than the hub's; both are read from one folder."""
    dataset = open_dataset("xsum", {"path": str(DATA / "xsum")})
    assert str(dataset.samples()[0].fields["document"]).startswith("The harbour")
    assert str(dataset.examples()[0].fields["document"]).startswith("The bus line")
    csv = 'dialogue,summary\n"A crane, red, fell.",Fell.\n'
    (tmp_path / "dev.csv").write_text(csv, encoding="utf-8")
    (row,) = open_dataset("xsum", {"path": str(tmp_path)}).samples()
    assert (row.fields["document"], row.target) == ("A crane, red, fell.", "Fell.")
    rows = '{"dialogue": NaN, "summary": "A."}\n{"dialogue": " ", "summary": "B."}\n'
    rows += '{"dialogue": "A crane.", "summary": "C."}\n'
    (tmp_path / "dev.jsonl").write_text(rows, encoding="utf-8")
    # Of the published rows some have no article.
    assert [one.target for one in open_dataset("xsum", {"path": str(tmp_path)}).samples()] == [
        "C."
    ]
