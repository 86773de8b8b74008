"""The grammar of amounts: units, bases, money, ratios and times of day, after an expression."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from aisbench_plugin_math import units
from aisbench_plugin_math.atoms import based
from aisbench_plugin_math.equality import is_expression
from aisbench_plugin_math.grammar import Grammar
from aisbench_plugin_math.nodes import Apply, Colon, Measured, Node, Number, Unreadable

WORD_JOINTS = {
    "或": "or", "或者": "or", "和": "and", "与": "and", "及": "and", "以及": "and", "且": "and",
}  # fmt: skip
_MULTIPLES = {
    "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "dozen": 12, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8,
}  # fmt: skip


class Amounts(Grammar):
    """Reads amounts."""

    def side(self) -> Node:
        """One side of a relation. Given by Statements."""
        raise NotImplementedError

    def _currency(self) -> str:
        if self._takes("dollar"):
            return "$^1"
        token = self._token
        unit = (
            units.unit_named(token.value) if token.kind == "word" and len(token.value) < 4 else ""
        )
        if unit and unit[0] in "€£¥₹" and self._ahead().kind == "number":
            self._at += 1
            return unit
        return ""

    def _colon(self, first: Node) -> Node:
        parts = [first, self._part()]
        while self._takes(":"):
            parts.append(self._part())
        return Colon(tuple(parts), self._half())

    def _part(self) -> Node:
        # "30 p.m." is no product.
        return self._primary() if self._ahead().value in ("p", "a") else self.expression()

    def _half(self) -> Literal["", "am", "pm"]:
        rest = [one.value.lower() for one in self._tokens[self._at : self._at + 4]]
        for half in ("am", "pm"):
            letter = half[0]
            for written in ([half], [letter, ".", "m", "."], [letter, ".", "m"], [letter, "m"],
                            [letter, ".", "."], [letter]):  # fmt: skip
                if rest[: len(written)] == written:
                    self._at += len(written)
                    return "am" if half == "am" else "pm"
        return ""

    def _with_unit(self, node: Node) -> Node:
        """An amount, and what stands after it: its unit, its base, a second amount."""
        if not is_expression(node):
            return node
        begin = self._at
        bracket = self._is("(") and self._words_in_brackets()
        at = begin + bracket
        parts: list[str] = []
        while True:
            token = self._token_at(at)
            if token.value in WORD_JOINTS:
                break
            upright = token.kind == "name" and (token.upright or token.spaced or bool(parts))
            if token.kind == "word" or upright or (token.value == "min" and at > begin - 1):
                parts.append(token.value)
            elif parts and token.value == "^" and self._token_at(at + 1).kind == "number":
                parts.append("^" + self._token_at(at + 1).value)
                at += 1
            elif parts and token.value == "^" and self._token_at(at + 1).value == "{":
                parts.append("^" + self._token_at(at + 2).value)
                at += 3
            elif token.value in ("/", "*") and (parts or self._token_at(at + 1).kind == "word"):
                parts.append("/" if token.value == "/" else "*")
            elif token.value == "'" and parts:
                pass
            elif token.value == "." and parts and token.kind == "sign":
                pass
            elif token.kind == "number" and parts[-1:] == ["base"]:
                parts.append(token.value)
            else:
                break
            at += 1
        if not parts:
            return node
        if bracket:
            if self._token_at(at).value != ")":
                return node
            at += 1
        if len(parts) > 1 and parts[-2] == "base" and parts[:-2] in ([], ["in"]):
            self._at = at
            return _in_base(node, self._token_at(begin - 1).value, parts[-1])
        if parts[0].lower() in _MULTIPLES:
            node = Apply("mul", (node, Number(Fraction(_MULTIPLES[parts.pop(0).lower()]))))
            if not parts:
                self._at = at
                return node
        name = units.unit_named(" ".join(parts))
        if name is None:
            raise Unreadable(f"has {' '.join(parts)!r} after a value")
        self._at = at
        measured = Measured(node, name)
        if self._token.kind == "number" and units.unit(name):
            return _sum(measured, self.side())
        return measured


def _in_base(node: Node, digits: str, base: str) -> Node:
    if not isinstance(node, Number) or not digits.isdigit():
        raise Unreadable("names a base without digits")
    return based(digits, base)


def _sum(one: Measured, other: Node) -> Node:
    """3 hours 20 minutes, in hours."""
    first = units.unit(one.unit)
    second = units.unit(other.unit) if isinstance(other, Measured) else None
    if not isinstance(other, Measured) or first is None or second is None:
        raise Unreadable("has two amounts side by side")
    if first.dimension != second.dimension or second.factor >= first.factor:
        raise Unreadable("has two amounts side by side")
    factor = Number(second.factor / first.factor)
    return Measured(Apply("add", (one.amount, Apply("mul", (other.amount, factor)))), one.unit)
