"""The pages in a browser: what they show, their keys, what a hostile answer cannot do."""

from __future__ import annotations

import contextlib
import functools
import random
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest
from browser import PHONE, chromium, fits, opened, serious, shot
from playwright.sync_api import expect
from stored_run import prediction_row, score_row, stored_run

from aisbench_plugin_view.command import main

pytestmark = pytest.mark.not_quick
Serve = Callable[[Path], contextlib.AbstractContextManager[Any]]
HOSTILE = (
    "<img src=x onerror=\"window.hacked='img'\"><script>window.hacked='script'</script>"
    "\u202e</pre><iframe srcdoc='<script>parent.hacked=1</script>'> ${window.hacked=2} 42"
)


def hostile_run(run: Path) -> Path:
    """A run whose every text wants to be HTML."""
    stored_run(run, 6)
    sample = orjson.loads((run / "samples/math.jsonl").read_bytes().splitlines()[0])
    sample.update(id=HOSTILE, target=HOSTILE, part=HOSTILE)
    sample["fields"] = {"question": HOSTILE}
    row = prediction_row(sample, 0, HOSTILE, random.Random(1))
    row["response"]["reasoning"] = HOSTILE
    row["response"]["tool_calls"] = [{"name": HOSTILE, "arguments": HOSTILE}]
    score = score_row(sample, 0, HOSTILE, "wrong")
    score["score"].update(extracted=HOSTILE, reason=HOSTILE)
    score["anomalies"] = [{"kind": "repetition", "evidence": HOSTILE}]
    for name, one in (
        ("samples/math", sample),
        ("predictions/qwen/math", row),
        ("results/qwen/math.scores", score),
    ):
        (run / f"{name}.jsonl").write_bytes(orjson.dumps(one) + b"\n")
    result = orjson.loads((run / "results/qwen/math.json").read_bytes())
    result["warnings"] = [HOSTILE]
    result["figures"][0]["name"] = HOSTILE
    (run / "results/qwen/math.json").write_bytes(orjson.dumps(result))
    (run / "log.jsonl").write_bytes(orjson.dumps({"message": HOSTILE, "level": "info"}) + b"\n")
    return run


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("pages") / "outputs"
    for day, seed in ((1, 1), (2, 2), (3, 3)):
        stored_run(
            top / "nightly" / f"2026010{day}_120000", 240, models=("qwen", "llama"), seed=seed,
            repeats=2, words=40,
        )  # fmt: skip
    hostile_run(top / '<b>bold</b> & "quoted"' / "20260104_120000")
    stored_run(top / "watched" / "20260105_120000", 30, complete=False)
    (top / "elsewhere" / "notes").mkdir(parents=True)
    return top


@pytest.fixture(scope="module")
def view(outputs: Path, serve: Serve) -> Iterator[Any]:
    with serve(outputs) as found:
        while found.ask("/api/runs")["left"]:
            pass
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


def at(page: Any, fragment: str, wanted: str) -> None:
    """Go to a page within the page, and wait for what it shows."""
    page.evaluate("to => { location.hash = to; }", fragment)
    page.wait_for_selector(wanted)


def test_from_the_list_to_an_answer_by_keys(view: Any, browser: Any) -> None:
    with opened(browser, view.address) as page:
        page.wait_for_selector("tbody tr")
        assert "token" not in page.url
        assert page.locator("tbody tr").count() == 6
        assert "no run: it has no suite.toml" in page.inner_text("tbody")
        page.keyboard.press("/")
        page.keyboard.type("nightly llama")
        expect(page.locator("tbody tr")).to_have_count(3)
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_selector("h1:has-text('nightly')")
        assert page.url.partition("#")[2].startswith("/run/")
        page.keyboard.press("a")
        page.wait_for_selector(".detail pre")
        first = page.inner_text(".detail h1")
        page.keyboard.press("j")
        expect(page.locator(".detail h1")).not_to_have_text(first)
        page.keyboard.press("ArrowUp")
        expect(page.locator(".detail h1")).to_have_text(first)
        page.keyboard.press("ArrowRight")
        page.wait_for_selector(".pager:has-text('101 to 200 of 240')")
        page.keyboard.press("/")
        page.keyboard.type("test-17")
        page.wait_for_selector(".pager:has-text('1 to 2 of 2')")
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        assert "next answer" in page.inner_text("dialog")
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)


