"""Reading Python's calls and literals, and JSON, from untrusted text. Public: plugins import it
beside ``aisbench.api``.

What a model writes as ``[f(x=-1, y=["a"]), g()]`` is read here by a parser: nothing is evaluated,
compiled or imported, and length, depth, numbers and results of arithmetic are bounded. ``parse``
gives a tree, ``value_of`` the value of a literal one, ``source_of`` its text in a normal form. All
raise LiteralError, and no other exception, whatever the text.

The grammar is that of expressions (https://docs.python.org/3/reference/expressions.html) without
conditions, comparisons, lambdas, comprehensions and formatted strings.
"""

from __future__ import annotations

from aisbench.literals.bounds import LiteralError
from aisbench.literals.folding import read_literal, value_of
from aisbench.literals.json import read_json, read_json_values
from aisbench.literals.nodes import (
    Attribute,
    Binary,
    Call,
    Constant,
    Display,
    Expression,
    Keyword,
    MappingDisplay,
    Name,
    Slice,
    Starred,
    Subscript,
    Unary,
)
from aisbench.literals.parser import parse
from aisbench.literals.source import source_of

__all__ = [
    "Attribute",
    "Binary",
    "Call",
    "Constant",
    "Display",
    "Expression",
    "Keyword",
    "LiteralError",
    "MappingDisplay",
    "Name",
    "Slice",
    "Starred",
    "Subscript",
    "Unary",
    "parse",
    "read_json",
    "read_json_values",
    "read_literal",
    "source_of",
    "value_of",
]
