"""The blocks of a Markdown page, and the notes that say what a test does with them.

A note is a comment on the line above a fence, so that nobody who reads the page sees it:

``<!-- file: NAME -->``       the block is written to the page's folder under this name
``<!-- exit: N -->``          the commands end in this exit code (0)
``<!-- shows -->``            each line of the block stands in what the last commands printed
``<!-- server -->``           the command goes on running until the page ends
``<!-- server: COMMAND -->``  the same without a block: what the reader has running already
``<!-- with: KEY = VALUE -->`` a part of a suite is completed with this (several: ``; ``)
``<!-- data: NAME | LINE | ... -->``  a file that the reader is supposed to have; no block
``<!-- not run: REASON -->``  why nobody can check it here

What its language means otherwise is said in ``tests/docs/test_pages.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).resolve().parents[2]
_NOTE = re.compile(
    r"<!-- (?P<name>file|exit|shows|server|data|with|not run)(?:: (?P<value>.*?))? -->\s*\Z"
)
_FENCE = re.compile(r"(?P<indent> *)(?P<fence>```+) *(?P<language>\S*)")


@frozen(kw_only=True)
class Block:
    """``line`` is that of its fence, from 1; ``before`` the last words above it."""

    language: str
    text: str
    line: int
    notes: Mapping[str, str]
    before: str = ""


def pages() -> list[Path]:
    """Every page for readers: all Markdown files but those that tests and tools keep."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "testkit" / "README.md"]
    return sorted([*found, *ROOT.glob("plugins/*/*/README.md")])


def english_of(page: Path) -> Path | None:
    """The English page that a Chinese one is the translation of; None for any other page."""
    name = name_of(page)
    if name == "README.zh.md":
        return ROOT / "README.md"
    return ROOT / name.replace("docs/zh/", "docs/", 1) if name.startswith("docs/zh/") else None


def name_of(page: Path) -> str:
    """How a page is called in tests."""
    return page.relative_to(ROOT).as_posix()


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a page in order. Raises ValueError for a fence without an end."""
    lines = iter(enumerate(text.splitlines(), 1))
    notes: dict[str, str] = {}
    before = ""
    for number, line in lines:
        if note := _NOTE.match(line):
            if note["name"] == "server" and note["value"]:
                yield Block(language="sh", text=note["value"], line=number, notes={"server": ""})
            elif note["name"] == "data":
                name, *rows = note["value"].split(" | ")
                joined = "".join(f"{one}\n" for one in rows)
                yield Block(
                    language="text", text=joined, line=number, notes={"file": name},
                    before=f"`{name}`",
                )  # fmt: skip
            else:
                notes[note["name"]] = note["value"] or ""
        elif fence := _FENCE.match(line):
            held = []
            for _, inner in lines:
                if inner.strip() == fence["fence"]:
                    break
                held.append(inner.removeprefix(fence["indent"]))
            else:
                raise ValueError(f"line {number}: a block without an end")
            joined = "".join(f"{one}\n" for one in held)
            yield Block(
                language=fence["language"], text=joined, line=number, notes=notes, before=before
            )
            notes = {}
        elif line.strip():
            before = line
            if notes:
                raise ValueError(f"line {number}: a note stands above a block, not above words")