def test_what_is_on_the_pages_is_what_the_run_holds(view: Any, browser: Any) -> None:
    run = view.run_id("nightly/20260102_120000")
    document = view.ask(f"/api/runs/{run}")
    wrong = view.indexed(f"/api/runs/{run}/tasks/1?verdict=wrong")
    row = wrong["rows"][0]
    answer = view.ask(f"/api/runs/{run}/tasks/1/answer?id={row['id']}&repeat={row['repeat']}")
    with opened(browser, view.address) as page:
        at(page, f"/run/{run}", "h1:has-text('nightly')")
        text = page.inner_text("main")
        for task in document["scores"]:
            assert f"{task['figures'][0]['value']:.1f} %" in text
            assert f"right {task['counts']['right']}" in text
        at(page, f"/samples/{run}/1?verdict=wrong", ".detail mark")
        assert f"of {wrong['total']}" in page.inner_text(".pager")
        assert page.inner_text(".detail mark") == answer["score"]["extracted"]
        detail = page.inner_text(".detail")
        assert answer["target"] in detail
        assert answer["turns"][0]["prompt"]["messages"][0]["text"] in detail


def test_trend_tags_and_two_runs_side_by_side(view: Any, browser: Any) -> None:
    with opened(browser, view.address) as page:
        page.wait_for_selector("tbody tr")
        page.select_option(".trends select", index=1)
        page.wait_for_selector(".trend .dot")
        assert page.locator(".trend .dot").count() == 3
        shot(page, "view-runs")
        assert serious(page) == []
        for number in (0, 1):
            page.locator("tr:has-text('nightly') input[type=checkbox]").nth(number).check()
        page.click("text=Compare two runs")
        page.wait_for_selector(".sides pre")
        before = page.inner_text("main p[role=status]")
        page.click("text=they differ")
        expect(page.locator("main p[role=status]")).not_to_have_text(before)
        tags = page.locator(".rows li").first.locator(".tag").all_inner_texts()
        assert len(tags) == 2 and tags[0] != tags[1]
        shot(page, "view-compare", whole=False)
        assert serious(page) == []
        run = view.run_id("nightly/20260101_120000")
        at(page, f"/run/{run}", "text=Tags and note")
        page.click("summary:has-text('Tags and note')")
        page.fill("#tags", "baseline, <i>odd</i>")
        page.fill("#note", "the one to beat")
        page.click("text=Keep")
        page.wait_for_selector("text=kept")
        at(page, "/", "tbody .label:has-text('<i>odd</i>')")
        assert "the one to beat" in page.inner_text("tbody")


AXE = {("phone", "runs"), ("phone", "live"), ("dark", "run"), ("dark", "answer")}
"""What is looked at by axe, which takes seconds; it says the same of both languages."""


@pytest.mark.parametrize("how", ["phone", "dark", "chinese"])
def test_narrow_dark_and_chinese(view: Any, browser: Any, how: str) -> None:
    run = view.run_id("nightly/20260101_120000")
    other = view.run_id("nightly/20260102_120000")
    size = PHONE if how == "phone" else (1280, 900)
    with opened(
        browser, view.address, size=size, scheme="dark" if how == "dark" else "light"
    ) as page:
        page.wait_for_selector("tbody tr")
        if how == "chinese":
            page.click("text=中文")
            page.wait_for_selector("h1:has-text('运行')")
        for name, fragment, wanted in (
            ("runs", "/", "tbody tr"),
            ("run", f"/run/{run}", "h2"),
            ("samples", f"/samples/{run}/0", ".rows li"),
            ("answer", f"/samples/{run}/0?id=test-3&repeat=1&open=1", ".detail pre"),
            ("compare", f"/compare?a={run}&b={other}", ".rows li"),
            ("live", f"/live/{view.run_id('watched/20260105_120000')}", ".log"),
        ):
            at(page, fragment, wanted)
            shot(page, f"view-{name}-{how}", whole=False)
            assert fits(page), name
            if (how, name) in AXE:
                assert serious(page) == [], name


