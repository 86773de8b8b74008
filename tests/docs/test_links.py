"""Links between pages, and to their headings, lead somewhere; no page is out of reach."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import pytest
from pages import ROOT, name_of, pages

_FENCE = re.compile(r"^ *(```+).*?^ *\1\s*$", re.M | re.S)
_CODE = re.compile(r"(`+).*?\1", re.S)
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_LINK = re.compile(r"(?<!\\)\]\(<?([^)\s>]+)>?(?: \"[^\"]*\")?\)")
_IMAGE = re.compile(r"<(?:img|source)[^>]*?(?:src|srcset)=\"([^\"]+)\"")
_HEADING = re.compile(r"^(#{1,6}) +(.*?) *#* *$", re.M)
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)


def _words(page: Path) -> str:
    """A page without its blocks: what stands in them is no link."""
    return _COMMENT.sub("", _FENCE.sub("", page.read_text(encoding="utf-8")))


def _links(page: Path) -> list[str]:
    text = _words(page)
    return [*_LINK.findall(_CODE.sub("", text)), *_IMAGE.findall(text)]


@lru_cache
def _anchors(page: Path) -> frozenset[str]:
    """The anchors that GitHub and the site's generator make of headings, as far as they agree."""
    found: dict[str, int] = {}
    for _, title in _HEADING.findall(_words(page)):
        plain = re.sub(r"\[(.*?)\]\(.*?\)", r"\1", title).replace("`", "")
        plain = unicodedata.normalize("NFKD", plain).lower()
        anchor = re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-")
        found[anchor] = found.get(anchor, 0) + 1
    return frozenset(found)


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for link in _links(page):
        if _ABSOLUTE.match(link):
            assert link.startswith("https://"), link
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(ROOT), f"{link} leads out of the repository"
        assert target.is_file(), f"{link}: there is no such file (of a folder, name its README.md)"
        if anchor:
            assert anchor in _anchors(target), f"{link}: {name_of(target)} has no such heading"


def test_every_page_of_the_docs_can_be_reached_from_the_readme() -> None:
    reached, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        todo += [
            (page.parent / link.partition("#")[0]).resolve()
            for link in _links(page)
            if not _ABSOLUTE.match(link) and link[0] != "#"
        ]
    assert [name_of(page) for page in pages() if page not in reached] == []
