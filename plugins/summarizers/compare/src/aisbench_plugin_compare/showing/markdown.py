"""A page as Markdown, for a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aisbench_plugin_compare.showing.page import Block, Grid, Heading, Lines, Quote

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def markdown(blocks: Sequence[Block]) -> str:
    """The page. What models, servers and users wrote is shown as it is, never as markup."""
    return "\n\n".join(filter(None, (_block(one) for one in blocks))).rstrip() + "\n"


def _block(one: Block) -> str:
    if isinstance(one, Heading):
        return f"{'#' * (one.level + 1)} {_plain(one.text)}"
    if isinstance(one, Lines):
        return "\n".join(f"- {_plain(line)}" for line in one.lines)
    if isinstance(one, Grid):
        return "\n".join(_rows(one))
    if isinstance(one, Quote):
        return f"**{_plain(one.title)}**\n\n{_fenced(one.text)}"
    inside = markdown(one.blocks)
    return f"<details><summary>{_html(one.title)}</summary>\n\n{inside}\n</details>"


def _rows(grid: Grid) -> Iterator[str]:
    yield _row(grid.head)
    yield "|" + "|".join("---:" if i in grid.right else "---" for i in range(len(grid.head))) + "|"
    for row in grid.rows:
        yield _row(row)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_plain(cell) for cell in cells) + " |"


def _plain(text: str) -> str:
    """One line without markup; nobody is called by an @, and no issue linked."""
    line = " ".join(text.split())
    return _SPECIAL.sub(r"\\\1", line).replace("@", "@\u200b")


def _html(text: str) -> str:
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _fenced(text: str) -> str:
    """In a fence that is longer than any in the text."""
    longest = max((len(found) for found in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
