"""An expression as text, in the form of Python's own ``ast.unparse``."""

from __future__ import annotations

from aisbench.literals.bounds import LiteralError
from aisbench.literals.nodes import (
    Attribute,
    Binary,
    Call,
    Constant,
    Display,
    Expression,
    MappingDisplay,
    Name,
    Slice,
    Starred,
    Subscript,
    Unary,
)

# How close an operator binds: an operand that binds less gets parentheses.
_OPEN, _NOT, _EXPRESSION, _FACTOR, _POWER, _ATOM = 0, 1, 2, 7, 8, 10
_BINDING = {"|": 2, "^": 3, "&": 4, "<<": 5, ">>": 5, "+": 6, "-": 6,
            "*": 6.5, "/": 6.5, "//": 6.5, "%": 6.5, "@": 6.5, "**": _POWER}  # fmt: skip
_STEP = 0.25
_INFINITE = "1e309"


def source_of(expression: Expression) -> str:
    """``f(a,b = 'x')`` as ``f(a, b='x')``: the same text for the same tree."""
    return _write(expression, _OPEN)


def _write(node: Expression, binding: float) -> str:
    if isinstance(node, Constant):
        return _constant(node)
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Attribute):
        # A dot right behind an integer would belong to its digits.
        digits = isinstance(node.value, Constant) and isinstance(node.value.value, int)
        return f"{_write(node.value, _ATOM)}{' ' if digits else ''}.{node.name}"
    if isinstance(node, Subscript):
        return _subscript(node)
    if isinstance(node, Slice):
        return _slice(node)
    if isinstance(node, Starred):
        return f"*{_write(node.value, _EXPRESSION)}"
    if isinstance(node, Call):
        return _call(node)
    if isinstance(node, Display):
        return _display(node)
    if isinstance(node, MappingDisplay):
        return _mapping(node)
    if isinstance(node, Unary):
        return _unary(node, binding)
    return _binary(node, binding)


def _constant(node: Constant) -> str:
    value = node.value
    if value is Ellipsis:
        return "..."
    if isinstance(value, (float, complex)):
        return repr(value).replace("inf", _INFINITE)
    try:
        return node.kind + repr(value)
    except ValueError as error:
        raise LiteralError(str(error)) from error


def _subscript(node: Subscript) -> str:
    index = node.index
    inside = _write(index, _OPEN)
    if isinstance(index, Display) and index.kind == "tuple" and index.elements:
        inside = inside[1:-1]
    return f"{_write(node.value, _ATOM)}[{inside}]"


def _slice(node: Slice) -> str:
    lower, upper, step = (
        "" if one is None else _write(one, _OPEN) for one in (node.lower, node.upper, node.step)
    )
    return f"{lower}:{upper}" + (f":{step}" if step else "")


def _call(node: Call) -> str:
    parts = [_write(one, _OPEN) for one in node.positional]
    for keyword in node.keywords:
        before = "**" if keyword.name is None else f"{keyword.name}="
        parts.append(before + _write(keyword.value, _OPEN))
    return f"{_write(node.function, _ATOM)}({', '.join(parts)})"


def _display(node: Display) -> str:
    inside = ", ".join(_write(one, _OPEN) for one in node.elements)
    if node.kind == "list":
        return f"[{inside}]"
    if node.kind == "set":
        return f"{{{inside}}}"
    return f"({inside},)" if len(node.elements) == 1 else f"({inside})"


def _mapping(node: MappingDisplay) -> str:
    parts = [
        f"**{_write(value, _EXPRESSION)}"
        if key is None
        else f"{_write(key, _OPEN)}: {_write(value, _OPEN)}"
        for key, value in node.entries
    ]
    return f"{{{', '.join(parts)}}}"


def _unary(node: Unary, binding: float) -> str:
    if node.operator == "not":
        return _within(f"not {_write(node.operand, _NOT)}", _NOT, binding)
    return _within(node.operator + _write(node.operand, _FACTOR), _FACTOR, binding)


def _binary(node: Binary, binding: float) -> str:
    own = _BINDING[node.operator]
    before, after = (own + _STEP, own) if node.operator == "**" else (own, own + _STEP)
    text = f"{_write(node.left, before)} {node.operator} {_write(node.right, after)}"
    return _within(text, own, binding)


def _within(text: str, own: float, binding: float) -> str:
    return f"({text})" if binding > own else text
