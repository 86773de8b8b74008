"""The value of a literal expression. Arithmetic on literals is computed, within bounds."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from aisbench.literals.bounds import BITS, ITEMS, WORK, LiteralError, excerpt
from aisbench.literals.nodes import (
    Binary,
    Constant,
    Display,
    Expression,
    MappingDisplay,
    Unary,
)
from aisbench.literals.parser import parse
from aisbench.literals.source import source_of

_NUMBERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "//": operator.floordiv, "%": operator.mod, "**": operator.pow, "<<": operator.lshift,
    ">>": operator.rshift, "&": operator.and_, "|": operator.or_, "^": operator.xor,
}  # fmt: skip
_SIGNS: Mapping[str, Callable[[Any], Any]] = {
    "+": operator.pos, "-": operator.neg, "~": operator.invert, "not": operator.not_,
}  # fmt: skip
_SEQUENCES = (str, bytes, list, tuple)


def read_literal(text: str) -> Any:
    """The value of a text that is a literal. Raises LiteralError.

    What ``ast.literal_eval`` reads (except ``set()``) has the same value here.
    """
    return value_of(parse(text))


def value_of(expression: Expression) -> Any:
    """Numbers, texts, bytes, booleans, None, ``...``, and lists, tuples, sets and dictionaries of
    them; ``-1``, ``2 * 3``, ``"a" + "b"`` and ``[0] * 3`` are computed. Raises LiteralError for
    names, calls, and results beyond the bounds."""
    return _Folding().value(expression)


class _Folding:
    """Computes one value; ``_work`` is how much may still be concatenated or repeated."""

    def __init__(self) -> None:
        self._work = WORK

    def value(self, node: Expression) -> Any:
        if isinstance(node, Constant):
            return node.value
        if isinstance(node, Display):
            return self._display(node)
        if isinstance(node, MappingDisplay):
            return self._mapping(node)
        if isinstance(node, Unary):
            return self._unary(node)
        if isinstance(node, Binary):
            return self._binary(node)
        raise LiteralError(f"{excerpt(source_of(node))} is not a literal")

    def _display(self, node: Display) -> Any:
        values = [self.value(one) for one in node.elements]
        if node.kind == "list":
            return values
        if node.kind == "tuple":
            return tuple(values)
        try:
            return set(values)
        except TypeError as error:
            raise LiteralError(f"a set of these values cannot be: {error}") from error

    def _mapping(self, node: MappingDisplay) -> dict[Any, Any]:
        found = {}
        for key, value in node.entries:
            if key is None:
                raise LiteralError("'**' in a dictionary is not a literal")
            try:
                found[self.value(key)] = self.value(value)
            except TypeError as error:
                raise LiteralError(f"a dictionary of these keys cannot be: {error}") from error
        return found

    def _unary(self, node: Unary) -> Any:
        operand = self.value(node.operand)
        if node.operator != "not" and not isinstance(operand, (int, float, complex)):
            raise LiteralError(f"{node.operator!r} before something other than a number")
        try:
            return _SIGNS[node.operator](operand)
        except TypeError as error:
            raise LiteralError(str(error)) from error

    def _binary(self, node: Binary) -> Any:
        left: Any = self.value(node.left)
        right: Any = self.value(node.right)
        if isinstance(left, (int, float, complex)) and isinstance(right, (int, float, complex)):
            return _computed(node.operator, left, right)
        if node.operator == "+" and type(left) is type(right) and type(left) in _SEQUENCES:
            self._allow(_weight(left) + _weight(right))
            return left + right
        if node.operator == "*":
            if isinstance(left, int):
                left, right = right, left
            if type(left) in _SEQUENCES and isinstance(right, int):
                self._allow(_weight(left) * max(right, 0))
                return left * right
        raise LiteralError(f"{excerpt(source_of(node))} is not computed")

    def _allow(self, items: int) -> None:
        self._work -= items
        if items > ITEMS or self._work < 0:
            raise LiteralError(f"arithmetic makes more than {ITEMS} characters or elements")


def _computed(sign: str, left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        size, other = left.bit_length(), right.bit_length()
        bits = {"**": size * max(right, 0) if size > 1 else 0, "*": size + other,
                "<<": size + max(right, 0)}.get(sign, 0)  # fmt: skip
        if bits > BITS:
            raise LiteralError(f"arithmetic makes a number of more than {BITS} bits")
    try:
        found = _NUMBERS[sign](left, right)
    except (KeyError, TypeError, ArithmeticError, ValueError) as error:
        raise LiteralError(f"{sign!r} is not computed: {error}") from error
    if isinstance(found, int) and found.bit_length() > BITS:
        raise LiteralError(f"arithmetic makes a number of more than {BITS} bits")
    return found


def _weight(value: Any) -> int:
    if isinstance(value, (str, bytes)):
        return len(value)
    if isinstance(value, dict):
        return 1 + sum(_weight(key) + _weight(one) for key, one in value.items())
    if isinstance(value, (list, tuple, set)):
        return 1 + sum(map(_weight, value))
    return 1
