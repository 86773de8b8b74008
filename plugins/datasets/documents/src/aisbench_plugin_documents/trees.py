"""Tables and pages as trees, and how many nodes lie between two.

TEDS: X. Zhong et al., "Image-based table recognition", ECCV 2020 (arXiv:1911.10683). STEDS: L. Fu
et al. 2025 (arXiv:2501.00321): of pages, where a title is a node below the root and a line one
below its title; lines are alike unless one is blank. Both are 1 less the distance by the nodes of
the larger tree, computed by ``apted`` (M. Pawlik and N. Augsten 2016).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from attrs import define, field

_MOST = 1500
"""Nodes of an answer that are compared, or twice those of its reference: the time grows faster
than their square, and an answer without an end says nothing more."""


@define(eq=False)
class TreeNode:
    """A node; ``cell`` is None in what is no cell."""

    label: str
    cell: tuple[str, ...] | None = None
    spans: tuple[int, int] = (1, 1)
    children: list[TreeNode] = field(factory=list)

    def everything(self) -> Iterator[TreeNode]:
        """It and all below it, in the order of a page."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.children)


def distance(
    one: TreeNode, other: TreeNode, rename: Callable[[TreeNode, TreeNode], float]
) -> float:
    """The least sum of nodes put in and taken out, and of renamings."""
    from apted import APTED, Config

    class Costs(Config):  # type: ignore[misc] # apted has no types
        """Costs of one node."""

        def rename(self, node1: TreeNode, node2: TreeNode) -> float:
            return rename(node1, node2)

        def children(self, node: TreeNode) -> list[TreeNode]:
            return node.children

    return float(APTED(one, other, Costs()).compute_edit_distance())


def _too_large(said: int, wanted: int) -> bool:
    return said > max(_MOST, 2 * wanted)


# -- tables


def teds(said: str, wanted: str, *, structure_only: bool = False) -> float:
    """Of two pages of HTML with a table each; 0 where one has none. 0..1."""
    tables = [found for one in (said, wanted) if (found := _table(one)) is not None]
    if len(tables) < 2:
        return 0.0
    # All nodes below the table, also those within cells, as PubTabNet's code counts them.
    counts = [sum(1 for _ in one.iterdescendants()) for one in tables]
    if not max(counts) or _too_large(*counts):
        return 0.0
    try:
        trees = [_cells(one, structure_only) for one in tables]
    except ValueError:  # A span that is no number.
        return 0.0
    return max(0.0, 1 - distance(trees[0], trees[1], _table_rename) / max(counts))


def _table(text: str) -> Any:
    from lxml import etree, html

    if not text.strip():
        return None
    try:
        page = html.fromstring(
            text, parser=html.HTMLParser(remove_comments=True, encoding="utf-8")
        )
        found = page.xpath("body/table")
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    return found[0] if found else None


def _cells(table: Any, structure_only: bool) -> TreeNode:
    root = TreeNode(str(table.tag))
    waiting = [(table, root)]
    while waiting:
        element, node = waiting.pop()
        for child in element:
            if child.tag == "td":
                spans = (int(child.get("colspan", "1")), int(child.get("rowspan", "1")))
                content = () if structure_only else tuple(_content(child))
                node.children.append(TreeNode("td", content, spans))
            else:
                below = TreeNode(str(child.tag))
                node.children.append(below)
                waiting.append((child, below))
    return root


def _content(cell: Any) -> Iterator[str]:
    """Letters and tags within a cell."""
    yield from cell.text or ""
    for child in cell:
        yield f"<{child.tag}>"
        yield from _content(child)
        if child.tag != "unk":
            yield f"</{child.tag}>"
        if child.tag != "td":
            yield from child.tail or ""


def _table_rename(one: TreeNode, other: TreeNode) -> float:
    from rapidfuzz.distance import Levenshtein

    if one.label != other.label or one.spans != other.spans:
        return 1.0
    if one.cell or other.cell:
        return float(Levenshtein.normalized_distance(one.cell or (), other.cell or ()))
    return 0.0


# -- pages


def steds(said: str, wanted: str) -> float:
    """Of two pages of Markdown; 0..1. A page has less than 1 against itself where it has blank
    lines: a blank line is unlike any."""
    trees = [_page(one) for one in (said, wanted)]
    counts = [sum(1 for _ in one.everything()) for one in trees]
    if _too_large(*counts):
        return 0.0
    return max(0.0, 1 - distance(trees[0], trees[1], _page_rename) / max(counts))


def _page(text: str) -> TreeNode:
    first = TreeNode("TITLE")
    root = TreeNode("ROOT", children=[first])
    above = first
    for line in map(_cleaned, text.split("\n")):
        if line.startswith("#"):
            title = line.replace("#", "")
            root.children.append(TreeNode(title))
            # Lines go below the first node of that name, whatever it is.
            named = (one for one in root.everything() if one.label == title)
            above = next(named) if title else first
        else:
            above.children.append(TreeNode(line))
    return root


_CLEANED = (
    (re.compile(r"<bos>|<eos>|<pad>|<unk>"), ""),
    (re.compile(r"\s##(\S)"), r"\1"),
    (re.compile(r"\\\s"), r"\\"),
    (re.compile(r"\s\*\s\*\s"), "**"),
    (re.compile(r"{\s"), "{"),
    (re.compile(r"\s}"), "}"),
    (re.compile(r"\\begin\s"), r"\\begin"),
    (re.compile(r"\\end\s"), r"\\end"),
    (re.compile(r"[*_\n]"), " "),
)


def _cleaned(line: str) -> str:
    for pattern, replacement in _CLEANED:
        line = pattern.sub(replacement, line)
    return line


def _page_rename(one: TreeNode, other: TreeNode) -> float:
    return 0.0 if one.label.split() and other.label.split() else 1.0
