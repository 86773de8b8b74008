"""From words to a tree, by precedence climbing: in one pass, without backtracking, of bounded
depth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, cast

from aisbench.literals.bounds import DEPTH, LiteralError, excerpt
from aisbench.literals.nodes import (
    Attribute,
    Binary,
    Call,
    Constant,
    Display,
    Expression,
    Keyword,
    MappingDisplay,
    Name,
    Slice,
    Starred,
    Subscript,
    Unary,
)
from aisbench.literals.tokens import END, Token, tokens

_BINDING = {"|": 1, "^": 2, "&": 3, "<<": 4, ">>": 4, "+": 5, "-": 5,
            "*": 6, "/": 6, "//": 6, "%": 6, "@": 6}  # fmt: skip
_SIGN = 7
"""Signs bind closer than these operators, and less than a ``**`` on their right."""


def parse(text: str) -> Expression:
    """The tree of a text that is one expression; several with commas between them are a tuple.

    Raises LiteralError for any other text, for expressions that are not read, and beyond the
    bounds.
    """
    try:
        parser = _Parser(text)
        found = parser.listed("")
        parser.expect_end()
    except RecursionError as error:  # where the caller's stack is deep already
        raise LiteralError("nested too deep") from error
    return found


class _Parser:
    """The rest of a text; ``_level`` counts the expressions that are open."""

    def __init__(self, text: str) -> None:
        self._words = tokens(text)
        self._word = next(self._words)
        self._level = 0

    # -- words

    def _step(self) -> Token:
        word = self._word
        self._word = next(self._words, END)
        return word

    def _at(self, symbol: str) -> bool:
        return self._word.what == "symbol" and self._word.text == symbol

    def _take(self, symbol: str) -> bool:
        if not self._at(symbol):
            return False
        self._step()
        return True

    def _expect(self, symbol: str) -> None:
        if not self._take(symbol):
            raise LiteralError(f"{self._found()} where {symbol!r} should be")

    def _found(self) -> str:
        word = self._word
        if word.what == "end":
            return "the end"
        return excerpt(word.text if word.what != "constant" else repr(word.value))

    def expect_end(self) -> None:
        """Raises LiteralError when anything is left."""
        if self._word.what != "end":
            raise LiteralError(f"{self._found()} after an expression")

    # -- expressions

    def _expression(self, binding: int = 0) -> Expression:
        self._level += 1
        if self._level > DEPTH:
            raise LiteralError(f"nested deeper than {DEPTH}")
        left = self._signed(binding)
        while self._word.what == "symbol":
            own = _BINDING.get(self._word.text)
            if own is None or own <= binding:
                break
            operator = self._step().text
            right = self._expression(own)
            left = Binary(left, operator, right, depth=_above(left, right))
        self._level -= 1
        return left

    def _signed(self, binding: int) -> Expression:
        if self._word.what == "not":
            if binding:
                raise LiteralError("'not' within arithmetic")
            self._step()
            operand = self._expression()
            return Unary("not", operand, depth=_above(operand))
        if self._word.what == "symbol" and self._word.text in ("+", "-", "~"):
            operator = self._step().text
            operand = self._expression(_SIGN)
            return Unary(operator, operand, depth=_above(operand))
        base = self._primary()
        if self._take("**"):
            power = self._expression(_SIGN)
            return Binary(base, "**", power, depth=_above(base, power))
        return base

    def _primary(self) -> Expression:
        found = self._atom()
        while self._word.what == "symbol":
            if self._take("."):
                found = Attribute(found, self._name(), depth=_above(found))
            elif self._take("("):
                found = self._call(found)
            elif self._take("["):
                index = self._index()
                self._expect("]")
                found = Subscript(found, index, depth=_above(found, index))
            else:
                break
        return found

    def _name(self) -> str:
        if self._word.what != "name":
            raise LiteralError(f"{self._found()} after a dot")
        return self._step().text

    def _atom(self) -> Expression:
        word = self._step()
        if word.what == "name":
            return Name(word.text)
        if word.what == "constant":
            if isinstance(word.value, (str, bytes)):
                return self._strings(word)
            return Constant(word.value)
        if word.what == "symbol":
            if word.text == "...":
                return Constant(...)
            if word.text == "(":
                return self._parenthesis()
            if word.text == "[":
                elements, _ = self._elements("]")
                return _display("list", elements)
            if word.text == "{":
                return self._braces()
        self._word = word
        raise LiteralError(f"{self._found()} where a value should be")

    def _strings(self, first: Token) -> Constant:
        """Strings that follow each other are one."""
        parts = [first.value]
        while self._word.what == "constant" and isinstance(self._word.value, (str, bytes)):
            parts.append(self._step().value)
        if all(isinstance(part, str) for part in parts):
            return Constant("".join(cast("list[str]", parts)), first.kind)
        if all(isinstance(part, bytes) for part in parts):
            return Constant(b"".join(cast("list[bytes]", parts)))
        raise LiteralError("strings and bytes do not mix")

    # -- brackets

    def listed(self, closing: str) -> Expression:
        """The content of parentheses, or of a text without: one expression, or a tuple."""
        elements, comma = self._elements(closing)
        if len(elements) == 1 and not comma:
            if isinstance(elements[0], Starred):
                raise LiteralError("'*' before a value that stands alone")
            return elements[0]
        if not elements and not closing:
            raise LiteralError("it is empty")
        return _display("tuple", elements)

    def _parenthesis(self) -> Expression:
        return self.listed(")")

    def _elements(self, closing: str) -> tuple[tuple[Expression, ...], bool]:
        """Elements up to the closing bracket, which is taken, and whether there was a comma."""
        found: list[Expression] = []
        comma = False
        while not self._closed(closing):
            found.append(self._element(self._expression))
            if not self._take(","):
                if not self._closed(closing):
                    self._expect(closing or ",")
                break
            comma = True
        return tuple(found), comma

    def _closed(self, closing: str) -> bool:
        return self._take(closing) if closing else self._word.what == "end"

    def _element(self, read: Callable[[], Expression]) -> Expression:
        if self._take("*"):
            value = self._expression()
            return Starred(value, depth=_above(value))
        return read()

    def _braces(self) -> Expression:
        entries: list[tuple[Expression | None, Expression]] = []
        elements: list[Expression] = []
        while not self._take("}"):
            if self._take("**"):
                entries.append((None, self._expression()))
            else:
                one = self._element(self._expression)
                if self._take(":"):
                    entries.append((one, self._expression()))
                else:
                    elements.append(one)
            if entries and elements:
                raise LiteralError("a dictionary and a set do not mix")
            if not self._take(","):
                self._expect("}")
                break
        if elements:
            return _display("set", tuple(elements))
        depth = _above(*(one for entry in entries for one in entry if one is not None))
        return MappingDisplay(tuple(entries), depth=depth)

    def _call(self, function: Expression) -> Call:
        positional: list[Expression] = []
        keywords: list[Keyword] = []
        while not self._take(")"):
            if self._take("**"):
                keywords.append(Keyword(None, self._expression()))
            else:
                one = self._element(self._expression)
                if isinstance(one, Name) and self._take("="):
                    keywords.append(Keyword(one.name, self._expression()))
                elif keywords and not (
                    isinstance(one, Starred) and all(key.name for key in keywords)
                ):
                    raise LiteralError("an argument without a name after one with a name")
                else:
                    positional.append(one)
            if not self._take(","):
                self._expect(")")
                break
        depth = _above(function, *positional, *(one.value for one in keywords))
        return Call(function, tuple(positional), tuple(keywords), depth=depth)

    def _index(self) -> Expression:
        elements: list[Expression] = []
        comma = False
        while not self._at("]"):
            elements.append(self._element(self._slice))
            if not self._take(","):
                break
            comma = True
        if not elements:
            raise LiteralError("an index is empty")
        if len(elements) == 1 and not comma and not isinstance(elements[0], Starred):
            return elements[0]
        return _display("tuple", tuple(elements))

    def _slice(self) -> Expression:
        parts: list[Expression | None] = [None]
        while not (self._at("]") or self._at(",")):
            if self._take(":"):
                parts.append(None)
            elif parts[-1] is None:
                parts[-1] = self._expression()
            else:
                raise LiteralError(f"{self._found()} in an index")
        if len(parts) == 1 and parts[0] is not None:
            return parts[0]
        if not 2 <= len(parts) <= 3:
            raise LiteralError("an index is not a slice")
        lower, upper, step = (*parts, None)[:3]
        depth = _above(*(one for one in parts if one is not None))
        return Slice(lower, upper, step, depth=depth)


def _display(kind: Literal["list", "tuple", "set"], elements: tuple[Expression, ...]) -> Display:
    return Display(kind, elements, depth=_above(*elements))


def _above(*below: Expression) -> int:
    depth = 1 + max((one.depth for one in below), default=0)
    if depth > DEPTH:
        raise LiteralError(f"nested deeper than {DEPTH}")
    return depth
