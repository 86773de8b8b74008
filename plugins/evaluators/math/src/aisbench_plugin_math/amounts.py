"""The grammar of amounts: units, bases, money, ratios and times of day, after an expression."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from aisbench_plugin_math import units
from aisbench_plugin_math.atoms import based
from aisbench_plugin_math.equality import is_expression
from aisbench_plugin_math.grammar import Grammar
from aisbench_plugin_math.nodes import Apply, Colon, Measured, Node, Number, UnreadableMath

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
        # "30 p.m." is not a product.
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
        digits = self._token_at(self._at - 1).value
        bracket = self._is("(") and self._words_in_brackets()
        parts, end = self._unit_words(self._at + bracket)
        if not parts:
            return node
        if bracket:
            if self._token_at(end).value != ")":
                return node
            end += 1
        if len(parts) > 1 and parts[-2] == "base" and parts[:-2] in ([], ["in"]):
            self._at = end
            return _in_base(node, digits, parts[-1])
        multiple = _MULTIPLES.get(parts[0].lower())
        if multiple is not None:
            node = Apply("mul", (node, Number(Fraction(multiple))))
            parts = parts[1:]
        return self._measured(node, parts, end) if parts else self._ended(node, end)

    def _ended(self, node: Node, end: int) -> Node:
        self._at = end
        return node

    def _measured(self, node: Node, parts: list[str], end: int) -> Node:
        """An amount of a unit that ends at ``end``, perhaps with one of a smaller unit behind."""
        name = units.unit_named(" ".join(parts))
        if name is None:
            raise UnreadableMath(f"has {' '.join(parts)!r} after a value")
        self._at = end
        measured = Measured(node, name)
        if self._token.kind == "number" and units.unit(name):
            return _sum(measured, self.side())
        return measured

    def _unit_words(self, at: int) -> tuple[list[str], int]:
        """The words and signs of a unit from ``at`` on, and where they end."""
        parts: list[str] = []
        while (taken := self._unit_word(at, parts)) is not None:
            word, at = taken
            if word:
                parts.append(word)
        return parts, at

    def _unit_word(self, at: int, before: list[str]) -> tuple[str, int] | None:
        """What a unit goes on with at ``at``, empty for a sign that says nothing, and the place
        behind it; None where it ends."""
        token = self._token_at(at)
        if token.value in WORD_JOINTS:
            return None
        upright = token.kind == "name" and (token.upright or token.spaced or bool(before))
        if token.kind == "word" or upright or token.value == "min":
            return token.value, at + 1
        if token.value in ("/", "*") and (before or self._token_at(at + 1).kind == "word"):
            return token.value, at + 1
        return self._unit_sign(at, before) if before else None

    def _unit_sign(self, at: int, before: list[str]) -> tuple[str, int] | None:
        token, following = self._token_at(at), self._token_at(at + 1)
        if token.value == "^" and following.kind == "number":
            return "^" + following.value, at + 2
        if token.value == "^" and following.value == "{":
            return "^" + self._token_at(at + 2).value, at + 4
        if token.value == "'" or (token.value == "." and token.kind == "sign"):
            return "", at + 1
        if token.kind == "number" and before[-1] == "base":
            return token.value, at + 1
        return None


def _in_base(node: Node, digits: str, base: str) -> Node:
    if not isinstance(node, Number) or not digits.isdigit():
        raise UnreadableMath("names a base without digits")
    return based(digits, base)


def _sum(one: Measured, other: Node) -> Node:
    """3 hours 20 minutes, in hours."""
    first = units.unit(one.unit)
    second = units.unit(other.unit) if isinstance(other, Measured) else None
    if not isinstance(other, Measured) or first is None or second is None:
        raise UnreadableMath("has two amounts side by side")
    if first.dimension != second.dimension or second.factor >= first.factor:
        raise UnreadableMath("has two amounts side by side")
    factor = Number(second.factor / first.factor)
    return Measured(Apply("add", (one.amount, Apply("mul", (other.amount, factor)))), one.unit)
