"""The grammar of expressions: from tokens to nodes, by recursive descent.

Nothing is evaluated; depth and length are bounded. What has two meanings is not read.
"""

from __future__ import annotations

from aisbench_plugin_math.atoms import Atoms, times
from aisbench_plugin_math.nodes import Apply, Measured, Node, Number, Symbol, UnreadableMath
from aisbench_plugin_math.units import DEGREE, PERCENT


class Grammar(Atoms):
    """Reads expressions; :class:`~aisbench_plugin_math.statements.Statements` reads what is
    stated of them."""

    def expression(self) -> Node:
        """A sum of products."""
        terms: list[Node] = []
        while True:
            sign = self._token.value if self._is("+", "-", "±", "∓") else ""
            if sign:
                self._at += 1
                if not terms and self._is("+", "-"):
                    raise UnreadableMath("has two signs side by side")
            elif terms:
                break
            term = self._product()
            if sign == "-":
                term = Apply("neg", (term,))
            elif sign in ("±", "∓"):
                term = Apply("pm" if sign == "±" else "mp", (term,))
            terms.append(term)
        return terms[0] if len(terms) == 1 else Apply("add", tuple(terms))

    def _signed(self) -> Node:
        negative = self._takes("-")
        if not negative:
            self._takes("+")
        base = self._power()
        return Apply("neg", (base,)) if negative else base

    def _product(self) -> Node:
        product: Node = self._power()
        last = product
        while True:
            if self._takes("*"):
                last = self._signed()
                product = times(product, last)
            elif self._takes("/"):
                last = self._signed()
                product = Apply("div", (product, last))
            elif self._takes("mod"):
                last = self._power()
                product = Apply("mod", (product, last))
            elif self._starts_factor():
                mixed = self._mixed(last)
                if mixed is not None:
                    # A mixed number takes the place of its integer.
                    product = mixed if product is last else _replaced(product, mixed)
                    last = mixed
                    continue
                if self._token.kind == "number" and isinstance(last, (Number, Symbol)):
                    raise UnreadableMath("has two numbers side by side")
                last = self._power()
                product = times(product, last)
            else:
                return product

    def _starts_factor(self) -> bool:
        token = self._token
        if token.kind in ("number", "function"):
            return token.value != "min" or self._ahead().value == "("
        if token.kind == "name":
            return not self._is_unit_here()
        if token.kind == "command":
            return token.value in ("frac", "sqrt", "binom", "overline", "vec", "hat", "boxed")
        if token.kind == "word":
            return self._is_product_of_letters()
        if token.kind != "sign":
            return False
        if token.value == "|":
            return self._bars == 0
        if token.value == "(":
            return not self._words_in_brackets()
        return token.value in ("{", "lfloor", "lceil", "[")

    def _is_unit_here(self) -> bool:
        """Whether a letter is a unit: in upright letters, after an amount."""
        return self._token.upright

    def _is_product_of_letters(self) -> bool:
        token = self._token
        return not token.upright and not token.spaced and len(token.value) <= 3 and (
            token.value.isascii()
        )  # fmt: skip

    def _words_in_brackets(self) -> bool:
        """(cm), (base 8): nothing that is multiplied."""
        first, second = self._ahead(), self._ahead(2)
        return (first.kind == "word" and len(first.value) > 1) or (
            first.upright and first.kind == "name" and second.value == ")"
        )

    def _mixed(self, last: Node) -> Node | None:
        """2 3/4, or 2\\frac{3}{4}, after its 2; None when no such thing follows. Raises
        UnreadableMath for 5 7/2, which is not a number."""
        if not isinstance(last, Number) or last.places is not None or last.value.denominator != 1:
            return None
        if self._token.kind == "number" and self._token.spaced and self._ahead().value == "/":
            fraction = self._plain_fraction()
        elif self._token.kind == "command" and self._token.value == "frac":
            fraction = self._set_fraction()
        else:
            return None
        if fraction is None:
            return None
        top, bottom = fraction
        plain = top.places is None and bottom.places is None
        if not plain or not 0 < top.value < bottom.value or self._token.kind == "number":
            raise UnreadableMath(
                "has an integer beside a fraction that is not part of a mixed number"
            )
        return Number(last.value + top.value / bottom.value)

    def _plain_fraction(self) -> tuple[Number, Number] | None:
        """The numbers of 3/4, taken; None, and nothing taken, for another quotient."""
        top, bottom = self._token.number, self._ahead(2).number
        if top is None or bottom is None:
            return None
        self._at += 3
        return top, bottom

    def _set_fraction(self) -> tuple[Number, Number] | None:
        """The numbers of \\frac{3}{4}, taken; None, and nothing taken, for another fraction."""
        before = self._at
        part = self._primary()
        if isinstance(part, Apply) and not self._is("^") and len(part.args) == 2:
            top, bottom = part.args
            if isinstance(top, Number) and isinstance(bottom, Number):
                return top, bottom
        self._at = before
        return None

    def _power(self) -> Node:
        base = self._primary()
        while True:
            if self._takes("^"):
                if self._takes("circ") or self._takes("degree"):
                    base = self._degrees(base)
                elif self._is("{") and self._ahead().value in ("circ", "degree"):
                    self._at += 2
                    self._wants("}")
                    base = self._degrees(base)
                elif self._ordinal():
                    continue
                else:
                    base = Apply("pow", (base, self._exponent()))
            elif self._takes("degree"):
                base = self._degrees(base)
            elif self._takes("!"):
                base = Apply("fact2" if self._takes("!") else "fact", (base,))
            elif self._takes("%"):
                base = Measured(base, f"{PERCENT}^1")
            elif self._token.kind == "word" and not self._token.spaced and self._ordinal():
                continue
            else:
                return base

    def _degrees(self, amount: Node) -> Node:
        if self._token.value in ("C", "F") and self._token.kind == "name":
            self._at += 1
            return Measured(amount, f"deg{self._token_at(self._at - 1).value}^1")
        return Measured(amount, f"{DEGREE}^1")

    def _ordinal(self) -> bool:
        """5^{\\text{th}} is five."""
        braced = self._is("{")
        word = self._ahead() if braced else self._token
        if word.value not in ("th", "st", "nd", "rd"):
            return False
        self._at += 2 if braced else 1
        if braced:
            self._wants("}")
        return True


def _replaced(product: Node, last: Node) -> Node:
    assert isinstance(product, Apply)  # it has more than one factor
    return Apply(product.name, (*product.args[:-1], last))
