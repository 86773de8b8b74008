"""Sets of real numbers as unions of intervals: from brackets, conditions and names. Pure."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, TypeAlias

from attrs import frozen

from aisbench_plugin_math.arithmetic import Arithmetic, Undefined
from aisbench_plugin_math.equality import is_expression, variables
from aisbench_plugin_math.nodes import (
    Apply,
    Braced,
    Bracketed,
    Junction,
    KnownSet,
    Listing,
    Node,
    Number,
    Relation,
    Symbol,
    UnreadableMath,
)

End: TypeAlias = Any
"""A Fraction, a number of mpmath, or a float that is infinite."""
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


@frozen
class Piece:
    """An interval, a point when both ends are one."""

    low: End
    low_in: bool
    high: End
    high_in: bool

    @property
    def empty(self) -> bool:
        if self.low == self.high:
            return not (self.low_in and self.high_in)
        return bool(self.low > self.high)


RealSet: TypeAlias = tuple[Piece, ...]
"""Pieces in their order that neither touch nor overlap."""
ALL: RealSet = (Piece(-math.inf, False, math.inf, False),)


def is_interval(node: Node) -> bool:
    """Whether brackets hold two ends, and may be an interval."""
    return (
        isinstance(node, Bracketed)
        and len(node.items) == 2
        and node.opening in "[("
        and all(map(is_expression, node.items))
    )


def surely_set(node: Node) -> bool:
    """Whether a node can be nothing but a set of numbers or a condition on one."""
    if isinstance(node, Bracketed):
        infinite = any(_infinite(one) for one in node.items)
        return is_interval(node) and ((node.opening, node.closing) != ("(", ")") or infinite)
    if isinstance(node, Relation):
        return all(sign in _FLIPPED for sign in node.signs) and any(
            sign != "=" for sign in node.signs
        )
    return isinstance(node, Junction) or node in (KnownSet("R"), KnownSet("empty"))


class Sets:
    """Makes sets of real numbers out of nodes."""

    def __init__(self, arithmetic: Arithmetic) -> None:
        self._arithmetic = arithmetic

    def of(self, node: Node) -> RealSet:
        """Raises UnreadableMath when a node is not a set of real numbers with known ends."""
        if isinstance(node, KnownSet):
            if node.name in ("R", "empty"):
                return ALL if node.name == "R" else ()
            raise UnreadableMath(f"has the set {node.name}")
        if isinstance(node, Bracketed) and is_interval(node):
            low, high = map(self._end, node.items)
            piece = Piece(low, node.opening == "[", high, node.closing == "]")
            infinite = (math.isinf(low) and piece.low_in, math.isinf(high) and piece.high_in)
            if any(infinite) or low > high:
                raise UnreadableMath("has an interval that cannot be")
            return _ordered([piece])
        if isinstance(node, (Braced, Listing)):
            return _ordered([piece for one in node.items for piece in self.of(one)])
        if isinstance(node, Junction):
            return self._junction(node)
        if isinstance(node, Relation):
            return self._relation(node)
        end = self._end(node)
        return (Piece(end, True, end, True),)

    def _junction(self, node: Junction) -> RealSet:
        names = frozenset[str]().union(*map(conditioned, node.parts))
        if len(names) > 1:
            raise UnreadableMath("has conditions on several variables")
        parts = [self.of(one) for one in node.parts]
        if node.kind == "or":
            return _ordered([piece for one in parts for piece in one])
        result = parts[0]
        for one in parts[1:]:
            result = _both(result, _complement(one) if node.kind == "less" else one)
        if node.kind == "comma" and not result:
            # "x < 2, x > 3": nobody states the empty set like this; a comma says "or" too.
            return _ordered([piece for one in parts for piece in one])
        return result

    def _relation(self, node: Relation) -> RealSet:
        if len(node.sides) == 2 and node.signs == ("in",):
            return self.of(node.sides[1])
        if len(conditioned(node)) != 1:
            raise UnreadableMath("has a condition that is not on one variable")
        result = ALL
        for left, sign, right in zip(node.sides, node.signs, node.sides[1:], strict=False):
            if sign not in _FLIPPED:
                raise UnreadableMath(f"has a condition with {sign!r}")
            result = _both(result, self._condition(left, sign, right))
        return result

    def _condition(self, left: Node, sign: str, right: Node) -> RealSet:
        if not (is_expression(left) and is_expression(right)):
            raise UnreadableMath("has a condition on a set")
        if any(_infinite(one) for one in (left, right)):
            return self._unbounded(left, sign, right)
        if isinstance(right, Apply) and right.name == "abs":
            left, sign, right = right, _FLIPPED[sign], left
        if isinstance(left, Apply) and left.name == "abs" and not variables(right):
            return self._absolute(left.args[0], sign, right)
        difference = Apply("add", (left, Apply("neg", (right,))))
        (name,) = variables(left, right)
        at = [self._at(difference, name, Fraction(x)) for x in (0, 1, 2, -3)]
        slope = at[1] - at[0]
        linear = all(_close(value, at[0] + slope * x) for value, x in ((at[2], 2), (at[3], -3)))
        if not linear or not slope:
            raise UnreadableMath("has a condition that is not solved")
        root = -at[0] / slope
        return _ray(root, sign if slope > 0 else _FLIPPED[sign])

    def _unbounded(self, left: Node, sign: str, right: Node) -> RealSet:
        """x < \\infty says nothing."""
        true = sign in "<" and right == Symbol("inf") and isinstance(left, Symbol)
        true = true or (sign == "<" and _infinite(left) and isinstance(right, Symbol))
        if not true or left == Symbol("inf"):
            raise UnreadableMath("has a condition with infinity")
        return ALL

    def _absolute(self, inside: Node, sign: str, bound: Node) -> RealSet:
        low = self._condition(inside, _FLIPPED[sign], Apply("neg", (bound,)))
        high = self._condition(inside, sign, bound)
        if self._end(bound) < 0:
            raise UnreadableMath("has a condition that cannot be")
        if sign in ("<", "<="):
            return _both(low, high)
        if sign == "=":
            return _ordered([*low, *high])
        return _both(low, high) if sign == "!=" else _ordered([*low, *high])

    def _at(self, node: Node, name: str, x: Fraction) -> End:
        try:
            return self._arithmetic.number(self._arithmetic.value(node, {name: x}))
        except Undefined:
            raise UnreadableMath("has a condition that is not solved") from None

    def _end(self, node: Node) -> End:
        sign = infinite(node)
        if sign:
            return sign * math.inf
        if not is_expression(node) or variables(node):
            raise UnreadableMath("has ends that are not numbers")
        try:
            number = self._arithmetic.number(self._arithmetic.value(node))
        except Undefined:
            raise UnreadableMath("has ends without a value") from None
        if getattr(number, "imag", 0):
            raise UnreadableMath("has ends that are not real")
        return number.real


def infinite(node: Node) -> int:
    """1 and -1 for infinity and its negative, else 0."""
    if node == Symbol("inf"):
        return 1
    return -infinite(node.args[0]) if isinstance(node, Apply) and node.name == "neg" else 0


def _infinite(node: Node) -> bool:
    return infinite(node) != 0


def conditioned(node: Node) -> frozenset[str]:
    """The variables that a condition is on."""
    if isinstance(node, Relation):
        return frozenset[str]().union(*(variables(one) for one in node.sides))
    if isinstance(node, Junction):
        return frozenset[str]().union(*map(conditioned, node.parts))
    return frozenset()


def _close(one: End, other: End) -> bool:
    return bool(abs(one - other) <= 1e-40 * max(abs(one), abs(other), 1e-9))


def _ray(root: End, sign: str) -> RealSet:
    below = Piece(-math.inf, False, root, sign == "<=")
    above = Piece(root, sign == ">=", math.inf, False)
    if sign in ("<", "<="):
        return (below,)
    if sign in (">", ">="):
        return (above,)
    return (below, above) if sign == "!=" else (Piece(root, True, root, True),)


def _ordered(pieces: list[Piece]) -> RealSet:
    merged: list[Piece] = []
    for piece in sorted(
        (one for one in pieces if not one.empty), key=lambda one: (one.low, not one.low_in)
    ):
        last = merged[-1] if merged else None
        touches = last is not None and (
            piece.low < last.high or (piece.low == last.high and (piece.low_in or last.high_in))
        )
        if last is None or not touches:
            merged.append(piece)
            continue
        high, high_in = max((last.high, last.high_in), (piece.high, piece.high_in))
        merged[-1] = Piece(last.low, last.low_in, high, high_in)
    return tuple(merged)


def _both(one: RealSet, other: RealSet) -> RealSet:
    pieces = []
    for first in one:
        for second in other:
            low, low_out = max((first.low, not first.low_in), (second.low, not second.low_in))
            high, high_in = min((first.high, first.high_in), (second.high, second.high_in))
            pieces.append(Piece(low, not low_out, high, high_in))
    return _ordered(pieces)


def _complement(one: RealSet) -> RealSet:
    result = ALL
    for piece in one:
        outside = (
            Piece(-math.inf, False, piece.low, not piece.low_in),
            Piece(piece.high, not piece.high_in, math.inf, False),
        )
        result = _both(result, outside)
    return result


__all__ = ["Number", "RealSet", "Sets", "infinite", "is_interval", "surely_set"]
