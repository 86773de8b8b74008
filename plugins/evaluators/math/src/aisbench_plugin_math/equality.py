"""Whether two expressions have the same value, for all values of their variables.

Exact where both are. A decimal stands for what rounds to it: it equals a number that it differs
from by less than one in its last place, and by at most half of one in the n-th significant digit
of the reference (n: ``digits``). Expressions with variables are equal when they are at random
points, all of them (J. T. Schwartz, "Fast probabilistic algorithms for verification of polynomial
identities", J. ACM 27 (1980) 701-717): there they are computed exactly or with sixty digits.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from aisbench_plugin_math.arithmetic import Arithmetic, TooLarge, Undefined, Value
from aisbench_plugin_math.nodes import (
    Apply,
    Based,
    Colon,
    Measured,
    Node,
    Number,
    Symbol,
    UnreadableMath,
    parts,
)

CONSTANTS = frozenset({"pi", "e", "i", "inf"})
POINTS = 5
_TRIES = 24
_NEAR = 0.06
_SAME = 45
"""Digits in which computed numbers agree that are the same."""


def walk(node: Node) -> Iterator[Node]:
    """An expression and all its parts."""
    yield node
    for one in parts(node):
        yield from walk(one)


def variables(*nodes: Node) -> frozenset[str]:
    """The names in expressions that are not constants."""
    return frozenset(
        one.name
        for node in nodes
        for one in walk(node)
        if isinstance(one, Symbol) and one.name not in CONSTANTS
    )


def is_expression(node: Node) -> bool:
    return all(
        isinstance(one, (Number, Symbol, Apply, Based, Measured, Colon)) for one in walk(node)
    )


def places(node: Node) -> int | None:
    """Decimals of a number as it is written, also in 1.2 \\times 10^{-7}; None of an exact one."""
    if isinstance(node, Number):
        return node.places
    if isinstance(node, Measured):
        return places(node.amount)
    if isinstance(node, Apply) and node.name == "neg":
        return places(node.args[0])
    if isinstance(node, Apply) and node.name == "mul" and len(node.args) == 2:
        number, power = node.args
        ten = isinstance(power, Apply) and power.name == "pow" and power.args[0] == _TEN
        if ten and isinstance(power, Apply) and isinstance(number, Number):
            exponent = _integer(power.args[1])
            if exponent is not None and number.places is not None:
                return number.places - exponent
    return None


_TEN = Number(Fraction(10))


def _integer(node: Node) -> int | None:
    if isinstance(node, Apply) and node.name == "neg":
        value = _integer(node.args[0])
        return None if value is None else -value
    plain = isinstance(node, Number) and node.value.denominator == 1
    return int(node.value) if isinstance(node, Number) and plain else None


def has_decimals(*nodes: Node) -> bool:
    return any(
        isinstance(one, Number) and one.places is not None for node in nodes for one in walk(node)
    )


class Equality:
    """Compares expressions; ``digits``: significant ones to which decimals agree."""

    def __init__(self, digits: int) -> None:
        self._digits = digits
        self.arithmetic = Arithmetic()
        self._natural: Arithmetic | None = None

    def same(self, reference: Node, answer: Node) -> bool:
        """Raises TooLarge; UnreadableMath for a logarithm whose base decides."""
        same = self._same(self.arithmetic, reference, answer)
        if any(
            isinstance(one, Apply) and one.name == "log" and len(one.args) == 1
            for node in (reference, answer)
            for one in walk(node)
        ):
            self._natural = self._natural or Arithmetic(log_base=0)
            if self._same(self._natural, reference, answer) != same:
                raise UnreadableMath("has a logarithm without its base")
        return same

    def _same(self, arithmetic: Arithmetic, reference: Node, answer: Node) -> bool:
        names = sorted(variables(reference, answer))
        if not names:
            return self._constants(arithmetic, reference, answer)
        return self._everywhere(arithmetic, reference, answer, names)

    def _constants(self, arithmetic: Arithmetic, reference: Node, answer: Node) -> bool:
        try:
            wanted, given = arithmetic.value(reference), arithmetic.value(answer)
        except Undefined:
            return False
        return self.close(
            arithmetic, wanted, given,
            rounded=has_decimals(reference, answer),
            places=_coarser(places(reference), places(answer)),
        )  # fmt: skip

    def close(
        self,
        arithmetic: Arithmetic,
        wanted: Value,
        given: Value,
        *,
        rounded: bool,
        places: int | None = None,
    ) -> bool:
        """Whether two values are the same; ``rounded``: as decimals are."""
        if wanted == given:
            return True
        exact = isinstance(wanted, Fraction) and isinstance(given, Fraction)
        if exact and not rounded:
            return False
        if not rounded:
            return _agree(arithmetic, wanted, given, 10.0**-_SAME)
        if exact:
            difference = abs(wanted - given)
            if places is not None and difference >= Fraction(10) ** -places:
                return False
            return bool(wanted) and difference * 2 <= Fraction(10) ** (
                _magnitude(wanted) - self._digits + 1
            )
        one, other = arithmetic.number(wanted), arithmetic.number(given)
        if not one:
            return not other
        context: Any = one.context
        if places is not None and abs(one - other) >= context.mpf(10) ** -places:
            return False
        magnitude = int(context.floor(context.log10(abs(one))))
        return bool(abs(one - other) * 2 <= context.mpf(10) ** (magnitude - self._digits + 1))

    def near(self, exact: Node, rounded: Node) -> bool:
        """Whether one may be rounded to the other; True where that is not known."""
        try:
            one, other = (
                self.arithmetic.number(self.arithmetic.value(node)) for node in (exact, rounded)
            )
        except (Undefined, TooLarge):
            return True
        real = not one.imag and not other.imag
        to_integer = real and other == self.arithmetic.nearest(one)
        return bool(to_integer or abs(one - other) <= abs(one) * _NEAR)

    def _everywhere(
        self, arithmetic: Arithmetic, reference: Node, answer: Node, names: list[str]
    ) -> bool:
        compared = 0
        for point in _points(names):
            wanted = _value_at(arithmetic, reference, point)
            given = _value_at(arithmetic, answer, point)
            if wanted is None and given is None:
                continue
            if wanted is None or given is None or not _agree(arithmetic, wanted, given, 1e-40):
                return False
            compared += 1
            if compared == POINTS:
                return True
        return False

    def proportional(self, one: Node, other: Node) -> int:
        """The sign of the constant c with ``one = c * other`` everywhere; 0 when there is none."""
        names = sorted(variables(one, other))
        ratio: Value | None = None
        compared = 0
        for point in _points(names):
            first = _value_at(self.arithmetic, one, point)
            second = _value_at(self.arithmetic, other, point)
            if first is None and second is None:
                continue
            if not first or not second:
                return 0
            if isinstance(first, Fraction) and isinstance(second, Fraction):
                now: Value = first / second
            else:
                now = self.arithmetic.number(first) / self.arithmetic.number(second)
            if ratio is not None and not _agree(self.arithmetic, ratio, now, 1e-40):
                return 0
            ratio = now
            compared += 1
            if compared == POINTS:
                number = self.arithmetic.number(ratio)
                real = number.real if hasattr(number, "real") else number
                return 1 if real > 0 else -1
        return 0


def _points(names: list[str]) -> Iterator[Mapping[str, Fraction]]:
    """Fixed ones, so that a verdict is the same on every day: with all signs in turn."""
    draw = random.Random(",".join(names))
    for number in range(_TRIES):
        yield {
            name: Fraction(draw.randrange(1_000, 30_000), 9_973) * (-1) ** (number >> place % 3)
            for place, name in enumerate(names)
        }


def _value_at(arithmetic: Arithmetic, node: Node, point: Mapping[str, Fraction]) -> Value | None:
    try:
        return arithmetic.value(node, point)
    except Undefined:
        return None


def _agree(arithmetic: Arithmetic, one: Value, other: Value, relative: float) -> bool:
    if isinstance(one, Fraction) and isinstance(other, Fraction):
        return one == other
    first, second = arithmetic.number(one), arithmetic.number(other)
    larger = max(abs(first), abs(second))
    return bool(abs(first - second) <= larger * relative)


def _coarser(one: int | None, other: int | None) -> int | None:
    known = [each for each in (one, other) if each is not None]
    return min(known) if known else None


def _magnitude(value: Fraction) -> int:
    """The exponent of ten of the first significant digit."""
    size = abs(value)
    bits = size.numerator.bit_length() - size.denominator.bit_length()
    guess = math.floor(bits * math.log10(2))
    while Fraction(10) ** guess > size:
        guess -= 1
    while Fraction(10) ** (guess + 1) <= size:
        guess += 1
    return guess


__all__ = ["Equality", "TooLarge"]
