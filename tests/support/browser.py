"""A browser that opens the pages that aisbench writes: Debian's Chromium, driven by Playwright.

A page fails its test when it says an error, when an exception is not caught in it, or when it asks
anything of anybody but the file or the local server that it came from.

    with chromium() as browser, opened(browser, path.as_uri()) as page:
        ...
        assert serious(page) == []
        shot(page, "report-dark")
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from held import held
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / ".artefacts" / "screenshots"
WIDE = (1280, 900)
PHONE = (360, 740)
Scheme = Literal["light", "dark"]


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window, for a test module; skips the tests where there is none."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_installed(),
            # In containers: no user namespaces for its sandbox, and a small /dev/shm.
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        )
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def opened(
    browser: Browser,
    address: str,
    *,
    size: tuple[int, int] = WIDE,
    scheme: Scheme = "light",
    locale: str = "en-GB",
) -> Iterator[Page]:
    """A page at ``address`` in a context of its own; what it did wrong fails the test at the end.

    Requests to the page's own origin are allowed where that is a local server; a page from a file
    may ask for nothing.
    """
    wrong: list[str] = []
    own = urlsplit(address)
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, locale=locale
    )
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(f"exception: {error}"))
    page.on(
        "console",
        lambda one: wrong.append(f"{one.type}: {one.text}") if one.type == "error" else None,
    )

    def asked(request: Any) -> None:
        to = urlsplit(request.url)
        if to.scheme in ("data", "blob", "about") or request.url.split("#")[0] == address:
            return
        if own.scheme != "file" and (to.scheme, to.netloc) == (own.scheme, own.netloc):
            return
        wrong.append(f"request: {request.method} {request.url}")

    page.on("request", asked)
    try:
        page.goto(address, wait_until="load")
        yield page
    finally:
        context.close()
    assert not wrong, "\n".join(wrong)


def serious(page: Page) -> list[str]:
    """What axe-core finds that keeps people from reading or using the page: rule, and where."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def fits(page: Page) -> bool:
    """Whether nothing of the page lies beyond its sides."""
    return bool(
        page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    )


def shot(page: Page, name: str, *, whole: bool = True) -> Path:
    """A picture of the page, for people to look at: ``.artefacts/screenshots/NAME.png``."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    path = SHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=whole)
    return path


def _installed() -> str:
    """The path of Chromium. On a machine for tests it is installed, once."""
    if found := _found():
        return found
    if os.environ.get("CI") != "true" or os.geteuid() != 0 or not shutil.which("apt-get"):
        pytest.skip("there is no Chromium; on Debian: apt-get install chromium")
    with held(ROOT / ".dev" / "chromium"):
        if not _found():
            quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
            for words in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
                subprocess.run(
                    ["apt-get", "-qq", *words], check=True, env=quiet, capture_output=True
                )
    found = _found()
    assert found is not None, "apt-get installed chromium, and there is none"
    return found


def _found() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")
