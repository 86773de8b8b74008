"""The tree of an expression. ``depth`` counts the levels from a node down, itself included."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen


@frozen
class Constant:
    """A number, text, bytes, True, False, None or ``...``; ``kind`` is "u" for ``u"..."``."""

    value: object
    kind: str = ""
    depth: int = field(default=1, eq=False, repr=False)


@frozen
class Name:
    """A name by itself."""

    name: str
    depth: int = field(default=1, eq=False, repr=False)


@frozen
class Attribute:
    """``value.name``."""

    value: Expression
    name: str
    depth: int = field(eq=False, repr=False)


@frozen
class Slice:
    """``lower:upper:step`` within the brackets of a subscript."""

    lower: Expression | None
    upper: Expression | None
    step: Expression | None
    depth: int = field(eq=False, repr=False)


@frozen
class Subscript:
    """``value[index]``."""

    value: Expression
    index: Expression
    depth: int = field(eq=False, repr=False)


@frozen
class Starred:
    """``*value``, as an element or a positional argument."""

    value: Expression
    depth: int = field(eq=False, repr=False)


@frozen
class Keyword:
    """``name=value`` of a call; a name of None is ``**value``."""

    name: str | None
    value: Expression


@frozen
class Call:
    """``function(positional, keywords)``. As in Python's parser, an argument may be named
    twice."""

    function: Expression
    positional: tuple[Expression, ...]
    keywords: tuple[Keyword, ...]
    depth: int = field(eq=False, repr=False)


@frozen
class Display:
    """A list, tuple or set, element by element."""

    kind: Literal["list", "tuple", "set"]
    elements: tuple[Expression, ...]
    depth: int = field(eq=False, repr=False)


@frozen
class MappingDisplay:
    """A dictionary, entry by entry; a key of None is ``**value``."""

    entries: tuple[tuple[Expression | None, Expression], ...]
    depth: int = field(eq=False, repr=False)


@frozen
class Unary:
    """``+``, ``-``, ``~`` or ``not`` before an operand."""

    operator: str
    operand: Expression
    depth: int = field(eq=False, repr=False)


@frozen
class Binary:
    """Arithmetic: ``+ - * / // % @ ** << >> & | ^``."""

    left: Expression
    operator: str
    right: Expression
    depth: int = field(eq=False, repr=False)


Expression = (
    Constant
    | Name
    | Attribute
    | Slice
    | Subscript
    | Starred
    | Call
    | Display
    | MappingDisplay
    | Unary
    | Binary
)
