"""One text for what was read, the same for answers that are equal in value where that is cheap."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

from aisbench_plugin_math.arithmetic import Arithmetic, TooLarge, Undefined
from aisbench_plugin_math.equality import is_expression, variables
from aisbench_plugin_math.nodes import (
    Apply,
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
    Number,
    Relation,
    Symbol,
    Words,
)

LONGEST = 300
_NOTHING, _WHOLE = 1e-40, 1e15
LARGEST_DENOMINATOR = 1000
"""Of what is shown as a fraction, if it is a decimal with an end."""
_OPERATORS = {"add": " + ", "mul": "*", "div": "/", "pow": "^"}


def rendered(node: Node, arithmetic: Arithmetic) -> str:
    """At most :data:`LONGEST` characters; numbers as fractions or with 15 digits."""
    text = _Renderer(arithmetic).text(node)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _brackets(node: Listing | Braced | Bracketed) -> tuple[str, str]:
    if isinstance(node, Bracketed):
        return node.opening, node.closing
    return ("{", "}") if isinstance(node, Braced) else ("", "")


class _Renderer:
    def __init__(self, arithmetic: Arithmetic) -> None:
        self._arithmetic = arithmetic

    def text(self, node: Node) -> str:
        if isinstance(node, (Number, Apply)) and is_expression(node) and not variables(node):
            return self._number(node)
        if isinstance(node, (Symbol, KnownSet)):
            return node.name
        if isinstance(node, Words):
            return node.text
        if isinstance(node, Based):
            return f"{node.digits}_{node.base}"
        if isinstance(node, Measured):
            return f"{self.text(node.amount)} {node.unit.replace('^1', '')}".rstrip()
        if isinstance(node, Colon):
            return ":".join(map(self.text, node.parts)) + node.half
        if isinstance(node, (Listing, Braced, Bracketed)):
            opening, closing = _brackets(node)
            return opening + ", ".join(map(self.text, node.items)) + closing
        if isinstance(node, Matrix):
            return "[" + "; ".join(", ".join(map(self.text, row)) for row in node.rows) + "]"
        if isinstance(node, Relation):
            signs = (*node.signs, "")
            return "".join(
                f"{self.text(side)} {sign} " for side, sign in zip(node.sides, signs, strict=True)
            ).strip()
        if isinstance(node, Junction):
            return f" {node.kind} ".join(map(self.text, node.parts))
        return self._applied(node)

    def _applied(self, node: Node) -> str:
        if not isinstance(node, Apply):
            return self.text(node)
        parts = [self.text(one) for one in node.args]
        if node.name in _OPERATORS:
            simple = [
                part if isinstance(one, (Number, Symbol)) else f"({part})"
                for part, one in zip(parts, node.args, strict=True)
            ]
            return _OPERATORS[node.name].join(simple)
        return f"{node.name}({', '.join(parts)})"

    def _number(self, node: Node) -> str:
        if isinstance(node, Number):
            return _rational(node.value)
        try:
            value = self._arithmetic.value(node)
        except (TooLarge, Undefined):
            return self._applied(node)
        if isinstance(value, Fraction):
            if max(value.numerator.bit_length(), value.denominator.bit_length()) > 900:
                return self._applied(node)
            return _rational(value)
        context = value.context
        real, imaginary = (
            context.zero if abs(part) < abs(value) * _NOTHING else part
            for part in (value.real, value.imag)
        )
        if imaginary:
            return str(context.nstr(context.mpc(real, imaginary), 15))
        whole = context.nint(real) if 0.5 < abs(real) < _WHOLE else context.zero
        if whole and abs(real - whole) < _NOTHING:
            # An integer after all: e^{i\pi}.
            return str(int(whole))
        return str(context.nstr(real, 15))


def _rational(value: Fraction) -> str:
    """1/2, but 3.4e-7 for 17/50000000."""
    if value.denominator > LARGEST_DENOMINATOR and not 10**30 % value.denominator:
        with localcontext() as context:
            context.prec = 200
            return str((Decimal(value.numerator) / value.denominator).normalize()).lower()
    return str(value)
