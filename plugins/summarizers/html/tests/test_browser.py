"""The page in a browser: drawn, used by keyboard, read by everybody, on paper and on a phone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright")

from browser import PHONE, Scheme, chromium, fits, opened, serious, shot
from playwright.sync_api import Browser, Page

import aisbench

pytestmark = pytest.mark.not_quick
READY = "document.documentElement.dataset.ready === 'true'"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def address(made: aisbench.RunResult) -> str:
    return (made.path / "summary" / "report.html").absolute().as_uri()


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    """For tests that each use another part of it."""
    with opened(browser, address) as one:
        one.wait_for_function(READY)
        yield one


def drawn(page: Page, chart: str, role: str) -> list[str]:
    """What the marks of a chart say of themselves."""
    found = page.locator(f"#chart-{chart} svg [aria-roledescription='{role}']")
    return [one.get_attribute("aria-label") or "" for one in found.all()]


def test_every_chart_is_drawn_with_the_numbers_of_the_summary(
    page: Page, made: aisbench.RunResult
) -> None:
    charts = page.locator("figure.chart")
    assert charts.count() == page.locator("figure.chart[data-drawn] svg.marks").count() > 6
    summary = json.loads((made.path / "summary" / "summary.json").read_text("utf-8"))
    figures = [
        (task["model"], one) for task in summary["tasks"] for one in task["figures"]
        if one["name"] == "accuracy"
    ]  # fmt: skip
    for chart, role, parts in (("figures-0", "point", False), ("parts-0", "text mark", True)):
        marks = drawn(page, chart, role)
        wanted = [(model, one) for model, one in figures if bool(one["part"]) is parts]
        assert len(marks) == len(wanted) > 0
        for model, one in wanted:
            (told,) = (
                text
                for text in marks
                if f"model: {model}" in text and (not parts or f"part: {one['part']};" in text)
            )
            if not parts:
                value = float(told.partition("accuracy [%]: ")[2].partition(";")[0])
                assert value == pytest.approx(one["value"], abs=1e-9)
            else:
                assert f"text: {one['value']:.1f};" in told
    rows = page.evaluate(
        "document.getElementById('chart-outcomes').view.data('source_0')"
        ".map(row => [row.verdict, row.n])"
    )
    counts = [task["counts"] for task in summary["tasks"]]
    for verdict in {name for name, _ in rows}:
        told = sum(n for name, n in rows if name == verdict)
        assert told == sum(one[verdict] for one in counts)


def test_tables_are_sorted_by_keyboard(page: Page) -> None:
    head = page.locator("#verdict th", has_text="Value").locator("button")
    head.focus()
    values = "#verdict tbody tr td:nth-child(4)"

    def column() -> list[float]:
        return [float(one.split()[0]) for one in page.locator(values).all_inner_texts()]

    page.keyboard.press("Enter")
    assert column() == sorted(column(), reverse=True)
    page.keyboard.press("Enter")
    assert column() == sorted(column())
    assert head.locator("..").get_attribute("aria-sort") == "ascending"


def test_formulas_are_shown_on_focus_and_on_hover(page: Page) -> None:
    value = page.locator("#verdict td .hint").first
    value.focus()
    tip = page.locator("#tip")
    assert "Right answers / samples asked" in tip.inner_text()
    page.keyboard.press("Escape")
    assert not tip.is_visible()
    value.hover()
    assert tip.is_visible()


def test_parts_are_sorted(page: Page) -> None:
    def rows() -> list[str]:
        found = page.locator("#chart-parts-0 svg .role-axis-label text")
        places = [(one.bounding_box() or {})["y"] for one in found.all()]
        named = zip(found.all_text_contents(), places, strict=True)
        return [text for text, _ in sorted(named, key=lambda pair: pair[1])]

    before = rows()
    page.locator("#chart-parts-0 select.order").select_option(label="highest first")
    page.wait_for_function("document.querySelector('#chart-parts-0 svg')")
    page.wait_for_timeout(300)
    assert sorted(rows()) == sorted(before) and rows() != before


def test_answers_are_filtered_and_opened_by_keyboard(page: Page, made: aisbench.RunResult) -> None:
    unparsed = sum(one.counts.unparsed for one in made.scores)
    page.locator("#answers-filters select[name=verdict]").select_option("unparsed")
    items = page.locator("#answers-shown details")
    assert items.count() == unparsed
    page.locator("#answers-filters select[name=verdict]").select_option("wrong")
    page.locator("#answers-filters input").fill("let me see 1")
    page.keyboard.press("Tab")
    assert 0 < items.count() < unparsed
    items.first.locator("summary").focus()
    page.keyboard.press("Enter")
    assert items.first.locator("mark").inner_text().startswith("1,0")
    assert "Let me see 1" in items.first.inner_text()
    assert "⟨U+202E⟩" in items.first.inner_text() and "\u202e" not in items.first.inner_text()
    assert page.locator("#answers-shown img, #answers-shown script").count() == 0
    page.locator("#answers-filters input").fill("no such words")
    assert page.locator("#answers-count").inner_text() == "No answer fits."


def test_numbers_and_files_of_a_chart(page: Page, tmp_path: Path) -> None:
    chart = page.locator("#chart-figures-0")
    chart.locator("summary").focus()
    page.keyboard.press("Enter")
    chart.locator("details tbody tr").first.wait_for()
    assert chart.locator("details tbody tr").count() == 2
    for kind, head in (("SVG", b"<svg"), ("CSV", b"dataset,model,value,low"), ("PNG", b"\x89PNG")):
        with page.expect_download() as waiting:
            chart.get_by_role("button", name="Save as").filter(has_text=kind).click()
        path = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(path)
        data = path.read_bytes()
        assert data.startswith(head) and b"var(--" not in data


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_readable_for_everybody(browser: Browser, address: str, scheme: Scheme) -> None:
    with opened(browser, address, scheme=scheme) as page:
        page.wait_for_function(READY)
        page.locator("#answers-shown summary").first.click()
        assert serious(page) == []
        shot(page, f"report-{scheme}")


def test_the_switch_of_the_theme(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        _switch(page)


def _switch(page: Page) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(colour)
    page.locator("#theme").focus()
    page.keyboard.press("Enter")
    assert page.evaluate(colour) != before
    assert page.locator("#theme").get_attribute("aria-pressed") == "true"
    page.emulate_media(media="print")
    assert page.evaluate(colour) == before


def test_on_a_phone_nothing_is_beyond_the_side(browser: Browser, address: str) -> None:
    with opened(browser, address, size=PHONE) as page:
        page.wait_for_function(READY)
        assert fits(page)
        page.locator("#answers-shown summary").first.click()
        page.locator("details.all > summary").first.click()
        assert fits(page)
        shot(page, "report-phone")


def test_on_paper_and_in_chinese(
    browser: Browser, made: aisbench.RunResult, tmp_path: Path
) -> None:
    files = aisbench.summarize(made, "html", tmp_path, {"language": "zh"}).files
    with opened(browser, files[0].as_uri()) as page:
        page.wait_for_function(READY)
        shot(page, "report-zh")
        page.emulate_media(media="print")
        assert not page.locator("nav").is_visible()
        assert page.pdf()[:4] == b"%PDF"
        shot(page, "report-print")
