"""The documentation as a static site: ``python3 dev.py docs``.

Its pages are this repository's own Markdown files, where they are: README.md is the front page,
and links between files are links between pages. The Chinese pages (README.zh.md, docs/zh) are a
site of their own within it, in ``zh/``, with what has no Chinese in English; each page has a
switch to itself in the other language. What is read later fetches nothing from elsewhere. Standard
library only; the generator is installed into an environment of its own.
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
_SWITCH = re.compile(r'href="[^"]*to-language-(en|zh)\.html"')
_CHINESE = {
    '{ "Tutorial" =': '{ "教程" =',
    '{ "How to" =': '{ "操作指南" =',
    '{ "Write plugins" =': '{ "编写插件" =',
    '{ "Reference" =': '{ "参考" =',
    '{ "Explanation" =': '{ "原理" =',
    '{ "Project" =': '{ "项目" =',
    'language = "en"': 'language = "zh"',
    "Evaluates large language models: accuracy and serving performance.": (
        "评测大语言模型:准确率与服务性能。"
    ),
}
"""What of the site's configuration is other in Chinese."""
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
    for folder, target in ((WORK, SITE), (WORK / "zh", SITE / "zh")):
        run(
            _BIN / "zensical", "build", "--clean", "--strict", "--config-file",
            folder / "zensical.toml",
        )  # fmt: skip
        shutil.move(folder / "site", target)
    _link_languages()
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
    for folder in (PAGES, WORK / "zh" / "pages"):
        shutil.rmtree(folder, ignore_errors=True)
        for path in _files():
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path)
        shutil.copyfile(_OWN / "style.css", folder / "style.css")
    shutil.copyfile(_OWN / "zensical.toml", WORK / "zensical.toml")
    front = WORK / "zh" / "pages" / "README.md"
    front.unlink()
    front.symlink_to(ROOT / "README.zh.md")
    (WORK / "zh" / "zensical.toml").write_text(_chinese_config(), encoding="utf-8")


def _chinese_config() -> str:
    """The same site with Chinese pages in the places of the English ones that have one."""
    config = (_OWN / "zensical.toml").read_text(encoding="utf-8")
    for english, chinese in _CHINESE.items():
        config = config.replace(english, chinese)
    return re.sub(r'"(docs/[^"]+\.md)"', lambda page: f'"{chinese_page(page[1])}"', config)


def chinese_page(page: str) -> str:
    """The Chinese page of an English one, or that itself where there is none."""
    if page == "README.md":
        return "README.zh.md"
    other = page.replace("docs/", "docs/zh/", 1)
    return other if (ROOT / other).is_file() else page


def _link_languages() -> None:
    """Let the switch of each page lead to the same page in the other language."""
    for page in SITE.rglob("*.html"):
        place = page.relative_to(SITE).as_posix()
        chinese = place.startswith("zh/")
        own = place.removeprefix("zh/")
        if chinese:
            there = own.replace("docs/zh/", "docs/", 1)
        else:
            there = "zh/" + chinese_page(f"{own.removesuffix('.html')}.md").replace(".md", ".html")
        links = {"zh": place, "en": there} if chinese else {"en": place, "zh": there}
        up = "../" * place.count("/")
        text = page.read_text(encoding="utf-8")
        front = re.compile(r'href="(?:[^"]*/)?README\.zh\.html"')
        text = front.sub(f'href="{up}zh/index.html"', text)
        text = _SWITCH.sub(lambda to: f'href="{up}{links[to[1]]}"', text)  # noqa: B023
        page.write_text(text, encoding="utf-8")


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
