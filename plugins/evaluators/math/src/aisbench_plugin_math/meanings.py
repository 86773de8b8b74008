"""From a text that is nothing but mathematics to what it means."""

from __future__ import annotations

import re

from attrs import frozen

from aisbench_plugin_math.atoms import based
from aisbench_plugin_math.cursor import DEEPEST
from aisbench_plugin_math.dress import undressed
from aisbench_plugin_math.nodes import Node, Symbol, UnreadableMath, parts
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
_OPTION = re.compile(
    r"(?:\\text\s*\{)?\s*\(?(?P<letter>[A-J])\s*[).:]\s*\}?(?:\s|~|\\[ ,;])+"
    r"(?P<value>\S.*)",
    re.DOTALL,
)
"""(B) 5: an option's letter and what it says; either may be asked for."""
_OUTWARD = re.compile(r"(?<![\w)\]}])\](?=[^\[\]()]+,[^\[\]()]+[\[\]])")
_OUTWARD_END = re.compile(r"(?<=[(\[])([^\[\]()]+,[^\[\]()]+)\[")
"""]1, 3[, as the interval (1, 3) is written in French."""
_BLANKS = re.compile(r"(?<!\w)\s+|\s+(?!\w)")


@frozen
class Meanings:
    """What a text can mean: one node, or two where "1,234" is one number or two, and "(B) 5" is
    an option or what it says."""

    nodes: tuple[Node, ...]
    text: str
    """The text, undressed and without idle blanks: equal for answers that are written alike."""


def read(text: str) -> Meanings:
    """Raises UnreadableMath."""
    if len(text) > LONGEST:
        raise UnreadableMath("is longer than an answer")
    plain = undressed(text)
    if not plain.strip(" .,;:"):
        raise UnreadableMath("is empty")
    written = _BLANKS.sub("", plain).rstrip(".")
    other = _OTHER_BASE.fullmatch(plain)
    if other and not other.group(1).isdigit() and other.group(2).isdigit():
        return Meanings((based(other.group(1), other.group(2)),), written)
    try:
        nodes = [_meaning(plain, grouped=True)]
    except UnreadableMath:
        nodes = _in_other_dress(plain)
    if _GROUPED.search(plain):
        try:
            apart = _meaning(plain, grouped=False)
        except UnreadableMath:
            apart = nodes[0]
        if apart != nodes[0]:
            nodes.append(apart)
    return Meanings(tuple(nodes), written)


def _in_other_dress(plain: str) -> list[Node]:
    """What is left to try for a text that cannot be read. Raises UnreadableMath."""
    option = _OPTION.fullmatch(plain)
    if option:
        value = _meaning(option.group("value"), grouped=True)
        return [Symbol(option.group("letter")), value]
    labelled = _LABELLED.fullmatch(plain)
    if labelled:
        return [_meaning(labelled.group("value"), grouped=True)]
    return [_meaning(_OUTWARD_END.sub(r"\1)", _OUTWARD.sub("(", plain)), grouped=True)]


def _meaning(text: str, *, grouped: bool) -> Node:
    node = Statements(tokens(text, grouped=grouped)).statement()
    level = [node]
    for _ in range(DEEPEST):
        level = [part for one in level for part in parts(one)]
        if not level:
            return node
    # 1/2/3/4/...: a chain of this length is junk, and all that follows is recursive.
    raise UnreadableMath("is nested too deeply")


def written(text: str) -> str:
    """A text that is not read: undressed, without idle blanks; texts of equal ones are equal."""
    return _BLANKS.sub("", undressed(text[:LONGEST])).strip(".")
