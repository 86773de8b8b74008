"""Whether an answer that was read means the same as the reference that was read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from aisbench_plugin_math import quantities
from aisbench_plugin_math.equality import (
    Equality,
    has_decimals,
    is_expression,
    variables,
)
from aisbench_plugin_math.nodes import (
    Based,
    Braced,
    Bracketed,
    Colon,
    Junction,
    KnownSet,
    Listing,
    Matrix,
    Measured,
    Node,
    Relation,
    Symbol,
    UnreadableMath,
    Words,
)
from aisbench_plugin_math.realsets import (
    RealSet,
    Sets,
    conditioned,
    infinite,
    surely_set,
)
from aisbench_plugin_math.shapes import (
    alike,
    assignments,
    bare,
    cells,
    could_be_set,
    difference,
    expanded,
    is_call,
    is_equation,
    is_named_value,
    is_tuple,
    items,
    letters,
    many,
    vector,
    worded,
)

MOST_ITEMS = 100
MOST_SYMBOLIC = 16
"""Values of a list that are compared, each with each, without and with variables."""


def _words_same(reference: Node, answer: Node) -> bool:
    if isinstance(answer, Words) and " " in answer.text and not worded(reference):
        raise UnreadableMath("answers in words")
    return letters(reference) == letters(answer) != ""


class Comparison:
    """Compares nodes; ``digits``: significant ones to which decimals agree."""

    def __init__(self, digits: int) -> None:
        self._equality = Equality(digits)
        self.arithmetic = self._equality.arithmetic
        self._sets = Sets(self.arithmetic)

    def same(self, reference: Node, answer: Node) -> bool:
        """Raises UnreadableMath when the answer has several meanings, and they differ in this;
        TooLarge when a value is not computed."""
        if reference == answer:
            return True
        reference, answer = expanded(bare(reference)), expanded(bare(answer))
        if reference == answer:
            return True
        if is_equation(reference) or is_equation(answer):
            return self._equations(reference, answer)
        if isinstance(reference, Words) or isinstance(answer, Words):
            return _words_same(reference, answer)
        if isinstance(reference, Matrix) or isinstance(answer, Matrix):
            return self._matrices(reference, answer)
        if surely_set(reference) or surely_set(answer):
            return self._sets_same(reference, answer)
        if isinstance(reference, KnownSet) or isinstance(answer, KnownSet):
            return False
        if many(reference) or many(answer):
            return self._collections(reference, answer)
        return self._values(reference, answer)

    # Values

    def _values(self, reference: Node, answer: Node) -> bool:
        if not variables(reference):
            answer = quantities.with_unit(answer)
        if isinstance(reference, Colon) or isinstance(answer, Colon):
            return quantities.colons(reference, answer, self.same)
        if isinstance(reference, Based) or isinstance(answer, Based):
            return quantities.based(reference, answer, self._plain)
        if isinstance(reference, Measured) or isinstance(answer, Measured):
            return quantities.measured(reference, answer, self._plain)
        return self._plain(reference, answer)

    def _plain(self, reference: Node, answer: Node) -> bool:
        if infinite(reference) or infinite(answer):
            return infinite(reference) == infinite(answer)
        if not (is_expression(reference) and is_expression(answer)):
            return False
        return self._equality.same(reference, answer)

    # Several values

    def _collections(self, reference: Node, answer: Node) -> bool:
        wanted: Sequence[Node] = items(reference)
        given: Sequence[Node] = items(answer)
        if isinstance(answer, Listing) and not many(reference):
            # "15 39/40, or 639/40" says one value twice.
            return all(self.same(reference, one) for one in given)
        most = MOST_SYMBOLIC if variables(reference, answer) else MOST_ITEMS
        if max(len(wanted), len(given)) > most:
            raise UnreadableMath("has more values than are compared")
        if isinstance(reference, Bracketed) or isinstance(answer, Bracketed):
            return _may_be_equal(reference, answer) and self._in_order(wanted, given)
        names = assignments(reference)[0], assignments(answer)[0]
        if any(len(set(one)) > 1 for one in names):
            # Values of several variables: each its own.
            return (not all(names) or names[0] == names[1]) and self._in_order(wanted, given)
        if isinstance(reference, Braced) or isinstance(answer, Braced):
            wanted, given = self._without_repeats(wanted), self._without_repeats(given)
        return self._any_order(wanted, given)

    def _in_order(self, wanted: Sequence[Node], given: Sequence[Node]) -> bool:
        return len(wanted) == len(given) and all(
            self.same(one, other) for one, other in zip(wanted, given, strict=True)
        )

    def _any_order(self, wanted: Sequence[Node], given: Sequence[Node]) -> bool:
        if len(wanted) != len(given):
            return False
        left = list(given)
        for one in wanted:
            found = next((at for at, other in enumerate(left) if self.same(one, other)), None)
            if found is None:
                return False
            del left[found]
        return True

    def _without_repeats(self, items: Sequence[Node]) -> list[Node]:
        kept: list[Node] = []
        for one in items:
            if not any(self.same(other, one) for other in kept):
                kept.append(one)
        return kept

    def _matrices(self, reference: Node, answer: Node) -> bool:
        wanted, given = vector(reference), vector(answer)
        if isinstance(reference, Matrix) and isinstance(answer, Matrix):
            shapes = [(len(one.rows), len(one.rows[0])) for one in (reference, answer)]
            return shapes[0] == shapes[1] and self._in_order(cells(reference), cells(answer))
        if wanted is None or given is None:
            return False
        return self._in_order(wanted, given)

    # Sets of numbers

    def _sets_same(self, reference: Node, answer: Node) -> bool:
        for one, other in ((reference, answer), (answer, reference)):
            if surely_set(one) and not (surely_set(other) or could_be_set(other)):
                return False
        asked = [conditioned(one) for one in (reference, answer)]
        if all(asked) and asked[0] != asked[1]:
            return False
        try:
            wanted = self._sets.of(reference)
        except UnreadableMath:
            return self._as_written(reference, answer)
        try:
            given = self._sets.of(answer)
        except UnreadableMath:
            if self._as_written(reference, answer):
                return True
            raise
        return self._pieces(wanted, given, rounded=has_decimals(reference, answer))

    def _pieces(self, wanted: RealSet, given: RealSet, *, rounded: bool) -> bool:
        if len(wanted) != len(given):
            return False
        for one, other in zip(wanted, given, strict=True):
            if (one.low_in, one.high_in) != (other.low_in, other.high_in):
                return False
            for first, second in ((one.low, other.low), (one.high, other.high)):
                if math.isinf(first) or math.isinf(second):
                    if first != second:
                        return False
                elif not self._equality.close(self.arithmetic, first, second, rounded=rounded):
                    return False
        return True

    def _as_written(self, reference: Node, answer: Node) -> bool:
        """Sets and conditions whose ends are not numbers: part by part."""
        if isinstance(reference, Bracketed) and isinstance(answer, Bracketed):
            alike = (reference.opening, reference.closing) == (answer.opening, answer.closing)
            return alike and self._in_order(reference.items, answer.items)
        if isinstance(reference, Relation) and isinstance(answer, Relation):
            return self._inequalities(reference, answer)
        if isinstance(reference, Junction) and isinstance(answer, Junction):
            return reference.kind == answer.kind and self._any_order(reference.parts, answer.parts)
        return False

    def _inequalities(self, reference: Relation, answer: Relation) -> bool:
        if len(reference.signs) != 1 or len(answer.signs) != 1:
            return False
        orders = []
        for one in (reference, answer):
            left, right = one.sides
            if one.signs[0] not in ("<", "<=", ">", ">=", "!="):
                return False
            if one.signs[0][0] == ">":
                left, right = right, left
            orders.append((difference(left, right), one.signs[0].replace(">", "<")))
        (first, sign), (second, other) = orders
        if sign != other or not (is_expression(first) and is_expression(second)):
            return False
        constant = self._equality.proportional(first, second)
        return constant > 0 or (constant < 0 and sign == "!=")

    # Equations

    def _equations(self, reference: Node, answer: Node) -> bool:
        if is_equation(reference) and is_equation(answer):
            return self._both_equations(reference, answer)
        if isinstance(answer, Relation) and is_equation(answer):
            return any(self.same(reference, one) for one in self._stated(answer, reference))
        assert isinstance(reference, Relation)
        left, right = reference.sides[0], reference.sides[-1]
        if not isinstance(left, (Symbol, Words)) and not is_call(left):
            return False
        return self.same(right, answer)

    def _both_equations(self, reference: Node, answer: Node) -> bool:
        assert isinstance(reference, Relation) and isinstance(answer, Relation)
        wanted = reference.sides[0], reference.sides[-1]
        given = answer.sides[0], answer.sides[-1]
        both = (wanted, given), (given, wanted)
        if isinstance(wanted[0], Words) or isinstance(given[0], Words):
            return self.same(wanted[1], given[1])
        if not all(map(is_expression, (*wanted, *given))):
            return self.same(wanted[0], given[0]) and self.same(wanted[1], given[1])
        if self.same(wanted[0], given[0]) and self.same(wanted[1], given[1]):
            return True
        if any(is_call(one[0]) and isinstance(other[0], Symbol) for one, other in both):
            # f(x) = 2x for y = 2x
            return self.same(wanted[1], given[1])
        return self._equality.proportional(difference(*wanted), difference(*given)) != 0

    def _stated(self, answer: Relation, reference: Node) -> list[Node]:
        """What "x = 6/2 = 3" gives x: 3, and 6/2, which has to be the same; of
        "x = \\sqrt 2 \\approx 1.414" both, since they are nearly equal."""
        left = answer.sides[0]
        if len(answer.sides) == 2 and isinstance(answer.sides[1], Symbol) and not variables(left):
            return [left]
        sides = _given_sides(answer, reference)
        exact: list[Node] = []
        about: list[Node] = []
        signs = ("=", *answer.signs)[-len(sides) :]
        for one, sign in zip(sides, signs, strict=True):
            (about if sign == "~" or about else exact).append(one)
        for group in (exact, about):
            for one, other in pairwise(group):
                if not self.same(one, other) and not self.same(other, one):
                    raise UnreadableMath("says that different things are equal")
        for one, other in zip(exact[-1:], about[-1:], strict=False):
            if not self._equality.near(one, other):
                raise UnreadableMath("says that different things are nearly equal")
        return [*exact[-1:], *about[-1:]]


def _given_sides(answer: Relation, reference: Node) -> tuple[Node, ...]:
    """The sides of an equation that give the value, without its name. Raises UnreadableMath
    where it is not solved."""
    left = answer.sides[0]
    named = isinstance(left, (Symbol, Words)) or is_call(left)
    sides = answer.sides[1:] if named else answer.sides
    constant = [one for one in sides if not (is_expression(one) and variables(one))]
    if not named and len(constant) < len(sides) and not variables(reference):
        if not is_named_value(left):
            raise UnreadableMath("states an equation that is not solved")
        sides = tuple(constant)
    if not sides:
        raise UnreadableMath("states no value")
    return sides


def _may_be_equal(reference: Node, answer: Node) -> bool:
    """Whether two kinds of brackets, or one beside a bare list, may hold the same: the order
    counts in "3, 5" beside (3, 5), and {3, 5} is another thing."""
    if isinstance(reference, Bracketed) and isinstance(answer, Bracketed):
        return alike(reference, answer)
    first = isinstance(reference, Bracketed)
    bracketed, other = (reference, answer) if first else (answer, reference)
    return not isinstance(other, Braced) and is_tuple(bracketed)
