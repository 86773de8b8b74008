"""The grammar of what stands alone: numerals, names, functions, fractions, brackets, matrices."""

from __future__ import annotations

from fractions import Fraction

import attrs

from aisbench_plugin_math.cursor import Cursor
from aisbench_plugin_math.nodes import (
    Apply,
    Based,
    Braced,
    Bracketed,
    Junction,
    KnownSet,
    Listing,
    Matrix,
    Node,
    Number,
    Relation,
    Symbol,
    UnreadableMath,
)
from aisbench_plugin_math.tokens import ONE_ARGUMENT, MathToken

_CLOSING = {"(": (")", "]"), "[": ("]", ")"), "\\{": ("\\}",), "{": ("}",), "<<": (">>",),
            "lfloor": ("rfloor",), "lceil": ("rceil",)}  # fmt: skip
_SETS = {"R": "R", "Z": "Z", "N": "N", "Q": "Q", "C": "C"}
_INVERSES = {"sin": "arcsin", "cos": "arccos", "tan": "arctan", "cot": "arccot", "sec": "arcsec",
             "csc": "arccsc"}  # fmt: skip
_SAME = {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}
_MATRICES = ("pmatrix", "bmatrix", "matrix", "Bmatrix", "smallmatrix", "array")


_ENGLISH = frozenset(
    (
        "a", "an", "and", "are", "as", "at", "but", "by", "for", "if", "in", "is", "it", "its",
        "no", "not", "of", "on", "or", "so", "the", "to", "we", "yes",
    )
)  # fmt: skip
"""No products of letters."""


def _is_product(token: MathToken) -> bool:
    """Whether a word is a product of variables: abc, and not "and"."""
    value = token.value
    return len(value) <= 3 and value.isascii() and value.lower() not in _ENGLISH


def _product_of(letters: str) -> Node:
    product: Node = Symbol(letters[0])
    for letter in letters[1:]:
        product = times(product, Symbol(letter))
    return product


