"""From a text that is nothing but mathematics to what it means."""

from __future__ import annotations

import re

from attrs import frozen

from aisbench_plugin_math.atoms import based
from aisbench_plugin_math.cursor import DEEPEST
from aisbench_plugin_math.dress import undressed
from aisbench_plugin_math.nodes import Node, Unreadable, parts
from aisbench_plugin_math.statements import Statements
from aisbench_plugin_math.tokens import tokens

LONGEST = 1_500
"""Characters of one answer; what is longer is an explanation."""
_GROUPED = re.compile(r"(?<![\d,.])[1-9]\d{0,2}(?:,\d{3})+(?![\d,])")
_OTHER_BASE = re.compile(
    r"(?:\\text\s*\{)?\s*([0-9A-Fa-f]+)\s*\}?\s*_\s*\{?\s*(?:\\text\s*\{)?\s*(\w+)\s*\}?\s*\}?"
)
_LABELLED = re.compile(
    r"\s*(?:m\s*)?(?:\\(?:angle|measuredangle|triangle|int|iint|sum|prod|lim|det|mathbb|operatorname|"
    r"mathrm|Pr)|P|E|Var)(?![a-z]).*=(?P<value>[^=<>]+)",
    re.DOTALL,
)
"""\\angle A = 30: what is measured need not be read."""
_BLANKS = re.compile(r"\s+")


@frozen
class Read:
    """What a text can mean: one node, or two where "1,234" is one number or two."""

    nodes: tuple[Node, ...]
    text: str
    """The text, undressed and without blanks: equal for answers that are written alike."""


def read(text: str) -> Read:
    """Raises Unreadable."""
    if len(text) > LONGEST:
        raise Unreadable("is longer than an answer")
    plain = undressed(text)
    if not plain.strip(" .,;:"):
        raise Unreadable("is empty")
    written = _BLANKS.sub("", plain).rstrip(".")
    other = _OTHER_BASE.fullmatch(plain)
    if other and not other.group(1).isdigit() and other.group(2).isdigit():
        return Read((based(other.group(1), other.group(2)),), written)
    nodes = [_meaning(plain, grouped=True)]
    if _GROUPED.search(plain):
        try:
            apart = _meaning(plain, grouped=False)
        except Unreadable:
            apart = nodes[0]
        if apart != nodes[0]:
            nodes.append(apart)
    return Read(tuple(nodes), written)


def _meaning(text: str, *, grouped: bool) -> Node:
    try:
        node = Statements(tokens(text, grouped=grouped)).statement()
    except Unreadable:
        labelled = _LABELLED.fullmatch(text)
        if labelled is None:
            raise
        node = Statements(tokens(labelled.group("value"), grouped=grouped)).statement()
    level = [node]
    for _ in range(DEEPEST):
        level = [part for one in level for part in parts(one)]
        if not level:
            return node
    # 1/2/3/4/...: a chain of this length is junk, and all that follows is recursive.
    raise Unreadable("is nested too deeply")


def written(text: str) -> str:
    """A text that is not read: undressed, without blanks; texts of equal ones are equal."""
    return _BLANKS.sub("", undressed(text[:LONGEST])).strip(".")
