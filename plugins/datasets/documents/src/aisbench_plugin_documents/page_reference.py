"""A page of OmniDocBench's reference: its elements, with cut ones put together again
(``dataset/end2end_dataset.py``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

IGNORED = frozenset(
    (
        "figure_caption", "figure_footnote", "table_caption", "table_footnote", "code_algorithm",
        "code_algorithm_caption", "header", "footer", "page_footnote", "page_number",
        "equation_caption",
    )
)  # fmt: skip
"""Texts that are found, and not scored."""
TEXTS = (
    "text_block", "title", "code_txt", "code_txt_caption", "reference", "equation_caption",
    "figure_caption", "figure_footnote", "table_caption", "table_footnote", "code_algorithm",
    "code_algorithm_caption", "header", "footer", "page_footnote", "page_number",
)  # fmt: skip
FORMULA = "equation_isolated"
TABLE = "table"


@frozen
class Element:
    """A text, formula or table of the reference; ``order`` is where it is read, 0: nowhere."""

    kind: str
    content: str
    order: float = 0


def reduced(page: Mapping[str, Any]) -> dict[str, Any]:
    """What scores need of a page: the elements without their places, and which were cut."""
    elements = [
        {
            "kind": one.get("category_type"),
            "id": one.get("anno_id"),
            "order": one.get("order"),
            "content": one.get(_key(one)) or "",
        }
        for one in page.get("layout_dets") or ()
        if one.get("category_type") in (*TEXTS, FORMULA, TABLE)
    ]
    relations = (page.get("extra") or {}).get("relation") or ()
    cuts = [
        [one.get("source_anno_id"), one.get("target_anno_id")]
        for one in relations
        if one.get("relation_type") == "truncated"
    ]
    return {"elements": elements, "cuts": cuts}


def _key(element: Mapping[str, Any]) -> str:
    return {FORMULA: "latex", TABLE: "html"}.get(str(element.get("category_type")), "text")


def elements_of(page: Mapping[str, Any]) -> list[Element]:
    """The elements in the order in which they are read."""
    found = [*_whole(page["elements"], page["cuts"])]
    return sorted(found, key=lambda one: one.order)


def _whole(
    elements: Sequence[Mapping[str, Any]], cuts: Sequence[Sequence[Any]]
) -> Iterator[Element]:
    """In the order of kinds, and cut ones behind the others of theirs, as the authors have it."""
    chains = _chains(cuts)
    cut = {one for chain in chains for one in chain}
    joined = [one for chain in chains if (one := _joined(elements, chain)) is not None]
    alone = [_element(one) for one in elements if one["id"] not in cut]
    for kind in (*TEXTS, FORMULA, TABLE):
        yield from (one for one in [*alone, *joined] if one.kind == kind)


def _chains(cuts: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """The ids of what was one; an id that is in two cuts is there twice."""
    chains: list[list[Any]] = []
    for pair in cuts:
        held = [chain for chain in chains if not set(pair).isdisjoint(chain)]
        for chain in held:
            chain += pair
        if not held:
            chains.append(list(pair))
    return chains


def _joined(elements: Sequence[Mapping[str, Any]], chain: Sequence[Any]) -> Element | None:
    by_id = {one["id"]: one for one in elements}
    parts = [_element(by_id[one]) for one in chain if one in by_id]
    if not parts:
        return None
    parts.sort(key=lambda one: one.order)
    return Element(parts[0].kind, "".join(one.content for one in parts), parts[0].order)


def _element(found: Mapping[str, Any]) -> Element:
    return Element(str(found["kind"]), str(found["content"]), float(found["order"] or 0))