def test_nothing_that_is_said_becomes_html(view: Any, browser: Any) -> None:
    path = next(one["path"] for one in view.ask("/api/runs")["runs"] if "bold" in one["path"])
    run = view.run_id(path)
    with opened(browser, view.address) as page:
        page.wait_for_selector("tbody tr")
        assert "<b>bold</b>" in page.inner_text("tbody")
        for fragment, wanted in (
            (f"/run/{run}", "h2"),
            (f"/samples/{run}/0", ".detail pre"),
            (f"/compare?a={run}&b={run}", ".sides mark"),
            (f"/live/{run}", ".log"),
        ):
            at(page, fragment, wanted)
            page.wait_for_timeout(100)
            assert "onerror" in page.inner_text("main")
            assert page.evaluate("window.hacked") is None
            assert page.locator("main img, main iframe, main script").count() == 0


def test_a_run_that_goes_on_is_watched(outputs: Path, view: Any, browser: Any) -> None:
    run = outputs / "watched" / "20260105_120000"
    journal = run / "predictions/qwen/math.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:10]))
    with opened(browser, view.address) as page:
        at(page, f"/live/{view.run_id('watched/20260105_120000')}", "dd:has-text('10 of 30')")
        journal.write_bytes(b"".join(lines[:25]))
        page.wait_for_selector("dd:has-text('25 of 30')")
        page.wait_for_selector("dd:has-text('answers/s')")
        assert "session 1 starts" in page.inner_text(".log")


def test_what_is_not_there_is_said(view: Any, browser: Any) -> None:
    with opened(browser, view.address) as page:
        at(page, "/nowhere", "[role=alert]")
        assert "no such page" in page.inner_text("main")


@pytest.mark.parametrize("served_by", ["file", pytest.param("http", marks=pytest.mark.slow)])
def test_the_export_works_alone(
    outputs: Path, browser: Any, tmp_path: Path, served_by: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "pages"
    assert main([str(outputs), "--export", str(target)]) == 0
    capsys.readouterr()
    with static(target, served_by) as address:
        context = browser.new_context()
        page = context.new_page()
        wrong: list[str] = []
        base = address.rpartition("/")[0]
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda one: wrong.append(one.text) if one.type == "error" else None)
        page.on(
            "request",
            lambda one: None if one.url.startswith((base, "data:")) else wrong.append(one.url),
        )
        page.goto(address)
        page.wait_for_selector("tbody tr")
        assert page.locator("tbody tr").count() == 6
        page.locator("tr:has-text('nightly') td a").first.click()
        page.wait_for_selector("h2")
        page.click("text=Answers")
        page.wait_for_selector(".detail pre")
        assert "1 to 100 of 240" in page.inner_text(".pager")
        page.fill("#search", '"the first"')
        expect(page.locator(".pager")).not_to_contain_text("of 240")
        page.wait_for_selector(".detail pre:has-text('the first')")
        page.evaluate("history.back()")
        page.click("text=qwen beside llama")
        page.wait_for_selector(".sides mark")
        page.click("text=中文")
        page.wait_for_selector("text=左侧")
        context.close()
        assert wrong == []


class Quiet(SimpleHTTPRequestHandler):
    """Knows files, and keeps no log."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@contextlib.contextmanager
def static(folder: Path, how: str) -> Iterator[str]:
    """The address of an export: the file's own, or that of a server that knows files alone."""
    if how == "file":
        yield (folder / "index.html").as_uri()
        return
    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/index.html"
        finally:
            server.shutdown()
            thread.join()
