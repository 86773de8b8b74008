"""What an answer can be read as. Data alone; hashable, equal by content."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, TypeAlias

from attrs import frozen


@frozen
class Number:
    """A number in digits. ``places`` counts its decimals (-7 in 1.2e8: seven places before the
    point); None when none are written, and it is exact."""

    value: Fraction
    places: int | None = None


@frozen
class Symbol:
    """A variable, or one of the constants ``pi``, ``e``, ``i`` and ``inf``."""

    name: str


@frozen
class Apply:
    """An operation or a function: ``add``, ``div``, ``sqrt``, ``sin``... of its arguments."""

    name: str
    args: tuple[Node, ...]


@frozen
class Based:
    """Digits in a base other than the usual: 2516_8."""

    digits: str
    base: int

    @property
    def value(self) -> int:
        return int(self.digits, self.base)


@frozen
class Colon:
    """Parts between colons: a ratio or a time of day, which only the reader can know."""

    parts: tuple[Node, ...]
    half: Literal["", "am", "pm"] = ""


@frozen
class Measured:
    """A quantity with its unit, as it is called in ``units.py``; "" is any noun."""

    amount: Node
    unit: str


@frozen
class Words:
    """Words, in small letters with single blanks."""

    text: str


@frozen
class Listing:
    """Values beside one another: "3, 5", "3 and 5". The order counts only beside a tuple."""

    items: tuple[Node, ...]


@frozen
class Braced:
    """A set that is written out."""

    items: tuple[Node, ...]


@frozen
class Bracketed:
    """(a, b), [a, b), <a, b, c>: a tuple, or an interval when it can be one."""

    opening: str
    items: tuple[Node, ...]
    closing: str


@frozen
class Matrix:
    """Rows of equal length."""

    rows: tuple[tuple[Node, ...], ...]


@frozen
class Relation:
    """A chain: a < x <= b has two signs of "=", "<", "<=", ">", ">=", "!=", "~", "in"."""

    sides: tuple[Node, ...]
    signs: tuple[str, ...]


@frozen
class Junction:
    """Conditions or sets together: ``or`` (also a union), ``and`` (an intersection), ``comma``
    (one of these), ``less`` (all of the first that is in none of the others)."""

    kind: Literal["or", "and", "comma", "less"]
    parts: tuple[Node, ...]


@frozen
class KnownSet:
    """A set that has a name: ``empty``, ``R``, ``Z``, ``N``, ``Q``, ``C``."""

    name: str


Node: TypeAlias = (
    Number | Symbol | Apply | Based | Colon | Measured | Words | Listing | Braced | Bracketed
    | Matrix | Relation | Junction | KnownSet
)  # fmt: skip


def parts(node: Node) -> tuple[Node, ...]:
    """What a node is made of; () when it is made of nothing else."""
    if isinstance(node, Apply):
        return node.args
    if isinstance(node, Measured):
        return (node.amount,)
    if isinstance(node, (Listing, Braced, Bracketed)):
        return node.items
    if isinstance(node, (Colon, Junction)):
        return node.parts
    if isinstance(node, Relation):
        return node.sides
    if isinstance(node, Matrix):
        return tuple(cell for row in node.rows for cell in row)
    return ()


class UnreadableMath(Exception):
    """This is not mathematics that has one meaning; the text says why, after "it"."""
