"""The documentation as a static site: ``python3 dev.py docs``.

Its pages are this repository's own Markdown files, where they are: README.md is the front page,
and links between files are links between pages. What is read later fetches nothing from
elsewhere. Standard library only; the generator is installed into an environment of its own.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

from tools.environment import ROOT, run

GENERATOR = "zensical==0.0.73"
"""The successor of mkdocs-material, by its authors. Pinned: its forms still change."""

OLDEST = (3, 11)

WORK = ROOT / ".dev" / "docs"
PAGES = WORK / "pages"
SITE = ROOT / "site"
_OWN = ROOT / "tools" / "site_files"
_BIN = WORK / "environment" / "bin"
_ELSEWHERE = re.compile(rb"""<(?:script|link|img|iframe)\b[^>]*?(?:src|href)=["']?https?://""")
_SHIM = re.compile(rb"""<script src="https?://[^"]*/iframe-worker/shim"[^>]*></script>""")


def docs(words: list[str]) -> None:
    """Build into ``site/``; with ``--serve`` show it while it is written, with ``--renew`` make
    the pages that come from the code first."""
    if odd := [word for word in words if word not in ("--serve", "--renew")]:
        sys.exit(f"error: docs does not know {odd[0]}; it knows --serve and --renew")
    if "--renew" in words:
        from tools.environment import PYTHON, install

        install(test=False)
        run(PYTHON, "-m", "tools.reference")
    _install()
    _gather()
    if "--serve" in words:
        run(_BIN / "zensical", "serve", "--config-file", WORK / "zensical.toml")
        return
    shutil.rmtree(SITE, ignore_errors=True)
    run(
        _BIN / "zensical", "build", "--clean", "--strict", "--config-file",
        WORK / "zensical.toml",
    )  # fmt: skip
    shutil.move(WORK / "site", SITE)
    _make_self_contained()
    print(f"open {SITE.relative_to(ROOT) / 'index.html'}")


def _install() -> None:
    if sys.version_info < OLDEST:
        sys.exit("error: the generator needs Python 3.11 or newer; start dev.py with one")
    stamp = WORK / ".installed"
    digest = hashlib.sha256(f"{GENERATOR} {sys.version}".encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == digest:
        return
    print("installing the generator ...", file=sys.stderr)
    shutil.rmtree(_BIN.parent, ignore_errors=True)
    venv.create(_BIN.parent, with_pip=True)
    run(_BIN / "python", "-m", "pip", "install", "-qq", "--disable-pip-version-check", GENERATOR)
    stamp.write_text(digest)


def _files() -> Iterator[Path]:
    """The pages, and what they show or link to."""
    yield from ROOT.glob("*.md")
    for pattern in ("docs/**/*", "examples/*", "changes/README.md", "benchmarks/**/*.md"):
        yield from (path for path in ROOT.glob(pattern) if path.is_file())
    yield from ROOT.glob("plugins/*/*/README.md")
    yield ROOT / "testkit" / "README.md"


def _gather() -> None:
    """The pages alone, each at the place that it has in the repository; links, so that a server
    sees what is written."""
    shutil.rmtree(PAGES, ignore_errors=True)
    for path in _files():
        target = PAGES / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(path)
    shutil.copyfile(_OWN / "style.css", PAGES / "style.css")
    shutil.copyfile(_OWN / "zensical.toml", WORK / "zensical.toml")


def _make_self_contained() -> None:
    """Search in pages that are opened as files needs a stand-in for workers: ours, and not one
    that is fetched. Exits if anything of a page would still be fetched."""
    shutil.copyfile(_OWN / "file_worker.js", SITE / "file_worker.js")
    for page in SITE.rglob("*.html"):
        up = "../" * (len(page.relative_to(SITE).parts) - 1)
        own = f'<script src="{up}file_worker.js"></script>'.encode()
        content = _SHIM.sub(own, page.read_bytes())
        if found := _ELSEWHERE.search(content):
            where = page.relative_to(SITE.parent)
            sys.exit(f"error: {where} fetches from elsewhere: {found[0].decode()}...")
        page.write_bytes(content)
