"""The value of a short LaTeX expression of numbers: fractions, roots, powers, pi. Pure.

Rational values stay exact, so that powers of a thousand digits are no trouble. Nothing that a
model writes is evaluated as code.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction

Number = Fraction | float

_TOKEN = re.compile(r"\d+\.\d+|\.\d+|\d+|\\[a-zA-Z]+|[-+*/^:(){}\[\]]")
_SKIPPED = frozenset({"\\left", "\\right", "\\displaystyle"})
_TIMES = frozenset({"*", "\\cdot", "\\times"})
_DIVIDED = frozenset({"/", ":", "\\div"})
_CLOSING = {"(": ")", "{": "}", "[": "]"}
_MOST = 20_000
"""Bits of a power's numerator or denominator at most."""


class Unreadable(ValueError):
    """The text is no expression of numbers alone, or has no value."""


def value_of(text: str) -> float:
    """Raises Unreadable."""
    reader = _Expression(_tokens(text))
    try:
        value = float(reader.sum())
        if reader.left:
            raise Unreadable(f"{reader.left[-1]!r} is left")
        if not math.isfinite(value):
            raise Unreadable("it is not finite")
    except (ArithmeticError, RecursionError, IndexError) as error:
        raise Unreadable(str(error)) from error
    return value


def _tokens(text: str) -> list[str]:
    if len(text) > 500:
        raise Unreadable("it is too long")
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            raise Unreadable(f"{text[at]!r} is no part of an expression")
        at = match.end()
        if match[0] not in _SKIPPED:
            found.append(match[0])
    return found


class _Expression:
    """Recursive descent; ``left`` are the tokens to come, the next one last."""

    def __init__(self, tokens: list[str]) -> None:
        self.left = tokens[::-1]

    def _next(self) -> str:
        return self.left[-1] if self.left else ""

    def _take(self, *wanted: str) -> str:
        token = self.left.pop()
        if wanted and token not in wanted:
            raise Unreadable(f"{token!r} where {wanted[0]!r} is missing")
        return token

    def sum(self) -> Number:
        value = self._product()
        while self._next() in ("+", "-"):
            sign = 1 if self._take() == "+" else -1
            value += sign * self._product()
        return value

    def _product(self) -> Number:
        value = self._signed()
        while self.left and self._next() not in ("+", "-", ")", "}", "]"):
            if self._next() in _TIMES:
                self._take()
                value *= self._signed()
            elif self._next() in _DIVIDED:
                self._take()
                value /= self._signed()
            else:
                value *= self._power()
        return value

    def _signed(self) -> Number:
        if self._next() in ("-", "+"):
            return -self._signed() if self._take() == "-" else self._signed()
        return self._power()

    def _power(self) -> Number:
        base = self._single()
        if self._next() != "^":
            return base
        self._take()
        exponent = self._signed() if self._next() == "-" else self._single()
        return _raised(base, exponent)

    def _single(self) -> Number:
        token = self._take()
        if token[0].isdigit() or token[0] == ".":
            return Fraction(token)
        if token in _CLOSING:
            value = self.sum()
            self._take(_CLOSING[token])
            return value
        if token == "\\pi":
            return math.pi
        if token in ("\\frac", "\\dfrac", "\\tfrac"):
            return self._single() / self._single()
        if token == "\\sqrt":
            degree: Number = Fraction(2)
            if self._next() == "[":
                degree = self._single()
            return _raised(self._single(), 1 / degree)
        raise Unreadable(f"{token!r} has no value")


def _raised(base: Number, exponent: Number) -> Number:
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        size = max(base.numerator.bit_length(), base.denominator.bit_length())
        if size * abs(exponent.numerator) > _MOST:
            raise Unreadable("the power is too large")
        return base**exponent.numerator
    if base < 0:
        raise Unreadable("the root of a negative number")
    return math.pow(base, exponent)
