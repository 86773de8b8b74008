"""Comparing amounts with units, digits of other bases, times and ratios."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from aisbench_plugin_math.equality import variables
from aisbench_plugin_math.nodes import (
    Apply,
    Based,
    Colon,
    Measured,
    Node,
    Number,
    Symbol,
    UnreadableMath,
)
from aisbench_plugin_math.units import DEGREE, PERCENT, unit, unit_named

Same = Callable[[Node, Node], bool]
_PERCENT, _DEGREES = f"{PERCENT}^1", f"{DEGREE}^1"


def measured(reference: Node, answer: Node, same: Same) -> bool:
    """5 cm is 50 mm and, where one side names no unit, 5: the question names it. It is not 5 m.

    50 % is 0.5 and 1/2; beside a number above 1 without a sign it is 50, for a share is at most
    one: the question asked for percent.
    """
    wanted, given = _split(reference), _split(answer)
    if _PERCENT in (wanted[1], given[1]) and wanted[1] != given[1]:
        return _percent(wanted, given, same)
    if _DEGREES in (wanted[1], given[1]) and wanted[1] != given[1]:
        bare = wanted if given[1] == _DEGREES else given
        # Also as radians: 90 degrees are \pi / 2; but the bare number 90 is one of degrees.
        if bare[1] not in ("", "rad^1"):
            return False
        return same(reference, answer) or (not bare[1] and same(wanted[0], given[0]))
    first, second = unit(wanted[1]), unit(given[1])
    if first is None or second is None or first == second:
        return same(wanted[0], given[0])
    if first.dimension != second.dimension:
        return False
    return same(wanted[0], _scaled(given[0], second.factor / first.factor))


def _split(node: Node) -> tuple[Node, str]:
    return (node.amount, node.unit) if isinstance(node, Measured) else (node, "")


def _scaled(node: Node, factor: Fraction) -> Node:
    return Apply("mul", (node, Number(factor)))


def _percent(wanted: tuple[Node, str], given: tuple[Node, str], same: Same) -> bool:
    if wanted[1] not in ("", _PERCENT) or given[1] not in ("", _PERCENT):
        return False
    one, other = (
        _scaled(amount, Fraction(1, 100)) if name == _PERCENT else amount
        for amount, name in (wanted, given)
    )
    if same(one, other):
        return True
    bare = wanted[0] if given[1] == _PERCENT else given[0]
    small = isinstance(bare, Number) and abs(bare.value) <= 1
    return not small and same(wanted[0], given[0])


def based(reference: Node, answer: Node, same: Same) -> bool:
    """A base is part of what was asked for: 52_8 is neither 42 nor 101010_2, equal as they are.
    Raises UnreadableMath for the digits of a reference in a base that is not stated: 52."""
    wanted, given = _usual(reference), _usual(answer)
    if isinstance(wanted, Based) and isinstance(given, Number):
        digits = str(given.value.numerator) if given.value.denominator == 1 else ""
        if digits == wanted.digits:
            raise UnreadableMath("does not say in which base its digits are")
    if isinstance(wanted, Based) or isinstance(given, Based):
        return wanted == given
    return same(wanted, given)


def _usual(node: Node) -> Node:
    return Number(Fraction(node.value)) if isinstance(node, Based) and node.base == 10 else node


def colons(reference: Node, answer: Node, same: Same) -> bool:
    """2:3 is the ratio 4:6 and, of two parts, the fraction 2/3; 3:30 is a time of day, or a ratio:
    Raises UnreadableMath where that decides."""
    if isinstance(reference, Colon) and isinstance(answer, Colon):
        return _ratios(reference, answer, same)
    colon, other = (reference, answer) if isinstance(reference, Colon) else (answer, reference)
    if not isinstance(colon, Colon) or len(colon.parts) != 2 or colon.half:
        return False
    quotient = same(Apply("div", colon.parts), other)
    if quotient and _could_be_time(colon):
        raise UnreadableMath("may be a time of day or a ratio")
    return quotient


def _ratios(reference: Colon, answer: Colon, same: Same) -> bool:
    wanted, given = reference.parts, answer.parts
    if reference.half and answer.half and reference.half != answer.half:
        return False
    if len(wanted) != len(given):
        return False
    if all(same(one, other) for one, other in zip(wanted, given, strict=True)):
        return True
    proportional = all(
        same(Apply("mul", (one, given[0])), Apply("mul", (other, wanted[0])))
        for one, other in zip(wanted[1:], given[1:], strict=True)
    )
    if proportional and (_could_be_time(reference) and _could_be_time(answer)):
        raise UnreadableMath("may be a time of day or a ratio")
    return proportional


def _could_be_time(colon: Colon) -> bool:
    """Whether the second part has two digits below 60, and the first is an hour."""
    hour, *others = colon.parts
    if not isinstance(hour, Number) or not 0 <= hour.value <= 24 or hour.places is not None:
        return False
    return all(
        isinstance(one, Number) and 10 <= one.value < 60 and one.value.denominator == 1
        for one in others
    ) or bool(colon.half)


def with_unit(node: Node) -> Node:
    """ "5cm" and "3 h" as amounts, where no variables are asked for; else ``node``."""
    if not isinstance(node, Apply) or node.name != "mul":
        return node
    letters = ""
    args: list[Node] = []
    for one in node.args:
        args += one.args if isinstance(one, Apply) and one.name == "mul" else (one,)
    while len(args) > 1 and isinstance(last := args[-1], Symbol) and len(last.name) == 1:
        letters = last.name + letters
        args.pop()
    name = unit_named(letters) if letters else None
    if not name or letters in ("e", "i") or variables(*args):
        return node
    return Measured(args[0] if len(args) == 1 else Apply("mul", tuple(args)), name)
