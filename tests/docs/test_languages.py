"""The Chinese pages are in step with the English ones: page by page, heading by heading, block by
block; and every text that a person is shown has its Chinese."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import ROOT, blocks, english_of, name_of, pages

from tools import wording

ENGLISH_ALONE = re.compile(
    r"docs/(decisions/.*|measured\.md|authors/known\.md"
    r"|reference/(api|benchmarks|datasets|metrics)\.md)"
)
"""Records, figures, and what is made from the code."""
CHINESE = [one for one in pages() if english_of(one)]
_FENCE = re.compile(r"^ *(```+).*?^ *\1\s*$", re.M | re.S)
_MADE = re.compile(r"<!-- made by .*?<!-- end of what is made -->", re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) ", re.M)
_ROW = re.compile(r"^ *\|", re.M)
_HAN = re.compile(r"[\u4e00-\u9fff]")


def test_every_page_for_readers_has_its_chinese() -> None:
    translated = {english_of(one) for one in CHINESE}
    wanted = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    missing = [
        name_of(one)
        for one in wanted
        if not english_of(one)
        and one not in translated
        and not ENGLISH_ALONE.fullmatch(name_of(one))
    ]
    assert missing == []


@pytest.mark.parametrize("page", CHINESE, ids=name_of)
def test_a_chinese_page_is_in_step_with_the_english_one(page: Path) -> None:
    other = english_of(page)
    assert other is not None and other.is_file(), f"{page}: a translation of nothing"
    here, there = (one.read_text(encoding="utf-8") for one in (page, other))
    mine, its = (
        [(one.language, one.text, dict(one.notes)) for one in blocks(text)]
        for text in (here, there)
    )
    for number, (one, wanted) in enumerate(zip(mine, its, strict=False)):
        assert one == wanted, f"block {number + 1}"
    assert len(mine) == len(its)
    words, english = (_FENCE.sub("", text) for text in (here, there))
    assert _HEADING.findall(words) == _HEADING.findall(english)
    assert len(_ROW.findall(words)) == len(_ROW.findall(english)), "rows of tables"
    words, english = (_MADE.sub("", text) for text in (words, english))
    if "from-aisbench" not in page.name and "; from the " not in english:  # made from the code
        assert len(_HAN.findall(words)) > len(english.split()) / 3, "in Chinese"


def test_every_text_of_the_code_has_its_chinese() -> None:
    """After a change: python -m tools.wording --missing"""
    assert wording.missing() == {}


def test_no_chinese_is_left_of_texts_that_are_gone() -> None:
    assert wording.stale() == {}


def test_a_translation_has_the_places_of_its_text() -> None:
    place = re.compile(r"\{\w*\}")
    for file in [wording.LINES, *ROOT.glob("**/src/*/texts.zh.json")]:
        for english, chinese in wording.translations(file).items():
            assert sorted(place.findall(english)) == sorted(place.findall(chinese)), english