class Atoms(Cursor):
    """Reads what stands alone; ``Grammar`` reads what is made of it."""

    # Given by Grammar

    def expression(self) -> Node:
        """A sum of products."""
        raise NotImplementedError

    def _power(self) -> Node:
        raise NotImplementedError

    def _signed(self) -> Node:
        raise NotImplementedError

    def _starts_factor(self) -> bool:
        raise NotImplementedError

    # Exponents

    def _exponent(self) -> Node:
        self._deeper()
        node = self._signed_exponent()
        self._depth -= 1
        return node

    def _signed_exponent(self) -> Node:
        if self._takes("-"):
            return Apply("neg", (self._exponent(),))
        self._takes("+")
        base = self._primary()
        return Apply("pow", (base, self._exponent())) if self._takes("^") else base

    # What stands alone

    def _primary(self) -> Node:
        self._deeper()
        node = self._atom()
        self._depth -= 1
        return node

    def _atom(self) -> Node:
        token = self._token
        if token.kind == "number":
            self._at += 1
            return self._numeral(token)
        if token.kind == "name":
            self._at += 1
            return self._variable(token.value)
        if token.kind == "function":
            self._at += 1
            return self._function(token.value)
        if token.kind == "command":
            self._at += 1
            return self._command(token.value)
        if token.kind == "word":
            if _is_product(token):
                self._at += 1
                return _product_of(token.value)
            raise UnreadableMath(f"has words beside mathematics ({token.value!r})")
        if token.kind == "sign" and token.value in _CLOSING:
            self._at += 1
            return self._brackets(token.value)
        if token.kind == "sign" and token.value == "|":
            self._at += 1
            return self._bar()
        if token.kind == "end":
            raise UnreadableMath("ends in the middle")
        raise UnreadableMath(f"has a {token.value!r} where a value should stand")

    def _numeral(self, token: MathToken) -> Node:
        assert token.number is not None
        if not self._is("_"):
            return token.number
        self._at += 1
        braced = self._takes("{")
        base = self._token
        self._at += 1
        if braced:
            self._wants("}")
        return based(token.value, base.value)

    def _variable(self, name: str) -> Node:
        if self._takes("_"):
            if self._is("{"):
                self._at += 1
                parts = []
                while not self._is("}"):
                    if self._token.kind == "end":
                        raise UnreadableMath("lacks a '}'")
                    parts.append(self._token.value)
                    self._at += 1
                self._at += 1
                name += "_" + "".join(parts)
            else:
                name += "_" + self._token.value
                self._at += 1
        while self._takes("'"):
            name += "'"
        return Symbol(name)

    def _function(self, name: str) -> Node:
        name = _SAME.get(name, name)
        if name == "sqrt":
            return self._command(name)
        base: Node | None = None
        exponent: Node | None = None
        for _ in range(2):
            if name == "log" and self._takes("_"):
                base = self._argument()
            elif self._takes("^"):
                exponent = self._exponent()
        if exponent == Apply("neg", (Number(Fraction(1)),)):
            if name not in _INVERSES:
                raise UnreadableMath(f"has the inverse of {name}")
            name, exponent = _INVERSES[name], None
        args = self._arguments(name)
        if base is not None:
            args = (*args, base)
        if name == "lg":
            name, args = "log", (*args, Number(Fraction(10)))
        if name == "exp":
            made: Node = Apply("pow", (Symbol("e"), *args))
        else:
            made = Apply("fact" if name == "factorial" else name, args)
        return made if exponent is None else Apply("pow", (made, exponent))

    def _arguments(self, name: str) -> tuple[Node, ...]:
        if self._is("(", "["):
            node = self._primary()
            args = node.items if isinstance(node, Bracketed) else (node,)
        elif name in ONE_ARGUMENT:
            # sin 2x: everything that is multiplied, up to another function.
            node = self._signed()
            while self._starts_factor() and self._token.kind != "function" and not self._is("("):
                node = times(node, self._power())
            args = (node,)
        else:
            raise UnreadableMath(f"has {name} without its values")
        if (name in ONE_ARGUMENT) != (len(args) == 1) or (name == "binom" and len(args) != 2):
            raise UnreadableMath(f"has {len(args)} values of {name}")
        return args

    def _argument(self) -> Node:
        """What \\frac, \\sqrt and _ take: braces, or one sign."""
        if self._takes("{"):
            return self._single(self._inside("}"), "}")
        token = self._token
        if token.kind == "number" and len(token.value) > 1 and token.value.isdigit():
            # \frac12: the first digit; the others are what follows.
            self._tokens[self._at : self._at + 1] = [
                attrs.evolve(token, value=part, number=Number(Fraction(int(part))))
                for part in (token.value[0], token.value[1:])
            ]
        return self._signed_exponent() if not self._is("-") else self._signed()

    def _single(self, node: Node, closing: str) -> Node:
        self._wants(closing)
        if isinstance(node, (Listing, Relation)):
            raise UnreadableMath("has a list where one value should stand")
        return node

    def _command(self, name: str) -> Node:
        if name in ("frac", "binom"):
            top = self._argument()
            bottom = self._argument()
            return Apply("div" if name == "frac" else "binom", (top, bottom))
        if name == "sqrt":
            index: Node | None = None
            if self._takes("["):
                index = self._single(self._inside("]"), "]")
            braced = self._takes("{")
            inside = self._single(self._inside("}"), "}") if braced else self._primary()
            if index is None:
                return Apply("sqrt", (inside,))
            return Apply("root", (inside, index))
        if name in ("emptyset", "varnothing"):
            return KnownSet("empty")
        if name in ("boxed", "fbox"):
            self._wants("{")
            node = self._inside("}")
            self._wants("}")
            return node
        if name in ("mathbb", "mathbbm", "Bbb"):
            return self._known_set()
        if name in ("overline", "vec", "hat", "bar", "widehat", "tilde"):
            return Symbol(f"{name} {self._raw()}")
        if name == "begin":
            return self._matrix()
        raise UnreadableMath(f"has \\{name}")

    def _raw(self) -> str:
        if not self._takes("{"):
            self._at += 1
            return self._token_at(self._at - 1).value
        parts = []
        while not self._takes("}"):
            if self._token.kind == "end":
                raise UnreadableMath("lacks a '}'")
            parts.append(self._token.value)
            self._at += 1
        return " ".join(parts)

    def _known_set(self) -> Node:
        name = self._raw()
        if name not in _SETS:
            raise UnreadableMath(f"has a set called {name}")
        if self._is("^", "_"):
            raise UnreadableMath("has a part of a known set")
        return KnownSet(_SETS[name])

    def _brackets(self, opening: str) -> Node:
        closings = _CLOSING[opening]
        if opening == "\\{" and self._takes("\\}"):
            return KnownSet("empty")
        if opening == "\\{" and (builder := self._set_builder()) is not None:
            return builder
        node = self._inside(*closings)
        closing = self._wants(*closings)
        if opening in ("\\{", "{"):
            if isinstance(node, Listing):
                return Braced(node.items)
            return (
                Braced((node,))
                if opening == "\\{" and not isinstance(node, (Relation, Junction))
                else node
            )
        if opening in ("lfloor", "lceil"):
            return Apply("floor" if opening == "lfloor" else "ceil", (node,))
        if isinstance(node, Listing):
            return Bracketed(opening, node.items, closing)
        if (opening, closing) not in (("(", ")"), ("[", "]")):
            raise UnreadableMath("has brackets that do not match")
        return node

    def _set_builder(self) -> Node | None:
        r"""The condition of \{x \mid x > 3\}, after its brace."""
        before, at = self._at, self._at
        while self._token_at(at).value not in ("|", ":", "\\}", ",") and at < before + 6:
            at += 1
        variable = self._token_at(before).kind == "name" and self._token_at(at).value in ("|", ":")
        if not variable or self._ahead().value not in ("|", ":", "in"):
            return None
        self._at = at + 1
        node = self._inside("\\}")
        self._wants("\\}")
        return node

    def _bar(self) -> Node:
        self._bars += 1
        node = self.expression()
        self._bars -= 1
        self._wants("|")
        return Apply("abs", (node,))

    def _matrix(self) -> Node:
        kind = self._raw().replace(" ", "")
        if kind not in _MATRICES:
            raise UnreadableMath(f"has an environment called {kind}")
        if kind == "array" and self._is("{"):
            self._raw()
        rows: list[tuple[Node, ...]] = []
        row: list[Node] = []
        while True:
            row.append(self._inside("&", "\\\\", "end"))
            if self._takes("&"):
                continue
            rows.append(tuple(row))
            row = []
            self._takes("\\\\")
            if self._token.value == "end" and self._token.kind == "command":
                self._at += 1
                self._raw()
                break
        if len({len(one) for one in rows}) != 1:
            raise UnreadableMath("has a matrix of unequal rows")
        return Matrix(tuple(rows))


def based(digits: str, base: str) -> Based:
    """Raises UnreadableMath when ``digits`` are not those of that base."""
    names = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
             "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "sixteen": 16}  # fmt: skip
    number = names.get(base.lower()) or (int(base) if base.isdigit() and len(base) < 3 else 0)
    if not 2 <= number <= 36:
        raise UnreadableMath(f"has {base!r} for a base")
    try:
        int(digits, number)
    except ValueError:
        raise UnreadableMath(f"has digits that base {number} does not have") from None
    return Based(digits.lower().lstrip("0") or "0", number)


def times(one: Node, other: Node) -> Node:
    """A product, without brackets around its first factors. Raises UnreadableMath for P(X=2)."""
    if isinstance(other, (Relation, Junction, Listing)):
        raise UnreadableMath("has a condition where a value should stand")
    if isinstance(one, Apply) and one.name == "mul":
        return Apply("mul", (*one.args, other))
    return Apply("mul", (one, other))
