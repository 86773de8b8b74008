"""What is done around the site's generator, which is not installed here."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import ROOT, name_of, pages

from tools import site


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(site, "WORK", tmp_path)
    monkeypatch.setattr(site, "PAGES", tmp_path / "pages")
    monkeypatch.setattr(site, "SITE", tmp_path / "site")
    (tmp_path / "site" / "docs").mkdir(parents=True)
    return tmp_path


def test_pages_are_gathered_at_their_places(built: Path) -> None:
    site._gather()
    for page in pages():
        assert (built / "pages" / name_of(page)).samefile(page)
    assert (built / "pages/docs/images/run.svg").samefile(ROOT / "docs/images/run.svg")
    assert (built / "zensical.toml").is_file() and (built / "pages/style.css").is_file()


def test_the_stand_in_for_workers_is_ours(built: Path) -> None:
    page = built / "site" / "docs" / "page.html"
    head = '<script src="https://cdn.example/iframe-worker/shim" type="text/javascript"></script>'
    page.write_text(f"<head>{head}</head>", encoding="utf-8")
    site._make_self_contained()
    assert page.read_text("utf-8") == '<head><script src="../file_worker.js"></script></head>'
    assert (built / "site" / "file_worker.js").is_file()


@pytest.mark.parametrize(
    "content",
    [
        '<script async src="https://cdn.example/a.js"></script>',
        "<link rel=stylesheet href=https://fonts.example/css>",
        '<img alt="x" src="http://pictures.example/x.png">',
    ],
)
def test_nothing_is_fetched_from_elsewhere(built: Path, content: str) -> None:
    (built / "site" / "page.html").write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit, match=r"page\.html fetches from elsewhere"):
        site._make_self_contained()


def test_links_for_readers_are_no_fetching(built: Path) -> None:
    page = built / "site" / "page.html"
    page.write_text('<a href="https://example.org">there</a>', encoding="utf-8")
    site._make_self_contained()


def test_unknown_words_are_refused() -> None:
    with pytest.raises(SystemExit, match="it knows --serve and --renew"):
        site.docs(["--watch"])
